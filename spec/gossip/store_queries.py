"""What a client of the serving store may rely on when it asks for one row, or for many."""

from collections import Counter

from coterie.model.gossip.store.reads import Absent, Found, Recovering
from coterie.model.gossip.store.service.queries import (
    Between,
    Inquiring,
    Latest,
    Newest,
    Page,
    Query,
    Replied,
    Result,
    ValueAt,
    What,
)
from coterie.model.gossip.store.service.serving import Keeping
from coterie.model.machine import Node
from coterie.spec.gossip.store_service import table_of
from coterie.spec.property import View, each, reachable, step_always


def _is_recovering(state: Keeping) -> bool:
    return state.recovering


def _true(items: list[tuple[int, int]], what: What, result: Result) -> bool:
    """Return whether `result` is what a search through all the rows says.

    Guard: `items` are dates and values, ascending by date.
    """
    match what, result:
        case ValueAt(date), Found(value):
            return (date, value) in items
        case ValueAt(date), Absent():
            return date not in dict(items)
        case Latest(), Newest(date, value):
            return items[-1] == (date, value)
        case Latest(), Absent():
            return not items
        case Between(first, last, limit), Page(rows, rest):
            wanted = [item for item in items if first <= item[0] <= last]
            later = [date for date, _ in wanted[limit:]]
            return list(rows) == wanted[:limit] and rest == (later[0] if later else None)
    return False


@step_always(broken_by=("pretends", "cut_short"), each=each("server"))
def answers_tell_the_table(before: View, after: View, server: Node) -> bool:
    """A server answers "recovering" while it is, and otherwise what is in its table.

    In symbols: Replied(r) sent by p to Query(q) implies r = Recovering if recovering(p), else
    r = q(table(p)); a page has as many rows as were asked for, and says where the rest begins.
    Why: the rows of a range are taken from the index, which is the table.
    Source: Shadmon and Srivastav, Replicated and Consistent Distributed Data Storage, sections II-E
    and VI, where queries that return many rows are left to future work.
    """
    if not before.up(server) or not after.up(server):
        return True
    recovering = before.see(server, _is_recovering)
    items = sorted((row.date, row.value) for row in table_of(before, server).values())
    return all(
        reply.result == Recovering() if recovering else _true(items, query.what, reply.result)
        for client in before.nodes("client")
        for query, reply in _answered(before, after, server, client)
    )


def _answered(before: View, after: View, server: Node, client: Node) -> list[tuple[Query, Replied]]:
    """Return the answers that are new on the channel to `client`, with what they answer."""
    were, are = (Counter(each.in_flight(server, client)) for each in (before, after))
    replies = [message for message in are - were if isinstance(message, Replied)]
    asked = {query.number: query for query in before.in_flight(client, server)}
    return [(asked[reply.number], reply) for reply in replies]


def _reads(world: View, client: Node) -> int:
    state: Inquiring = world[client]
    return state.number + (state.asked is not None) + len(world.left(client))


@step_always(broken_by="interrupted", each=each("client"))
def no_query_is_forgotten(before: View, after: View, client: Node) -> bool:
    """Every query that the user has called for is under way, or has returned, counted once.

    In symbols: number + |under way| + |still to be called| stays the same.
    Why: a client asks one thing at a time, and counts a read as it returns; that number tells late
    answers from the one that it waits for.
    Source: our own, as for reads of one date.
    """
    return _reads(before, client) == _reads(after, client)


@reachable(broken_by="mute")
def a_page_goes_on(world: View) -> bool:
    """An answer can hold a part of a range, and say where to go on.

    Why: pages that always hold all would say nothing of limits.
    Source: the witness to `answers_tell_the_table`.
    """
    return any(
        isinstance(message, Replied)
        and isinstance(message.result, Page)
        and message.result.rest is not None
        for server in world.nodes("server")
        for client in world.nodes("client")
        for message in world.in_flight(server, client)
    )
