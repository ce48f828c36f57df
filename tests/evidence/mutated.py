"""Checks with mutants: some are killed as they declare, and some are not."""

import signal
from functools import partial

from coterie import Check, Mutant, World
from tests.commands.counters import BOTH, world

SMALL = {"limit": 2}
FULL = {"breaks": 9}


def interrupted(limit: int) -> World:
    """Be interrupted, as by Ctrl-C."""
    signal.raise_signal(signal.SIGINT)
    return world(limit)


RUNS_ON = Mutant(world, {"below_three": 3}, {"limit": 4})
STANDS = Mutant(world, {"two": None}, {"limit": 1})
SURVIVES = Mutant(world, {"below_three": 3, "two": None}, {"limit": 3})
LATER = Mutant(world, {"below_three": 5}, {"limit": 4})
NEVER_SHOWN = Mutant(world, {"below_three": None}, {"limit": 4})
JAMS = Mutant(partial(world, breaks=1), {"below_three": 3})
ENDLESS = Mutant(world, {"below_three": 3}, {"limit": -2})
STOPPED = Mutant(interrupted, {"below_three": 3}, {"limit": 4})


def _check(name: str, **mutants: Mutant) -> Check:
    return Check(f"mutated.{name}", "It ends at two.", world, BOTH, SMALL, FULL, mutants=mutants)


KILLED = _check("killed", stands=STANDS, runs_on=RUNS_ON)
OTHER = _check("other", runs_on=RUNS_ON)
SURVIVING = _check("surviving", survives=SURVIVES, runs_on=RUNS_ON)
WRONG_LENGTH = _check("wrong_length", later=LATER, never_shown=NEVER_SHOWN)
AT_FAULT = _check("at_fault", jams=JAMS, runs_on=RUNS_ON)
UNBOUNDED = _check("unbounded", endless=ENDLESS)
INTERRUPTED = _check("interrupted", a_first=RUNS_ON, b_stopped=STOPPED, c_last=RUNS_ON)
