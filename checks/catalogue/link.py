"""The reliable link: on a network that loses, repeats and reorders, between ends that crash.

What stands over it: a postbox, for the promise itself; and counters, each by its key.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import evolve
from immutables import Map

from coterie.checks.check import Check, Mutant
from coterie.checks.faults import Faults
from coterie.checks.mutation.named import changed
from coterie.checks.network import Bag
from coterie.checks.world import World
from coterie.model.counter import Add, Counter
from coterie.model.keyed import At, keyed
from coterie.model.link import Lines, Link
from coterie.model.machine import Machine, Node
from coterie.model.postbox import Postbox, Say
from coterie.model.stacked import stacked
from coterie.spec import counter
from coterie.spec import link as spec
from coterie.spec.observer import Observer

LEFT, RIGHT = Node("end", 0), Node("end", 1)
OTHER = {LEFT: RIGHT, RIGHT: LEFT}


def linked(
    uppers: Mapping[Node, Machine[Any, Any]],
    link: Link,
    workload: Mapping[Node, tuple[Any, ...]],
    observers: Mapping[str, Observer],
    *,
    crashes: int,
    capacity: int,
) -> World:
    """Return two ends, each with its machine over `link`; a full channel loses what is more."""
    return World(
        machines={node: stacked(upper, link) for node, upper in uppers.items()},
        network=Bag(capacity, "drop"),
        faults=Faults(crashes=crashes, losses="any", duplications="any"),
        workload=workload,
        observers=observers,
    )


def talking(words: int, answers: int, crashes: int, capacity: int, **fields: Any) -> World:
    """Return two postboxes that say so many words to each other, over links with these `fields`."""
    said = {LEFT: "abc"[:words], RIGHT: "xyz"[:answers]}
    return linked(
        dict.fromkeys(OTHER, Postbox()),
        Link(**fields),
        {node: tuple(Say(OTHER[node], word) for word in said[node]) for node in OTHER},
        {"asked": spec.ASKED},
        crashes=crashes,
        capacity=capacity,
    )


def counting(
    left: tuple[str, ...], right: tuple[str, ...], crashes: int, capacity: int, **fields: Any
) -> World:
    """Return two replicas of counters, whose users add one under these keys."""
    added = {LEFT: left, RIGHT: right}
    return linked(
        {node: keyed(Counter((other,))) for node, other in OTHER.items()},
        Link(**fields),
        {node: tuple(At(key, Add(1)) for key in keys) for node, keys in added.items()},
        {"sums": counter.SUMS},
        crashes=crashes,
        capacity=capacity,
    )


def old_too(number: int, received: int) -> bool:
    """Mutant: hand up what is next, and what was handed up before."""
    return number <= received


def new(number: int, received: int) -> bool:
    """Mutant: hand up whatever is new, though others come before it."""
    return number >= received


def nothing(number: int, received: int) -> bool:
    """Mutant: hand up nothing."""
    return number < 0 * received


def never(unacknowledged: int) -> bool:
    """Mutant: never send again."""
    return unacknowledged < 0


def without_counts(lines: Lines) -> Lines:
    """Mutant: a crash forgets how much was handed up."""
    return Map({peer: evolve(line, received=0) for peer, line in lines.items()})


def without_outboxes(lines: Lines) -> Lines:
    """Mutant: a crash forgets what was not acknowledged."""
    return Map({peer: evolve(line, outbox=()) for peer, line in lines.items()})


RELIABLE = Check(
    name="link.reliable",
    about="What is said over the reliable link is heard in order, once, crashes notwithstanding.",
    world=talking,
    properties=(
        spec.in_order_and_once,
        spec.dropped_only_when_heard,
        spec.numbered_by_place,
        spec.every_outbox_can_empty,
        spec.everything_can_be_heard,
        spec.heard_in_spite_of_crashes,
    ),
    small={"words": 2, "answers": 1, "crashes": 1, "capacity": 2},
    full={"words": 3, "answers": 2, "crashes": 2, "capacity": 3},
    states=8_144,
    mutants={
        "no_dedupe": Mutant(partial(talking, may_hand_up=old_too), {"in_order_and_once": 3}),
        "out_of_order": Mutant(
            partial(talking, may_hand_up=new),
            {"in_order_and_once": 3, "everything_can_be_heard": 3},
        ),
        "amnesia": Mutant(
            partial(talking, keeps=without_counts),
            {
                "in_order_and_once": 4,
                "dropped_only_when_heard": 3,
                "everything_can_be_heard": 3,
            },
        ),
        "lost_outbox": Mutant(
            partial(talking, keeps=without_outboxes),
            {"in_order_and_once": 4, "everything_can_be_heard": 1},
        ),
        "no_resend": Mutant(partial(talking, may_resend=never), {"everything_can_be_heard": 1}),
        "deaf": Mutant(
            partial(talking, may_hand_up=nothing),
            {"everything_can_be_heard": 1, "heard_in_spite_of_crashes": None},
        ),
        "renumbered": Mutant(
            changed(
                talking,
                Link._carry,  # noqa: SLF001 (the change is to this very function)
                "before.acknowledged + len(before.outbox) → len(before.outbox)",
            ),
            {"numbered_by_place": 4},
        ),
        "never_drops": Mutant(
            changed(
                talking,
                Link._arrived,  # noqa: SLF001 (the change is to this very function)
                "without Send(sender, Acknowledged(received))",
            ),
            {"every_outbox_can_empty": 2},
        ),
    },
)

KEYED = Check(
    name="link.keyed",
    about="Replicated counters, each by its key, count every addition once over the reliable link.",
    world=counting,
    properties=(counter.nothing_counts_twice, counter.all_count_the_same, counter.all_is_counted),
    small={"left": ("a", "b"), "right": ("b", "a"), "crashes": 1, "capacity": 2},
    full={"left": ("a", "b", "a"), "crashes": 2, "capacity": 3},
    states=47_932,
    mutants={
        "no_dedupe": Mutant(partial(counting, may_hand_up=old_too), {"nothing_counts_twice": 3}),
        "no_resend": Mutant(partial(counting, may_resend=never), {"all_count_the_same": 1}),
        "deaf": Mutant(
            partial(counting, may_hand_up=nothing),
            {"all_count_the_same": 1, "all_is_counted": None},
        ),
    },
)
