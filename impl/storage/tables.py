"""Tables, and what a commit does to them: for each key the row that it has afterwards, or none.

A keeper says what it changes row by row. Of all the changes of one commit only the net effect is
written, so that a counter that moved a hundred times costs one row, and a message that came and
went costs none. Every row carries a checksum over the table's name and all its columns: what was
damaged on a disk, or changed by hand, is never taken for memory.
"""

import zlib
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

import msgspec
from attrs import Factory, define, field, frozen

_pack = msgspec.msgpack.Encoder().encode

Row = tuple[Any, ...]
"""The values of a table's columns, in their order, without the checksum."""


class Kind(Enum):
    """What a column holds."""

    INTEGER = "integer"
    TEXT = "text"
    BYTES = "bytes"


@frozen
class Column:
    """A column.

    Attributes:
        name: one lower-case word that SQL gives no meaning.
        kind: of its values.
        optional: whether it may hold None.
    """

    name: str
    kind: Kind
    optional: bool = False


@frozen(eq=False)
class Table:
    """A table.

    Attributes:
        name: unique in the database.
        columns: those of the key first.
        keys: how many columns make the key.
        stays: whether a row stays as it is: one more with its key changes nothing.
    """

    name: str
    columns: tuple[Column, ...]
    keys: int = 1
    stays: bool = False
    _seed: int = field(init=False, default=Factory(lambda self: _seed(self.name), takes_self=True))

    def key(self, row: Row) -> Row:
        """Return the key of a row."""
        return row[: self.keys]

    def checksum(self, row: Row) -> int:
        """Return the sum that tells this row of this table from a damaged one."""
        return zlib.crc32(_pack(row), self._seed)

    def check(self, stored: Row) -> Row:
        """Return a stored row without its checksum, which comes last.

        Raises: ValueError where the two do not fit.
        """
        row = stored[:-1]
        if self.checksum(row) != stored[-1]:
            key = ", ".join(map(repr, self.key(row)))
            raise ValueError(f"the row {key} of table {self.name} does not fit its checksum")
        return row


def _seed(name: str) -> int:
    """Return what the checksums of a table begin with: no row of another table fits."""
    return zlib.crc32(name.encode())


def integer(name: str) -> Column:
    """Return a column of whole numbers of 64 bits."""
    return Column(name, Kind.INTEGER)


def text(name: str) -> Column:
    """Return a column of text."""
    return Column(name, Kind.TEXT)


def coded(name: str) -> Column:
    """Return a column of bytes."""
    return Column(name, Kind.BYTES)


class Put(msgspec.Struct, frozen=True):  # one for each row: made three times as fast as attrs
    """The table has this row, and no other with its key; or the one before, where rows stay."""

    table: Table
    row: Row


class Gone(msgspec.Struct, frozen=True):
    """The table has no row with this key."""

    table: Table
    key: Row


class Cleared(msgspec.Struct, frozen=True):
    """The table has no rows."""

    table: Table


Operation = Put | Gone | Cleared
Read = Callable[[Table], list[Row]]
"""Returns a table's rows, in the order of their keys."""


@define
class Effect:
    """What a commit does to one table.

    Attributes:
        cleared: whether all rows go first.
        rows: by key, the row that there is afterwards, or None.
    """

    cleared: bool = False
    rows: dict[Row, Row | None] = field(factory=dict)

    @property
    def gone(self) -> list[Row]:
        """The keys whose rows go."""
        return [] if self.cleared else [key for key, row in self.rows.items() if row is None]

    @property
    def put(self) -> list[Row]:
        """The rows that there are afterwards."""
        return [row for row in self.rows.values() if row is not None]


def net(operations: Iterable[Operation]) -> dict[Table, Effect]:
    """Return what operations do, in their order, to each of their tables."""
    effects: dict[Table, Effect] = {}
    for operation in operations:
        effect = effects.get(operation.table)
        if effect is None:
            effect = effects[operation.table] = Effect()
        match operation:
            case Put(table, row):
                effect.rows[table.key(row)] = row
            case Gone(_, key):
                effect.rows[key] = None
            case Cleared():
                effect.cleared = True
                effect.rows.clear()
    return effects
