"""What does not matter causally is folded, so that hundreds of steps stay readable.

What a run shows, it shows by what its claim sees at the end. The steps that have last changed what
is seen there, and all that happened before these, are kept; the others happened beside them.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from attrs import evolve

from coterie.checks.errors import ModelError
from coterie.checks.result import Finding, Trace, Verdict
from coterie.checks.view import Lens, WorldView
from coterie.checks.world import Values, World
from coterie.commands.pictures.diagram import Diagram, Fold
from coterie.model.machine import Node
from coterie.spec.property import Kind, Property

READABLE = 20
_LEAST = 2
_NEEDS_EVERYTHING = {Kind.AT_REST, Kind.RECOVERABLE, Kind.REFINES}


def past(diagram: Diagram, rows: Iterable[int]) -> frozenset[int]:
    """Return these rows and all that happened before them, in Lamport's sense."""
    found: set[int] = set()
    waiting = list(rows)
    while waiting:
        row = waiting.pop()
        if row not in found:
            found.add(row)
            waiting += diagram.rows[row].causes
    return frozenset(found)


def folded(diagram: Diagram, shown: Iterable[int]) -> Diagram:
    """Return the diagram in which the rows that none of `shown` needs are folded.

    The start, the last step and a loop are never folded, nor is a row that stands alone.
    """
    kept = past(diagram, {*shown, diagram.steps}) | {0}
    if diagram.loop is not None:
        kept |= set(range(diagram.loop + 1, diagram.steps + 1))
    others = [row.number for row in diagram.rows if row.number not in kept]
    runs = (list(run) for _, run in groupby(others, key=lambda n: n - others.index(n)))
    folds = tuple(Fold(run[0], run[-1]) for run in runs if len(run) >= _LEAST)
    return evolve(diagram, folds=folds)


def readable(diagram: Diagram, world: World, finding: Finding) -> Diagram:
    """Return the diagram of a finding's run, folded where it is long."""
    if diagram.steps <= READABLE:
        return diagram
    return folded(diagram, decisive(world, finding))


def decisive(world: World, finding: Finding) -> frozenset[int]:
    """Return the rows that have last changed what the claim sees where the run decides it.

    Where a claim is about whole runs, faults belong to them: what never comes may be what was lost.
    Where every node must be at rest, or have a way to go on, or where an abstract machine sees all,
    every step belongs to them; and so it is where a run decides nothing.
    """
    claim, run = finding.claim, finding.trace
    assert run is not None
    steps = range(1, len(run) + 1)
    if claim.kind in _NEEDS_EVERYTHING or finding.verdict is Verdict.UNDETERMINED:
        return frozenset(steps)
    found = {row for row in steps if claim.kind.is_temporal and run.steps[row - 1].fault}
    for slot, lens in _seen(world, claim, run):
        found |= _changing(world, run, slot, lens)
    return frozenset(found)


class _Reader(WorldView):
    """A view that notes what is read."""

    def __init__(self, world: World, values: Values) -> None:
        super().__init__(world, values)
        self.seen: list[tuple[int, Lens]] = []

    def read(self, slot: int, lens: Lens) -> Any:
        self.seen.append((slot, lens))
        return super().read(slot, lens)


def _seen(world: World, claim: Property, run: Trace) -> Iterator[tuple[int, Lens]]:
    """Yield what the claim reads at the end, of the nodes for which it fails, or is reached."""
    count = 2 if claim.kind.is_of_steps and run.steps else 1
    readers = [_Reader(world, values) for values in run.states[-count:]]
    wanted = claim.kind is Kind.REACHABLE
    asked: list[Callable[..., bool]] = [claim.claim, *([claim.premise] if claim.premise else [])]
    for nodes in claim.instances(WorldView(world, run.states[-1])):
        before = [len(reader.seen) for reader in readers]
        answers = [bool(each(*readers, *nodes)) for each in asked]
        if answers[0] is wanted or claim.kind.is_temporal:
            for reader, skipped in zip(readers, before, strict=True):
                yield from reader.seen[skipped:]


def _changing(world: World, run: Trace, slot: int, lens: Lens) -> set[int]:
    """Return the rows that have changed what is seen of the slot: of a node only the last one.

    What a node was before is on its line, so that the last one needs the others.
    """
    seen = [_sight(values[slot], lens) for values in run.states]
    changing = [row for row in range(1, len(seen)) if seen[row] != seen[row - 1]]
    is_node = isinstance(tuple(world.components)[slot], Node)
    return set(changing[-1:] if is_node else changing)


def _sight(value: Any, lens: Lens) -> Any:
    """Return what is seen, or that nothing can be seen, as of a node that is down."""
    try:
        return (lens.function(value),)
    except (ModelError, AttributeError, LookupError, TypeError, ValueError):
        return None
