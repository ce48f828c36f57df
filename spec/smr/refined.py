"""Replicas as one replicated log: what is chosen is what the foremost of them has applied."""

from collections.abc import Sequence
from typing import Any

from coterie.model.smr.tickets import Book
from coterie.spec.property import View
from coterie.spec.refinement import refines
from coterie.spec.smr.log import Log, ReplicatedLog
from coterie.spec.smr.naive import log

CUSTOMERS_MOST = 4


def abstract_log(world: View) -> ReplicatedLog:
    """Return the abstract log of as many nodes as this world has replicas."""
    commands = (Book(0, f"customer{index}") for index in range(CUSTOMERS_MOST))
    return ReplicatedLog(len(world.nodes("replica")), tuple(commands))


def seen_from_above(logs: Sequence[tuple[Any, ...]]) -> Log | None:
    """Return what these logs of the nodes stand for; None where they are not of one log."""
    longest = max(logs, key=len)
    if any(each != longest[: len(each)] for each in logs):
        return None
    return Log(longest, tuple(map(len, logs)))


@refines(abstract_log, within=CUSTOMERS_MOST, broken_by=("hasty", "no_dedupe"))
def is_one_replicated_log(world: View) -> Log | None:
    """The replicas are one replicated log, whoever of them is ahead.

    In symbols: each step of the world is a stutter, or some steps Append and Apply of the log,
    where chosen = the longest log(r), and applied(r) = |log(r)|.
    Why: a command is chosen, once, before anybody applies it. Naive replication lacks it: two
    replicas apply different commands first, and then there is no log that both are applying.
    Source: Schneider, The State Machine Approach, 1990, section 3: one order for all replicas.
    """
    return seen_from_above([world.see(replica, log) for replica in world.nodes("replica")])
