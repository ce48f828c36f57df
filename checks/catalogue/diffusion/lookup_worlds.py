"""The worlds that the two-phase lookup is put in."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve
from immutables import Map

from coterie.checks.adversary import Adversary, repertoire
from coterie.checks.fairness import strong, weak
from coterie.checks.faults import Faults
from coterie.checks.network import Bag, Fifo
from coterie.checks.world import World
from coterie.model.diffusion.lookup import Client, Lookup
from coterie.model.diffusion.lookup_quorums import server_count
from coterie.model.diffusion.lookup_server import Wary
from coterie.model.gossip.store.disk import Store
from coterie.model.gossip.store.edge import Device, Measure
from coterie.model.gossip.store.reads import Answer, Found
from coterie.model.gossip.store.recovery import Rows
from coterie.model.gossip.store.server import PAPER, Data
from coterie.model.machine import Machine, Node
from coterie.spec.diffusion import lookup as spec

DEVICE = Node("device")
CLIENT = Node("client")
DATE, TRUE, FORGED = 2, 20, 66

LIES: Mapping[Any, tuple[Any, ...]] = {
    (Data, "date"): (DATE,),
    (Data, "value"): (FORGED,),
    (Found, "value"): (TRUE, FORGED),
    (Rows, "items"): (((DATE, FORGED),),),
    (Rows, "parts"): (1,),
    (Rows, "boot"): (0,),
}

WHOLE = Store(Map({1: 10, 2: 20, 3: 30}), Map(enumerate((1, 2, 3))))
HOLED = Store(Map({1: 10, 3: 30}), Map(enumerate((1, 3))))
"""What the published recovery leaves behind for ever: `DATE` is not before its log, nor after."""

PATIENT = (weak("deliveries"), weak("timers"))
UTMOST = (strong("deliveries"), strong("timers"), strong("operations"))


def asking(
    client: Client,
    f: int = 1,
    attempts: int | None = None,
    clients: int = 1,
    reads: int = 2,
    servers: int | None = None,
    faulty: int | None = None,
) -> World:
    """Return a device that measures once, and clients that look that date up again and again.

    Attributes:
        client: the clients' fields.
        f: how many servers may be Byzantine, as the clients believe.
        attempts: how many attempts each client makes in all, over channels that hold any number of
            messages; None for any number of attempts, over channels of one message.
        clients: how many there are.
        reads: how many reads each calls.
        servers: how many there are; 3f + 1 where nothing else is said.
        faulty: how many of them are Byzantine; f where nothing else is said.
    """
    count = server_count(f) if servers is None else servers
    nodes = tuple(Node("server", index) for index in range(count))
    correct = nodes[: count - (f if faulty is None else faulty)]
    readers = tuple(Node("client", index) for index in range(clients))
    numbers = 2 if attempts is None else attempts + 1
    asks = evolve(client, servers=nodes, f=f, attempts=attempts, numbers=numbers)
    return World(
        {
            DEVICE: Device(nodes),
            **dict.fromkeys(readers, asks),
            **dict.fromkeys(correct, Wary(PAPER, frozenset({DEVICE, *readers}))),
        },
        network=Fifo(capacity=1) if attempts is None else Bag(),
        adversary=lying(nodes[len(correct) :], Answer, Data, Rows, numbers=numbers),
        workload={
            DEVICE: (Measure(DATE, TRUE),),
            **dict.fromkeys(readers, (Lookup(DATE),) * reads),
        },
        observers={"ledger": spec.ledger(f), "history": spec.HISTORY},
        links=[
            *((DEVICE, server) for server in correct),
            *(pair for c in readers for s in correct for pair in ((c, s), (s, c))),
        ],
        symmetric=("server", "client") if clients > 1 else ("server",),
    )


def lying(liars: tuple[Node, ...], *messages: type, numbers: int) -> Adversary:
    """Return Byzantine servers that answer what they like, and pretend to be what they like."""
    domains = {**LIES, (Answer, "number"): range(numbers)}
    return Adversary(liars, repertoire(*messages, domains=domains))


def waiting(client: Client, **parameters: Any) -> World:
    """Return such a world for claims about whole runs: one read, by a client that waits.

    The time δ is long enough for the answers of all correct servers, else no read need ever return.
    """
    world = asking(client, reads=1, **parameters)
    patient = with_client(world, timely=frozenset(_correct(world)))
    return evolve(patient, observers={}, fairness=PATIENT, symmetric=())


def holed(client: Client, holes: int = 1, **parameters: Any) -> World:
    """Return such a world with all the fairness there is, in which some servers have a hole.

    Their recovery is over, and the device measures no more. The read is of the date in the hole.
    """
    world = waiting(client, **parameters)
    disks = {node: HOLED if place < holes else WHOLE for place, node in enumerate(_correct(world))}
    return evolve(world, starts=(disks,), workload={CLIENT: (Lookup(DATE),)}, fairness=UTMOST)


def crashing(client: Client, crashes: int = 1, lies: bool = False) -> World:  # noqa: FBT001, FBT002
    """Return servers of which one, any of them, may crash, start again, and ask the others.

    While it is down, the device's data for it may be lost; all else waits. A crash in the middle of
    a step loses an answer, so that attempts need a number more for each.

    Attributes:
        client: the clients' fields.
        crashes: how many crashes there may be.
        lies: whether the Byzantine server says anything; else it is silent.
    """
    numbers = 2 + crashes
    world = recovering(with_client(asking(client, reads=1), numbers=numbers))
    liars = world.adversary.nodes if world.adversary else ()
    return evolve(
        world,
        network=Outage(capacity=1),
        faults=Faults(crashes=crashes, crashing=("server",)),
        adversary=lying(liars, *((Answer, Data) if lies else ()), numbers=numbers),
        observers={},
    )


class Outage(Fifo):
    """A queue that loses nothing but data."""

    def lost(self, held: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        """Yield the data."""
        return (each for each in super().lost(held) if isinstance(each[0], Data))


def poisoned(client: Client, **parameters: Any) -> World:
    """Return a world for `asking` in which servers believe the rows of any other server."""
    return recovering(asking(client, **parameters))


def recovering(world: World) -> World:
    """Return the world with servers that recover as the paper's do: each believes all others."""
    correct = _correct(world)
    everybody = (*correct, *(world.adversary.nodes if world.adversary else ()))
    servers = {node: _helped(world.machines[node], node, everybody) for node in correct}
    return evolve(
        world,
        machines={**world.machines, **servers},
        links=[
            *(world.links or ()),
            *((one, other) for one in correct for other in correct if one != other),
        ],
    )


def with_client(world: World, **fields: Any) -> World:
    """Return the world with these fields of its client."""
    client = world.machines[CLIENT]
    assert isinstance(client, Client)
    return evolve(world, machines={**world.machines, CLIENT: evolve(client, **fields)})


def _helped(server: Machine[Any, Any], node: Node, everybody: tuple[Node, ...]) -> Wary:
    assert isinstance(server, Wary)
    peers = tuple(peer for peer in everybody if peer != node)
    return evolve(server, server=evolve(PAPER, peers=peers), helpers=frozenset(peers))


def _correct(world: World) -> tuple[Node, ...]:
    return tuple(node for node in world.machines if node.role == "server")
