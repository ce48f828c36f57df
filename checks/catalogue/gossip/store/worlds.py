"""The worlds that the replicated store is put in."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from coterie.checks.faults import Faults
from coterie.checks.network import Fifo, Network
from coterie.checks.world import World
from coterie.model.gossip.store.edge import Broker, Device, Measure, Subscriber
from coterie.model.gossip.store.reads import Client, Read
from coterie.model.gossip.store.server import Server
from coterie.model.machine import Machine, Node
from coterie.spec.observer import Observer

DEVICE = Node("device")
CLIENT = Node("client")
Machines = dict[Node, Machine[Any, Any]]


def one_value_a_date(items: int) -> tuple[Measure, ...]:
    """Return what a device measures as the paper assumes: each date once, in order."""
    return tuple(Measure(date, 10 * date) for date in range(1, items + 1))


def device_starts_again(items: int) -> tuple[Measure, ...]:
    """Return what a device measures that counts its dates from the beginning halfway."""
    return tuple(Measure(1, value) for value in range(10, 10 * (items + 1), 10))


def among(server: Server, servers: int) -> Machines:
    """Return so many servers with the fields of `server`; each asks those after it."""
    nodes = tuple(Node("server", index) for index in range(servers))
    return {
        node: evolve(
            server,
            peers=tuple(peer for peer in nodes if peer != node),
            partners=frozenset(nodes[node.index + 1 :]),
        )
        for node in nodes
    }


def faults(crashes: int, servers: int, **budgets: Any) -> Faults:
    """Return that many crashes of servers, of which one is up at every moment."""
    return Faults(crashes=crashes, down=servers - 1, crashing=("server",), **budgets)


def direct(
    server: Server,
    servers: int,
    measures: tuple[Measure, ...],
    *,
    crashes: int = 0,
    network: Network | None = None,
    losses: Any = 0,
    reads: tuple[int, ...] = (),
    observers: Mapping[str, Observer] | None = None,
) -> World:
    """Return the servers, each with a channel of its own from the device and from each other.

    The client, if any, reads those dates from the first server.
    """
    machines = among(server, servers)
    nodes = tuple(machines)
    machines[DEVICE] = Device(nodes)
    links = [(one, other) for one in nodes for other in nodes if one != other]
    links += [(DEVICE, node) for node in nodes]
    work: dict[Node, tuple[Any, ...]] = {DEVICE: measures}
    if reads:
        machines[CLIENT] = Client()
        links += [(CLIENT, nodes[0]), (nodes[0], CLIENT)]
        work[CLIENT] = tuple(Read(nodes[0], date) for date in reads)
    return World(
        machines,
        network=network or Fifo(),
        faults=faults(crashes, servers, losses=losses),
        workload=work,
        observers=observers or {},
        links=links,
    )


def brokered(
    server: Server,
    servers: int,
    measures: tuple[Measure, ...],
    *,
    crashes: int = 0,
    losses: Any = 0,
) -> World:
    """Return the servers around a pub/sub service that keeps one order of everything.

    That is how synchronous delivery looks to a server: what was measured before a
    request was published is received before it.
    """
    machines: Machines = {
        node: Subscriber(machine, DEVICE)
        for node, machine in among(server, servers).items()
        if isinstance(machine, Server)
    }
    nodes = tuple(machines)
    machines[DEVICE] = Broker(Device(nodes))
    return World(
        machines,
        network=Fifo(),
        faults=faults(crashes, servers, losses=losses),
        workload={DEVICE: measures},
        links=[link for node in nodes for link in ((DEVICE, node), (node, DEVICE))],
    )
