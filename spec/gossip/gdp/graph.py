"""What the graph policy promises about its conversations."""

from collections.abc import Iterable
from itertools import permutations

from coterie.model.gossip.gdp.graph import Fourth, ThirdSent
from coterie.model.gossip.gdp.log import Log
from coterie.model.gossip.gdp.replica import Replication
from coterie.model.machine import Node
from coterie.spec.property import View, always, recoverable


def initiator_and_responder(world: View) -> Iterable[tuple[Node, ...]]:
    """Return every ordered pair of replicas."""
    return permutations(world.nodes("replica"), 2)


def last_messages(world: View, initiator: Node, responder: Node) -> list[Fourth]:
    """Return the messages in flight that would complete the initiator's exchange."""

    def waits(state: Replication) -> bool:
        return isinstance(state.talks.get(responder), ThirdSent)

    if not world.up(initiator) or not world.see(initiator, waits):
        return []
    flying = world.in_flight(responder, initiator)
    return [message for message in flying if isinstance(message, Fourth)]


@recoverable(broken_by=("livelock", "no_time_out"))
def exchanges_complete(world: View) -> bool:
    """Whatever has happened, another exchange can be brought to its last message.

    In symbols: AG EF (the fourth message that the initiator waits for is in flight), which is
    false again as soon as it has arrived; so exchanges can complete without end.
    Why: the responder forgets a complete exchange, a first message out of turn begins anew, of two
    that cross the lower goes first, and under loss a time-out ends the waiting.
    Source: as published, no exchange of a pair completes after its first: the responder stays in
    the state "third message received", a further first message resets it without a reply, and the
    initiator waits; the two livelock by turns.
    """
    return any(last_messages(world, *pair) for pair in initiator_and_responder(world))


@always(broken_by=("look_first", "second_not_stored"), each=initiator_and_responder)
def a_complete_exchange_leaves_equal_logs(world: View, initiator: Node, responder: Node) -> bool:
    """When the last message of an exchange arrives, both hold what either held before.

    In symbols: the awaited fourth message m is in flight implies log(i) + records(m) = log(r), as
    long as nobody writes.
    Why: the fourth message is sent after the third was stored, and it brings the rest. One of an
    exchange that was given up may be taken for the one that is awaited; but then its third message
    was stored as well, and so nothing is missing.
    Source: one-exchange convergence; no message says which exchange it belongs to, neither as
    published nor as repaired.
    """
    mine: Log = world.memory(initiator)
    theirs: Log = world.memory(responder)
    return all(
        set(mine.entries) | {entry.name for entry in last.records} == set(theirs.entries)
        for last in last_messages(world, initiator, responder)
    )
