"""The world that all policies of the log are checked in: replicas, their writer, a liar perhaps."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

from coterie.checks.adversary import Adversary
from coterie.checks.catalogue.gossip.gdp.shapes import forests, parts
from coterie.checks.faults import Faults
from coterie.checks.network import Fifo, Network
from coterie.checks.world import World
from coterie.model.gossip.gdp.log import Log, log_of
from coterie.model.gossip.gdp.record import written
from coterie.model.gossip.gdp.replica import Exchange, Replica
from coterie.model.gossip.gdp.writer import Write, Writer
from coterie.model.machine import Node
from coterie.spec.gossip.gdp.replica import WRITER

Logs = tuple[tuple[Log, ...], ...]

ROOT = written(WRITER, "a")
MIDDLE = written(WRITER, "b", ROOT.name)
TIP = written(WRITER, "c", MIDDLE.name)
ELSEWHERE = written(WRITER, "d", "lost")

GAP: Logs = ((log_of([ROOT, TIP]), log_of([ROOT, MIDDLE, TIP])),)
BEHIND: Logs = ((log_of([ROOT]), log_of([ROOT, MIDDLE])),)
APART: Logs = ((log_of([ROOT]), log_of([ELSEWHERE])),)
SCATTERED: Logs = ((log_of([ROOT, TIP]), log_of([MIDDLE]), log_of([ELSEWHERE])),)
EMPTY: Logs = ((Log(), Log()),)


def different(records: int) -> Logs:
    """Return every pair of different logs over every forest of so many records."""
    halves = [parts(shape) for shape in forests(records)]
    pairs = [(one, other) for logs in halves for one in logs for other in logs]
    return tuple(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))


def replica(index: int) -> Node:
    """Return the name of a replica."""
    return Node("replica", index)


def replicated(
    machine: Callable[..., Replica],
    logs: Logs,
    *,
    timer: bool = True,
    asked: tuple[int, ...] = (),
    writes: tuple[str, ...] = (),
    network: Network | None = None,
    faults: Faults | None = None,
    adversary: Adversary | None = None,
    **fields: Any,
) -> World:
    """Return replicas that begin with any of these tuples of logs, and their writer.

    Attributes:
        timer: whether exchanges begin of their own accord, with any peer.
        asked: how many exchanges the user of each replica asks for, with the next replica.
        writes: the values that the writer adds at the first replica, each after the root.
        fields: of the replicas.
    """
    names = [replica(index) for index in range(len(logs[0]))]
    calls = {
        me: (Exchange(names[(me.index + 1) % len(names)]),) * count
        for me, count in zip(names, asked, strict=False)
    }
    added = tuple(Write(value, (ROOT.name,), names[0]) for value in writes)
    work = {**calls, WRITER: added}
    machines = {
        me: machine(me, WRITER, tuple(names[:i] + names[i + 1 :]) if timer else (), **fields)
        for i, me in enumerate(names)
    }
    return World(
        {**machines, **({WRITER: Writer(WRITER)} if added or adversary else {})},
        network=network or Fifo(),
        faults=faults or Faults(),
        adversary=adversary,
        workload={node: operations for node, operations in work.items() if operations},
        starts=[dict(zip(names, start, strict=True)) for start in logs],
        links=[*permutations(names, 2), *([(WRITER, names[0])] if added else [])],
    )
