"""What a serving replica has on disk: the records, in the order in which they came.

That order never changes, so a reader that has everything up to some record of it has that for ever.
"""

from collections.abc import Iterable, Iterator

from attrs import field, frozen
from immutables import Map

from coterie.model.gossip.gdp.log import NONE, Log, added
from coterie.model.gossip.gdp.record import Entry
from coterie.model.gossip.gdp.service.forks import START


@frozen(cache_hash=True)
class Shelf(Log):
    """The records that a serving replica holds.

    Attributes:
        order: their names, by how many records came before.
        places: how many records came before each name.
        branches: the names at which more than one record points; `START` where several begin.
    """

    order: Map[int, str] = field(factory=Map)
    places: Map[str, int] = field(factory=Map)
    branches: frozenset[str] = NONE


def shelved(log: Log, entry: Entry) -> Shelf:
    """Return `log` with `entry` as its last record, unless it holds one of that name.

    Guard: `log` is a shelf, or holds nothing.
    """
    shelf = log if isinstance(log, Shelf) else Shelf()
    after = added(shelf, entry)
    if after is shelf:
        return shelf
    place = len(shelf.order)
    return Shelf(
        after.entries,
        after.children,
        after.begins,
        after.ends,
        shelf.order.set(place, entry.name),
        shelf.places.set(entry.name, place),
        shelf.branches.union(_branches(after, entry)),
    )


def _branches(log: Log, entry: Entry) -> Iterator[str]:
    """Yield where `entry`, which is in `log`, goes on beside another record."""
    if not entry.parents:
        others = (name for name in log.begins if name != entry.name)
        yield from (START for name in others if not log.entries[name].parents)
    yield from (parent for parent in entry.parents if len(log.children[parent]) > 1)


def shelf_of(entries: Iterable[Entry]) -> Shelf:
    """Return the shelf to which these records came, in their order."""
    shelf = Shelf()
    for entry in entries:
        shelf = shelved(shelf, entry)
    return shelf


def after(shelf: Shelf, name: str) -> Iterable[Entry]:
    """Yield the records that came after that of `name`; all where none of that name is held."""
    first = shelf.places[name] + 1 if name in shelf.places else 0
    return (shelf.entries[shelf.order[place]] for place in range(first, len(shelf.order)))


def causal(entries: Iterable[Entry]) -> list[Entry]:
    """Return records such that each comes after those of its parents that are among them.

    Guard: there is one record a name, and no circle, as there is none among genuine ones.
    """
    waiting = {entry.name: entry for entry in entries}
    done: list[Entry] = []
    for start in sorted(waiting):
        todo = [start]
        while todo:
            entry = waiting.get(todo[-1])
            first = [x for x in entry.parents if x in waiting] if entry is not None else []
            if first:
                todo += first
                continue
            todo.pop()
            if entry is not None:
                done.append(waiting.pop(entry.name))
    return done
