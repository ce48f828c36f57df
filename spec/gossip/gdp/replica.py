"""What the replicas of a log promise, whatever the policy of their exchanges."""

from coterie.model.gossip.gdp.log import Log
from coterie.model.gossip.gdp.record import is_genuine
from coterie.model.gossip.gdp.replica import Replication
from coterie.model.machine import Node
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

HEAR = "gossip.gdp.naive.NaiveReplica.hear"
SURVIVORS = {
    "Either replica may go first where first messages cross, if both go by the same order.": (
        "gossip.gdp.graph.lower_goes_first: theirs < mine → mine < theirs",
    ),
    "A replica that begins again and again fills the network, so that no exploration ends.": (
        "gossip.gdp.graph.GraphReplica.begin: if peer in state.talks → if False",
    ),
    "A first message comes out of turn where an exchange was given up or crossed; that ends by its"
    " own time-out, and a later first message is answered.": (
        "gossip.gdp.graph.GraphReplica._may_answer: talk is None or self.tolerant → talk is None",
    ),
    "As published, a message out of turn ends the exchange; to heed it is what the repaired policy"
    " does, and makes none of the published faults worse.": (
        "gossip.gdp.graph.GraphReplica._out_of_turn: if not self.tolerant → if False",
        "gossip.gdp.naive.NaiveReplica._at: if self.turns → if False",
        f"{HEAR}: case Holding(names) if self._in_turn(turn, None) → case Holding(names)",
        f"{HEAR}: case Bringing() if self._in_turn(turn, Turn.THIRD) → case Bringing()",
    ),
    "With the rule of turns upside down, exchanges that cross go through and others do not; the"
    " published one is refuted all the same.": (
        "gossip.gdp.naive.NaiveReplica._in_turn: turn is wanted → turn is not wanted",
    ),
    "How many records the writer has made is for its reader to see; it decides nothing.": (
        "gossip.gdp.writer.Writer.start: 0 → 1 in Outcome(0)",
        "gossip.gdp.writer.Writer.step: state + 1 → state",
        "gossip.gdp.writer.Writer.step: 1 → 2 in state + 1",
    ),
    "Where messages out of turn do no harm, what is noted of turns is not read.": (
        "gossip.gdp.naive.NaiveReplica._at: if self.turns → if True",
    ),
    "To send more than is lacking costs messages; a record that is held already stays as it is.": (
        f"{HEAR}: names - mine → names",
        f"{HEAR}: mine - names → mine",
    ),
}
WRITER = Node("writer")
ADDED = "z"
"""The value of a record that no replica begins with."""


def is_idle(state: Replication) -> bool:
    """Return whether no exchange is under way."""
    return not state.talks


def _logs(world: View) -> list[Log]:
    return [world.memory(node) for node in world.nodes("replica")]


def _equal(world: View) -> bool:
    first, *rest = _logs(world)
    return all(log == first for log in rest)


@step_always(broken_by="last_wins", each=each("replica"))
def logs_only_grow(before: View, after: View, replica: Node) -> bool:
    """A record that a replica holds stays there, as it is, for ever.

    In symbols: for every step and replica r: log(r) is a subset of log'(r).
    Why: nothing deletes, and the first record of a name stays; a second one of that name could
    only be a lie, or the same.
    Source: Numamoto, Replication for the Global Data Plane, 2019: the secure log.
    """
    kept: Log = after.memory(replica)
    held: Log = before.memory(replica)
    return all(kept.entries.get(name) == entry for name, entry in held.entries.items())


@always(broken_by=("hash_not_verified", "signature_not_verified"), each=each("replica"))
def records_are_genuine(world: View, replica: Node) -> bool:
    """Every record that a replica holds was made by the writer, exactly as it is.

    In symbols: for every record x in log(r): name(x) = hash(x), and its signature is the writer's.
    Why: a replica verifies both before it stores; either alone lets a Byzantine peer through: the
    signature covers the name, and only the hash ties the name to the content.
    Source: the Global Data Plane's secure log, of which a single user may write; the published
    program verifies nothing, and a replicated record even loses its signature.
    """
    log: Log = world.memory(replica)
    return all(is_genuine(entry, WRITER) for entry in log.entries.values())


@always(broken_by="hash_not_verified", each=pairs("replica"))
def one_record_a_name(world: View, one: Node, other: Node) -> bool:
    """Two replicas never hold different records of the same name.

    In symbols: x in log(r), y in log(s) and name(x) = name(y) imply x = y.
    Why: digests compare names, so no exchange would ever see the difference.
    Source: the consequence of genuine records; the published program keeps the first record of a
    name (`ON CONFLICT IGNORE`), whoever sent it.
    """
    mine: Log = world.memory(one)
    theirs: Log = world.memory(other)
    return all(theirs.entries.get(name, x) == x for name, x in mine.entries.items())


@recoverable(broken_by=("look_first", "no_time_out", "deaf"))
def logs_can_become_equal(world: View) -> bool:
    """Whatever has happened, the replicas can still come to hold the same records.

    In symbols: AG EF (log(r) = log(s) for all r, s).
    Why: an exchange that goes through leaves two logs equal, and another one can always begin.
    Source: "until all peers contain the change", Numamoto 2019; the published walk never enters
    the gap beside a piece of a single record.
    """
    return _equal(world)


@at_rest(broken_by=("nobody_yields", "bringing_not_stored"))
def logs_are_equal_at_rest(world: View) -> bool:
    """When nothing more can happen, the replicas hold the same records.

    In symbols: no event but a fault is possible implies log(r) = log(s) for all r, s.
    Why: every exchange that was asked for has had its effect, even when two began at once.
    Source: simultaneous initiation; as published both replicas drop their exchange, and replicas
    whose timers are aligned within a one-way delay do so each time.
    """
    return _equal(world)


@at_rest(broken_by="stays_open")
def nobody_waits_at_rest(world: View) -> bool:
    """When nothing more can happen, no replica waits for a message.

    In symbols: no event but a fault is possible implies talks(r) = {} for all r.
    Why: the responder forgets the exchange with its last message, the initiator upon it.
    Source: the published responder never does ("When to revert to neutral state?").
    """
    return all(world.see(node, is_idle) for node in world.nodes("replica"))


@reachable(broken_by="deaf")
def a_record_is_replicated(world: View) -> bool:
    """The replicas, which begin with different logs, can come to hold the same records.

    Why: logs that never change would stay equal, and integral, as well.
    Source: the witness to convergence.
    """
    return _equal(world) and all(log.entries for log in _logs(world))


@reachable(broken_by="silent")
def a_new_record_is_replicated(world: View) -> bool:
    """What the writer adds while the replicas exchange can come to all of them.

    Why: the writer tells a single replica, and need not wait for the others.
    Source: Numamoto, Replication for the Global Data Plane, 2019: "until all peers contain the
    change".
    """
    return all(any(x.value == ADDED for x in log.entries.values()) for log in _logs(world))
