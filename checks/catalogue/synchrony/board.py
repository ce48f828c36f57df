"""Ordered multicast over one table that all members see at once."""

from functools import partial
from typing import Any

from coterie.checks.catalogue.synchrony.multicast import (
    STALL,
    USELESS,
    furthest,
    lags_behind_next,
)
from coterie.checks.catalogue.synchrony.twins import most
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.synchrony.board import Shared
from coterie.model.synchrony.multicast import (
    Multicast,
    delivered_until,
    lags_behind_earlier,
    lags_behind_later,
)
from coterie.spec.synchrony import board as spec


def world(messages: tuple[int, ...], **fields: Any) -> World:
    """Return members that see one table, with these `fields` of their multicast."""
    return World({spec.BOARD: Shared(messages, Multicast(**fields))})


CHECK = Check(
    name="synchrony.multicast.instantaneous",
    about="Ordered multicast over one table that all see at once; 213 835 states at size full.",
    world=world,
    properties=(
        spec.in_sender_order,
        spec.only_what_all_have,
        spec.nulls_precede_messages,
        spec.rounds_are_few,
        spec.nothing_is_left,
        spec.a_null_is_passed,
    ),
    small={"messages": (1, 1, 1)},
    full={"messages": (2, 2, 2)},
    states=1_025,
    mutants={
        "stall": Mutant(
            changed(world, lags_behind_later, STALL),
            {"nothing_is_left": 3, "a_null_is_passed": None},
            {"messages": (0, 0, 1)},
        ),
        "useless_nulls": Mutant(
            changed(world, lags_behind_earlier, USELESS), {"nulls_precede_messages": 2}
        ),
        "endless_nulls": Mutant(
            partial(world, lags_behind_later=lags_behind_next),
            {"nulls_precede_messages": 2, "rounds_are_few": 2},
        ),
        "majority": Mutant(partial(world, stable=most), {"only_what_all_have": 2}),
        "own_frontier": Mutant(partial(world, stable=furthest), {"only_what_all_have": 1}),
        "nulls_as_messages": Mutant(
            changed(world, delivered_until, "if payload is not None → if True"),
            {"in_sender_order": 4},
        ),
    },
)
