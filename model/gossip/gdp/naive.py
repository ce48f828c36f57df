"""The naive policy: an exchange of three messages that names every record, as a conversation.

The initiator sends the names of all that it holds; the responder answers with what the initiator
lacks and with the names of what it lacks itself; the initiator sends those.

As published, a message out of turn ends the exchange without a reply. The repaired policy has no
turns: each message says all that is needed to answer it.

Source: Numamoto, "Replication for the Global Data Plane", 2019, and the program described there.
"""

from enum import Enum
from typing import Any

from attrs import frozen

from coterie.model.gossip.gdp.log import held, records
from coterie.model.gossip.gdp.record import Entry
from coterie.model.gossip.gdp.replica import Replica, Replication, talking
from coterie.model.machine import Node, Outcome, Send


@frozen(cache_hash=True)
class Holding:
    """Initiator: I hold these.

    Attributes:
        names: of all its records.
    """

    names: frozenset[str]


@frozen(cache_hash=True)
class Lacking:
    """Responder: you lack these, I lack those.

    Attributes:
        names: what only the initiator holds.
        records: what only the responder holds.
    """

    names: frozenset[str]
    records: frozenset[Entry]


@frozen(cache_hash=True)
class Bringing:
    """Initiator: here is what you lack.

    Attributes:
        records: those asked for.
    """

    records: frozenset[Entry]


class Turn(Enum):
    """What the published policy waits for."""

    SECOND = "the second message"
    THIRD = "the third message"


@frozen
class NaiveReplica(Replica):
    """A replica that exchanges by the naive policy.

    Attributes:
        turns: whether a message out of turn ends the exchange, as published.
        believed: the messages whose records are kept: all.
    """

    turns: bool = False
    believed: tuple[type, ...] = (Lacking, Bringing)

    def begin(self, state: Replication, peer: Node) -> Outcome[Replication] | None:
        """Send the names; whether an exchange with `peer` is under way is not asked."""
        holding = Holding(frozenset(state.log.entries))
        return Outcome(self._at(state, peer, Turn.SECOND), (Send(peer, holding),))

    def hear(self, state: Replication, sender: Node, message: Any) -> Outcome[Replication]:
        """Take the next message of the exchange with `sender`, or one out of turn."""
        turn = state.talks.get(sender)
        match message:
            case Holding(names) if self._in_turn(turn, None):
                mine = frozenset(state.log.entries)
                lacking = Lacking(names - mine, records(state.log, mine - names))
                return Outcome(self._at(state, sender, Turn.THIRD), (Send(sender, lacking),))
            case Lacking(names) if self._in_turn(turn, Turn.SECOND):
                bringing = Bringing(records(state.log, held(state.log, names)))
                return self._on(state, sender, message, bringing)
            case Bringing() if self._in_turn(turn, Turn.THIRD):
                return self._on(state, sender, message)
        return Outcome(self._at(state, sender, None))

    def _in_turn(self, turn: Turn | None, wanted: Turn | None) -> bool:
        return turn is wanted or not self.turns

    def _at(self, state: Replication, peer: Node, turn: Turn | None) -> Replication:
        return talking(state, peer, turn) if self.turns else state

    def _on(
        self, state: Replication, sender: Node, message: Lacking | Bringing, *replies: Bringing
    ) -> Outcome[Replication]:
        """Store what `message` brings; the exchange is over for this replica, bar the reply."""
        brought = message.records if isinstance(message, self.believed) else ()
        kept = self.keep(state, brought)
        sends = [Send(sender, reply) for reply in replies]
        return Outcome(self._at(kept.state, sender, None), (*kept.effects, *sends))
