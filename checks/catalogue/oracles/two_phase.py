"""Two-phase commit, whose numbers of states are published for up to 9 managers."""

from functools import partial
from typing import Any

from coterie.checks.check import Check, Mutant
from coterie.checks.network import Pool
from coterie.checks.world import World
from coterie.model.machine import Node
from coterie.model.oracles.two_phase import ResourceManager, TransactionManager
from coterie.spec.oracles import two_phase as spec


def world(managers: int, **fields: Any) -> World:
    """Return so many resource managers around one transaction manager with these `fields`."""
    coordinator = Node("coordinator")
    participants = tuple(Node("manager", index) for index in range(managers))
    return World(
        machines={node: ResourceManager(coordinator) for node in participants}
        | {coordinator: TransactionManager(participants, **fields)},
        network=Pool(),
        links=[(node, coordinator) for node in participants]
        + [(coordinator, node) for node in participants],
    )


def almost_all(prepared: int, managers: int) -> bool:
    """Mutant: commit while one manager is still missing."""
    return prepared >= managers - 1


def never(prepared: int, managers: int) -> bool:
    """Mutant: never commit."""
    return prepared > managers


CHECK = Check(
    name="oracles.two_phase",
    about="Two-phase commit as Lamport specifies it.",
    world=world,
    properties=(spec.consistent, spec.all_commit),
    small={"managers": 5},
    full={"managers": 8},
    states=8_832,
    mutants={
        "commit_early": Mutant(partial(world, may_commit=almost_all), {"consistent": 11}),
        "never_commit": Mutant(partial(world, may_commit=never), {"all_commit": None}),
    },
)
