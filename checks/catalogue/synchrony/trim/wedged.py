"""The trim alone, from all tables with which a view may break off."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.synchrony import twins
from coterie.checks.catalogue.synchrony.trim.tables import Wedging, starts
from coterie.checks.catalogue.synchrony.trim.worlds import TRIM
from coterie.checks.catalogue.synchrony.worlds import ROWS, changed_rules, members
from coterie.checks.check import Check, Mutant
from coterie.checks.faults import Faults
from coterie.checks.world import World
from coterie.model.synchrony.view import first_view
from coterie.spec.synchrony import deliveries
from coterie.spec.synchrony import trim as spec


def world(
    size: int,
    sent: tuple[int, ...],
    gone: tuple[int | None, ...] = (None,),
    *,
    told: bool = True,
    crashes: int = 0,
    rules: Mapping[str, Mapping[str, Any]] | None = None,
) -> World:
    """Return members that wedge as they start, with every table that they may have then.

    Attributes:
        sent: how many messages each member has multicast, by rank; none beyond.
        gone: the ranks of those one of whom is suspected; None for a batch that lets somebody in.
        told: whether all know at the start that all have wedged.
        crashes: how many crash from then on.
    """
    names = members(size)
    member = changed_rules(Wedging(names[0], first_view(*names)), rules or {})
    return World(
        machines={name: evolve(member, name=name) for name in names},
        network=ROWS,
        faults=Faults(crashes=crashes, restarts=0),
        observers={deliveries.NAME: deliveries.DELIVERIES},
        starts=[start for rank in gone for start in starts(member, sent, rank, told=told)],
        closing=("member",),
    )


CHECK = Check(
    name="synchrony.trim.wedged",
    about="The end of a view alone, whatever each has received and delivered when it breaks off.",
    world=world,
    properties=(
        spec.one_order,
        spec.together,
        *TRIM,
        spec.survivors_end_alike,
        spec.something_is_cut_off,
        spec.a_new_leader_trims,
        spec.a_trim_outlives_its_leader,
    ),
    small={"size": 3, "sent": (1, 1, 1), "crashes": 1},
    full={"size": 5, "sent": (1,), "gone": (0,)},
    states=14_799,
    mutants={
        "no_echo": Mutant(
            partial(world, rules=twins.NO_ECHO), {"one_order": 3, "survivors_end_alike": 4}
        ),
        "no_echo_no_reuse": Mutant(
            partial(world, rules=twins.NO_ECHO_NO_REUSE),
            {"one_order": 3, "survivors_end_alike": 4},
        ),
        "no_reuse": Mutant(
            partial(world, rules=twins.NO_REUSE), {"one_trim": 4, "survivors_end_alike": 5}
        ),
        "any_echo_no_reuse": Mutant(
            partial(world, rules=twins.ANY_ECHO_NO_REUSE),
            {"one_order": 5, "together": 5, "trim_covers_deliveries": 4, "survivors_end_alike": 5},
        ),
        "no_agreement": Mutant(
            partial(world, rules=twins.NO_AGREEMENT),
            {"one_trim": 3, "a_trim_outlives_its_leader": None},
        ),
        "no_agreement_any_echo": Mutant(
            partial(world, rules=twins.NO_AGREEMENT_ANY_ECHO),
            {"one_order": 5, "together": 5, "one_trim": 3},
        ),
        "no_agreement_no_echo": Mutant(
            partial(world, rules=twins.NO_AGREEMENT_NO_ECHO), {"one_order": 2, "together": 3}
        ),
    },
)
