"""Explorations that are kept on disk, as a program that can be killed.

    python -m tests.engine.resuming WORLD WORKERS FOLDER [PAUSE]

prints what was found; FOLDER is `-` for an exploration that is not kept. It says `ready` first; and
with PAUSE it waits so many seconds after every write to the disk, so that it can be killed between
any two of them.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import evolve

from coterie.checks.canonical import canonical
from coterie.checks.catalogue.oracles import two_phase
from coterie.checks.engine.checkpoint.saver import Checkpoints
from coterie.checks.engine.explore import explore
from coterie.checks.engine.prepare import prepare
from coterie.checks.result import Exploration
from coterie.checks.world import World
from coterie.spec.oracles.two_phase import COORDINATOR
from coterie.spec.property import Property, View, leads_to, recoverable

ROOT = Path(__file__).parents[2]


@recoverable
def can_still_commit(world: View) -> bool:
    """The coordinator can still commit."""
    return world[COORDINATOR].stage.name == "COMMITTED"


def _undecided(world: View) -> bool:
    return world[COORDINATOR].stage.name == "WORKING"


@leads_to(_undecided)
def decides(world: View) -> bool:
    """The coordinator decides at last, which nothing makes it do."""
    return not _undecided(world)


Case = tuple[Callable[[], World], tuple[Property, ...]]

CASES: dict[str, Case] = {
    "claims": (lambda: two_phase.world(4), two_phase.CHECK.properties),
    "plain": (lambda: two_phase.world(6), two_phase.CHECK.properties[:4]),
    "runs": (lambda: two_phase.world(4), (can_still_commit, decides)),
    "symmetric": (
        lambda: evolve(two_phase.world(5), symmetric=("manager",)),
        two_phase.CHECK.properties[:4],
    ),
    "broken": (
        lambda: two_phase.world(4, may_commit=two_phase.almost_all),
        two_phase.CHECK.properties,
    ),
}
LARGE: dict[str, Case] = {
    "large": (lambda: two_phase.world(7), (*two_phase.CHECK.properties, can_still_commit)),
}


def told(found: Exploration) -> dict[str, Any]:
    """Return all that must be the same whenever it was interrupted."""
    return {
        "states": found.states,
        "transitions": found.transitions,
        "depth": found.depth,
        "complete": found.complete,
        "stopped": found.stopped,
        "row_bytes": found.row_bytes,
        "reductions": [*found.reductions],
        "memo": dict(found.memo),
        "findings": {
            each.claim.name: [each.verdict.value, each.violations, canonical(each.trace)]
            for each in found.findings
        },
    }


def explored(
    case: str, workers: int, folder: Path | None, every_seconds: float = 0.0, **limits: Any
) -> dict[str, Any]:
    """Return what is found in a case, kept in `folder` if there is one.

    Raises: CheckpointError where it cannot be kept there.
    """
    world, claims = {**CASES, **LARGE}[case]
    plan = folder and Checkpoints(folder, {"case": case}, every_seconds)
    return told(explore(world(), claims, workers=workers, checkpoints=plan, **limits))


def _pause_after_writes(seconds: float) -> None:
    really = os.fsync

    def slow(descriptor: int) -> None:
        really(descriptor)
        time.sleep(seconds)

    os.fsync = slow


if __name__ == "__main__":
    name, threads, where, *pause = sys.argv[1:]
    prepare()
    if pause:
        _pause_after_writes(float(pause[0]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    found = explored(name, int(threads), None if where == "-" else Path(where))
    sys.stdout.write(json.dumps(found))
