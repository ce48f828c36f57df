"""The records of a log as rows: at a replica all of them, at the writer those that are not safe.

Table `records`, one row a record, by its name; a row stays as it is. Its number says how many came
before. The parents are their names, with a space between two.
"""

from collections.abc import Iterator
from typing import Any

from attrs import define, field
from immutables import Map

from coterie.impl.config import node_of
from coterie.impl.storage.keeper import gapless
from coterie.impl.storage.tables import Gone, Operation, Put, Read, Row, Table, coded, integer, text
from coterie.model.gossip.gdp.record import Entry
from coterie.model.gossip.gdp.service.scribe import Crossed, Diary, Noted
from coterie.model.gossip.gdp.service.shelf import Shelf, shelf_of
from coterie.model.signature import Signature

COLUMNS = (
    text("name"),
    integer("number"),
    text("parents"),
    text("value"),
    coded("signature"),
    text("writer"),
)
RECORDS = Table("records", COLUMNS, stays=True)
UNSAFE = Table("unsafe", COLUMNS)
PLACE = Table("place", (integer("one"), text("last"), integer("written")))


def row_of(entry: Entry, number: int) -> Row:
    """Return a record as a row."""
    if not isinstance(entry.signature.content, bytes):
        raise TypeError(f"{entry!r} is not signed with bytes")
    parents, signer = " ".join(entry.parents), str(entry.signature.signer)
    return entry.name, number, parents, entry.value, entry.signature.content, signer


def entry_of(row: Row) -> Entry:
    """Return the record that is in a row."""
    name, _, parents, value, signature, writer = row
    return Entry(name, tuple(parents.split()), value, Signature(node_of(writer), bytes(signature)))


@define
class RecordsKeeper:
    """Keeps the records of a serving replica, in the order in which they came."""

    tables: tuple[Table, ...] = field(init=False, default=(RECORDS,))
    views: tuple[str, ...] = field(init=False, default=())
    _count: int = field(init=False, default=0)

    def load(self, read: Read) -> Shelf | None:
        """Return the records; None where there are none."""
        rows = sorted(read(RECORDS), key=lambda row: row[1])
        gapless((row[1] for row in rows), 0, f"in table {RECORDS.name}, the record number")
        self._count = len(rows)
        return shelf_of(map(entry_of, rows)) if rows else None

    def write(self, change: Any) -> Iterator[Operation]:
        """Append a record."""
        if not isinstance(change, Entry):
            raise TypeError(f"{change!r} is no record")
        yield Put(RECORDS, row_of(change, self._count))
        self._count += 1


@define
class DiaryKeeper:
    """Keeps the writer's place, and its records that are not safe."""

    tables: tuple[Table, ...] = field(init=False, default=(UNSAFE, PLACE))
    views: tuple[str, ...] = field(init=False, default=())
    _count: int = field(init=False, default=0)

    def load(self, read: Read) -> Diary | None:
        """Return the diary; None where nothing was ever written."""
        place, rows = read(PLACE), read(UNSAFE)
        if not place:
            if rows:
                raise ValueError(f"in table {PLACE.name}, the row 0 is missing")
            return None
        _, last, self._count = place[0]
        return Diary(last, self._count, Map({row[0]: entry_of(row) for row in rows}))

    def write(self, change: Any) -> Iterator[Operation]:
        """Note a record, or cross one off."""
        match change:
            case Noted(entry):
                self._count += 1
                yield Put(UNSAFE, row_of(entry, self._count))
                yield Put(PLACE, (0, entry.name, self._count))
            case Crossed(name):
                yield Gone(UNSAFE, (name,))
            case _:
                raise TypeError(f"{change!r} is no change of a writer's diary")
