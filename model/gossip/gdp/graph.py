"""The graph policy: an exchange of four messages about begins and ends, as a conversation.

The initiator sends its digest; the responder answers with what lies beside it and with its own
digest; the initiator sends what the responder lacks and asks for what it lacks itself; the
responder grants it. Each side works on a frozen copy of its log until the exchange ends.

As published, a message out of turn ends the exchange without a word, the responder never forgets
one that is complete, and replicas that begin at the same moment put each other off. The repaired
policy is the same machine with other fields.

Source: Numamoto, "Replication for the Global Data Plane", 2019, and the program described there.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen

from coterie.model.gossip.gdp.algorithm import REPAIRED, Algorithm
from coterie.model.gossip.gdp.log import Digest, Log, added, records
from coterie.model.gossip.gdp.record import Entry
from coterie.model.gossip.gdp.replica import Replica, Replication, in_order, talking
from coterie.model.machine import Event, Node, Outcome, Send, Timeout


@frozen(cache_hash=True)
class First:
    """Initiator: this is what I hold.

    Attributes:
        digest: of its log.
    """

    digest: Digest


@frozen(cache_hash=True)
class Second:
    """Responder: this is beside what you hold, and this is what I hold.

    Attributes:
        records: what lies beside the initiator's begins and ends.
        digest: of the responder's log.
    """

    records: frozenset[Entry]
    digest: Digest


@frozen(cache_hash=True)
class Third:
    """Initiator: this you lack, and I lack that.

    Attributes:
        requests: the begins and ends that it knows only from the responder's digest.
        records: what the responder lacks.
    """

    requests: frozenset[str]
    records: frozenset[Entry]


@frozen(cache_hash=True)
class Fourth:
    """Responder: here is what you asked for.

    Attributes:
        records: what the initiator lacks.
    """

    records: frozenset[Entry]


Message = First | Second | Third | Fourth


@frozen(cache_hash=True)
class FirstSent:
    """The initiator waits for the second message.

    Attributes:
        frozen: its log when it began.
    """

    frozen: Log


@frozen(cache_hash=True)
class ThirdSent:
    """The initiator waits for the fourth message."""


@frozen(cache_hash=True)
class FirstReceived:
    """The responder waits for the third message.

    Attributes:
        frozen: its log when it answered the first.
    """

    frozen: Log


@frozen(cache_hash=True)
class ThirdReceived:
    """The responder has sent the fourth message: as published, it stays here."""


Talk = FirstSent | ThirdSent | FirstReceived | ThirdReceived


@frozen(cache_hash=True)
class GiveUp(Timeout):
    """The exchange with `peer` has taken too long: forget it."""

    peer: Node


def lower_goes_first(mine: int, theirs: int) -> bool:
    """Return whether a replica whose own first message is under way yields to the peer's."""
    return theirs < mine


def nobody_yields(mine: int, theirs: int) -> bool:
    """Return False: as published, first messages that cross put both replicas off."""
    return (theirs < mine) & (theirs > mine)


@frozen
class GraphReplica(Replica):
    """A replica that exchanges by the graph policy.

    Attributes:
        algorithm: what the messages contain.
        closes: whether the responder forgets the exchange with its last message.
        yields: the tie-break where first messages cross, over two indices: mine, the peer's.
        tolerant: whether a message out of turn does no harm: a first one begins anew, the records
            of any other are kept, and the exchange goes on. As published it ends the exchange.
            A late message of an exchange that was given up is taken for one of the next: records
            prove themselves, so it can bring nothing wrong.
        gives_up: whether there is a time-out that ends a waiting exchange.
        believed: the messages whose records are kept: all.
    """

    algorithm: Algorithm = REPAIRED
    closes: bool = True
    yields: Callable[[int, int], bool] = lower_goes_first
    tolerant: bool = True
    gives_up: bool = False
    believed: tuple[type, ...] = (Second, Third, Fourth)

    def options(self, state: Replication) -> Iterable[Timeout]:
        """Begin an exchange with a peer that none is under way with; or give one up."""
        yield from super().options(state)
        if self.gives_up:
            yield from (GiveUp(peer) for peer in sorted(state.talks))

    def step(self, state: Replication, event: Event) -> Outcome[Replication] | None:
        """Give up; or do what every replica does."""
        match event:
            case GiveUp(peer) if self.gives_up and peer in state.talks:
                return Outcome(talking(state, peer, None))
        return super().step(state, event)

    def begin(self, state: Replication, peer: Node) -> Outcome[Replication] | None:
        """Send the first message, unless an exchange with `peer` is under way."""
        if peer in state.talks:
            return None
        first = Send(peer, First(self.algorithm.digest(state.log)))
        return Outcome(talking(state, peer, FirstSent(state.log)), (first,))

    def hear(self, state: Replication, sender: Node, message: Any) -> Outcome[Replication]:
        """Take the next message of the exchange with `sender`, or one out of turn."""
        match message, state.talks.get(sender):
            case First(theirs), talk if self._may_answer(sender, talk):
                return self._answer(state, sender, theirs)
            case Second(), FirstSent(frozen):
                return self._on_second(state, sender, message, frozen)
            case Third(), FirstReceived(frozen):
                return self._on_third(state, sender, message, frozen)
            case Fourth(), ThirdSent():
                return self._on(state, sender, message, None)
        return self._out_of_turn(state, sender, message)

    def _may_answer(self, sender: Node, talk: Talk | None) -> bool:
        if isinstance(talk, FirstSent):
            return self.yields(self.name.index, sender.index)
        return talk is None or self.tolerant

    def _answer(self, state: Replication, sender: Node, theirs: Digest) -> Outcome[Replication]:
        names = self.algorithm.beside(state.log, theirs)
        mine = self.algorithm.digest(state.log)
        second = Second(records(state.log, names), mine)
        return Outcome(talking(state, sender, FirstReceived(state.log)), (Send(sender, second),))

    def _on_second(
        self, state: Replication, sender: Node, second: Second, frozen: Log
    ) -> Outcome[Replication]:
        """Store; with the copy brought up to date, send what the peer lacks, ask for the rest."""
        brought = [entry for entry in second.records if self.accepts(entry, self.writer)]
        for entry in in_order(brought):
            frozen = added(frozen, entry)
        requests = self.algorithm.requests(frozen, second.digest)
        names = self.algorithm.offered(frozen, second.digest)
        names -= {entry.name for entry in second.records}
        third = Third(requests, records(frozen, names))
        return self._on(state, sender, second, ThirdSent(), third)

    def _on_third(
        self, state: Replication, sender: Node, third: Third, frozen: Log
    ) -> Outcome[Replication]:
        """Store, and grant what is asked for."""
        names = self.algorithm.granted(frozen, third.requests)
        names -= {entry.name for entry in third.records}
        fourth = Fourth(records(frozen, names))
        after = None if self.closes else ThirdReceived()
        return self._on(state, sender, third, after, fourth)

    def _on(
        self,
        state: Replication,
        sender: Node,
        message: Second | Third | Fourth,
        after: Talk | None,
        *replies: Message,
    ) -> Outcome[Replication]:
        """Store what `message` brings, go on to `after`, reply."""
        brought = message.records if isinstance(message, self.believed) else ()
        kept = self.keep(state, brought)
        sends = [Send(sender, reply) for reply in replies]
        return Outcome(talking(kept.state, sender, after), (*kept.effects, *sends))

    def _out_of_turn(self, state: Replication, sender: Node, message: Any) -> Outcome[Replication]:
        if not self.tolerant:
            return Outcome(talking(state, sender, None))
        match message:
            case Second() | Third() | Fourth():
                return self._on(state, sender, message, state.talks.get(sender))
        return Outcome(state)
