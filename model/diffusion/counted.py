"""One write on a tree of replicas, with replicas counted instead of named.

Correct replicas of a tree node that know the same are interchangeable, so a node is how many of
them know what. Byzantine replicas have no state at all: whenever it helps them, all of a node say
the same at once, so they enter as a number that is added where correct ones are counted.

No channel is needed either. A message that was sent may arrive at any time later, and a guard asks
only how many distinct replicas of a node have sent one: so a replica may take a step as soon as
enough have *sent*, and what it holds below a threshold need not be remembered. Every event but the
client's two is one step of one correct replica, the one in which the decisive message arrives;
what follows from it at once belongs to the same step, as where messages have names.

How a model with named replicas is mapped onto this one: of each correct replica make a `Replica`
(its source when it is active, the neighbours from which it holds enough acknowledgements, whether
it has acknowledged), pass it through `Counted.settled`, and gather those of a node into its
`crowd`. Then each step is one of this machine, or changes nothing here.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4; counting is
after German and Sistla, Reasoning about Systems with Many Processes, JACM 1992.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from attrs import evolve, frozen

from coterie.model.diffusion.quorums import is_acknowledged, is_copied, node_size
from coterie.model.machine import Event, Machine, Outcome, Receive, Timeout

NOBODY = -2
"""The source of an update at a replica that is not active."""

CLIENT = -1
"""The source of an update that came from the client itself; else it is a tree node's index."""


@frozen(cache_hash=True)
class Tree:
    """The nodes of a tree, and where what happens.

    Attributes:
        neighbours: for each node the indices of those next to it.
        origin: the node that the client writes to.
        b: how many Byzantine replicas a node is built to stand.
        faulty: how many each node has; more than b break everything.
    """

    neighbours: tuple[tuple[int, ...], ...]
    origin: int
    b: int
    faulty: tuple[int, ...]


@frozen(cache_hash=True, order=True)
class Replica:
    """What one correct replica knows of the write.

    Attributes:
        source: where the update came from, which it stores and has sent on to its other
            neighbours; NOBODY before.
        answered: the neighbours, ascending, from which it holds enough acknowledgements; these may
            come before the update does, and are kept. Forgotten when `acked`.
        acked: whether it has acknowledged to its source.
    """

    source: int = NOBODY
    answered: tuple[int, ...] = ()
    acked: bool = False

    @property
    def is_active(self) -> bool:
        """Whether it stores the update and has sent it on."""
        return self.source != NOBODY


UNTOLD = Replica()
"""A replica that has heard nothing."""

Crowd = tuple[tuple[Replica, int], ...]
"""The correct replicas of one tree node: what some of them know, and how many these are."""


@frozen(cache_hash=True)
class Spread:
    """How far the write has come.

    Attributes:
        tree: where; it never changes.
        crowds: the correct replicas of each tree node.
        written: whether the client has sent the update to its origin.
        completed: whether the client's write has returned.
        silent: whether the Byzantine replicas have fallen silent for ever.
    """

    tree: Tree
    crowds: tuple[Crowd, ...]
    written: bool = False
    completed: bool = False
    silent: bool = False


@frozen(cache_hash=True)
class Write(Timeout):
    """The client sends the update to all replicas of the origin."""


@frozen(cache_hash=True)
class Entrusted(Timeout):
    """A replica of the origin, one that is like `replica`, gets the client's update.

    Attributes:
        node: the origin.
        replica: what such a replica knows before.
    """

    node: int
    replica: Replica


@frozen(cache_hash=True)
class Copied(Timeout):
    """A replica of `node` gets the decisive copy from a replica of `neighbour`."""

    node: int
    replica: Replica
    neighbour: int


@frozen(cache_hash=True)
class Acknowledged(Timeout):
    """A replica of `node` gets the decisive acknowledgement from a replica of `neighbour`."""

    node: int
    replica: Replica
    neighbour: int


@frozen(cache_hash=True)
class Complete(Timeout):
    """The client gets the decisive acknowledgement from a replica of the origin."""


@frozen(cache_hash=True)
class FallSilent(Timeout):
    """From now on no Byzantine replica says a word."""


Heard = Entrusted | Copied | Acknowledged
"""What one correct replica may hear."""


def crowd(replicas: Iterable[Replica]) -> Crowd:
    """Return so many replicas without their names."""
    return tuple(sorted(Counter(replicas).items()))


def senders(members: Crowd, receiver: int) -> int:
    """Return how many of a tree node's `members` have sent the update to the node `receiver`."""
    return sum(count for each, count in members if each.is_active and each.source != receiver)


def acknowledgers(members: Crowd, receiver: int) -> int:
    """Return how many of a tree node's `members` have acknowledged to `receiver`."""
    return sum(count for each, count in members if each.acked and each.source == receiver)


def all_of_them(answered: int, asked: int) -> bool:
    """Return whether so many nodes have answered that none of those `asked` is left."""
    return answered >= asked


@frozen
class Surroundings:
    """All that the next steps of a tree node's replicas hang on, beside themselves.

    Attributes:
        written: whether it is the origin, and the client has written.
        copying: the neighbours of which enough replicas have sent the update here.
        acknowledging: the neighbours of which enough have acknowledged it here.
    """

    written: bool
    copying: tuple[int, ...]
    acknowledging: tuple[int, ...]


@frozen(cache_hash=True)
class Counted(Machine[Spread, None]):
    """The client and all replicas of a tree, for one write.

    Attributes:
        tree: the tree, and how many of its replicas are Byzantine.
        size: how many replicas a tree node has, over b.
        copied: the guard of becoming active, over the copies from one node and b.
        acknowledged: the guard of step 5, over the acknowledgements from one node and b.
        everyone: the guard of step 5 over how many nodes have acknowledged, of how many.
        completed: the guard of the client's return, over acknowledgements and b.
    """

    tree: Tree
    size: Callable[[int], int] = node_size
    copied: Callable[[int, int], bool] = is_copied
    acknowledged: Callable[[int, int], bool] = is_acknowledged
    everyone: Callable[[int, int], bool] = all_of_them
    completed: Callable[[int, int], bool] = is_acknowledged

    def start(self, memory: None) -> Outcome[Spread]:
        """Nobody has heard of the update."""
        del memory
        size = self.size(self.tree.b)
        crowds = tuple(((UNTOLD, size - faulty),) for faulty in self.tree.faulty)
        return Outcome(Spread(self.tree, crowds))

    def options(self, state: Spread) -> Iterable[Timeout]:
        """Whatever some replica, or the client, may hear next."""
        if not state.written:
            yield Write()
        for node, members in enumerate(state.crowds):
            around = self._around(state, node)
            for replica, _ in members:
                yield from self.heard(node, replica, around)
        if self._may_complete(state):
            yield Complete()
        if not state.silent and any(self.tree.faulty):
            yield FallSilent()

    def step(self, state: Spread, event: Event) -> Outcome[Spread] | None:
        """Let one correct replica, or the client, hear something."""
        match event:
            case Receive():
                return Outcome(state)
            case Write() if not state.written:
                return Outcome(evolve(state, written=True))
            case Entrusted(node, replica) | Copied(node, replica) | Acknowledged(node, replica):
                is_there = any(each == replica for each, _ in state.crowds[node])
                if is_there and event in self.heard(node, replica, self._around(state, node)):
                    return Outcome(_moved(state, node, replica, self.hearing(event)))
            case Complete() if self._may_complete(state):
                return Outcome(evolve(state, completed=True))
            case FallSilent() if not state.silent and any(self.tree.faulty):
                return Outcome(evolve(state, silent=True))
        return None

    def settled(self, node: int, replica: Replica) -> Replica:
        """Return what a replica of `node` is when it has acted upon all that it has heard."""
        if not replica.is_active:
            return replica
        asked = [each for each in self.tree.neighbours[node] if each != replica.source]
        answered = tuple(each for each in replica.answered if each in asked)
        if replica.acked or self.everyone(len(answered), len(asked)):
            return Replica(replica.source, acked=True)
        return Replica(replica.source, answered)

    def heard(self, node: int, replica: Replica, around: Surroundings) -> Iterator[Heard]:
        """Yield what a replica of `node` that is like `replica` may hear, and acts upon."""
        if not replica.is_active:
            if around.written:
                yield Entrusted(node, replica)
            for neighbour in around.copying:
                yield Copied(node, replica, neighbour)
        if not replica.acked:
            for neighbour in around.acknowledging:
                if neighbour not in (*replica.answered, replica.source):
                    yield Acknowledged(node, replica, neighbour)

    def hearing(self, event: Heard) -> Replica:
        """Return what a replica is that has heard this."""
        node, replica = event.node, event.replica
        match event:
            case Entrusted():
                return self.settled(node, Replica(CLIENT, replica.answered))
            case Copied(neighbour=neighbour):
                return self.settled(node, Replica(neighbour, replica.answered))
            case Acknowledged(neighbour=neighbour):
                answered = tuple(sorted({*replica.answered, neighbour}))
                return self.settled(node, Replica(replica.source, answered))

    def _around(self, state: Spread, node: int) -> Surroundings:
        b, written = self.tree.b, state.written and node == self.tree.origin
        copying: list[int] = []
        acknowledging: list[int] = []
        for near in self.tree.neighbours[node]:
            members, liars = state.crowds[near], self._liars(state, near)
            if self.copied(senders(members, node) + liars, b):
                copying.append(near)
            if self.acknowledged(acknowledgers(members, node) + liars, b):
                acknowledging.append(near)
        return Surroundings(written, tuple(copying), tuple(acknowledging))

    def _liars(self, state: Spread, node: int) -> int:
        """Return how many Byzantine replicas of `node` may still say something."""
        return 0 if state.silent else self.tree.faulty[node]

    def _may_complete(self, state: Spread) -> bool:
        origin = self.tree.origin
        acks = acknowledgers(state.crowds[origin], CLIENT) + self._liars(state, origin)
        return not state.completed and self.completed(acks, self.tree.b)


def _moved(state: Spread, node: int, before: Replica, after: Replica) -> Spread:
    """Return the tree when one replica of `node` that was like `before` is like `after`."""
    counts = Counter(dict(state.crowds[node]))
    counts[before] -= 1
    counts[after] += 1
    members = tuple(sorted((+counts).items()))
    crowds = (*state.crowds[:node], members, *state.crowds[node + 1 :])
    return Spread(state.tree, crowds, state.written, state.completed, state.silent)
