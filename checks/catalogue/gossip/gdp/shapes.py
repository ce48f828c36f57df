"""Every shape that a log of so many records can have, and every part of it that one may hold."""

from collections.abc import Callable, Iterator
from itertools import combinations

from coterie.model.gossip.gdp.log import Log, log_of
from coterie.model.gossip.gdp.record import Entry, written
from coterie.spec.gossip.gdp.replica import WRITER

Shape = tuple[Entry, ...]
Parents = tuple[str, ...]


def forests(count: int) -> list[Shape]:
    """Return the logs of `count` records with at most one parent each.

    A record points at nothing (only one does), at an earlier one, or at one that nobody holds.
    """
    return list(_shapes(count, _one_parent))


def graphs(count: int) -> list[Shape]:
    """Return the logs of `count` records that each point at none, one or two earlier ones."""
    return list(_shapes(count, _two_parents))


def parts(shape: Shape) -> list[Log]:
    """Return every log that holds some of the records of `shape`."""
    sizes = range(len(shape) + 1)
    return [log_of(some) for size in sizes for some in combinations(shape, size)]


def _shapes(count: int, choices: Callable[[Shape], list[Parents]]) -> Iterator[Shape]:
    if count == 0:
        yield ()
        return
    for shape in _shapes(count - 1, choices):
        value = chr(ord("a") + len(shape))
        for parents in choices(shape):
            yield (*shape, written(WRITER, value, *parents))


def _one_parent(shape: Shape) -> list[Parents]:
    root: list[Parents] = [] if any(not entry.parents for entry in shape) else [()]
    return [(f"lost{len(shape)}",), *root, *((entry.name,) for entry in shape)]


def _two_parents(shape: Shape) -> list[Parents]:
    names = [entry.name for entry in shape]
    return [some for size in range(3) for some in combinations(names, size)]
