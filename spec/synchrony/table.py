"""What the shared state table promises: monotonic deduction.

Each column only grows, and only its owner writes it. So a copy, however old, never says more than
the row; and whoever concludes something from copies, by a rule that more can only confirm, is right
now and stays so.
"""

from collections.abc import Callable
from itertools import permutations

from coterie.model.machine import Node
from coterie.model.synchrony.member import State
from coterie.model.synchrony.multicast import frontier
from coterie.model.synchrony.state import Inside, row_of
from coterie.model.synchrony.table import Push, Row, is_wedged
from coterie.spec.property import View, always, at_rest, each, reachable, step_always

Place = tuple[int, Row] | None
"""A row, with the number of its view; None where a process has no such row."""


def copy_of(writer: Node) -> Callable[[State], Place]:
    """Return a lens: the row that a member has for `writer`; the original, where that is itself."""

    def copy(state: State) -> Place:
        if not isinstance(state, Inside) or writer not in state.view.members:
            return None
        return state.view.number, state.rows[state.view.members.index(writer)]

    return copy


def never_more(older: Row, newer: Row) -> bool:
    """Return whether each column of `older` says at most what that of `newer` says."""
    return (
        all(was <= now for was, now in zip(older.received, newer.received, strict=True))
        and older.delivered <= newer.delivered
        and older.stored <= newer.stored
        and older.suspected <= newer.suspected
        and older.joining <= newer.joining
        and older.leaving <= newer.leaving
        and older.changes in (None, newer.changes)
        and older.trim in (None, newer.trim)
    )


def seen(world: View, reader: Node, writer: Node) -> Place:
    """Return the row that `reader` has for `writer`; None where it is down, or has none."""
    return world.see(reader, copy_of(writer)) if world.up(reader) else None


def grows(before: Place, after: Place) -> bool:
    """Return whether the second is the first or has grown; of two views there is nothing to say."""
    if before is None or after is None or before[0] != after[0]:
        return True
    return never_more(before[1], after[1])


def in_both_orders(world: View) -> list[tuple[Node, ...]]:
    """Ask the property for each two members, in both orders."""
    return list(permutations(world.nodes("member"), 2))


@always(broken_by=("shrinking", "meddling"), each=in_both_orders)
def a_copy_never_says_more(world: View, reader: Node, writer: Node) -> bool:
    """What a reader holds of a row is a lower bound of the row, in each column.

    In symbols: copy(i, j) <= row(j), while i and j are up and in the same view.
    Why: only the owner writes the row, only upward, and what travels was once all of it.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.5 (monotonic deduction).
    """
    return grows(seen(world, reader, writer), seen(world, writer, writer))


def counts(state: State) -> tuple[int, tuple[int, ...]] | None:
    """Return how many messages of each sender all have by a member's table, and of which view."""
    if not isinstance(state, Inside):
        return None
    columns = zip(*(row.received for row in state.rows), strict=True)
    return state.view.number, tuple(map(min, columns))


def received(state: State) -> tuple[int, tuple[int, ...]] | None:
    """Return how many messages of each sender a member has, and of which view."""
    return (state.view.number, row_of(state).received) if isinstance(state, Inside) else None


@always(broken_by="meddling", each=each("member"))
def the_least_known_is_there(world: View, reader: Node) -> bool:
    """What all members have by the table of one of them, all of them have.

    In symbols: min over j of copy(i, j)[s] <= min over j of row(j)[s], for all senders s.
    Why: each copy is at most its row, and so is the least of them.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.5.
    """
    if not all(map(world.up, world.nodes("member"))):
        return True
    known = world.see(reader, counts)
    truths = [world.see(node, received) for node in world.nodes("member")]
    return known is None or all(
        truth is None
        or truth[0] != known[0]
        or all(less <= more for less, more in zip(known[1], truth[1], strict=True))
        for truth in truths
    )


@step_always(broken_by="shrinking", each=each("member"))
def rows_only_grow(before: View, after: View, member: Node) -> bool:
    """No step takes anything back that stands in a row, until the view ends.

    In symbols: row(j) <= row'(j).
    Why: counts are of what has happened, sets are of who was heard of, and the rest is decided
    once.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2.
    """
    return grows(seen(before, member, member), seen(after, member, member))


@step_always(broken_by=("shrinking", "unordered", "forwarding"), each=in_both_orders)
def copies_only_grow(before: View, after: View, reader: Node, writer: Node) -> bool:
    """No step takes anything back that stands in a copy of a row, until the view ends.

    In symbols: copy(i, j) <= copy'(i, j).
    Why: the row only grows, its owner alone pushes it, and pushes arrive in the order of sending.
    Source: Jha et al., Derecho, ACM TOCS 2019, sections 3.2 and 3.5.
    """
    return grows(seen(before, reader, writer), seen(after, reader, writer))


def deduced(state: State) -> tuple[int, int, int] | None:
    """Return what a member concludes from its table, and of which view.

    Shape: the view; up to which slot everybody has everything; how many are wedged.
    """
    if not isinstance(state, Inside):
        return None
    slots = min(frontier(row.received) for row in state.rows)
    return state.view.number, slots, sum(map(is_wedged, state.rows))


@step_always(broken_by="unordered", each=each("member"))
def what_is_known_stays_known(before: View, after: View, member: Node) -> bool:
    """What a member has concluded from its table once, its table goes on to say.

    In symbols: P(copies of i) implies P'(copies of i), for P monotone: how far all have everything,
    and how many are wedged.
    Why: a predicate over columns that only grow, which more can only confirm, is stable. So it need
    not be written down, nor asked for again.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.5 (monotonic deduction).
    """
    if not before.up(member) or not after.up(member):
        return True
    was, now = before.see(member, deduced), after.see(member, deduced)
    if was is None or now is None or was[0] != now[0]:
        return True
    return was[1] <= now[1] and was[2] <= now[2]


@always(broken_by="forwarding", each=in_both_orders)
def rows_come_from_their_owners(world: View, sender: Node, reader: Node) -> bool:
    """Each row on its way was sent by the member whose row it is.

    In symbols: for all pushes p from j to i: writer(p) = j.
    Why: the order of sending means something only where one member sends.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2 (one writer a row).
    """
    pushes = [each for each in world.in_flight(sender, reader) if isinstance(each, Push)]
    return all(push.writer == sender for push in pushes)


@at_rest(broken_by="silent", each=in_both_orders)
def copies_catch_up(world: View, reader: Node, writer: Node) -> bool:
    """At rest each copy is the row itself.

    In symbols: at rest, copy(i, j) = row(j), while i and j are up and in the same view.
    Why: whoever changes its row pushes it, and the last push is the row.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2.
    """
    copy, row = seen(world, reader, writer), seen(world, writer, writer)
    return copy is None or row is None or copy[0] != row[0] or copy == row


@reachable(broken_by="silent")
def a_copy_is_behind(world: View) -> bool:
    """A reader's copy can be older than the row, and yet say something.

    Why: else lower bounds would be the truth, or nothing.
    Source: the witness to `a_copy_never_says_more`.
    """
    for reader, writer in in_both_orders(world):
        copy, row = seen(world, reader, writer), seen(world, writer, writer)
        if copy and row and copy[0] == row[0] and any(copy[1].received) and copy != row:
            return True
    return False


FIRST, SECOND, THIRD = (Node("member", rank) for rank in range(3))


def known_to_have(member: Node) -> Callable[[State], tuple[int, ...]]:
    """Return a lens: how many messages of each sender `member` has, by a reader's table."""

    def known(state: State) -> tuple[int, ...]:
        place = copy_of(member)(state)
        return place[1].received if place else ()

    return known


@always(broken_by="one_by_one")
def no_news_is_stale(world: View) -> bool:
    """Nobody gets the first of two messages after it has heard from others of the second.

    In symbols: in a world where member 0 alone speaks, twice: not (by a copy, member 2 has had none
    of member 0 and the null of member 1, while in truth it has exactly one of member 0).
    Why: the null of member 1 answers the second message. Where rows overwrite one another on their
    way, both messages wait together for member 2 by then. No rule of ours asks for it: it is what
    the abstraction hides.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2 (rows are written remotely, in order).
    """
    own = world.see(THIRD, known_to_have(THIRD))
    copies = [world.see(reader, known_to_have(THIRD)) for reader in (FIRST, SECOND)]
    return not (own[0] == 1 and any(copy[:2] == (0, 1) for copy in copies))


@reachable(broken_by="silent")
def news_overtakes(world: View) -> bool:
    """Somebody can hear from others of a message before it gets it.

    Why: else there would be nothing to hide.
    Source: the witness to `no_news_is_stale`.
    """
    return world.see(THIRD, known_to_have(THIRD))[:2] == (0, 1)
