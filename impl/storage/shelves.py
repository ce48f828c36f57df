"""The disk of a serving server of the store as rows.

Table `readings`, one row a measurement, by its time; table `server`, one row: how often the server
has started again, and how many measurements are agreed.
"""

from collections.abc import Iterator
from typing import Any

from attrs import define, field
from immutables import Map

from coterie.impl.storage.tables import Operation, Put, Read, Table, integer
from coterie.model.gossip.store.service.shelf import (
    BLANK,
    Agreed,
    Inserted,
    Row,
    Shelf,
    Started,
    changed,
)

READINGS = Table("readings", (integer("time"), integer("value"), integer("number")))
SERVER = Table("server", (integer("one"), integer("boots"), integer("agreed")))


@define
class ShelfKeeper:
    """Keeps the rows of a serving server, and its counters."""

    tables: tuple[Table, ...] = field(init=False, default=(READINGS, SERVER))
    views: tuple[str, ...] = field(init=False, default=())
    _counters: Shelf | None = field(init=False, default=None)

    def load(self, read: Read) -> Shelf | None:
        """Return the disk; None where nothing was ever written."""
        server, rows = read(SERVER), read(READINGS)
        if not server:
            if rows:
                raise ValueError(f"in table {SERVER.name}, the row 0 is missing")
            return None
        _, boots, agreed = server[0]
        self._counters = Shelf(boots=boots, agreed=agreed)
        return Shelf(Map((row[0], Row(*row)) for row in rows), boots, agreed)

    def write(self, change: Any) -> Iterator[Operation]:
        """Put rows, or count."""
        before = self._counters
        if isinstance(change, Inserted):
            yield from (Put(READINGS, (row.date, row.value, row.number)) for row in change.rows)
            after = before or BLANK
        elif isinstance(change, Started | Agreed):
            after = changed(before or BLANK, change)
        else:
            raise TypeError(f"{change!r} is no change of a shelf")
        if after is not before:
            self._counters = after
            yield Put(SERVER, (0, after.boots, after.agreed))
