"""The disk of a serving server of the store as rows.

Table `readings`, one row a measurement, by its time; table `server`, one row: how often the server
has started again, and how many measurements are agreed.
"""

from collections.abc import Iterator
from typing import Any

from attrs import define, field

from coterie.impl.storage.tables import Operation, Put, Read, Table, integer
from coterie.model.gossip.store.service.index import CALENDAR, Calendar, Row
from coterie.model.gossip.store.service.shelf import Agreed, Inserted, Shelf, Started, read_in

READINGS = Table("readings", (integer("time"), integer("value"), integer("number")))
SERVER = Table("server", (integer("one"), integer("boots"), integer("agreed")))


@define
class ShelfKeeper:
    """Keeps the rows of a serving server, and its counters.

    Attributes:
        calendar: how the server indexes dates.
    """

    calendar: Calendar = CALENDAR
    tables: tuple[Table, ...] = field(init=False, default=(READINGS, SERVER))
    views: tuple[str, ...] = field(init=False, default=())
    _exists: bool = field(init=False, default=False)
    _boots: int = field(init=False, default=0)
    _agreed: int = field(init=False, default=0)

    def load(self, read: Read) -> Shelf | None:
        """Return the disk; None where nothing was ever written."""
        server, rows = read(SERVER), read(READINGS)
        if not server:
            if rows:
                raise ValueError(f"in table {SERVER.name}, the row 0 is missing")
            return None
        self._exists = True
        _, self._boots, self._agreed = server[0]
        return read_in((Row(*row) for row in rows), self._boots, self._agreed, self.calendar)

    def write(self, change: Any) -> Iterator[Operation]:
        """Put rows, or count."""
        match change:
            case Inserted(rows):
                yield from (Put(READINGS, (row.date, row.value, row.number)) for row in rows)
                if self._exists:
                    return
            case Started():
                self._boots += 1
            case Agreed(count):
                self._agreed = count
            case _:
                raise TypeError(f"{change!r} is no change of a shelf")
        self._exists = True
        yield Put(SERVER, (0, self._boots, self._agreed))
