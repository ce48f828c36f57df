"""Schedules: who sends to whom in which round, when a replica sends one message a round.

Rounds are synchronous: all that is sent in a round is received, and dealt with, before the next. A
replica's machine says what is to be sent; a schedule says when, and so never sends too early. The
replicas are those of the register, on a tree of the service.

The timetable is the same for all updates of all objects, whatever their origins. The edges of the
skeleton have d + 1 colours, so that no two of one colour meet; time is cut into blocks of 4b + 1
rounds, and in each block the tree nodes at the two ends of every edge of one colour exchange
messages. In round s of a block the replica at place i sends to the one at place i + s, modulo
4b + 1. So in every round each replica sends to one and receives from one: fan-out and fan-in are 1.
In the d + 1 blocks of a sweep every update gets on by at least one tree node, and so does every
acknowledgement. Where the farthest tree node is h hops away, a write takes (4b + 1)(2h(d + 1) + 2)
rounds or fewer, with those of the client. In a balanced tree that is within the paper's bound; in a
deep and narrow part of a balanced skeleton, within the bound for all replicas of the skeleton.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, sections 2 and 5, which
assumes a smart schedule of fan-in 1 and gives none. This one is ours.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from attrs import Factory, define, field, frozen

from coterie.model.call import Call
from coterie.model.diffusion.register.client import Client, Session, Spreading
from coterie.model.diffusion.register.messages import Copy, Ticket, Update
from coterie.model.diffusion.service.machines import members, replicas, tree_node
from coterie.model.diffusion.service.placement import Tree
from coterie.model.machine import Event, Invoke, Machine, Node, Outcome, Receive, Return, Send

Schedule = Callable[[int, Node, Collection[Node]], Node | None]
"""Round, sender, for whom it has something, in turn: to whom it sends now, if to anybody."""


@frozen
class Sent:
    """A message that was sent in that round: all of `items`, together."""

    round: int
    sender: Node
    receiver: Node
    items: tuple[Any, ...]


@frozen
class Transcript:
    """What was sent, in order, and the round in which each client's write returned."""

    sent: tuple[Sent, ...]
    returned: Mapping[Node, int]

    @property
    def rounds(self) -> int:
        """How many rounds there were until nothing was left to send."""
        return 1 + max((each.round for each in self.sent), default=-1)

    @property
    def fan_out(self) -> int:
        """How many messages one node sends in one round, at most."""
        return _most((each.round, each.sender) for each in self.sent)

    @property
    def fan_in(self) -> int:
        """How many messages one node receives in one round, at most."""
        return _most((each.round, each.receiver) for each in self.sent)


def round_robin(round_: int, sender: Node, targets: Collection[Node]) -> Node:
    """Serve all in turn: simple, but several may send to one replica in a round."""
    del round_, sender
    return next(iter(targets))


def _ends(tree: Tree) -> dict[tuple[int, int], tuple[Node, ...]]:
    """Return, for each tree node and colour, the replicas at the other end of that edge."""
    return {
        (node, tree.skeleton.colour(max(node, beside))): members(tree, beside)
        for node in tree.nodes
        for beside in tree.neighbours(node)
    }


@frozen
class Timetable:
    """The schedule of fan-in 1.

    Attributes:
        tree: whose edges it serves.
        clients: how many write at once; first each of them, alone, sends for 4b + 1 rounds.
    """

    tree: Tree
    clients: int = 1
    _ends: Mapping[tuple[int, int], tuple[Node, ...]] = field(
        init=False, repr=False, default=Factory(lambda self: _ends(self.tree), takes_self=True)
    )

    def __call__(self, round_: int, sender: Node, targets: Collection[Node]) -> Node | None:
        """Send to whom it is the turn of; else, one replica after the other, to a client."""
        block, step = divmod(round_, self.tree.skeleton.size)
        if sender.role == "client":
            return next(iter(targets)) if block == sender.index else None
        if block < self.clients:
            return None
        partner = self._partner(block, step, sender)
        if partner in targets:
            return partner
        return next((to for to in targets if to.role == "client" and step == sender.index), None)

    def _partner(self, block: int, step: int, sender: Node) -> Node | None:
        colour = (block - self.clients) % (self.tree.skeleton.degree + 1)
        end = self._ends.get((tree_node(sender), colour))
        return None if end is None else end[(sender.index + step) % len(end)]


def write(
    tree: Tree, origins: Sequence[int], schedule: Schedule, *, together: bool = False
) -> Transcript:
    """Return what is sent when, at once, a client writes at each of `origins`.

    The clients know their timestamps already.

    Guard: the schedule lets everything go at some time, or there is no end.

    Attributes:
        together: whether all that waits for one receiver travels in one message.
    """
    rounds = _Rounds({**replicas(tree)}, schedule, together)
    for index, origin in enumerate(origins):
        entry = members(tree, origin)
        client = Client(Node("client", index), tree.skeleton.b, entry)
        update = Update(1, index, 0, index)
        copy = Copy(Ticket(client.name, 0, 0), update)
        rounds.machines[client.name] = client
        begun = Session(doing=Spreading(update, None))
        rounds.take(client.name, Outcome(begun, (Send(to, copy) for to in entry)))
    return rounds.transcript()


def read(tree: Tree, node: int, schedule: Schedule) -> Transcript:
    """Return what is sent when a client reads at that tree node, and does not write back."""
    name = Node("client")
    client = Client(name, tree.skeleton.b, members(tree, node), writes_back=False)
    rounds = _Rounds({**replicas(tree), name: client}, schedule, together=False)
    rounds.happen(name, Invoke(Call("read")))
    return rounds.transcript()


@define
class _Rounds:
    """A run under way.

    Attributes:
        waiting: for each node that has something to send: to whom, in turn, and what.
    """

    machines: dict[Node, Machine[Any, Any]]
    schedule: Schedule
    together: bool
    states: dict[Node, Any] = field(init=False)
    waiting: dict[Node, dict[Node, list[Any]]] = Factory(dict)
    sent: list[Sent] = Factory(list)
    returned: dict[Node, int] = Factory(dict)
    round: int = 0

    @states.default
    def _first(self) -> dict[Node, Any]:
        return {node: machine.start(None).state for node, machine in self.machines.items()}

    def transcript(self) -> Transcript:
        """Go on, round after round, until nothing is left to send."""
        while self.waiting:
            now = [sent for sender in sorted(self.waiting) if (sent := self._sent(sender))]
            for each in now:
                for item in each.items:
                    self.happen(each.receiver, Receive(each.sender, item))
            self.sent += now
            self.round += 1
        return Transcript(tuple(self.sent), self.returned)

    def _sent(self, sender: Node) -> Sent | None:
        waiting = self.waiting[sender]
        to = self.schedule(self.round, sender, waiting)
        if to is None:
            return None
        items = waiting.pop(to)
        going, staying = (items, []) if self.together else (items[:1], items[1:])
        if staying:
            waiting[to] = staying
        if not waiting:
            del self.waiting[sender]
        return Sent(self.round, sender, to, tuple(going))

    def happen(self, node: Node, event: Event) -> None:
        """Let the node's machine take its step."""
        outcome = self.machines[node].step(self.states[node], event)
        assert outcome is not None
        self.take(node, outcome)

    def take(self, node: Node, outcome: Outcome[Any]) -> None:
        """Note what the node is now, what it wants to send, and whether it has returned."""
        self.states[node] = outcome.state
        for effect in outcome.effects:
            if isinstance(effect, Send):
                self.waiting.setdefault(node, {}).setdefault(effect.to, []).append(effect.message)
            if isinstance(effect, Return):
                self.returned[node] = self.round


def _most(keys: Iterable[Any]) -> int:
    return max(Counter(keys).values(), default=0)
