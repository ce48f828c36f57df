"""Transaction commit: its number of states is published for 3 managers."""

from functools import partial
from typing import Any

from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.oracles.tcommit import TransactionCommit
from coterie.spec.oracles import tcommit as spec


def world(managers: int, **fields: Any) -> World:
    """Return so many resource managers, in one machine with these `fields`."""
    return World(machines={spec.MANAGERS: TransactionCommit(managers, **fields)})


def almost_all(ready: int, managers: int) -> bool:
    """Mutant: commit while one manager is still missing."""
    return ready >= managers - 1


def never(ready: int, managers: int) -> bool:
    """Mutant: never commit."""
    return ready > managers


def at_any_time(committed: int) -> bool:
    """Mutant: abort even when somebody has committed."""
    return committed >= 0


CHECK = Check(
    name="oracles.tcommit",
    about="Transaction commit without messages, as Lamport specifies it.",
    world=world,
    properties=(
        spec.consistent,
        spec.commits_when_all_are_prepared,
        spec.decisions_are_final,
        spec.all_commit,
        spec.all_abort,
    ),
    small={"managers": 3},
    full={"managers": 10},
    states=34,
    mutants={
        "commit_early": Mutant(
            partial(world, may_commit=almost_all),
            {"consistent": 4, "commits_when_all_are_prepared": 3},
        ),
        "abort_late": Mutant(partial(world, may_abort=at_any_time), {"consistent": 5}),
        "never_commit": Mutant(partial(world, may_commit=never), {"all_commit": None}),
        "commit_alone": Mutant(
            changed(world, TransactionCommit.step, "if commit → if True"),
            {"commits_when_all_are_prepared": 1, "all_abort": None},
        ),
        "prepare_again": Mutant(
            changed(world, TransactionCommit.options, "if stage is Stage.WORKING → if True"),
            {"decisions_are_final": 2},
        ),
        "never_abort": Mutant(
            changed(
                world, TransactionCommit.options, "without yield Decide(manager, commit=False)"
            ),
            {"all_abort": None},
        ),
    },
)
