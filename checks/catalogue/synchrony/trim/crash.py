"""A member crashes while messages are under way."""

from functools import partial

from coterie.checks.catalogue.synchrony import twins
from coterie.checks.catalogue.synchrony.trim.worlds import DELIVERIES, TRIM, world
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.network import Fifo
from coterie.model.synchrony.multicast import Multicast
from coterie.spec.synchrony import trim as spec

CHECK = Check(
    name="synchrony.trim.crash",
    about="Members that multicast, one of which crashes at any time; the others end its view.",
    world=world,
    properties=(
        *DELIVERIES,
        *TRIM,
        spec.survivors_end_alike,
        spec.survivors_are_the_view,
        spec.something_is_cut_off,
        spec.a_new_leader_trims,
    ),
    small={"told": (0, 1, 0), "crashes": 1},
    full={"told": (1, 1, 1)},
    states=1_805,
    mutants={
        "greatest": Mutant(
            partial(world, rules=twins.GREATEST),
            {"trim_is_feasible": 5, "survivors_end_alike": 7},
        ),
        "least_over_all": Mutant(
            partial(world, rules=twins.LEAST_OVER_ALL),
            {"one_order": 13, "together": 11, "once_in_one_view": 13, "trim_covers_deliveries": 8},
        ),
        "majority_stability": Mutant(
            partial(world, rules=twins.MAJORITY_STABILITY),
            {"together": 10, "trim_covers_deliveries": 7},
        ),
        "receives_wedged": Mutant(
            changed(
                world,
                Multicast.received,
                "not new or push.first > count or is_wedged(row) → not new or push.first > count",
            ),
            {"counts_stand_still": 4},
        ),
        "receives_past_a_gap": Mutant(
            changed(
                world,
                Multicast.received,
                "not new or push.first > count or is_wedged(row) → not new or is_wedged(row)",
            ),
            {"fifo": 7},
            {"told": (2,), "network": Fifo()},
        ),
        "resends_all": Mutant(
            partial(world, rules=twins.RESENDS_ALL), {"once_in_one_view": 10, "fifo": 10}
        ),
        "no_resend": Mutant(partial(world, rules=twins.NO_RESEND), {"fifo": 10}, {"told": (2,)}),
    },
)
