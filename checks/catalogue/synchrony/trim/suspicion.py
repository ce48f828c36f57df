"""Nobody crashes, but a failure detector is wrong: whoever is suspected has to stop."""

from functools import partial
from typing import Any

from coterie.checks.catalogue.synchrony import twins
from coterie.checks.catalogue.synchrony.trim.worlds import DELIVERIES, TRIM, world
from coterie.checks.check import Check, Mutant
from coterie.checks.world import World
from coterie.spec.synchrony import trim as spec


def pair(**parameters: Any) -> World:
    """Return two members who suspect one another, and go on by themselves if they may."""
    return world(**{**parameters, "size": 2, "told": (1, 1), "suspicions": 2})


CHECK = Check(
    name="synchrony.trim.suspicion",
    about="Members that multicast, one of which is suspected though it is alive.",
    world=world,
    properties=(
        *DELIVERIES,
        *TRIM,
        spec.survivors_end_alike,
        spec.survivors_are_the_view,
        spec.something_is_cut_off,
        spec.a_new_leader_trims,
    ),
    small={"told": (0, 1, 0), "suspicions": 1},
    full={"told": (0, 1, 1)},
    states=3_335,
    mutants={
        "runs_on": Mutant(
            partial(world, rules=twins.RUNS_ON),
            {
                "trim_is_feasible": 6,
                "trim_covers_deliveries": 9,
                "survivors_end_alike": 9,
                "survivors_are_the_view": 9,
            },
        ),
        "no_majority": Mutant(
            partial(pair, rules=twins.NO_MAJORITY),
            {"one_order": 4, "together": 3, "survivors_end_alike": 4},
        ),
    },
)
