"""Queries of operators: one statement that only reads, for a limited time, of limited rows."""

import re
from typing import Any

from attrs import frozen

ALLOWED = ("SELECT", "VALUES", "WITH")
_NOTHING = re.compile(r"(?:\s|\(|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]+")

LIMIT = 1000
SECONDS = 5.0


class QueryError(Exception):
    """A query that is refused, wrong, or took too long; the text says which."""


@frozen
class Selection:
    """What a query found.

    Attributes:
        columns: their names.
        rows: the first ones.
        truncated: whether there are more.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool


def check(query: str) -> None:
    """See that a query begins as one that reads; the database sees to the rest.

    Raises: QueryError where it does not.
    """
    begin = _NOTHING.match(query)
    word = _WORD.match(query, begin.end() if begin else 0)
    if word is None:
        raise QueryError("there is no statement: write one that begins with SELECT")
    if word.group().upper() not in ALLOWED:
        raise QueryError(
            f"{word.group().upper()} is refused: only one statement that reads is allowed, and "
            f"begins with {', '.join(ALLOWED[:-1])} or {ALLOWED[-1]}"
        )


def too_long(seconds: float) -> QueryError:
    """Return what is said of a query that ran out of time."""
    return QueryError(f"the query took more than {seconds:g} seconds: ask for less")


def not_one() -> QueryError:
    """Return what is said of several statements."""
    return QueryError("more than one statement is refused: ask one at a time")


def unwritable() -> QueryError:
    """Return what is said of a statement that would do more than read the tables."""
    return QueryError("the query is refused: it would do more than read the tables")
