"""A lookup that PBFT orders, while the device's writes pass PBFT by.

The client's lookup gets its place in the order of PBFT. Each server executes it on its table, tells
the others what it has found, and tells the client once 2f + 1 servers, itself among them, have
found the same; the client believes 2f + 1 equal answers. But the device writes to each server
directly, so that servers may execute the same lookup on different tables.

PBFT itself is one machine here, `Order`: that all correct replicas execute the same requests in the
same order is what it promises, and what its own checks are about.

Source: Shadmon and Srivastav, Replicated and Consistent Distributed Data Storage, section V-A. That
the device's writes can be ordered as well, `Device.order`, is ours.
"""

from collections.abc import Callable

from attrs import evolve, frozen

from coterie.model.diffusion.pbft.quorums import is_committed
from coterie.model.machine import (
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Return,
    Send,
)

Guard = Callable[[int, int], bool]


@frozen(cache_hash=True)
class Lookup:
    """The client's operation: what is the value of `date`?"""

    date: int


@frozen(cache_hash=True)
class Write:
    """The device's operation: `date` has this value."""

    date: int
    value: int


@frozen(cache_hash=True)
class Ordered:
    """PBFT executes `operation` as that number: 1, 2, and so on."""

    number: int
    operation: Lookup | Write


@frozen(cache_hash=True)
class Computed:
    """What a server has found for the lookup of that number; None where there is no value.

    Attributes:
        number: which of the client's lookups.
        result: the value, or None.
    """

    number: int
    result: int | None


@frozen(cache_hash=True)
class Answer:
    """What a server tells the client, when 2f + 1 servers have found the same.

    Attributes:
        number: which of the client's lookups.
        result: what they have found; None where there is no value.
    """

    number: int
    result: int | None


@frozen(cache_hash=True)
class Said:
    """That `server` has said this.

    Attributes:
        server: who.
        words: what.
    """

    server: Node
    words: Computed | Answer


@frozen
class Order(Machine[int, None]):
    """What PBFT promises: one order; the state is how many operations are ordered.

    Attributes:
        servers: to whom the order is told.
    """

    servers: tuple[Node, ...]

    def start(self, memory: None) -> Outcome[int]:
        """Nothing is ordered."""
        del memory
        return Outcome(0)

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        """Give an operation the next number, and tell the servers and its client of it."""
        match event:
            case Receive(sender, (Lookup() | Write()) as operation):
                ordered = Ordered(state + 1, operation)
                told = (*self.servers, sender) if isinstance(operation, Lookup) else self.servers
                return Outcome(state + 1, tuple(Send(node, ordered) for node in told))
            case Receive():
                return Outcome(state)
        return None


@frozen
class Device(Machine[None, None]):
    """The device, which writes.

    Attributes:
        servers: to whom it writes; all at once, each by a message of its own.
        order: what orders its writes; None where it writes past it.
    """

    servers: tuple[Node, ...]
    order: Node | None = None

    def start(self, memory: None) -> Outcome[None]:
        """It remembers nothing."""
        return Outcome(memory)

    def step(self, state: None, event: Event) -> Outcome[None] | None:
        """Write."""
        match event:
            case Invoke(Write() as write):
                told = self.servers if self.order is None else (self.order,)
                return Outcome(state, (*(Send(node, write) for node in told), Return(None)))
            case Receive():
                return Outcome(state)
        return None


@frozen(cache_hash=True)
class Server:
    """What a server remembers.

    Attributes:
        table: the dates and values written, in ascending order.
        executed: how many operations it has executed.
        held: operations that came before their turn, in ascending order.
        heard: what servers have found, itself included.
        found: what it has found itself, in order.
    """

    table: tuple[tuple[int, int], ...] = ()
    executed: int = 0
    held: tuple[Ordered, ...] = ()
    heard: frozenset[Said] = frozenset()
    found: tuple[Computed, ...] = ()


@frozen
class LookupServer(Machine[Server, None]):
    """A server.

    Attributes:
        name: its own.
        servers: all servers.
        client: who looks up.
        f: how many servers may be Byzantine.
        is_found: the guard of an answer, over how many servers have found the same, and f.
    """

    name: Node
    servers: tuple[Node, ...]
    client: Node
    f: int
    is_found: Guard = is_committed

    def start(self, memory: None) -> Outcome[Server]:
        """The table is empty."""
        del memory
        return Outcome(Server())

    def step(self, state: Server, event: Event) -> Outcome[Server] | None:
        """Take a write, an ordered operation, or what another server has found."""
        match event:
            case Receive(_, Write() as write):
                return Outcome(_written(state, write))
            case Receive(_, Ordered() as ordered):
                held = sorted((*state.held, ordered), key=lambda each: each.number)
                return self._executed(evolve(state, held=tuple(held)))
            case Receive(sender, Computed() as computed) if sender in self.servers:
                return self._heard(state, Said(sender, computed))
            case Receive():
                return Outcome(state)
        return None

    def _executed(self, state: Server) -> Outcome[Server]:
        """Execute what is due, in the order of PBFT."""
        outcome = Outcome(state)
        while (held := outcome.state.held) and held[0].number == outcome.state.executed + 1:
            before = evolve(outcome.state, held=held[1:], executed=held[0].number)
            after = self._execute(before, held[0])
            outcome = Outcome(after.state, (*outcome.effects, *after.effects))
        return outcome

    def _execute(self, state: Server, ordered: Ordered) -> Outcome[Server]:
        if isinstance(ordered.operation, Write):
            return Outcome(_written(state, ordered.operation))
        computed = Computed(ordered.number, dict(state.table).get(ordered.operation.date))
        others = (node for node in self.servers if node != self.name)
        found = evolve(state, found=(*state.found, computed))
        heard = self._heard(found, Said(self.name, computed))
        return Outcome(heard.state, (*(Send(node, computed) for node in others), *heard.effects))

    def _heard(self, state: Server, said: Said) -> Outcome[Server]:
        """Answer the client when, by this, enough servers have found what this one has."""
        after = evolve(state, heard=state.heard | {said})
        own = next((one for one in state.found if one.number == said.words.number), None)
        if after.heard == state.heard or own is None:
            return Outcome(after)
        was, now = (self._is_answered(one, own) for one in (state, after))
        answer = Send(self.client, Answer(own.number, own.result))
        return Outcome(after, (answer,) if now and not was else ())

    def _is_answered(self, state: Server, own: Computed) -> bool:
        same = {said.server for said in state.heard if said.words == own}
        return self.name in same and self.is_found(len(same), self.f)


def _written(state: Server, write: Write) -> Server:
    table = {**dict(state.table), write.date: write.value}
    return evolve(state, table=tuple(sorted(table.items())))


@frozen(cache_hash=True)
class Client:
    """What a client remembers.

    Attributes:
        is_asking: whether a lookup is under way.
        number: the place of that lookup in the order; None until it is told.
        heard: what servers have answered to any lookup.
        results: the numbers and results of its lookups, in order.
    """

    is_asking: bool = False
    number: int | None = None
    heard: frozenset[Said] = frozenset()
    results: tuple[Answer, ...] = ()


@frozen
class LookupClient(Machine[Client, None]):
    """A client.

    Attributes:
        order: what orders its lookups.
        servers: all servers.
        f: how many of them may be Byzantine.
        is_believed: the guard of a result, over the equal answers, and f.
    """

    order: Node
    servers: tuple[Node, ...]
    f: int
    is_believed: Guard = is_committed

    def start(self, memory: None) -> Outcome[Client]:
        """It has asked for nothing."""
        del memory
        return Outcome(Client())

    def step(self, state: Client, event: Event) -> Outcome[Client] | None:
        """Ask, learn the number, or take an answer."""
        match event:
            case Invoke(Lookup() as lookup) if not state.is_asking:
                return Outcome(evolve(state, is_asking=True), (Send(self.order, lookup),))
            case Receive(self.order, Ordered(number)):
                return self._believed(evolve(state, number=number))
            case Receive(sender, Answer() as answer) if sender in self.servers:
                return self._believed(evolve(state, heard=state.heard | {Said(sender, answer)}))
            case Receive():
                return Outcome(state)
        return None

    def _believed(self, state: Client) -> Outcome[Client]:
        """Return the result that enough servers have answered, if there is one."""
        words = [said.words for said in state.heard if said.words.number == state.number]
        for answer in sorted(set(words), key=repr):
            if state.is_asking and self.is_believed(words.count(answer), self.f):
                results = (*state.results, Answer(answer.number, answer.result))
                done = evolve(state, is_asking=False, number=None, results=results)
                return Outcome(done, (Return(answer.result),))
        return Outcome(state)
