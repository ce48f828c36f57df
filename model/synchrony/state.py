"""What a process remembers: inside a view, or outside of the group."""

from typing import Any

from attrs import evolve, frozen

from coterie.model.machine import Node
from coterie.model.synchrony.table import Counts, Push, Row, empty_row
from coterie.model.synchrony.view import View


@frozen(cache_hash=True)
class Item:
    """A message as the application gets it.

    Attributes:
        view: the number of the view in which it is delivered.
        sender: who has multicast it.
        payload: what it says.
    """

    view: int
    sender: Node
    payload: Any


@frozen(cache_hash=True)
class Outside:
    """A process that is in no view yet.

    Attributes:
        asked: the members that it has asked to be let in.
        early: pushes that came before it was told of their view, at most one a writer and view.
    """

    asked: frozenset[Node] = frozenset()
    early: tuple[Push, ...] = ()


@frozen(cache_hash=True)
class Inside:
    """A member.

    Attributes:
        name: its own.
        view: the view that it is in.
        rows: its copy of the table, by rank; its own row is the original.
        held: the messages that it has received and not delivered, by the sender's rank.
        delivered: how many slots of this view it has delivered (or passed over, as nulls).
        queue: what its application wants to multicast, and it has not yet.
        application: the state that is replicated.
        snapshot: the application's state at the start of the view, if somebody joined then.
        welcomed: whether it has told the joiners of this view.
        early: pushes of later views, at most one a writer and view.
    """

    name: Node
    view: View
    rows: tuple[Row, ...]
    held: tuple[tuple[Any, ...], ...]
    delivered: int = 0
    queue: tuple[Any, ...] = ()
    application: Any = ()
    snapshot: Any = None
    welcomed: bool = False
    early: tuple[Push, ...] = ()


def at_start(name: Node, view: View, application: Any, queue: tuple[Any, ...] = ()) -> Inside:
    """Return a member at the start of `view`."""
    size = len(view.members)
    return Inside(
        name=name,
        view=view,
        rows=(empty_row(size),) * size,
        held=((),) * size,
        queue=queue,
        application=application,
        snapshot=application if view.joined and view.number else None,
    )


def rank_of(inside: Inside) -> int:
    """Return the member's own rank."""
    return inside.view.members.index(inside.name)


def row_of(inside: Inside) -> Row:
    """Return the member's own row."""
    return inside.rows[rank_of(inside)]


def writing(inside: Inside, **columns: Any) -> Inside:
    """Return `inside` with these columns of its own row written."""
    rank = rank_of(inside)
    return with_row(inside, rank, evolve(inside.rows[rank], **columns))


def with_row(inside: Inside, rank: int, row: Row) -> Inside:
    """Return `inside` with that row in its table."""
    return with_row_and_held(inside, rank, row, inside.held)


def with_row_and_held(
    inside: Inside, rank: int, row: Row, held: tuple[tuple[Any, ...], ...]
) -> Inside:
    """Return `inside` with that row in its table, and these messages not delivered.

    Why: this is `evolve`, spelt out; it happens in every step, and takes less than half the time.
    """
    return type(inside)(
        inside.name,
        inside.view,
        (*inside.rows[:rank], row, *inside.rows[rank + 1 :]),
        held,
        inside.delivered,
        inside.queue,
        inside.application,
        inside.snapshot,
        inside.welcomed,
        inside.early,
    )


def trusted(inside: Inside) -> tuple[Row, ...]:
    """Return the rows of the members that this one does not suspect, its own among them."""
    suspected = row_of(inside).suspected
    pairs = zip(inside.view.members, inside.rows, strict=True)
    return tuple(row for member, row in pairs if member not in suspected)


def leader(inside: Inside) -> int:
    """Return the rank of whom this member takes for the leader: the lowest it does not suspect."""
    suspected = row_of(inside).suspected
    ranks = (rank for rank, member in enumerate(inside.view.members) if member not in suspected)
    return next(ranks)


def delivered_of(delivered: int, rank: int, senders: int) -> int:
    """Return how many messages of the sender of that `rank` stand in the first slots."""
    return (delivered + senders - 1 - rank) // senders


def all_delivered(inside: Inside) -> Counts:
    """Return how many messages of each sender the member has delivered in this view."""
    size = len(inside.rows)
    return tuple(delivered_of(inside.delivered, rank, size) for rank in range(size))
