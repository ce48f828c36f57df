"""Read-only queries of a node's schema in PostgreSQL, over a connection of their own.

The protocol's extended form takes one statement only, and the transaction is read-only. What such a
transaction may still do with the rights of a superuser (run programs, end other connections) is
taken away by a role that may read all tables and do nothing else, where the node's user is in it.
"""

from contextlib import closing

import psycopg

from coterie.impl.storage.postgres import connected
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

READER = "pg_read_all_data"


def select(
    url: str, schema: str, query: str, limit: int = LIMIT, seconds: float = SECONDS
) -> Selection:
    """Return what a query finds.

    Raises: QueryError where it is refused, wrong, or takes too long.
    """
    check(query)
    try:
        with closing(connected(url)) as connection:
            _restrict(connection, schema, seconds)
            return _selected(connection, query, limit)
    except psycopg.errors.QueryCanceled as error:
        raise too_long(seconds) from error
    except psycopg.Error as error:
        raise _said(error) from error


def _restrict(connection: psycopg.Connection, schema: str, seconds: float) -> None:
    name = psycopg.sql.Identifier(schema)
    connection.execute(psycopg.sql.SQL("SET search_path = {}").format(name))
    connection.execute(f"SET statement_timeout = {max(1, round(seconds * 1000))}")
    member = connection.execute("SELECT pg_has_role(current_user, %s, 'MEMBER')", (READER,))
    if member.fetchone() == (True,):
        connection.execute(f"SET ROLE {READER}")
    connection.autocommit = False
    connection.read_only = True


def _selected(connection: psycopg.Connection, query: str, limit: int) -> Selection:
    """Return the first rows, over a cursor: what is not asked for takes no room."""
    with connection.cursor("selected") as cursor:
        cursor.execute(query.encode())
        rows = tuple(cursor.fetchmany(limit + 1))
        columns = tuple(column.name for column in cursor.description or ())
    return Selection(columns, rows[:limit], len(rows) > limit)


def _said(error: psycopg.Error) -> QueryError:
    words = " ".join(str(error).split())
    if "multiple commands" in words:
        return not_one()
    if isinstance(
        error, psycopg.errors.ReadOnlySqlTransaction | psycopg.errors.InsufficientPrivilege
    ):
        return unwritable()
    return QueryError(f"the database answers: {words}")
