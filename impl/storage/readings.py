"""The disk of the store of measurements as rows: a value at each time, and the log of the times.

Table `readings` is the paper's: its key is the time. A change carries the value that the merge has
already decided on, so a row is written over what was there.

Table `commits` holds the log's lines in the order in which they were written. The log may be sorted
again and again while a server recovers; rewriting a long table for each time that comes late would
cost more than the recovery itself. So a row of `server` says how many of the first lines count as
sorted by time, and the view `log_lines` shows the log as the protocol sees it.
"""

from collections.abc import Iterator
from typing import Any

from attrs import define, field
from immutables import Map

from coterie.impl.storage.keeper import gapless
from coterie.impl.storage.tables import Cleared, Operation, Put, Read, Table, integer
from coterie.model.gossip.store.disk import (
    Booted,
    Change,
    Commit,
    Line,
    Row,
    Sorted,
    Store,
    Wiped,
)

READINGS = Table("readings", (integer("time"), integer("value")))
COMMITS = Table("commits", (integer("line"), integer("time")))
SERVER = Table("server", (integer("one"), integer("boots"), integer("sorted_lines")))

LOG_LINES = """
CREATE VIEW log_lines AS
SELECT row_number() OVER (
    ORDER BY CASE WHEN line < sorted_lines THEN 0 ELSE 1 END,
             CASE WHEN line < sorted_lines THEN commits.time ELSE line END
) - 1 AS line, commits.time AS time
FROM commits CROSS JOIN server
"""


@define
class ReadingsKeeper:
    """Keeps the table and the log of a server of the store."""

    tables: tuple[Table, ...] = field(init=False, default=(READINGS, COMMITS, SERVER))
    views: tuple[str, ...] = field(init=False, default=(LOG_LINES,))
    _exists: bool = field(init=False, default=False)
    _boots: int = field(init=False, default=0)
    _lines: int = field(init=False, default=0)
    _sorted: int = field(init=False, default=0)

    def load(self, read: Read) -> Store | None:
        """Return the disk; None where nothing was ever committed."""
        server, rows, lines = read(SERVER), read(READINGS), read(COMMITS)
        if not server:
            if rows or lines:
                raise ValueError(f"in table {SERVER.name}, the row 0 is missing")
            return None
        _, self._boots, self._sorted = server[0]
        gapless((line for line, _ in lines), 0, f"in table {COMMITS.name}, the line")
        if self._sorted > len(lines):
            raise ValueError(f"in table {COMMITS.name}, the line {len(lines)} is missing")
        self._exists, self._lines = True, len(lines)
        times = [time for _, time in lines]
        log = (*sorted(times[: self._sorted]), *times[self._sorted :])
        return Store(Map(rows), Map(enumerate(log)), self._boots)

    def write(self, change: Any) -> Iterator[Operation]:
        """Write one commit."""
        if not isinstance(change, Commit):
            raise TypeError(f"{change!r} is no change of the store's disk")
        if not self._exists:
            self._exists = True
            yield self._server()
        for each in change.changes:
            yield from self._changed(each)

    def _changed(self, change: Change) -> Iterator[Operation]:
        match change:
            case Row(date, value):
                yield Put(READINGS, (date, value))
            case Line(date):
                yield Put(COMMITS, (self._lines, date))
                self._lines += 1
            case Sorted():
                self._sorted = self._lines
                yield self._server()
            case Wiped():
                yield from (Cleared(READINGS), Cleared(COMMITS))
                self._lines = self._sorted = 0
                yield self._server()
            case Booted():
                self._boots += 1
                yield self._server()

    def _server(self) -> Operation:
        return Put(SERVER, (0, self._boots, self._sorted))
