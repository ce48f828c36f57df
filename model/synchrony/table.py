"""The shared state table: a row a member, by which it tells all the others what it knows.

Only its owner writes a row, and each column only grows: a count becomes larger, a set gains, what
was open is decided once. So a reader's copy, however old, is a lower bound of the truth for ever,
and what has been seen to hold of a copy holds of the row. The owner pushes its row to everybody
when it has changed, and with it the messages that it has multicast since.

Source: Jha et al., Derecho, ACM TOCS 2019, sections 3.2 (the table) and 3.5 (monotonic deduction).
"""

from typing import Any

from attrs import frozen

from coterie.model.machine import Node
from coterie.model.synchrony.view import Changes

Counts = tuple[int, ...]
"""A number for each sender, by rank."""


@frozen(cache_hash=True)
class Row:
    """What one member has said in its view.

    Attributes:
        received: how many messages it has of each sender, without a gap; its own among them.
        delivered: how many slots it has delivered, where senders keep to a window; else 0.
        stored: how many items of its log are on its disk, where it keeps a log; else 0.
        suspected: the members that it takes for failed; it reads nothing of them any more.
        joining: who has asked it to be let in.
        leaving: whether it wants to leave.
        changes: the batch that it has proposed or acknowledged; None before.
        trim: how many messages of each sender belong to this view; None before it knows.
    """

    received: Counts
    delivered: int = 0
    stored: int = 0
    suspected: frozenset[Node] = frozenset()
    joining: frozenset[Node] = frozenset()
    leaving: bool = False
    changes: Changes | None = None
    trim: Counts | None = None


@frozen(cache_hash=True)
class Push:
    """A row on its way to a reader.

    Attributes:
        view: the number of the view that it belongs to.
        writer: whose row it is.
        row: all of it.
        first: how many messages the writer had multicast before `run`.
        run: the messages that it has multicast since it pushed to this reader last; None stands
            for a null.
    """

    view: int
    writer: Node
    row: Row
    first: int = 0
    run: tuple[Any, ...] = ()


def empty_row(members: int) -> Row:
    """Return the row that everybody begins a view with."""
    return Row((0,) * members)


def with_received(row: Row, received: Counts) -> Row:
    """Return `row` with these counts; as `evolve` does, in less than half the time."""
    return Row(
        received,
        row.delivered,
        row.stored,
        row.suspected,
        row.joining,
        row.leaving,
        row.changes,
        row.trim,
    )


def is_wedged(row: Row) -> bool:
    """Return whether its owner multicasts and receives no more in this view."""
    return bool(row.suspected) or row.changes is not None


def coalesced(older: Any, newer: Any) -> Push | None:
    """Return what two pushes say together; None where they cannot be told in one.

    A remote write to memory does this by itself: the newer row lies where the older one lay. Where
    a push between the two is lost, with its writer, their messages are not one run.
    """
    match older, newer:
        case Push(), Push() if older.view == newer.view and _meet(older, newer):
            return Push(newer.view, newer.writer, newer.row, older.first, older.run + newer.run)
    return None


def _meet(older: Push, newer: Push) -> bool:
    """Return whether the messages of `newer` are those after the ones of `older`."""
    return older.first + len(older.run) == newer.first
