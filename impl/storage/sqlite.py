"""SQLite: one file a node, and a second one beside it that says which process uses it."""

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from coterie.impl.ports import StorageError
from coterie.impl.storage.database import (
    DAMAGED,
    checked,
    columns,
    creation,
    key_columns,
    upsert,
    with_checksum,
)
from coterie.impl.storage.tables import Effect, Kind, Operation, Row, Table, net

KINDS = {Kind.INTEGER: "INTEGER", Kind.TEXT: "TEXT", Kind.BYTES: "BLOB"}

SETTINGS = (
    "PRAGMA synchronous = FULL",  # a commit is on the disk when it returns
    "PRAGMA fullfsync = ON",  # also where an ordinary sync leaves data in the drive
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA journal_size_limit = 67108864",
)

ADVICE = {
    sqlite3.SQLITE_FULL: "the disk is full: make room, then start the node again",
    sqlite3.SQLITE_IOERR: "the disk fails, or is full: look at it, then start the node again",
    sqlite3.SQLITE_READONLY: "the file cannot be written: look at who may write it",
    sqlite3.SQLITE_PERM: "the file may not be used: look at who may read and write it",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened: look at the folder and who may use it",
    sqlite3.SQLITE_NOTADB: "this is no database of a node: name another file",
    sqlite3.SQLITE_BUSY: "another program has locked it: end that, then start the node again",
}


UNREADABLE = {0, sqlite3.SQLITE_ERROR}
"""A text that is none, and a column that is not there: what was written there could be read."""


class Sqlite:
    """A file of SQLite.

    Attributes:
        where: the file.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or create it, and leave it as it is.

        Raises: StorageError where that is impossible, or another process uses it.
        """
        self.where = str(path)
        self._lock = _locked(path)
        try:
            with self._saying("be opened"):
                self._connection = _connected(path)
                for setting in SETTINGS:
                    self._connection.execute(setting)
        except StorageError:
            self.close()
            raise
        _sync_folder(path.parent)

    def settle(self) -> None:
        """Make commits durable from now on, and look whether the file is sound.

        Raises: StorageError where it is not.
        """
        with self._saying("be opened"):
            mode = self._connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            found = self._connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if mode != "wal":
            raise StorageError(
                f"{self.where}: no write-ahead log is possible here: use a local disk"
            )
        if found != "ok":
            raise StorageError(f"{self.where}: {found}: {DAMAGED}")

    def names(self) -> frozenset[str]:
        """Return the names of the tables that there are."""
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        with self._saying("be read"):
            return frozenset(name for (name,) in self._connection.execute(query))

    def create(self, table: Table) -> None:
        """Create a table, whose values SQLite holds to their columns' kinds."""
        self.execute(creation(table, KINDS, " STRICT"))

    def execute(self, sql: str) -> None:
        """Execute a statement."""
        with self._saying("be written"):
            self._connection.execute(sql)

    def read(self, table: Table) -> list[Row]:
        """Return the rows in the order of their keys, without their checksums."""
        with self._saying("be read"):
            query = f'SELECT {columns(table)} FROM "{table.name}"'  # noqa: S608  our own names
            return checked(table, self._connection.execute(query))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do what is done inside of it as a whole or not at all."""
        with self._saying("be written"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def apply(self, operations: Iterable[Operation]) -> None:
        """Do what operations say; inside of a transaction."""
        for table, effect in net(operations).items():
            for sql, rows in _statements(table, effect):
                self._connection.executemany(sql, rows)

    def write(self, operations: Iterable[Operation]) -> None:
        """Do all of it or nothing, and make it durable."""
        with self.transaction():
            self.apply(operations)

    def close(self) -> None:
        """Let go of the file."""
        with suppress(AttributeError, sqlite3.Error):
            self._connection.close()
        self._lock.close()

    @contextmanager
    def _saying(self, what: str) -> Iterator[None]:
        """Turn what SQLite says into words for an operator."""
        try:
            yield
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            advice = ADVICE.get(code, "start the node again once the cause is gone")
            if code == sqlite3.SQLITE_CORRUPT or (what == "be read" and code in UNREADABLE):
                advice = DAMAGED
            raise StorageError(f"{self.where} cannot {what}: {error}: {advice}") from error


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)


def _locked(path: Path) -> TextIO:
    """Return the open file whose lock says that this process uses the database.

    Why: SQLite's own exclusive mode would keep operators from reading while the node runs.
    """
    beside = path.with_name(path.name + ".lock")
    try:
        lock = beside.open("a+", encoding="utf-8")
    except OSError as error:
        folder = "look at the folder and who may use it"
        raise StorageError(f"{beside} cannot be opened: {error.strerror}: {folder}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        raise StorageError(
            f"{path} is in use by process {owner}: two nodes cannot share one file; "
            "stop that one, or name another file"
        ) from error
    with suppress(OSError):  # who holds it is only a courtesy; a full disk is told of later
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
    return lock


def _sync_folder(folder: Path) -> None:
    """Make the names of new files durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _statements(table: Table, effect: Effect) -> Iterator[tuple[str, list[Row]]]:
    if effect.cleared:
        yield f'DELETE FROM "{table.name}"', [()]  # noqa: S608  our own names
    if effect.gone:
        match_all = " AND ".join(f'"{column.name}" = ?' for column in key_columns(table))
        yield f'DELETE FROM "{table.name}" WHERE {match_all}', effect.gone  # noqa: S608
    if effect.put:
        marks = ", ".join("?" * (len(table.columns) + 1))
        yield upsert(table, f"VALUES ({marks})"), with_checksum(table, effect.put)
