"""The edge of the store: the device, and the pub/sub service that carries everything.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", sections II-C
and II-D.
"""

from collections.abc import Iterable
from typing import Any

from attrs import evolve, frozen

from coterie.model.gossip.store.disk import Store
from coterie.model.gossip.store.server import (
    Data,
    Server,
    Serving,
)
from coterie.model.machine import (
    Effect,
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Return,
    Send,
    Timeout,
)


@frozen(cache_hash=True)
class Measure:
    """The device's operation: it has measured `value` at `date`."""

    date: int
    value: int


@frozen
class Device(Machine[None, None]):
    """The trusted source of the data; it sends all to every server and is sent nothing.

    Attributes:
        servers: to whom it sends.
    """

    servers: tuple[Node, ...]

    def start(self, memory: None) -> Outcome[None]:
        """Begin."""
        del memory
        return Outcome(None)

    def step(self, state: None, event: Event) -> Outcome[None] | None:
        """Send a measurement to every server."""
        match event:
            case Invoke(Measure(date, value)):
                sends = (Send(server, Data(date, value)) for server in self.servers)
                return Outcome(state, (*sends, Return(None)))
            case Receive():
                return Outcome(state)
        return None


@frozen(cache_hash=True)
class Publish:
    """Ask the pub/sub service to carry `message` to `to`."""

    to: Node
    message: Any


@frozen(cache_hash=True)
class Published:
    """The pub/sub service carries `message`, which `source` has published."""

    source: Node
    message: Any


@frozen
class Broker(Machine[None, None]):
    """The pub/sub service, with the device beside it: everything passes it in one order.

    Over queues that is synchronous delivery as the servers see it: a request that is published
    after a measurement reaches its helper after that measurement.

    Attributes:
        device: the device.
    """

    device: Device

    def start(self, memory: None) -> Outcome[None]:
        """Begin."""
        del memory
        return Outcome(None)

    def step(self, state: None, event: Event) -> Outcome[None] | None:
        """Carry a message; send a measurement to every server."""
        match event:
            case Receive(sender, Publish(to, message)):
                return Outcome(state, (Send(to, Published(sender, message)),))
        return self.device.step(state, event)


@frozen
class Subscriber(Machine[Serving, Store]):
    """A server that reaches the other servers through a broker.

    Attributes:
        server: the server.
        broker: the pub/sub service.
    """

    server: Server
    broker: Node

    def start(self, memory: Store | None) -> Outcome[Serving]:
        """Start the server."""
        return self._published(self.server.start(memory))

    def options(self, state: Serving) -> Iterable[Timeout]:
        """Return the server's."""
        return self.server.options(state)

    def step(self, state: Serving, event: Event) -> Outcome[Serving] | None:
        """Unwrap what another server has published, and step the server."""
        match event:
            case Receive(_, Published(source, message)):
                event = Receive(source, message)
        outcome = self.server.step(state, event)
        return None if outcome is None else self._published(outcome)

    def memory(self, state: Serving) -> Store:
        """Return the server's."""
        return self.server.memory(state)

    def recorded(self, memory: Store | None, change: Any) -> Store:
        """Return the server's."""
        return self.server.recorded(memory, change)

    def _published(self, outcome: Outcome[Serving]) -> Outcome[Serving]:
        return evolve(outcome, effects=map(self._wrapped, outcome.effects))

    def _wrapped(self, effect: Effect) -> Effect:
        match effect:
            case Send(to, message) if to in self.server.peers:
                return Send(self.broker, Publish(to, message))
        return effect
