"""Two-phase commit: its numbers of states are published for up to 9 managers."""

from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import weak
from coterie.checks.mutation.named import changed
from coterie.checks.network import Pool
from coterie.checks.world import World
from coterie.model.machine import Node
from coterie.model.oracles.two_phase import ResourceManager, TransactionManager
from coterie.spec.oracles import two_phase as spec


def world(managers: int, **fields: Any) -> World:
    """Return so many resource managers around one transaction manager with these `fields`."""
    coordinator = spec.COORDINATOR
    participants = tuple(Node("manager", index) for index in range(managers))
    return World(
        machines={node: ResourceManager(coordinator) for node in participants}
        | {coordinator: TransactionManager(participants, **fields)},
        network=Pool(),
        links=[(node, coordinator) for node in participants]
        + [(coordinator, node) for node in participants],
        fairness=(weak("deliveries", "manager"),),
    )


def interchangeable(managers: int) -> World:
    """Return the same world, whose managers may be renamed."""
    return evolve(world(managers), symmetric=("manager",))


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
    properties=(
        spec.consistent,
        spec.follows_the_coordinator,
        spec.decides_once,
        spec.all_commit,
        spec.all_abort,
        spec.a_manager_aborts_by_itself,
        spec.commits_a_transaction,
        spec.decisions_arrive,
    ),
    small={"managers": 5},
    full={"managers": 8},
    states=8_832,
    mutants={
        "commit_early": Mutant(
            partial(world, may_commit=almost_all),
            {"consistent": 11, "follows_the_coordinator": 10, "commits_a_transaction": 10},
        ),
        "never_commit": Mutant(partial(world, may_commit=never), {"all_commit": None}),
        "committed_in_name": Mutant(
            changed(world, TransactionManager.step, "if commit → if True"),
            {"follows_the_coordinator": 2, "all_abort": None},
        ),
        "counts_late_votes": Mutant(
            changed(
                world,
                TransactionManager.step,
                "case Receive(sender, Prepared()) if state.stage is Stage.WORKING"
                " → case Receive(sender, Prepared())",
            ),
            {"decides_once": 3},
        ),
        "no_abort": Mutant(
            changed(world, TransactionManager.options, "without yield Decide(commit=False)"),
            {"all_abort": None},
        ),
        "no_abort_by_itself": Mutant(
            changed(
                world,
                ResourceManager.step,
                "case Decide(commit=False) if state is Stage.WORKING → never",
            ),
            {"a_manager_aborts_by_itself": None},
        ),
        "keeps_it_secret": Mutant(
            changed(
                world,
                TransactionManager.step,
                "Outcome(evolve(state, stage=stage), sends) without its effects",
            ),
            {"all_commit": None, "decisions_arrive": 1},
        ),
    },
)

SYMMETRIC = Check(
    name="oracles.two_phase_symmetric",
    about="Two-phase commit, once for all permutations of the resource managers.",
    world=interchangeable,
    properties=(
        spec.consistent,
        spec.follows_the_coordinator,
        spec.decides_once,
        spec.all_commit,
        spec.all_abort,
        spec.a_manager_aborts_by_itself,
    ),
    small={"managers": 6},
    full={"managers": 9},
    states=553,
)
