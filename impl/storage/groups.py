"""What a member of a group has on its disk, as rows: the delivered log, and how its view stands.

Table `log`, one row an item, by position. A view begins with a whole log, most of which is there
already: only what differs is written. Table `standing` has one row: the view, how it ends as far as
is known, and the highest number that was promised.
"""

from collections.abc import Iterator
from typing import Any

from attrs import define, evolve, field

from coterie.impl.config import node_of
from coterie.impl.storage.keeper import Coding, gapless, shown
from coterie.impl.storage.links import name_of
from coterie.impl.storage.tables import Gone, Operation, Put, Read, Table, coded, integer, text
from coterie.model.synchrony.disk import (
    Appended,
    Begun,
    Ended,
    Log,
    Memory,
    Prepare,
    Promised,
    written,
)
from coterie.model.synchrony.state import Item

LOG = Table(
    "log",
    (integer("position"), integer("view"), text("sender"), coded("payload"), text("shown")),
)
STANDING = Table(
    "standing",
    (
        integer("one"),
        integer("view"),
        text("members"),
        text("ends_in"),
        integer("promised"),
        coded("coded"),
    ),
)


@define
class GroupKeeper:
    """Keeps the log of a durable member, and how its view stands.

    Attributes:
        codec: for the items' payloads, views, and how views end.
    """

    codec: Coding
    tables: tuple[Table, ...] = field(init=False, default=(LOG, STANDING))
    views: tuple[str, ...] = field(init=False, default=())
    _standing: Memory | None = field(init=False, default=None)
    _log: list[Item] = field(init=False, factory=list)

    def load(self, read: Read) -> Memory | None:
        """Return the view and the log; None where the process was never in a view."""
        standing, rows = read(STANDING), read(LOG)
        if not standing:
            if rows:
                raise ValueError(f"in table {STANDING.name}, the row 0 is missing")
            return None
        gapless((row[0] for row in rows), 0, f"in table {LOG.name}, the position")
        view, ending, length = self.codec.decode(standing[0][-1])
        if len(rows) < length:
            raise ValueError(f"in table {LOG.name}, the position {len(rows)} is missing")
        self._log = [
            Item(number, node_of(sender), self.codec.decode(payload))
            for _, number, sender, payload, _ in rows
        ]
        self._standing = Memory(view, (), ending, standing[0][4])
        return evolve(self._standing, log=tuple(self._log))

    def write(self, change: Any) -> Iterator[Operation]:
        """Append to the log, or write what differs, or how the view stands."""
        match change:
            case Appended(items):
                if self._standing is not None:
                    yield from self._appended(items)
                return
            case Begun(_, log):
                yield from self._replaced(log)
            case Prepare(_, log) if self._standing is not None:
                yield from self._replaced(log)
            case Prepare() | Ended() | Promised():
                pass
            case _:
                raise TypeError(f"{change!r} is no change of a member's disk")
        after = written(self._standing, change)
        if after is not None:
            self._standing = evolve(after, log=())
            yield self._row(self._standing)

    def _replaced(self, log: Log) -> Iterator[Operation]:
        """Write what of `log` differs from what is there."""
        same = self._same(log)
        for position in range(len(log), len(self._log)):
            yield Gone(LOG, (position,))
        del self._log[same:]
        yield from self._appended(log[same:])

    def _same(self, log: Log) -> int:
        """Return how many items at the beginning are there already."""
        for position, (there, item) in enumerate(zip(self._log, log, strict=False)):
            if there is not item and there != item:
                return position
        return min(len(self._log), len(log))

    def _appended(self, items: Log) -> Iterator[Operation]:
        for item in items:
            payload = self.codec.encode(item.payload)
            row = (item.view, name_of(item.sender), payload, shown(payload))
            yield Put(LOG, (len(self._log), *row))
            self._log.append(item)

    def _row(self, standing: Memory) -> Operation:
        view, ending = standing.view, standing.ending
        whole = self.codec.encode((view, ending, len(self._log)))
        members = ", ".join(map(str, view.members))
        ends_in = "" if ending is None else str(ending.next)
        return Put(STANDING, (0, view.number, members, ends_in, standing.promised, whole))
