"""What the replicated store promises: its data stay, spread, and are read truly."""

from attrs import evolve, frozen
from immutables import Map

from coterie.model.gossip.store.disk import Store
from coterie.model.gossip.store.reads import Absent, Found, Reading
from coterie.model.gossip.store.recovery import Rows
from coterie.model.gossip.store.server import Data, Restarted, Serving, Stored
from coterie.model.machine import Deliver, Node, Return
from coterie.spec.gossip.store_survivors import SURVIVORS  # noqa: F401 (`coterie mutate` reads it here)
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import (
    View,
    always,
    at_rest,
    each,
    pairs,
    reachable,
    recoverable,
    step_always,
)


def _disk(world: View, server: Node) -> Store:
    store = world.memory(server)
    assert isinstance(store, Store)
    return store


def _is_recovering(state: Serving) -> bool:
    return state.recovering


def _dates(world: View, server: Node) -> frozenset[int]:
    return frozenset(_disk(world, server).table)


def _stored_anywhere(world: View) -> frozenset[int]:
    return frozenset().union(*(_dates(world, server) for server in world.nodes("server")))


# At rest: what the paper's recovery should have brought about when nothing is left to do.


@at_rest(broken_by=("late_request", "null_span", "log_first", "lossy"))
def complete_at_rest(world: View) -> bool:
    """At rest, every date that is on some server's disk is on every server's disk.

    In symbols: for all servers p, q: dates(table(p)) = dates(table(q)).
    Why: the paper's recovery brings what was missed, if all servers see the device's data and the
    requests in one order, if the request finds a helper, and if the log tells what is missing.
    Source: Shadmon and Srivastav, Replicated and Consistent Distributed Data Storage, section III
    and abstract, which claims it of any failures that leave one server alive at every moment.
    """
    everything = _stored_anywhere(world)
    return all(everything == _dates(world, server) for server in world.nodes("server"))


@at_rest(broken_by="late_request", each=each("server"))
def no_hole_at_rest(world: View, server: Node) -> bool:
    """At rest, a server misses no date between the first and the last of its log.

    In symbols: for all servers p and dates d on some disk: first(log(p)) ≤ d ≤ last(log(p)) implies
    d in table(p).
    Why: no request ever tells of such a hole, so that it would stay for ever.
    Source: section III, step 3: only what is before the first and after the last date is sent.
    """
    store = _disk(world, server)
    if store.last is None:
        return True
    first, last = store.log[0], store.last
    return all(date in store.table for date in _stored_anywhere(world) if first <= date <= last)


@at_rest(broken_by="device_restarts", each=pairs("server"))
def agree_at_rest(world: View, one: Node, other: Node) -> bool:
    """At rest, no two servers have different values for one date.

    In symbols: for all servers p, q and dates d in both tables: table(p)(d) = table(q)(d).
    Why: the device measures one value at a time. One that starts again and counts from the
    beginning breaks that, and then the first value to arrive stays.
    Source: section II-E.1, which presumes it.
    """
    mine, theirs = _disk(world, one).table, _disk(world, other).table
    return all(theirs.get(date, value) == value for date, value in mine.items())


@at_rest(broken_by="unsorted", each=each("server"))
def log_sorted_at_rest(world: View, server: Node) -> bool:
    """At rest, a server's log lists the dates of its table, each once, in their order.

    In symbols: for all servers p: log(p) = sorted(dates(table(p))).
    Why: rows and lines are committed together; the device measures in the order of the dates, and
    what is recovered late is sorted in.
    Source: section II-E, and section III, step 5.
    """
    return _lists_the_table(_disk(world, server))


def _lists_the_table(store: Store) -> bool:
    return store.lines == tuple(sorted(store.table))


# At any time: what the repaired recovery promises.


@always(broken_by=("table_first", "log_first", "unsorted"), each=each("server"))
def log_lists_the_table(world: View, server: Node) -> bool:
    """On each disk, at any time, the log lists the dates of the table, each once, in their order.

    In symbols: for all servers p, up or down: log(p) = sorted(dates(table(p))).
    Why: rows, lines and the sorting are one commit, so that no crash comes between.
    Source: section II-E, and section III, step 5.
    """
    return _lists_the_table(_disk(world, server))


@step_always(broken_by="amnesia")
def nothing_is_lost(before: View, after: View) -> bool:
    """What is on some disk before a step is on some disk after it, or on its way to one.

    In symbols: dates(disks) is a subset of dates(disks') ∪ dates(in flight').
    Why: a server only adds to its table, and starts again from what it had.
    Source: abstract, which claims it as long as one server is alive at every moment.
    """
    missing = _stored_anywhere(before) - _stored_anywhere(after)
    return not missing or missing <= _in_flight(after)


def _in_flight(world: View) -> frozenset[int]:
    servers = world.nodes("server")
    senders = (*world.nodes("device"), *servers)
    messages = (m for s in senders for server in servers for m in world.in_flight(s, server))
    return frozenset(date for message in messages for date in _carried(message))


def _carried(message: object) -> tuple[int, ...]:
    match message:
        case Data(date):
            return (date,)
        case Rows(items):
            return tuple(date for date, _ in items)
    return ()


@step_always(broken_by="keep_least", each=each("server"))
def values_only_grow(before: View, after: View, server: Node) -> bool:
    """The value of a date on a disk is never replaced by a lesser one.

    In symbols: for all servers p and dates d in table(p): table(p)(d) ≤ table(p)'(d).
    Why: of two values the greater stays; so the servers agree in the end, in whatever order the
    values come.
    Source: our own, for the repaired recovery; a maximum is a join (Shapiro et al., 2011).
    """
    held, kept = _disk(before, server).table, _disk(after, server).table
    return all(kept.get(date, value) >= value for date, value in held.items())


@recoverable(
    broken_by=("one_shot", "no_follow_up", "one_way", "done", "keep_first", "range_only", "lossy")
)
def converges(world: View) -> bool:
    """Whatever has happened, all servers can still come to have the same table, without a fault.

    In symbols: AG EF (for all servers p, q: up(p) and table(p) = table(q)).
    Why: of any two servers one goes on asking the other with all that it has; the answer and the
    question back bring both to the union, in which the greater of two values wins.
    Source: section III, which claims it of its own recovery.
    """
    servers = world.nodes("server")
    return all(world.up(server) for server in servers) and all(
        _disk(world, server).table == _disk(world, servers[0]).table for server in servers
    )


@reachable(broken_by="nothing_measured")
def all_is_stored(world: View) -> bool:
    """All servers can be up with the same table, and with something in it.

    Why: servers that never store anything would agree at rest as well.
    Source: the witness to what holds at rest.
    """
    tables = [_disk(world, server).table for server in world.nodes("server")]
    everywhere = all(table == tables[0] and len(table) > 0 for table in tables)
    return everywhere and all(world.up(server) for server in world.nodes("server"))


@recoverable(broken_by=("one_shot", "done", "unready"))
def recovery_ends(world: View) -> bool:
    """Whatever has happened, all servers can still come to be up and to answer reads.

    In symbols: AG EF (for all servers p: up(p) and not recovering(p)).
    Why: a request is repeated until it is answered in full, and a server that is itself recovering
    answers requests.
    Source: section III; section II-F, where only a server that has failed leaves a client waiting.
    """
    servers = world.nodes("server")
    return all(world.up(server) for server in servers) and not any(
        world.see(server, _is_recovering) for server in servers
    )


def _has_restarted(state: Serving) -> bool:
    return state.store.boots > 0 and not state.recovering


@reachable(broken_by="unready")
def a_server_catches_up(world: View) -> bool:
    """A server that has crashed can come to answer reads again, with a date in its table.

    Why: servers that are recovering for ever would never answer wrongly either.
    Source: the witness to `caught_up_knows_what_was_stored`.
    """
    return any(
        world.up(server) and world.see(server, _has_restarted) and _disk(world, server).table
        for server in world.nodes("server")
    )


# Reads: what servers and clients may rely on, told with ghost variables.


NOTHING_OWED: Map[Node, frozenset[int]] = Map()
NOTHING_FOUND: Map[tuple[Node, int], int] = Map()


@frozen(cache_hash=True)
class Ledger:
    """What servers have stored: a ghost.

    Attributes:
        stored: the dates that some server has told to be in its table.
        owed: what `stored` was when that server last started again.
    """

    stored: frozenset[int] = frozenset()
    owed: Map[Node, frozenset[int]] = NOTHING_OWED


def _entered(ledger: Ledger, node: Node, seen: Seen) -> Ledger:
    match seen:
        case Deliver(Stored(date)):
            return evolve(ledger, stored=ledger.stored | {date})
        case Deliver(Restarted()):
            return evolve(ledger, owed=ledger.owed.set(node, ledger.stored))
    return ledger


LEDGER = Observer(Ledger(), _entered)


@always(broken_by=("read_at_once", "any_boot", "any_part", "any_peer"), each=each("server"))
def caught_up_knows_what_was_stored(world: View, server: Node) -> bool:
    """A server that answers reads has every date that any server had before it last restarted.

    In symbols: for all servers p: up(p) and not recovering(p) implies owed(p) is a subset of
    dates(table(p)).
    Why: it waits until each peer has answered, in full, a request that it sent since it started
    again; and a peer, be it up or down in between, still has what it had. The price: it answers no
    read before each peer was up for a while.
    Source: section III, which admits wrong answers during the recovery.
    """
    owed = world.observed("ledger").owed.get(server)
    if not owed or not world.up(server) or world.see(server, _is_recovering):
        return True
    return bool(owed <= _dates(world, server))


@frozen(cache_hash=True)
class Readings:
    """What clients have read: a ghost.

    Attributes:
        found: the value last read of a date from a server.
        went_back: whether a later read of the same from the same server has said less.
    """

    found: Map[tuple[Node, int], int] = NOTHING_FOUND
    went_back: bool = False


def _read(readings: Readings, node: Node, seen: Seen) -> Readings:
    del node
    match seen:
        case Return(Reading(server, date, Found(value))):
            less = value < readings.found.get((server, date), value)
            found = readings.found.set((server, date), value)
            return Readings(found, readings.went_back or less)
        case Return(Reading(server, date, Absent())) if (server, date) in readings.found:
            return evolve(readings, went_back=True)
    return readings


READINGS = Observer(Readings(), _read)


@always(broken_by="amnesia")
def no_read_goes_back(world: View) -> bool:
    """A date that a server has answered with a value is not absent there later, nor has it less.

    In symbols: for all servers p, dates d and reads r before s of d from p: value(r) ≤ value(s);
    "recovering" and no answer at all are always allowed.
    Why: the table is durable and only grows, and of two values the greater stays.
    Source: monotone reads, Terry et al., Session Guarantees for Weakly Consistent Replicated Data,
    1994.
    """
    return not world.observed("readings").went_back
