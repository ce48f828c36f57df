"""A group that multicasts by RDMC at its own pace: undisturbed, and with failures."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import weak
from coterie.checks.faults import Faults
from coterie.checks.mutation.named import changed
from coterie.checks.network import Bag
from coterie.checks.world import World
from coterie.model.machine import Machine, Node
from coterie.model.synchrony.rdmc.node import RdmcNode, member
from coterie.model.synchrony.rdmc.pipeline import Pipeline
from coterie.model.synchrony.rdmc.plain import Sequential
from coterie.model.synchrony.rdmc.regroup import Regrouping, kept
from coterie.model.synchrony.rdmc.schedule import ROOT, fewest_steps
from coterie.spec.synchrony.rdmc import node as spec


def contents(blocks: int, messages: int) -> tuple[tuple[str, ...], ...]:
    """Return so many messages, no two blocks of which are the same: (a0, a1), (b0, b1)."""
    return tuple(
        tuple(f"{letter}{place}" for place in range(blocks)) for letter in "abcdef"[:messages]
    )


def world(nodes: int, blocks: int, messages: int, **fields: Any) -> World:
    """Return a group in which the root multicasts so many messages, and nothing fails."""
    return World(
        machines={
            member(index): RdmcNode(index, nodes, blocks, **fields) for index in range(nodes)
        },
        network=Bag(),
        workload={member(ROOT): contents(blocks, messages)},
        observers={"deliveries": spec.DELIVERIES},
        fairness=(weak("deliveries"), weak("operations")),
    )


def failing(
    nodes: int,
    blocks: int,
    messages: int,
    crashes: int,
    suspicions: int,
    kept: Callable[[Iterable[int]], int] = kept,
    **fields: Any,
) -> World:
    """Return such a group in which members crash, for good, and are suspected, rightly or not."""
    machines: dict[Node, Machine[Any, Any]] = {
        member(index): RdmcNode(index, nodes, blocks, above=spec.ABOVE, **fields)
        for index in range(nodes)
    }
    return World(
        machines={**machines, spec.ABOVE: Regrouping(nodes, kept)},
        network=Bag(),
        workload={member(ROOT): contents(blocks, messages)},
        observers={"deliveries": spec.DELIVERIES},
        faults=Faults(crashes=crashes, restarts=0, crashing=(spec.MEMBER,), suspicions=suspicions),
        closing=(spec.MEMBER,),
        fairness=(weak("deliveries"), weak("operations"), weak("timers")),
    )


def now_or_before(epoch: int, own: int) -> bool:
    """Mutant: take what is of an older epoch, too."""
    return epoch <= own


def again(number: int, delivered: int) -> bool:
    """Mutant: deliver what is whole, though it was delivered before."""
    return number <= delivered


def at_once(number: int, delivered: int) -> bool:
    """Mutant: deliver what is whole, though one before it is not."""
    return number >= delivered


def nothing(delivered: Iterable[int]) -> int:
    """Mutant: build on none of the messages that are with all."""
    return 0 * min(delivered)


LACKS = "transfer is not None and transmission.held[transfer.block] is LACKING"
OUT = "rank != self.sender(vertex, step) or…r partner == ROOT or (block <= NONE)"
IGNORED = "not self.is_now(message.epoch, state.epoch) or state.wedged"

TRANSFER = Check(
    name="synchrony.rdmc.transfer",
    about="A group multicasts by the binomial pipeline of RDMC, each member at its own pace.",
    world=world,
    properties=(
        spec.sends_what_it_has,
        spec.one_block_in_and_out,
        spec.deliveries_follow_the_root,
        spec.awaits_only_what_was_multicast,
        spec.one_message_after_the_other,
        spec.nobody_wedges,
        spec.all_have_delivered,
        spec.all_deliver,
        spec.passed_on_in_pieces,
    ),
    small={"nodes": 5, "blocks": 2, "messages": 2},
    full={"nodes": 7},
    states=2_624,
    mutants={
        "sends_unheld": Mutant(
            changed(world, RdmcNode._stopped, f"if {LACKS} → if False"),  # noqa: SLF001
            {"sends_what_it_has": 3},
        ),
        "both_send_on": Mutant(
            changed(
                world, Pipeline.outward, f"{OUT} → is_over or partner == ROOT or block <= NONE"
            ),
            {"one_block_in_and_out": 3},
        ),
        "any_order": Mutant(
            partial(world, is_next=at_once),
            {"deliveries_follow_the_root": 3},
            {"blocks": 1, "messages": 2},
        ),
        "repeats": Mutant(
            partial(world, is_next=again),
            {"deliveries_follow_the_root": 4},
            {"blocks": 1, "messages": 2},
        ),
        "no_hand_over": Mutant(
            changed(
                world,
                Pipeline.sent,
                "self.outward(rank, step) or self.handed_over(rank, step)"
                " → self.outward(rank, step)",
            ),
            {"all_have_delivered": 14, "all_deliver": 14},
        ),
        "no_last_step": Mutant(
            changed(world, fewest_steps, "1 → 2 in blocks - 1"),
            {"all_have_delivered": 12, "all_deliver": 12},
        ),
        "wedges_at_once": Mutant(
            changed(world, RdmcNode._received, "if isinstance(message, Wedged) → if True"),  # noqa: SLF001
            {"nobody_wedges": 2},
        ),
        "interleaves": Mutant(
            changed(
                world,
                RdmcNode._passing,  # noqa: SLF001
                "if transmissions[number].step < self._steps(state) → if False",
            ),
            {"one_message_after_the_other": 3},
        ),
        "awaits_more": Mutant(
            changed(world, RdmcNode._taken, "1 → 2 in block.number + 1"),  # noqa: SLF001
            {"awaits_only_what_was_multicast": 2},
        ),
        "root_alone": Mutant(partial(world, schedule=Sequential), {"passed_on_in_pieces": None}),
    },
)

FAILURE = Check(
    name="synchrony.rdmc.failure",
    about="A group wedges when a member fails, and those that are left go on in a new epoch.",
    world=failing,
    properties=(
        spec.sends_what_it_has,
        spec.deliveries_follow_the_root,
        spec.awaits_only_what_was_multicast,
        spec.one_message_after_the_other,
        spec.wedged_stays_still,
        spec.all_that_are_left_have_delivered_or_wedged,
        spec.survivors_deliver_after_regrouping,
        spec.what_is_kept_is_with_all,
        spec.what_is_dropped_some_member_lacks,
        spec.it_settles,
        spec.delivered_after_regrouping,
    ),
    small={"nodes": 3, "blocks": 2, "messages": 1, "crashes": 1, "suspicions": 0},
    full={"nodes": 4},
    states=3_122,
    mutants={
        "sends_when_wedged": Mutant(
            changed(
                failing,
                RdmcNode.step,
                "self.index == ROOT and (not state.wedged) → self.index == ROOT",
            ),
            {"wedged_stays_still": 3},
        ),
        "takes_when_wedged": Mutant(
            changed(
                failing,
                RdmcNode._received,  # noqa: SLF001
                f"{IGNORED} → not self.is_now(message.epoch, state.epoch)",
            ),
            {"wedged_stays_still": 4, "what_is_dropped_some_member_lacks": 11},
            {"blocks": 1},
        ),
        "deaf": Mutant(
            changed(failing, RdmcNode.options, "if not state.wedged → if False"),
            {"all_that_are_left_have_delivered_or_wedged": 2, "it_settles": 2},
        ),
        "forgets_early": Mutant(
            changed(
                failing,
                RdmcNode._received,  # noqa: SLF001
                "evolve(state) without early=(*state.early, receipt)",
            ),
            {"survivors_deliver_after_regrouping": 12},
        ),
        "no_resend": Mutant(
            changed(failing, RdmcNode._regrouped, "if self.index == ROOT → if False"),  # noqa: SLF001
            {"survivors_deliver_after_regrouping": 11},
        ),
        "keeps_too_much": Mutant(
            changed(failing, kept, "min(delivered) → max(delivered)"),
            {"what_is_kept_is_with_all": 8},
        ),
        "keeps_too_little": Mutant(
            partial(failing, kept=nothing), {"what_is_dropped_some_member_lacks": 13}
        ),
    },
)

SUSPICION = Check(
    name="synchrony.rdmc.suspicion",
    about="A group wedges though a member is only suspected; it goes on with it, or without.",
    world=failing,
    properties=FAILURE.properties,
    small={"nodes": 3, "blocks": 1, "messages": 2, "crashes": 0, "suspicions": 1},
    full={"crashes": 1},
    states=43_704,
    mutants={
        "mixes_epochs": Mutant(
            partial(failing, is_now=now_or_before),
            {"deliveries_follow_the_root": 11},
            {"nodes": 2, "messages": 3},
        ),
        "repeats": Mutant(
            partial(failing, is_next=again), {"deliveries_follow_the_root": 11}, {"messages": 1}
        ),
        "nobody_hears": Mutant(
            changed(
                failing,
                RdmcNode._wedged,  # noqa: SLF001
                "Outcome(evolve(state, wedged=True), told) without its effects",
            ),
            {
                "all_that_are_left_have_delivered_or_wedged": 3,
                "it_settles": 3,
                "delivered_after_regrouping": None,
            },
            {"messages": 1},
        ),
    },
)

TWICE = Check(
    name="synchrony.rdmc.twice",
    about="A group goes through two failures, a real one and a false one, down to a single member.",
    world=failing,
    properties=FAILURE.properties,
    small={"nodes": 2, "blocks": 2, "messages": 1, "crashes": 1, "suspicions": 1},
    full={"nodes": 3},
    states=2_030,
    mutants={
        "forgets_early": Mutant(
            changed(
                failing,
                RdmcNode._received,  # noqa: SLF001
                "evolve(state) without early=(*state.early, receipt)",
            ),
            {"survivors_deliver_after_regrouping": 10},
        ),
    },
)
