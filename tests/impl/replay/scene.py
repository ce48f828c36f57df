"""Runs of a simulated cluster whose servers keep journals, and what a replay says of them."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any

from coterie.impl.disks import Volatile
from coterie.impl.replay import run as replaying
from coterie.impl.replay.divergence import Divergence, DivergenceError
from coterie.impl.replay.run import Run
from coterie.impl.service import Service, service_of
from coterie.impl.services import group
from coterie.impl.simulation import clock
from coterie.impl.simulation.cluster import SimulatedCluster
from coterie.impl.simulation.disk import SimulatedDisk
from coterie.model.call import Call
from coterie.model.machine import Node
from coterie.model.session import Session
from coterie.model.stacked import stacked
from coterie.model.synchrony.service.client import Client

SERVERS = tuple(Node("server", index) for index in range(3))
CLIENTS = tuple(Node("client", index) for index in range(2))
SERVICE = group.SERVICE


def a_run(
    folder: Path,
    seed: int,
    calls: int = 6,
    crashes: int = 2,
    service: Service = SERVICE,
    *,
    old_disks: bool = False,
) -> Path:
    """Let clients call a simulated group while servers crash; return where the journals are.

    Attributes:
        old_disks: whether a server that has crashed finds its disk as it was some time ago.
    """
    clock.run(_acted(folder, Random(seed), calls, crashes, service, old_disks=old_disks))
    return folder


async def _acted(
    folder: Path, random: Random, calls: int, crashes: int, service: Service, *, old_disks: bool
) -> None:
    cluster = SimulatedCluster(service, service.chosen({}), random, journals=folder)
    cluster.add_servers(SERVERS)
    for client in CLIENTS:
        cluster.add_client(client, stacked(Client(SERVERS), Session()), Volatile())
    for node in (*SERVERS, *CLIENTS):
        cluster.start(node)
    faults = asyncio.ensure_future(_crashes(cluster, random, crashes, old_disks=old_disks))
    users = [asyncio.ensure_future(_calls(cluster, node, random, calls)) for node in CLIENTS]
    await asyncio.wait([*users, faults], timeout=30)
    await asyncio.sleep(1)
    for node in SERVERS:
        if cluster.is_up(node):
            cluster.crash(node)


async def _calls(cluster: SimulatedCluster, client: Node, random: Random, count: int) -> None:
    node = cluster.nodes[client].node
    assert node is not None
    for number in range(count):
        value = 100 * client.index + number
        kinds: tuple[tuple[str, Any], ...] = (
            ("write", value),
            ("read", None),
            ("cas", (value - 1, value)),
        )
        await node.invoke(Call(*random.choice(kinds), random.choice("xy")))
        await asyncio.sleep(random.random() / 5)


async def _crashes(
    cluster: SimulatedCluster, random: Random, count: int, *, old_disks: bool
) -> None:
    """Cut the power of servers, if possible while they write to their disks."""
    for _ in range(count):
        await asyncio.sleep(0.2 + random.random())
        server = random.choice(SERVERS)
        disk = cluster.nodes[server].disk
        assert isinstance(disk, SimulatedDisk)
        image = disk.synced
        await asyncio.sleep(0.5 if old_disks else 0)
        for _ in range(5_000):
            if disk.unsynced:
                break
            await asyncio.sleep(0.0001)
        cluster.crash(server)
        if old_disks:
            disk.synced = image
        await asyncio.sleep(0.2 + random.random())
        if not cluster.is_up(server):
            cluster.start(server)


def replayed(
    folder: Path,
    *,
    every_step: bool = False,
    ordered: bool = True,
    service: Service | None = None,
) -> Run:
    """Hold the journals in a folder against the model, or against that of another service.

    Raises: DivergenceError where they are not of the model.
    """
    folders = replaying.folders_in(folder)
    made = replaying.opened(
        folders,
        ordered=ordered,
        every_step=every_step,
        find=service_of if service is None else lambda _: service,
    )
    for _ in made.happened():
        pass
    return made


def divergence(folder: Path, service: Service | None = None) -> Divergence | None:
    """Return where the journals in a folder diverge from the model; None where they do not."""
    try:
        replayed(folder, service=service)
    except DivergenceError as error:
        return error.divergence
    return None
