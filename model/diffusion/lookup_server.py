"""A server of the store among Byzantine ones: whom it believes.

The store's own server inserts whatever it is sent, for its faults are crashes. Channels are
authenticated, so a server can at least tell who says so.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", section V,
which says nothing of it; section III, whose recovery believes one helper.
"""

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from coterie.model.gossip.store.disk import Store
from coterie.model.gossip.store.recovery import Done, Rows
from coterie.model.gossip.store.server import Data, Server, Serving
from coterie.model.machine import Event, Machine, Node, Outcome, Receive, Timeout


@frozen
class Wary(Machine[Serving, Store]):
    """A server of the store that believes only those whom it has reason to believe.

    Attributes:
        server: the server.
        sources: whose data it inserts: the device's, and perhaps the clients'.
        helpers: whose rows it inserts when it recovers.
    """

    server: Server
    sources: frozenset[Node]
    helpers: frozenset[Node] = frozenset()

    def start(self, memory: Store | None) -> Outcome[Serving]:
        """Start the server."""
        return self.server.start(memory)

    def options(self, state: Serving) -> Iterable[Timeout]:
        """Return the server's."""
        return self.server.options(state)

    def step(self, state: Serving, event: Event) -> Outcome[Serving] | None:
        """Step the server, unless it is told something by one whom it does not believe."""
        match event:
            case Receive(sender, message) if not self._believes(sender, message):
                return Outcome(state)
        return self.server.step(state, event)

    def memory(self, state: Serving) -> Store:
        """Return the server's."""
        return self.server.memory(state)

    def recorded(self, memory: Store | None, change: Any) -> Store:
        """Return the server's."""
        return self.server.recorded(memory, change)

    def _believes(self, sender: Node, message: Any) -> bool:
        """Return whether `message` may change what this server has; a question never does."""
        match message:
            case Data():
                return sender in self.sources
            case Rows() | Done():
                return sender in self.helpers
        return True
