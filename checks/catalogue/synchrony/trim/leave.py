"""A view ends because its leader wants to leave, and somebody crashes meanwhile: maybe the leader.

This is where a new leader may find a trim: the old one has lived long enough to say what it is.
"""

from functools import partial

from coterie.checks.catalogue.synchrony import twins
from coterie.checks.catalogue.synchrony.trim.worlds import DELIVERIES, TRIM, world
from coterie.checks.check import Check, Mutant
from coterie.spec.synchrony import trim as spec

CHECK = Check(
    name="synchrony.trim.leave",
    about="Members that multicast, the first of which leaves, while any of them may crash.",
    world=world,
    properties=(
        *DELIVERIES,
        *TRIM,
        spec.survivors_end_alike,
        spec.survivors_are_the_view,
        spec.something_is_cut_off,
        spec.a_new_leader_trims,
        spec.a_trim_outlives_its_leader,
    ),
    small={"told": (1,), "leaving": (0,), "crashes": 1},
    full={"told": (0, 1, 1)},
    states=4_733,
    mutants={
        "no_echo": Mutant(
            partial(world, rules=twins.NO_ECHO),
            {
                "something_is_cut_off": None,
                "a_new_leader_trims": None,
                "a_trim_outlives_its_leader": None,
            },
        ),
        "delivers_and_leaves": Mutant(
            partial(world, rules=twins.NO_ECHO),
            {"one_order": 12},
            {"told": (0, 1, 1), "crashes": 0},
        ),
        "no_agreement_any_echo": Mutant(
            partial(world, rules=twins.NO_AGREEMENT_ANY_ECHO), {"together": 13}, {"told": (0, 1)}
        ),
    },
)
