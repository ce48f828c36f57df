"""The abstract replicated log, on its own."""

from functools import partial
from typing import Any

from coterie.checks.check import Check, Mutant
from coterie.checks.world import World
from coterie.model.machine import Node
from coterie.spec.smr import log as spec


def world(nodes: int, commands: int, **fields: Any) -> World:
    """Return the log of so many nodes and commands, with these `fields`."""
    return World({Node("log"): spec.ReplicatedLog(nodes, tuple(range(commands)), **fields)})


def twice(times: int) -> bool:
    """Mutant: a command may be chosen a second time."""
    return times < 2


def one_too_far(slot: int, length: int) -> bool:
    """Mutant: a node applies the command after the last one."""
    return slot <= length


def never(slot: int, length: int) -> bool:
    """Mutant: no node ever applies anything."""
    return slot > length


def at_the_front(length: int) -> int:
    """Mutant: a new command goes before all others."""
    return 0 * length


CHECK = Check(
    name="smr.log",
    about="The abstract replicated log that protocols of state machine replication refine.",
    world=world,
    properties=(
        spec.chosen_once,
        spec.applied_is_chosen,
        spec.what_is_chosen_stays,
        spec.all_applied,
        spec.everyone_can_catch_up,
    ),
    small={"nodes": 3, "commands": 4},
    full={"commands": 5},
    states=4_893,
    mutants={
        "appends_twice": Mutant(partial(world, may_append=twice), {"chosen_once": 2}),
        "runs_ahead": Mutant(partial(world, may_apply=one_too_far), {"applied_is_chosen": 1}),
        "prepends": Mutant(partial(world, place=at_the_front), {"what_is_chosen_stays": 2}),
        "never_applies": Mutant(
            partial(world, may_apply=never), {"all_applied": None, "everyone_can_catch_up": 0}
        ),
    },
)
