"""A replica: it stores the newest update, passes on all, and acknowledges what its side has.

A replica takes an update from a client, or when b + 1 replicas of one neighbouring node have passed
it on: one of them is correct. It acknowledges to where the update came from once 3b + 1 replicas of
every other neighbouring node have acknowledged to it. What comes early is kept.

As published a client that crashes may leave an update at some replicas of a node and not at the
others, for ever. The repaired replicas echo to their own node what a client or b + 1 of them say,
and take it once 2b + 1 have: then all correct ones do.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4, rules 2 to 6
of the write protocol and its notes. That early copies and acknowledgements are kept is not said
there, but without it a write may never end. The echoes are ours, after Bracha, Asynchronous
Byzantine Agreement Protocols, 1987.
"""

from collections.abc import Callable, Iterator
from typing import Any

from attrs import Factory, evolve, frozen
from immutables import Map

from coterie.model.diffusion.quorums import is_acknowledged, is_agreed, is_copied, is_echoed
from coterie.model.diffusion.register.messages import (
    CLIENT,
    INITIAL,
    Ack,
    Copy,
    Echo,
    Newer,
    ReadRequest,
    Stored,
    Ticket,
    Timestamp,
    TimestampRequest,
    Update,
    before,
    is_newer,
    subjects,
)
from coterie.model.machine import Event, Machine, Node, Outcome, Receive, Send


@frozen(cache_hash=True)
class Diffusion:
    """What a replica knows of one update's way through the tree.

    Attributes:
        source: the client, or the node of the tree, that it came from; None until it is active.
        copies: the replicas that have passed it on, while it is not active.
        echoes: the replicas of its own node that have echoed it, while it is not active.
        has_echoed: whether it has echoed the update itself.
        acks: the replicas that have acknowledged it, while it is not acknowledged itself.
        acknowledged: whether all of its side of the tree has it.
    """

    source: Node | str | None = None
    copies: frozenset[Node] = frozenset()
    echoes: frozenset[Node] = frozenset()
    has_echoed: bool = False
    acks: frozenset[Node] = frozenset()
    acknowledged: bool = False


@frozen(cache_hash=True)
class Holding:
    """What a replica remembers.

    Attributes:
        stored: the newest update that it was active for.
        latest: the latest ticket of each client that has asked it; an older request is late, and
            nobody waits for its answer.
        diffusions: the updates on their way, or through, each under the message that carries it.
    """

    stored: Update = INITIAL
    latest: Map[Node, Ticket] = Factory(Map)
    diffusions: Map[Copy, Diffusion] = Factory(Map)


def is_its_client(sender: Node, ticket: Ticket) -> bool:
    """Return whether the sender is a client, and the ticket its own."""
    return sender.role == CLIENT and sender == ticket.client


def _is_fresh(state: Holding, sender: Node, ticket: Ticket) -> bool:
    """Return whether the sender is the ticket's client, of which no later request was seen."""
    latest = state.latest.get(sender, ticket)
    return is_its_client(sender, ticket) and not _is_later(latest, ticket)


def _is_later(one: Ticket, other: Ticket) -> bool:
    return (one.incarnation, one.number) > (other.incarnation, other.number)


def _asked(state: Holding, ticket: Ticket) -> Holding:
    """Return the state after its client has used `ticket`."""
    if _is_later(state.latest.get(ticket.client, ticket), ticket):
        return state
    return evolve(state, latest=state.latest.set(ticket.client, ticket))


@frozen
class Replica(Machine[Holding, None]):
    """A correct replica of one node of the tree; the name of its node is the role of its replicas.

    Attributes:
        b: how many replicas in all may be Byzantine.
        neighbours: the replicas of each neighbouring node.
        peers: the other replicas of its own node; none as published, where they do not talk.
        echoed: the guard of echoing what others echo, over echoes and b.
        agreed: the guard of taking what a client has sent, over echoes and b.
        copied: the guard of taking an update from a neighbouring node, over copies and b.
        acknowledged: the guard of acknowledging, over the acknowledgements of a node and b.
        newer: whether one update is newer than another.
    """

    b: int
    neighbours: tuple[tuple[Node, ...], ...] = ()
    peers: tuple[Node, ...] = ()
    echoed: Callable[[int, int], bool] = is_echoed
    agreed: Callable[[int, int], bool] = is_agreed
    copied: Callable[[int, int], bool] = is_copied
    acknowledged: Callable[[int, int], bool] = is_acknowledged
    newer: Newer = is_newer

    def start(self, memory: None) -> Outcome[Holding]:
        """Store the value at the beginning."""
        del memory
        return Outcome(Holding())

    def step(self, state: Holding, event: Event) -> Outcome[Holding] | None:
        """Answer a client; take an update in; count who has passed on, or acknowledged, what."""
        match event:
            case Receive(sender, TimestampRequest(ticket)) if _is_fresh(state, sender, ticket):
                answer = Timestamp(ticket, state.stored.timestamp)
                return Outcome(_asked(state, ticket), (Send(sender, answer),))
            case Receive(sender, ReadRequest(ticket)) if _is_fresh(state, sender, ticket):
                return Outcome(_asked(state, ticket), (Send(sender, Stored(ticket, state.stored)),))
            case Receive(sender, Copy() as copy) if is_its_client(sender, copy.ticket):
                return self._asked_to_take(state, copy)
            case Receive(sender, Echo(ticket, update)) if sender in self.peers:
                return self._heard_echo(state, Copy(ticket, update), sender)
            case Receive(sender, Copy() as copy) if self._is_neighbour(sender):
                return self._passed_on(state, copy, sender)
            case Receive(sender, Ack(ticket, update)) if self._is_neighbour(sender):
                return self._heard(state, Copy(ticket, update), sender)
            case Receive():
                return Outcome(state)
        return None

    def closed(self, state: Holding) -> frozenset[Any]:
        """Return late requests, copies of what it is active for, and acknowledgements it needs not.

        Shape: requests by their tickets, copies and acknowledgements as they are.
        """
        late = frozenset[Any]().union(*map(before, state.latest.values()))
        active = {copy for copy, each in state.diffusions.items() if each.source is not None}
        agreed = {Echo(copy.ticket, copy.update) for copy in active}
        through = {
            Ack(copy.ticket, copy.update)
            for copy, each in state.diffusions.items()
            if each.acknowledged
        }
        return frozenset(late | active | agreed | through)

    def topics(self, message: Any) -> tuple[Any, ...]:
        """Return the subjects of a request; whatever else is said is a topic of its own."""
        match message:
            case TimestampRequest(ticket) | ReadRequest(ticket) | (Ticket() as ticket):
                return subjects(ticket)
        return (message,)

    def _is_neighbour(self, sender: Node) -> bool:
        return any(sender in node for node in self.neighbours)

    def _asked_to_take(self, state: Holding, copy: Copy) -> Outcome[Holding]:
        """Take what a client sends, or echo it first."""
        diffusion = state.diffusions.get(copy, Diffusion())
        if diffusion.source is not None:
            return Outcome(state)
        state = _asked(state, copy.ticket)
        if not self.peers:
            return self._taken(state, copy, diffusion, copy.ticket.client)
        return self._echoing(state, copy, diffusion, asked=True)

    def _heard_echo(self, state: Holding, copy: Copy, sender: Node) -> Outcome[Holding]:
        """Count one more echo."""
        diffusion = state.diffusions.get(copy, Diffusion())
        if diffusion.source is not None:
            return Outcome(state)
        counted = evolve(diffusion, echoes=diffusion.echoes | {sender})
        return self._echoing(state, copy, counted, asked=False)

    def _echoing(
        self, state: Holding, copy: Copy, diffusion: Diffusion, *, asked: bool
    ) -> Outcome[Holding]:
        """Echo what a client, or a correct replica, has said; take what all will echo."""
        sends: tuple[Send, ...] = ()
        if not diffusion.has_echoed and (asked or self.echoed(len(diffusion.echoes), self.b)):
            diffusion = evolve(diffusion, has_echoed=True)
            echo = Echo(copy.ticket, copy.update)
            sends = tuple(Send(peer, echo) for peer in self.peers)
        if self.agreed(len(diffusion.echoes) + diffusion.has_echoed, self.b):
            return self._taken(state, copy, diffusion, copy.ticket.client, *sends)
        return Outcome(evolve(state, diffusions=state.diffusions.set(copy, diffusion)), sends)

    def _taken(
        self, state: Holding, copy: Copy, diffusion: Diffusion, source: Node | str, *sends: Send
    ) -> Outcome[Holding]:
        """Become active for an update: store it if it is newer, and in any case pass it on."""
        stored = copy.update if self.newer(copy.update, state.stored) else state.stored
        active = evolve(diffusion, source=source, copies=frozenset(), echoes=frozenset())
        onward = (Send(to, copy) for node in self._onward(source) for to in node)
        return self._acknowledging(evolve(state, stored=stored), copy, active, *sends, *onward)

    def _passed_on(self, state: Holding, copy: Copy, sender: Node) -> Outcome[Holding]:
        """Count one more copy; enough from one node make the update active."""
        diffusion = state.diffusions.get(copy, Diffusion())
        if diffusion.source is not None:
            return Outcome(state)
        copies = diffusion.copies | {sender}
        if self.copied(sum(each.role == sender.role for each in copies), self.b):
            return self._taken(state, copy, diffusion, sender.role)
        counted = evolve(diffusion, copies=copies)
        return Outcome(evolve(state, diffusions=state.diffusions.set(copy, counted)))

    def _heard(self, state: Holding, copy: Copy, sender: Node) -> Outcome[Holding]:
        """Count one more acknowledgement, be the update active yet or not."""
        diffusion = state.diffusions.get(copy, Diffusion())
        if diffusion.acknowledged:
            return Outcome(state)
        counted = evolve(diffusion, acks=diffusion.acks | {sender})
        return self._acknowledging(state, copy, counted)

    def _acknowledging(
        self, state: Holding, copy: Copy, diffusion: Diffusion, *sends: Send
    ) -> Outcome[Holding]:
        """Note how far the update is; acknowledge it once every other neighbouring node has."""
        source = diffusion.source
        acks: tuple[Send, ...] = ()
        if source is not None and all(
            self.acknowledged(len(diffusion.acks.intersection(node)), self.b)
            for node in self._onward(source)
        ):
            diffusion = evolve(diffusion, acks=frozenset(), acknowledged=True)
            ack = Ack(copy.ticket, copy.update)
            acks = tuple(Send(to, ack) for to in self._sources(source))
        after = evolve(state, diffusions=state.diffusions.set(copy, diffusion))
        return Outcome(after, (*sends, *acks))

    def _onward(self, source: Node | str) -> Iterator[tuple[Node, ...]]:
        """Yield the neighbouring nodes but the one that an update came from."""
        return (node for node in self.neighbours if node[0].role != source)

    def _sources(self, source: Node | str) -> tuple[Node, ...]:
        """Return those to acknowledge to: the client, or the replicas of the node."""
        if isinstance(source, Node):
            return (source,)
        return next(node for node in self.neighbours if node[0].role == source)
