"""The worlds that the serving store is put in."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.gossip.store.worlds import CLIENT, DEVICE, Machines, faults
from coterie.checks.network import Fifo, Network
from coterie.checks.world import World
from coterie.model.gossip.store.edge import Measure
from coterie.model.gossip.store.service.comparing import Sizes
from coterie.model.gossip.store.service.index import Calendar, Row
from coterie.model.gossip.store.service.queries import Inquire, Inquirer, What
from coterie.model.gossip.store.service.sensor import Sensor
from coterie.model.gossip.store.service.serving import StoreServer, at_any_time
from coterie.model.machine import Node
from coterie.spec.gossip.store_service import exact
from coterie.spec.observer import Observer


def colliding(row: Row) -> int:
    """Mutant: give all rows one fingerprint."""
    del row
    return 1


TINY = StoreServer(
    calendar=Calendar(base=2, leaf=1, fingerprint=exact),
    sizes=Sizes(few=1, batch=1, fan=2, window=1),
    asks_anew=at_any_time,
)
"""A server whose messages hold one row or two pieces, so that two rows are much."""

SENSOR = Sensor(())


def in_order(items: int) -> tuple[Measure, ...]:
    """Return what a device measures: each date once, in order."""
    return tuple(Measure(date, 10 * date) for date in range(1, items + 1))


def serving(
    server: StoreServer,
    servers: int,
    measures: tuple[Measure, ...],
    *,
    sensor: Sensor = SENSOR,
    crashes: int = 0,
    network: Network | None = None,
    losses: Any = 0,
    queries: tuple[What, ...] = (),
    observers: Mapping[str, Observer] | None = None,
    starts: Mapping[Node, Any] | None = None,
) -> World:
    """Return the servers with the fields of `server`, the device, and a client.

    The client, if any, asks the first server. The device is told what a server has kept where the
    server's fields say so.
    """
    nodes = tuple(Node("server", index) for index in range(servers))
    machines: Machines = {
        node: evolve(server, peers=tuple(peer for peer in nodes if peer != node)) for node in nodes
    }
    links = [(one, other) for one in nodes for other in nodes if one != other]
    machines[DEVICE] = evolve(sensor, servers=nodes)
    links += [(DEVICE, node) for node in nodes]
    if server.device is not None:
        links += [(node, DEVICE) for node in nodes]
    work: dict[Node, tuple[Any, ...]] = {DEVICE: measures}
    if queries:
        machines[CLIENT] = Inquirer()
        links += [(CLIENT, nodes[0]), (nodes[0], CLIENT)]
        work[CLIENT] = tuple(Inquire(nodes[0], what) for what in queries)
    return World(
        machines,
        network=network or Fifo(),
        faults=faults(crashes, servers, losses=losses),
        workload=work,
        observers=observers or {},
        links=links,
        starts=({} if starts is None else starts,),
    )
