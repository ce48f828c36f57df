"""A database: the few things that the store asks of SQLite or of PostgreSQL."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from coterie.impl.storage.tables import Column, Kind, Operation, Row, Table

DAMAGED = (
    "it is damaged or was changed by hand, and a node must not go on with that: keep the data for "
    "an inspection, and bring in another node in its place"
)


class Database(Protocol):
    """One node's tables, open for this process alone.

    Every method raises StorageError where the database cannot do it, in words for an operator.

    Attributes:
        where: what an operator calls it; no password is in it.
    """

    where: str

    def settle(self) -> None:
        """Do what is to be done once the database is known to be this node's."""
        ...

    def names(self) -> frozenset[str]:
        """Return the names of the tables that there are."""
        ...

    def create(self, table: Table) -> None:
        """Create a table."""
        ...

    def execute(self, sql: str) -> None:
        """Execute a statement that both databases understand."""
        ...

    def read(self, table: Table) -> list[Row]:
        """Return the rows in the order of their keys, without their checksums.

        Raises: ValueError where a row does not fit its checksum.
        """
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Do what is done inside of it as a whole or not at all."""
        ...

    def apply(self, operations: Iterable[Operation]) -> None:
        """Do what operations say; inside of a transaction."""
        ...

    def write(self, operations: Iterable[Operation]) -> None:
        """Do all of it or nothing, and make it durable."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def columns(table: Table) -> str:
    """Return the names of a table's columns, the checksum last."""
    return ", ".join([*(f'"{column.name}"' for column in table.columns), '"checksum"'])


def key(table: Table) -> str:
    """Return the names of the columns of a table's key."""
    return ", ".join(f'"{column.name}"' for column in key_columns(table))


def key_columns(table: Table) -> tuple[Column, ...]:
    """Return the columns of a table's key."""
    return table.columns[: table.keys]


def creation(table: Table, kinds: Mapping[Kind, str], suffix: str = "") -> str:
    """Return the statement that creates a table, in a dialect that calls the kinds so."""
    lines = [
        f'"{column.name}" {kinds[column.kind]}' + ("" if column.optional else " NOT NULL")
        for column in table.columns
    ]
    lines += [f'"checksum" {kinds[Kind.INTEGER]} NOT NULL', f"PRIMARY KEY ({key(table)})"]
    return f'CREATE TABLE "{table.name}" ({", ".join(lines)}){suffix}'


def upsert(table: Table, values: str) -> str:
    """Return the statement that writes rows, over those with the same key unless rows stay.

    Attributes:
        values: where the rows come from, in a dialect's words.
    """
    others = [column.name for column in table.columns[table.keys :]] + ["checksum"]
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in others)
    what = "NOTHING" if table.stays else f"UPDATE SET {changes}"
    conflict = f"ON CONFLICT ({key(table)}) DO {what}"
    return f'INSERT INTO "{table.name}" ({columns(table)}) {values} {conflict}'


def with_checksum(table: Table, rows: Iterable[Row]) -> list[Row]:
    """Return the rows as they are written."""
    return [(*row, table.checksum(row)) for row in rows]


def checked(table: Table, rows: Iterable[Row]) -> list[Row]:
    """Return stored rows in the order of their keys, without their checksums.

    Raises: ValueError where a row does not fit its checksum.
    """
    return sorted(map(table.check, rows), key=table.key)
