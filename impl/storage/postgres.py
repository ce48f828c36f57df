"""PostgreSQL: one schema a node, named like it, so that one database serves a whole cluster.

A commit goes there and back once: its statements are sent in a pipeline, and many rows of a table
are one statement over arrays.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from coterie.impl.ports import StorageError
from coterie.impl.storage.database import (
    DAMAGED,
    checked,
    columns,
    creation,
    key,
    key_columns,
    upsert,
    with_checksum,
)
from coterie.impl.storage.tables import Column, Effect, Kind, Operation, Row, Table, net

KINDS = {Kind.INTEGER: "bigint", Kind.TEXT: "text", Kind.BYTES: "bytea"}
NAME_MAX = 63
"""How many bytes PostgreSQL keeps of a name."""

PATIENCE = {
    "connect_timeout": "10",
    "keepalives": "1",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "5",
    "tcp_user_timeout": "15000",
}
"""A server that is gone without a word must not hold a node up for hours."""

SESSION = {
    "synchronous_commit": "on",  # a commit is on the disk when it returns
    "statement_timeout": "0",
    "lock_timeout": "0",
    "client_min_messages": "warning",
    "tcp_keepalives_idle": "10",  # a node whose machine is gone does not keep its schema for long
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
}
TAKING_MS = 5000
"""How many milliseconds a node waits for its schema."""

AGAIN = "start the node again once the database can be reached"


class Postgres:
    """A schema of a PostgreSQL database.

    Attributes:
        where: the database and the schema, without a password.
    """

    def __init__(self, url: str, schema: str) -> None:
        """Connect, and take the schema for this process alone.

        Raises: StorageError where that is impossible, or another process uses it.
        """
        self.where = place(url, schema)
        with self._saying("be opened"):
            self._connection = _opened(url)
            try:
                self._check()
                self._take(schema)
                self._enter(schema)
            except BaseException:
                self.close()
                raise

    def _check(self) -> None:
        """See that the server keeps what it says that it keeps."""
        settings = "SELECT current_setting('fsync'), current_setting('server_encoding')"
        if self._connection.execute(settings).fetchone() != ("on", "UTF8"):
            raise StorageError(
                f"{self.where}: the server must have fsync = on and the encoding UTF8: without "
                "them it does not keep what a node is told to keep"
            )

    def _take(self, schema: str) -> None:
        """Take the schema for this process alone.

        Why: the server may need a moment to notice that a process before this one was killed.
        """
        self._connection.execute(f"SET lock_timeout = {TAKING_MS}")
        lock = "SELECT pg_advisory_lock(hashtextextended(%s, 0))"
        try:
            self._connection.execute(lock, (f"coterie {schema}",))
        except psycopg.errors.LockNotAvailable as error:
            raise StorageError(
                f"{self.where} is in use by another process: two nodes cannot share one schema; "
                "stop that one, or name another database"
            ) from error

    def _enter(self, schema: str) -> None:
        for setting, value in SESSION.items():
            self._connection.execute(f"SET {setting} = {value}")
        quoted = psycopg.sql.Identifier(schema)
        self._connection.execute(psycopg.sql.SQL("SET search_path = {}").format(quoted))
        if self._connection.execute("SELECT current_schema()").fetchone() == (None,):
            self._connection.execute(psycopg.sql.SQL("CREATE SCHEMA {}").format(quoted))

    def settle(self) -> None:
        """Do nothing: the server looks after its files."""

    def names(self) -> frozenset[str]:
        """Return the names of the tables that there are."""
        query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        with self._saying("be read"):
            return frozenset(name for (name,) in self._connection.execute(query).fetchall())

    def create(self, table: Table) -> None:
        """Create a table."""
        self.execute(creation(table, KINDS))

    def execute(self, sql: str) -> None:
        """Execute a statement."""
        with self._saying("be written"):
            self._connection.execute(sql.encode())

    def read(self, table: Table) -> list[Row]:
        """Return the rows in the order of their keys, without their checksums."""
        query = f'SELECT {columns(table)} FROM "{table.name}"'  # noqa: S608  our own names
        with self._saying("be read"):
            cursor = self._connection.execute(query.encode(), binary=True)
            return checked(table, cursor.fetchall())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do what is done inside of it as a whole or not at all."""
        with self._saying("be written"), self._connection.transaction():
            yield

    def apply(self, operations: Iterable[Operation]) -> None:
        """Do what operations say; inside of a transaction."""
        for table, effect in net(operations).items():
            for sql, parameters in _statements(table, effect):
                self._connection.execute(sql.encode(), parameters)

    def write(self, operations: Iterable[Operation]) -> None:
        """Do all of it or nothing, and make it durable."""
        with self._saying("be written"):
            with self._connection.pipeline():
                self._connection.execute("BEGIN")
                self.apply(operations)
                done = self._connection.execute("COMMIT")
            if done.statusmessage != "COMMIT":
                raise StorageError(f"{self.where} has not committed: {AGAIN}")

    def close(self) -> None:
        """Let go of the schema."""
        with suppress(psycopg.Error):
            self._connection.close()

    @contextmanager
    def _saying(self, what: str) -> Iterator[None]:
        """Turn what PostgreSQL says into words for an operator."""
        try:
            yield
        except (psycopg.Error, OverflowError, UnicodeError) as error:
            words = " ".join(str(error).split())
            raise StorageError(f"{self.where} cannot {what}: {words}: {_advice(error)}") from error


def connected(url: str) -> psycopg.Connection:
    """Return a connection in which every statement is a transaction by itself."""
    return psycopg.connect(make_conninfo("", **{**PATIENCE, **_parts(url)}), autocommit=True)


def _opened(url: str) -> psycopg.Connection:
    """Return a connection with a database, which is created where it is missing."""
    try:
        return connected(url)
    except psycopg.OperationalError:
        if not _created(url):
            raise
    return connected(url)


def _created(url: str) -> bool:
    """Create a missing database, if that is why there is no connection, and it may be done."""
    parts = _parts(url)
    name = parts.get("dbname", "")
    try:
        with closing(connected(make_conninfo(url, dbname="postgres"))) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if not name or known.fetchone():
                return False
            connection.execute(
                psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name))
            )
    except psycopg.Error:
        return False
    return True


def place(url: str, schema: str) -> str:
    """Return what an operator calls a schema of a database; no password is in it."""
    if not 0 < len(schema.encode()) <= NAME_MAX:
        raise StorageError(f"{schema!r} cannot name a schema: it must have 1 to {NAME_MAX} bytes")
    parts = _parts(url)
    host, database = parts.get("host", "localhost"), parts.get("dbname", "")
    return f"PostgreSQL at {host}, database {database}, schema {schema}"


def _parts(url: str) -> dict[str, str]:
    try:
        return {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except psycopg.Error:
        raise StorageError(
            "this is no address of a PostgreSQL database, which looks like "
            "postgresql://user@host:5432/database"
        ) from None


def _advice(error: Exception) -> str:
    match error:
        case psycopg.errors.DiskFull():
            return "the database server's disk is full: make room, then start the node again"
        case psycopg.errors.InsufficientPrivilege():
            return "grant the node's user what it lacks, then start the node again"
        case psycopg.errors.DataCorrupted() | psycopg.errors.IndexCorrupted():
            return DAMAGED
        case psycopg.Error(sqlstate=str(state)) if state[:2] in {"53", "58"}:
            return "look at the database server's disk and log, then start the node again"
    return AGAIN


def _statements(table: Table, effect: Effect) -> Iterator[tuple[str, tuple[object, ...]]]:
    name = f'"{table.name}"'
    if effect.cleared:
        yield f"DELETE FROM {name}", ()  # noqa: S608  our own names
    if effect.gone:
        arrays = _arrays(key_columns(table))
        sql = f"DELETE FROM {name} WHERE ({key(table)}) IN (SELECT * FROM {arrays})"  # noqa: S608
        yield sql, _turned(effect.gone)
    if effect.put:
        every = (*table.columns, Column("checksum", Kind.INTEGER))
        rows = with_checksum(table, effect.put)
        if len(rows) == 1:
            marks = ", ".join("%b" for _ in every)
            yield upsert(table, f"VALUES ({marks})"), rows[0]
        else:
            source = f"SELECT * FROM {_arrays(every)}"  # noqa: S608  our own names
            yield upsert(table, source), _turned(rows)


def _arrays(every: Iterable[Column]) -> str:
    return f"unnest({', '.join(f'%b::{KINDS[column.kind]}[]' for column in every)})"


def _turned(rows: list[Row]) -> tuple[object, ...]:
    return tuple(list(values) for values in zip(*rows, strict=True))
