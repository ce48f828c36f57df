"""What the serving store promises: rows stay and spread, and reads wait for them.

These are the repaired recovery's promises, of servers that compare fingerprints.
"""

from itertools import count

from coterie.model.gossip.store.service.comparing import ALWAYS, Compared
from coterie.model.gossip.store.service.index import (
    MARKS,
    Fork,
    Index,
    Leaf,
    Row,
    rows_between,
)
from coterie.model.gossip.store.service.serving import Keeping
from coterie.model.gossip.store.service.shelf import BLANK, Shelf
from coterie.model.machine import Node
from coterie.spec.gossip.store import Ledger
from coterie.spec.property import (
    View,
    always,
    each,
    eventually_always,
    leads_to,
    reachable,
    recoverable,
    step_always,
)


def shelf_of(world: View, server: Node) -> Shelf:
    """Return what is on the disk of `server`, be it up or down."""
    kept = world.memory(server) or BLANK
    assert isinstance(kept, Shelf)
    return kept


def table_of(world: View, server: Node) -> dict[int, Row]:
    """Return the row of each date on the disk of `server`."""
    return {row.date: row for row in rows_between(shelf_of(world, server).index, *ALWAYS)}


PLACE = 16


def exact(row: Row) -> int:
    """Return a fingerprint such that different rows have different sums, where all is small."""
    return (8 * row.value + row.number + 2) << (PLACE * row.date)


def _sums_up(index: Index) -> bool:
    """Return whether an index, and each branch of it, has the count and fingerprint of its rows."""
    rows = tuple(rows_between(index, *ALWAYS))
    dates = [row.date for row in rows]
    mark = sum(map(exact, rows)) % MARKS
    true = (index.count, index.mark) == (len(rows), mark) and dates == sorted(set(dates))
    match index:
        case Leaf():
            return true and len(rows) <= 1
        case Fork(first, width, branches):
            return true and all(
                _sums_up(branch) and _lies_between(branch, start, start + width)
                for start, branch in zip(count(first, width), branches, strict=False)
            )


def _lies_between(index: Index, start: int, end: int) -> bool:
    return all(start <= row.date < end for row in rows_between(index, *ALWAYS))


@always(broken_by="unsummed", each=each("server"))
def the_index_is_of_its_rows(world: View, server: Node) -> bool:
    """The index knows the count and the fingerprint of its rows, and every branch of its own.

    In symbols: for all servers p and parts i of index(p): count(i) = |rows(i)|, mark(i) = Σ mark(r)
    over the rows r of i, whose dates ascend and are those that i is for; a leaf has one row at most
    in these worlds.
    Why: what is compared is worked out along the path of a row that is added, and never from all.
    Source: our own; Meyer, Range-Based Set Reconciliation, 2023, section 3, for sums in a tree.
    """
    return _sums_up(shelf_of(world, server).index)


def _is_recovering(state: Keeping) -> bool:
    return state.recovering


@step_always(broken_by="keep_least", each=each("server"))
def rows_only_grow(before: View, after: View, server: Node) -> bool:
    """A row on a disk stays, or gives way to one of the same date with a greater value.

    In symbols: for all servers p and dates d in table(p): table(p)(d) ≤ table(p)'(d).
    Why: of two rows of a date the greater stays, a server that starts again has what it had, and
    an index loses no row as it grows.
    Source: our own, as for the repaired recovery; a maximum is a join (Shapiro et al., 2011).
    """
    held, kept = table_of(before, server), table_of(after, server)
    return all(date in kept and kept[date].value >= row.value for date, row in held.items())


@recoverable(broken_by=("asks_once", "first_come", "colliding", "shallow"))
def tables_converge(world: View) -> bool:
    """Whatever has happened, all servers can still come to have the same table, without a fault.

    In symbols: AG EF (for all servers p, q: up(p) and table(p) = table(q)).
    Why: every server asks every other from time to time, and asks on until what it was told of is
    what it has; both ask, so both come to the union. Rests on this: ranges of dates that have one
    count and one fingerprint have the same rows.
    Source: Shadmon and Srivastav, Replicated and Consistent Distributed Data Storage, section III,
    which claims it of its own recovery.
    """
    servers = world.nodes("server")
    return all(world.up(server) for server in servers) and all(
        table_of(world, server) == table_of(world, servers[0]) for server in servers
    )


@reachable(broken_by="asks_nobody")
def tables_are_full(world: View) -> bool:
    """All servers can be up with the same table, and with two rows or more in it.

    Why: tables without a row would be the same as well; and with two rows, where messages hold one,
    a server has to ask more than once.
    Source: the witness to `tables_converge`.
    """
    tables = [table_of(world, server) for server in world.nodes("server")]
    same = all(table == tables[0] and len(table) >= 2 for table in tables)
    return same and all(world.up(server) for server in world.nodes("server"))


@recoverable(broken_by=("asks_once", "unready"))
def servers_serve_again(world: View) -> bool:
    """Whatever has happened, all servers can still come to be up and to answer reads.

    In symbols: AG EF (for all servers p: up(p) and not recovering(p)).
    Why: a server that is itself recovering helps others, and remembers nothing of them.
    Source: section III; section II-F, where only a server that has failed leaves a client waiting.
    """
    servers = world.nodes("server")
    return all(world.up(server) for server in servers) and not any(
        world.see(server, _is_recovering) for server in servers
    )


@always(broken_by="all_at_once", each=each("server"))
def answers_are_small(world: View, server: Node) -> bool:
    """No answer to a question has more rows than a message holds, nor more pieces.

    In symbols: Compared(rows, pieces) in flight implies |rows| ≤ 1 and |pieces| ≤ 2, in these
    worlds, where messages hold no more.
    Why: of many rows the helper says how many there are in each piece of the range; so nobody's
    step grows with what is lacking.
    Source: section IV, where a message of the pub/sub service holds 100 items.
    """
    return all(
        len(message.rows) <= 1 and len(message.pieces) <= 2
        for peer in world.nodes("server")
        if peer != server
        for message in world.in_flight(server, peer)
        if isinstance(message, Compared)
    )


def _serves_again(state: Keeping) -> bool:
    return state.shelf.boots > 0 and not state.recovering


@reachable(broken_by="unready")
def a_server_is_back(world: View) -> bool:
    """A server that has crashed can come to answer reads again, with a row in its table.

    Why: servers that are recovering for ever would never answer wrongly either.
    Source: the witness to `who_serves_knows_what_was_stored`.
    """
    return any(
        world.up(server) and world.see(server, _serves_again) and table_of(world, server)
        for server in world.nodes("server")
    )


@always(
    broken_by=("read_at_once", "any_boot", "any_part", "any_peer", "colliding"),
    each=each("server"),
)
def who_serves_knows_what_was_stored(world: View, server: Node) -> bool:
    """A server that answers reads has every date that any server had before it last restarted.

    In symbols: for all servers p: up(p) and not recovering(p) implies owed(p) is a subset of
    dates(table(p)).
    Why: each peer has told it, since it started again, of every range of dates: that it has the
    same there, or what it has. The ranges are told of at different times, and a peer's table only
    grows. The price is as for the repaired recovery: it answers no read before each peer was up.
    Source: section III, which admits wrong answers during the recovery.
    """
    ledger: Ledger = world.observed("ledger")
    owed = ledger.owed.get(server)
    if not owed or not world.up(server) or world.see(server, _is_recovering):
        return True
    return owed <= table_of(world, server).keys()


# Where a majority is enough: worlds in which date 1 is on the disks of a majority from the start.

SAFE_DATE = 1


@always(broken_by="read_at_once", each=each("server"))
def who_serves_knows_what_was_safe(world: View, server: Node) -> bool:
    """A server that answers reads has every date that was on a majority's disks when it restarted.

    In symbols: for all servers p: up(p) and not recovering(p) implies 1 in dates(table(p)), where
    a majority had 1 on disk when p started.
    Why: it has heard so many peers that they and itself are a majority, and two majorities have a
    server in common.
    Source: our own, for a store that goes on where a server is down for good.
    """
    if not world.up(server) or world.see(server, _is_recovering):
        return True
    return SAFE_DATE in table_of(world, server)


@recoverable(broken_by="waits_for_all")
def who_is_up_serves(world: View) -> bool:
    """Whatever has happened, all servers that are up can still come to answer reads.

    In symbols: AG EF (for all servers p: up(p) implies not recovering(p)), though a minority is
    down for good.
    Why: a majority is enough to be heard, and it is up.
    Source: our own; where all must be heard, one that never comes back leaves all others waiting.
    """
    return not any(
        world.up(server) and world.see(server, _is_recovering) for server in world.nodes("server")
    )


@reachable(broken_by="waits_for_all")
def a_survivor_serves(world: View) -> bool:
    """A server can answer reads while another one is down for good, without having heard it.

    Why: that is what it is about.
    Source: the witness to `who_serves_knows_what_was_safe`.
    """
    servers = world.nodes("server")
    return not all(world.up(server) for server in servers) and any(
        world.up(server) and world.see(server, _serves_unheard) for server in servers
    )


def _serves_unheard(state: Keeping) -> bool:
    return bool(state.unheard) and not state.recovering


# In the end: under the fairness that the checked world declares.


def _catches_up(state: Keeping) -> bool:
    return state.recovering or bool(state.unheard)


def is_catching_up(world: View, server: Node) -> bool:
    """Return whether some peer has not told this server all, or it answers no reads yet."""
    return world.up(server) and world.see(server, _catches_up)


@leads_to(is_catching_up, broken_by=("waits_for_ever", "unready"), each=each("server"))
def servers_come_back(world: View, server: Node) -> bool:
    """A server that has started again is at some time up and has been told all by every other.

    In symbols: for all servers p: up(p) and (recovering(p) or unheard(p) != {}) leads to up(p) and
    not recovering(p) and unheard(p) = {}.
    Why: it asks when it is idle (weak fairness of timers), and its question is answered (weak
    fairness of deliveries), or else lost in a crash; then the peer starts again (weak fairness of
    restarts), asks, and so lets it know that it has to ask anew.
    Source: section III, whose request is sent once.
    """
    return world.up(server) and not world.see(server, _catches_up)


@eventually_always(broken_by=("asks_once", "first_come"))
def tables_become_the_same(world: View) -> bool:
    """Once the device stops, all servers are up with the same table in the end, and for ever.

    In symbols: <>[] (for all servers p, q: up(p) and table(p) = table(q)), where the device has
    finitely many measurements, and servers crash finitely often.
    Why: each of two servers goes on asking the other, and both come to the union. Rests on the same
    fairness as `servers_come_back`.
    Source: section III and abstract, which claims it as long as one server is alive.
    """
    first, *rest = servers = world.nodes("server")
    return all(world.up(server) for server in servers) and all(
        table_of(world, server) == table_of(world, first) for server in rest
    )
