"""What every replica of a log does, whatever the policy of its exchanges.

It keeps the records that it is given and that prove themselves, for ever; a timer makes it begin
exchanges with its peers. A policy (`naive`, `graph`) adds what an exchange says.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, field, frozen
from immutables import Map

from coterie.model.gossip.gdp.log import Log, added
from coterie.model.gossip.gdp.record import Entry, is_genuine
from coterie.model.machine import Event, Invoke, Machine, Node, Outcome, Receive, Record, Timeout


@frozen(cache_hash=True)
class Append:
    """The writer adds a record to the log.

    Attributes:
        entry: the record, made and signed by the writer.
    """

    entry: Entry


@frozen(cache_hash=True)
class Exchange:
    """A user asks for an exchange, as the timer does: the operation of a replica.

    Attributes:
        peer: whom to exchange with.
    """

    peer: Node


@frozen(cache_hash=True)
class Heartbeat(Timeout):
    """The timer begins an exchange.

    Attributes:
        peer: whom it has picked.
    """

    peer: Node


@frozen(cache_hash=True)
class Replication:
    """The state of a replica.

    Attributes:
        log: the records that it holds; durable.
        talks: the exchange under way with each peer, if any; lost in a crash.
    """

    log: Log = field(factory=Log)
    talks: Map[Node, Any] = field(factory=Map)


@frozen
class Replica(Machine[Replication, Log]):
    """A replica of the log of one writer.

    Attributes:
        name: this replica.
        writer: the only one whose records count.
        peers: those that the timer picks from; none where exchanges begin on demand alone.
        accepts: which records are kept; the published program verifies nothing.
        store: the log after a record has come; the first record of a name stays.
    """

    name: Node
    writer: Node
    peers: tuple[Node, ...] = ()
    accepts: Callable[[Entry, Node], bool] = is_genuine
    store: Callable[[Log, Entry], Log] = added

    def start(self, memory: Log | None) -> Outcome[Replication]:
        """Boot with the records on disk and no exchange under way."""
        return Outcome(Replication(Log() if memory is None else memory))

    def memory(self, state: Replication) -> Log:
        """Return the records."""
        return state.log

    def recorded(self, memory: Log | None, change: Any) -> Log:
        """Return the records with one more."""
        return self.store(Log() if memory is None else memory, change)

    def options(self, state: Replication) -> Iterable[Timeout]:
        """Begin an exchange with any peer that one may be begun with."""
        for peer in self.peers:
            if self.begin(state, peer) is not None:
                yield Heartbeat(peer)

    def step(self, state: Replication, event: Event) -> Outcome[Replication] | None:
        """Keep what the writer adds; begin an exchange; go on with one."""
        match event:
            case Heartbeat(peer) | Invoke(Exchange(peer)):
                return self.begin(state, peer)
            case Receive(message=Append(entry)):
                return self.keep(state, (entry,))
            case Receive(sender, message):
                return self.hear(state, sender, message)
        return None

    def keep(self, state: Replication, entries: Iterable[Entry]) -> Outcome[Replication]:
        """Store those of `entries` that are accepted and not yet held, and record them."""
        log, effects = state.log, []
        for entry in in_order(entries):
            after = self.store(log, entry) if self.accepts(entry, self.writer) else log
            effects += [Record(entry)] if after != log else []
            log = after
        return Outcome(evolve(state, log=log), effects)

    @abstractmethod
    def begin(self, state: Replication, peer: Node) -> Outcome[Replication] | None:
        """Begin an exchange with `peer`, or return None for "not now"."""

    @abstractmethod
    def hear(self, state: Replication, sender: Node, message: Any) -> Outcome[Replication]:
        """Go on with an exchange; total."""


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return records in the order in which they are stored, those included that are not genuine."""
    return sorted(entries, key=lambda x: (x.name, x.parents, x.value, repr(x.signature)))


def talking(state: Replication, peer: Node, talk: Any) -> Replication:
    """Return `state` with the exchange with `peer` at `talk`; None when it is over."""
    talks = state.talks.delete(peer) if peer in state.talks else state.talks
    return evolve(state, talks=talks if talk is None else talks.set(peer, talk))
