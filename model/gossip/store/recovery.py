"""What a server that missed something asks of the others, and what they answer.

The paper's server sends the first and the last date of its log, once; the others send what lies
outside. The repaired one sends what it has, again and again; the others send what is missing.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", section III.
"""

from collections.abc import Callable

from attrs import frozen
from immutables import Map

from coterie.model.gossip.store.disk import Item, Merge, Store
from coterie.model.machine import Node


@frozen(cache_hash=True)
class Span:
    """The first and the last date of a log."""

    first: int
    last: int


@frozen(cache_hash=True)
class Inventory:
    """Every date that a server has, each with a fingerprint of its value.

    Attributes:
        versions: the fingerprint of each date. A value is one number here and is its own
            fingerprint; nobody takes a value from an inventory.
    """

    versions: Map[int, int]


Known = Span | Inventory | None
"""What the asker has; None when it cannot say, its log being empty."""


@frozen(cache_hash=True)
class Request:
    """Ask for what the sender lacks.

    Attributes:
        known: what the sender has.
        boot: which start of the sender this is; the answers carry it back.
    """

    known: Known
    boot: int


@frozen(cache_hash=True)
class Rows:
    """One message of the answer to a `Request`.

    Attributes:
        items: rows of the table.
        parts: how many messages the whole answer has; at least one.
        boot: that of the request.
    """

    items: tuple[Item, ...]
    parts: int
    boot: int


@frozen(cache_hash=True)
class Done:
    """The sender has sent all its rows: what the published code says after them."""


# What an asker says that it has.

Describe = Callable[[Store], Known]


def first_and_last(store: Store) -> Known:
    """Return the first and the last row of the log file: steps 1 and 2 of the paper's recovery."""
    return None if store.last is None else Span(store.log[0], store.last)


def every_date(store: Store) -> Known:
    """Return what is in the whole table."""
    return Inventory(store.table)


# What a helper sends.


def is_outside(first: int, last: int, date: int) -> bool:
    """Return whether `date` is before the first or after the last: step 3 of the paper."""
    return (date < first) | (date > last)


def lacked(store: Store, known: Known, merge: Merge, *, unbounded: bool) -> tuple[Item, ...]:
    """Return the rows of `store`, by date, that one who has `known` lacks.

    Guard: without any bounds that is everything, if `unbounded`, else nothing: a comparison with
        NULL selects no row. The paper does not say.
    """
    match known:
        case Span(first, last):
            dates = [date for date in store.table if is_outside(first, last, date)]
        case Inventory(versions):
            dates = [
                date
                for date, value in store.table.items()
                if (theirs := versions.get(date)) is None or merge(theirs, value) != theirs
            ]
        case None:
            dates = list(store.table) if unbounded else []
    return tuple((date, store.table[date]) for date in sorted(dates))


def lacks(store: Store, known: Known, merge: Merge) -> bool:
    """Return whether one who has `known` has something that `store` lacks, as far as it shows."""
    match known:
        case Span(first, last):
            return first not in store.table or last not in store.table
        case Inventory(versions):
            return any(
                (mine := store.table.get(date)) is None or merge(mine, theirs) != mine
                for date, theirs in versions.items()
            )
        case None:
            return False


def answer(items: tuple[Item, ...], batch: int, boot: int) -> tuple[Rows, ...]:
    """Return the messages that carry `items`, `batch` to a message; one even when there are none.

    Source: section IV: 100 items fill a message of the pub/sub service's 32 kB.
    """
    parts = [items[start : start + batch] for start in range(0, len(items), batch)] or [()]
    return tuple(Rows(part, len(parts), boot) for part in parts)


# Whom a server asks, besides everybody at its start.

Asking = Callable[[frozenset[Node], frozenset[Node]], frozenset[Node]]


def never(unheard: frozenset[Node], partners: frozenset[Node]) -> frozenset[Node]:
    """Ask nobody again: the paper's request is sent once."""
    del unheard, partners
    return frozenset()


def until_heard(unheard: frozenset[Node], partners: frozenset[Node]) -> frozenset[Node]:
    """Ask again those whose answer is still out, and nobody else."""
    del partners
    return unheard


def for_ever(unheard: frozenset[Node], partners: frozenset[Node]) -> frozenset[Node]:
    """Ask again those whose answer is still out, and the partners at any time."""
    return unheard | partners


# When a server has caught up: guards over plain numbers.


def all_heard(heard: int, peers: int) -> bool:
    """Return whether every peer has answered in full since the start, be it up or down now."""
    return heard == peers


def at_once(heard: int, peers: int) -> bool:
    """Return whether none or more have answered: the paper's server reads from the beginning."""
    return (heard >= 0) & (peers >= 0)


def is_of_this_boot(asked: int, boots: int) -> bool:
    """Return whether the request was sent since the server's latest start."""
    return asked == boots


def is_whole(parts: int) -> bool:
    """Return whether a message is the whole answer.

    Why: of a longer one no part tells that the others came. The asker takes what it gets, asks
    again, and lacks less, until one message holds the rest.
    """
    return parts == 1
