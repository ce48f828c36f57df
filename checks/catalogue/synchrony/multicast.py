"""Ordered multicast in one view, while nobody fails, over rows that are copied."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from attrs import evolve, frozen

from coterie.checks.catalogue.synchrony.twins import most
from coterie.checks.catalogue.synchrony.worlds import ROWS, group, members
from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import weak
from coterie.checks.mutation.named import changed
from coterie.checks.network import Fifo, Network
from coterie.checks.world import World
from coterie.model.synchrony.member import Member, Tell
from coterie.model.synchrony.multicast import (
    Multicast,
    delivered_until,
    lags_behind_earlier,
    lags_behind_later,
    within_window,
)
from coterie.model.synchrony.state import Inside, Item, row_of
from coterie.spec.synchrony import multicast as spec
from coterie.spec.synchrony.told import OBSERVER, TOLD

FAIR = (weak("deliveries"), weak("operations"))


def steady(size: int, told: tuple[int, ...], network: Network = ROWS, **fields: Any) -> World:
    """Return a group in which nobody fails, with these `fields` of its multicast.

    Attributes:
        told: how many messages the user of each multicasts, by rank.
    """
    return within(size, told, {"multicast": fields}, network)


def within(
    size: int,
    told: tuple[int, ...],
    rules: Mapping[str, Mapping[str, Any]],
    network: Network = ROWS,
) -> World:
    """Return such a group with these rules changed, and an observer of what users tell."""
    made = group(size, told, network=network, fairness=FAIR, rules=rules)
    return evolve(made, observers={**made.observers, TOLD: OBSERVER})


def batched(size: int, batches: tuple[tuple[int, ...], ...], **fields: Any) -> World:
    """Return such a group whose users tell several messages at a time.

    Attributes:
        batches: how many at a time, call by call, for each member by rank.
    """
    calls = {
        name: tuple(
            Tell(tuple(f"{name}.{call}.{number}" for number in range(count)))
            for call, count in enumerate(sizes)
        )
        for name, sizes in zip(members(size), batches, strict=True)
        if sizes
    }
    return evolve(steady(size, (), **fields), workload=calls)


def furthest(frontiers: Iterable[int]) -> int:
    """Mutant: a slot is stable when anybody has received it."""
    return max(frontiers)


@frozen
class OutOfTurn(Multicast):
    """Mutant: a message is delivered when all have received it, whoever's turn it is."""

    def delivered(self, inside: Inside) -> tuple[Inside, tuple[Item, ...]]:
        """Return `inside` with all delivered that every row says is there, sender by sender."""
        items: list[Item] = []
        held = list(inside.held)
        for rank, messages in enumerate(inside.held):
            everywhere = min(row.received[rank] for row in inside.rows)
            due = max(0, everywhere - row_of(inside).received[rank] + len(messages))
            sender = inside.view.members[rank]
            items += [Item(0, sender, each) for each in messages[:due] if each is not None]
            held[rank] = messages[due:]
        return evolve(inside, held=tuple(held)), tuple(items)


def out_of_turn(size: int, told: tuple[int, ...]) -> World:
    """Return the mutant's world."""
    return within(size, told, {"member": {"multicast": OutOfTurn()}})


def lags_behind_next(own: int, seen: int) -> bool:
    """Mutant: a null answers each message with the index after."""
    return own <= seen + 1


ORDERED = (
    spec.total_order,
    spec.delivered_once,
    spec.sender_order,
    spec.delivered_is_everywhere,
    spec.nulls_are_passed_over,
    spec.each_null_is_owed,
    spec.nulls_come_to_an_end,
    spec.all_is_delivered,
    spec.no_slot_is_left,
)
LIVE = (
    spec.tells_what_is_asked,
    spec.it_is_delivered,
    spec.a_null_is_passed,
    spec.all_have_delivered,
)

STALL = "own <= seen → own < seen"
USELESS = "own < seen → own <= seen"
ONE = {"size": 2, "told": (1, 0)}
OTHER = {"size": 2, "told": (0, 1)}

STEADY = Check(
    name="synchrony.multicast.steady",
    about="Ordered multicast over rows that are copied; at full every push is kept.",
    world=steady,
    properties=(*ORDERED, *LIVE),
    small={"size": 3, "told": (0, 1, 1)},
    full={"told": (1, 1, 1), "network": Fifo()},
    states=7_615,
    mutants={
        "stall": Mutant(
            changed(steady, lags_behind_later, STALL),
            {
                "all_is_delivered": 3,
                "no_slot_is_left": 3,
                "it_is_delivered": 3,
                "a_null_is_passed": None,
            },
            OTHER,
        ),
        "useless_nulls": Mutant(
            changed(steady, lags_behind_earlier, USELESS), {"each_null_is_owed": 2}, ONE
        ),
        "endless_nulls": Mutant(
            partial(steady, lags_behind_later=lags_behind_next),
            {"each_null_is_owed": 2, "nulls_come_to_an_end": 2},
            OTHER,
        ),
        "majority": Mutant(
            partial(steady, stable=most), {"delivered_is_everywhere": 2}, {"told": (1, 0, 0)}
        ),
        "own_frontier": Mutant(
            partial(steady, stable=furthest), {"delivered_is_everywhere": 1}, ONE
        ),
        "on_receipt": Mutant(
            partial(steady, ordered=False), {"total_order": 2}, {"size": 2, "told": (1, 1)}
        ),
        "out_of_turn": Mutant(out_of_turn, {"total_order": 4}, {"size": 2, "told": (1, 1)}),
        "repeating": Mutant(
            changed(
                steady,
                delivered_until,
                "evolve(inside) without held=tuple(map(tuple, held))",
            ),
            {"delivered_once": 5, "sender_order": 5},
            {"size": 2, "told": (2, 0)},
        ),
        "nulls_as_messages": Mutant(
            changed(steady, delivered_until, "if payload is not None → if True"),
            {"nulls_are_passed_over": 3},
            OTHER,
        ),
        "deaf": Mutant(
            changed(
                steady,
                Multicast.received,
                "if not new or push.first > count or is_wedged(row) → if True",
            ),
            {"all_is_delivered": 2, "it_is_delivered": 2, "all_have_delivered": None},
            ONE,
        ),
        "talkative": Mutant(
            changed(
                steady,
                Multicast.told,
                "if self.window is None or row_of(inside).delivered == inside.delivered → if False",
            ),
            {"tells_what_is_asked": 2},
            ONE,
        ),
        "forgetful": Mutant(
            changed(steady, Member.step, "state.queue + payloads → state.queue"),
            {"all_is_delivered": 1, "it_is_delivered": 1},
            ONE,
        ),
    },
)

WINDOW = Check(
    name="synchrony.multicast.window",
    about="Ordered multicast whose senders wait until all have delivered what they sent last.",
    world=partial(steady, window=spec.WINDOW),
    properties=(*ORDERED, spec.keeps_to_the_window, spec.it_is_delivered, spec.somebody_waits),
    small={"size": 2, "told": (2, 2)},
    full={"size": 3, "told": (2, 1, 0)},
    states=199,
    mutants={
        "one_too_far": Mutant(
            changed(
                partial(steady, window=spec.WINDOW),
                within_window,
                "index < delivered + window → index <= delivered + window",
            ),
            {"keeps_to_the_window": 2},
        ),
        "boundless": Mutant(steady, {"keeps_to_the_window": 2, "somebody_waits": None}),
    },
)

BATCHED = Check(
    name="synchrony.multicast.batched",
    about="Ordered multicast of several messages at a time.",
    world=batched,
    properties=(*ORDERED, *LIVE),
    small={"size": 2, "batches": ((2, 1), (1, 2))},
    full={"size": 3, "batches": ((), (2,), (1,))},
    states=292,
)

UNORDERED = Check(
    name="synchrony.multicast.unordered",
    about="Multicast whose messages are delivered on receipt, in no common order.",
    world=partial(steady, ordered=False),
    properties=(
        spec.total_order,
        spec.delivered_once,
        spec.sender_order,
        spec.delivered_on_receipt,
        spec.nobody_sends_nulls,
        spec.all_is_delivered,
        spec.it_is_delivered,
    ),
    small={"size": 3, "told": (0, 1, 1)},
    full={"told": (1, 1, 1)},
    refuted={"total_order": 2},
    states=803,
    mutants={
        "in_order": Mutant(steady, {"delivered_on_receipt": 1}, ONE),
        "polite": Mutant(
            changed(
                partial(steady, ordered=False),
                Multicast._owed,  # noqa: SLF001 (the change is to this very function)
                "if not self.ordered → if False",
            ),
            {"nobody_sends_nulls": 2},
            OTHER,
        ),
    },
)
