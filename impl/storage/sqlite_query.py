"""Read-only queries of a file of SQLite, from any thread or process, also while its node runs."""

import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path
from time import monotonic
from urllib.parse import quote

from coterie.impl.storage.queries import (
    LIMIT,
    SECONDS,
    QueryError,
    Selection,
    check,
    not_one,
    too_long,
    unwritable,
)

READING = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_FUNCTION,
}
FORBIDDEN = {"load_extension", "fts3_tokenizer"}
BYTES_MAX = 1 << 26
"""No value that a query makes may be longer: a step of the query is not interrupted."""


def select(path: Path, query: str, limit: int = LIMIT, seconds: float = SECONDS) -> Selection:
    """Return what a query finds.

    Raises: QueryError where it is refused, wrong, or takes too long.
    """
    check(query)
    try:
        with closing(_connected(path)) as connection:
            return _selected(connection, query, limit, seconds)
    except sqlite3.Warning as error:  # how Python 3.11 says that there are several statements
        raise not_one() from error
    except sqlite3.Error as error:
        raise _said(error, seconds) from error


def _connected(path: Path) -> sqlite3.Connection:
    uri = f"file:{quote(str(path))}?mode=ro"
    return sqlite3.connect(uri, uri=True, timeout=SECONDS, isolation_level=None)


def _selected(connection: sqlite3.Connection, query: str, limit: int, seconds: float) -> Selection:
    deadline = monotonic() + seconds
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, BYTES_MAX)
    connection.set_authorizer(_authorize)
    connection.set_progress_handler(lambda: monotonic() > deadline, 1000)
    cursor = connection.execute(query)
    columns = tuple(column[0] for column in cursor.description or ())
    rows = tuple(islice(cursor, limit + 1))
    return Selection(columns, rows[:limit], len(rows) > limit)


def _authorize(
    action: int, _table: str | None, name: str | None, _database: str | None, _by: str | None
) -> int:
    """Allow what reads; a function's name comes second."""
    if action not in READING or (action == sqlite3.SQLITE_FUNCTION and name in FORBIDDEN):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _said(error: sqlite3.Error, seconds: float) -> QueryError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_INTERRUPT:
        return too_long(seconds)
    if code in {sqlite3.SQLITE_AUTH, sqlite3.SQLITE_READONLY}:
        return unwritable()
    if "one statement" in str(error):
        return not_one()
    return QueryError(f"the database answers: {error}")
