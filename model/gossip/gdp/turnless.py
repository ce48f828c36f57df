"""The graph policy without turns: each message says all that is needed to answer it.

A conversation with turns has to be given up when a message is lost, and whoever gives up too early,
again and again, never gets to its end. Here nobody waits, so nothing need be given up: a replica
answers every message from the log that it holds at that moment, and then forgets it.

Source: our own, after the repaired naive policy; the messages are those of Numamoto, "Replication
for the Global Data Plane", 2019.
"""

from typing import Any

from attrs import frozen

from coterie.model.gossip.gdp.graph import First, Fourth, GraphReplica, Second, Third
from coterie.model.gossip.gdp.replica import Replication, talking
from coterie.model.machine import Node, Outcome, Send


@frozen
class TurnlessReplica(GraphReplica):
    """A replica that remembers nothing of its exchanges; `talks` stays empty.

    Of the fields of the graph policy, those about turns have no say here: `closes`, `yields`,
    `tolerant` and `gives_up`.
    """

    def begin(self, state: Replication, peer: Node) -> Outcome[Replication]:
        """Send the first message, at any time."""
        return Outcome(state, (Send(peer, First(self.algorithm.digest(state.log))),))

    def hear(self, state: Replication, sender: Node, message: Any) -> Outcome[Replication]:
        """Answer a message of an exchange, whenever it comes, and keep what it brings."""
        outcome = self._answered(state, sender, message)
        return Outcome(talking(outcome.state, sender, None), outcome.effects)

    def _answered(self, state: Replication, sender: Node, message: Any) -> Outcome[Replication]:
        match message:
            case First(theirs):
                return self._answer(state, sender, theirs)
            case Second():
                return self._on_second(state, sender, message, state.log)
            case Third():
                return self._on_third(state, sender, message, state.log)
            case Fourth():
                return self._on(state, sender, message, None)
        return Outcome(state)
