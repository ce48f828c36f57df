"""The worlds that the serving log is put in."""

from collections.abc import Iterable, Mapping
from itertools import permutations
from typing import Any

from attrs import evolve, frozen

from coterie.checks.catalogue.gossip.gdp.worlds import MIDDLE, ROOT, TIP, replica
from coterie.checks.fairness import Fairness
from coterie.checks.faults import Faults
from coterie.checks.network import Fifo, Network
from coterie.checks.world import World
from coterie.model.gossip.gdp.record import Entry, written
from coterie.model.gossip.gdp.service.paging import Paged, Room
from coterie.model.gossip.gdp.service.reader import Reader, Watch
from coterie.model.gossip.gdp.service.scribe import Add, Scribe
from coterie.model.gossip.gdp.service.serving import LogServer
from coterie.model.gossip.gdp.service.shelf import shelf_of
from coterie.model.machine import Event, Invoke, Machine, Node, Outcome, Receive, Send
from coterie.spec.gossip.gdp.clients import LIES
from coterie.spec.gossip.gdp.replica import WRITER
from coterie.spec.observer import Observer

READER = Node("reader")
LIAR = Node("liar")
SMALL = Room(records=1)


def up_to_all(count: int) -> int:
    """Count as far as there are lies in these worlds, so that there are finitely many states."""
    return min(count + 1, LIES)


SERVER = LogServer(
    Node("replica"), WRITER, algorithm=Paged(room=SMALL), room=SMALL, counted=up_to_all
)
"""A replica whose messages hold one record, so that two are many."""

SCRIBE = Scribe(WRITER, ())
BESIDE = written(WRITER, "e", ROOT.name)
"""A record that makes a fork with `MIDDLE`."""

Held = tuple[tuple[Entry, ...], ...]
CHAIN: Held = ((ROOT, MIDDLE, TIP), (ROOT,))
FORKED: Held = ((ROOT, MIDDLE), (ROOT, BESIDE))
THRICE: Held = ((ROOT, MIDDLE, BESIDE), (ROOT, written(WRITER, "f", ROOT.name)))


@frozen(cache_hash=True)
class Say:
    """A liar's operation: send this.

    Attributes:
        to: to whom.
        message: what.
    """

    to: Node
    message: Any


@frozen
class Liar(Machine[None, None]):
    """A client with a name of its own, who sends what it is told to."""

    def start(self, memory: None) -> Outcome[None]:
        """Begin."""
        del memory
        return Outcome(None)

    def step(self, state: None, event: Event) -> Outcome[None] | None:
        """Send; listen to nobody."""
        match event:
            case Invoke(Say(to, message)):
                return Outcome(state, (Send(to, message),))
            case Receive():
                return Outcome(state)
        return None


def served(
    held: Held,
    *,
    server: LogServer = SERVER,
    timer: bool = True,
    scribe: Scribe | None = None,
    adds: Iterable[str] = (),
    reader: Reader | None = None,
    lies: tuple[Any, ...] = (),
    network: Network | None = None,
    faults: Faults | None = None,
    fairness: tuple[Fairness, ...] = (),
    observers: Mapping[str, Observer] | None = None,
) -> World:
    """Return replicas that have these records on their disks, in this order; and their clients.

    Attributes:
        server: the fields of all replicas.
        timer: whether they exchange.
        scribe: the fields of the writer, if there is one.
        adds: what it adds.
        reader: the fields of a reader, if there is one; it follows from the beginning.
        lies: what a liar sends to the first replica.
    """
    names = [replica(index) for index in range(len(held))]
    author = WRITER if scribe is not None else None
    machines: dict[Node, Machine[Any, Any]] = {
        me: evolve(
            server,
            name=me,
            peers=tuple(x for x in names if x != me) if timer else (),
            author=author,
        )
        for me in names
    }
    work: dict[Node, tuple[Any, ...]] = {}
    if scribe is not None:
        machines[WRITER] = evolve(scribe, replicas=tuple(names))
        work[WRITER] = tuple(Add((each,)) for each in adds)
    if reader is not None:
        machines[READER] = evolve(reader, replicas=tuple(names))
        work[READER] = (Watch(),)
    if lies:
        machines[LIAR] = Liar()
        work[LIAR] = tuple(Say(names[0], each) for each in lies)
    clients = [node for node in machines if node not in names]
    return World(
        machines,
        network=network or Fifo(),
        faults=faults or Faults(),
        workload={node: calls for node, calls in work.items() if calls},
        observers=observers or {},
        links=[
            *(permutations(names, 2) if timer else ()),
            *((one, other) for one in clients for other in names),
            *((one, other) for one in names for other in clients),
        ],
        starts=[{me: shelf_of(has) for me, has in zip(names, held, strict=True)}],
        fairness=fairness,
    )
