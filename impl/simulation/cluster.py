"""A whole cluster in one process and in virtual time: nodes that start, crash and start again.

The nodes are those that run for real: the same loop, timers, codec and machines. Simulated are the
clock, the network and the disks.
"""

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from attrs import define, field

from coterie.impl import journal
from coterie.impl.cluster import SERVER
from coterie.impl.codec import Codec
from coterie.impl.core import Core
from coterie.impl.journal import Journal
from coterie.impl.node import Disk, Node
from coterie.impl.service import Service
from coterie.impl.simulation.disk import SimulatedDisk
from coterie.impl.simulation.network import SimulatedNetwork
from coterie.impl.timers import Detector, Paces, Timers
from coterie.model import machine
from coterie.model.machine import Machine

HALTED_SECONDS = 0.5
"""How long a node that has halted stays down before it starts again, as a real one does."""


@define(eq=False)
class Running:
    """One node of the cluster, through all its starts.

    Attributes:
        name: the node's.
        machine: what it runs.
        disk: what outlives its crashes.
        node: the incarnation that runs now; None while it is down.
        starts: how often it has started.
    """

    name: machine.Node
    machine: Machine[Any, Any]
    disk: Disk
    node: Node | None = None
    starts: int = 0
    _task: "asyncio.Task[None] | None" = None


@define(eq=False)
class SimulatedCluster:
    """The nodes, and what is between them.

    Attributes:
        service: what they run.
        options: of the service.
        random: where all chance comes from.
        journals: the folder in which each server has a folder for its journal; None for nowhere.
        network: between them.
        nodes: the servers and clients that there are.
    """

    service: Service
    options: Any
    random: Random
    journals: Path | None = None
    codec: Codec = field(init=False)
    network: SimulatedNetwork = field(init=False)
    nodes: dict[machine.Node, Running] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.codec = Codec(self.service.values)
        self.network = SimulatedNetwork(self.random, self.codec)

    def add_servers(self, servers: tuple[machine.Node, ...]) -> None:
        """Add servers, all of them down, with empty disks."""
        for name in servers:
            made = self.service.machine(name, servers, self.options)
            disk = SimulatedDisk(made, self.codec, self.random)
            self.nodes[name] = Running(name, made, disk)

    def add_client(self, name: machine.Node, made: Machine[Any, Any], disk: Disk) -> None:
        """Add a client, down, which runs `made`."""
        self.nodes[name] = Running(name, made, disk)

    def start(self, name: machine.Node) -> Node:
        """Start a node that is down."""
        running = self.nodes[name]
        running.starts += 1
        pace = Paces(self.service.paces(self.options))
        detector = Detector(self.service.patience(self.options))
        node = Node(
            core=Core(running.machine),
            disk=running.disk,
            timers=Timers(pace, detector, self.random.random),
            clock=asyncio.get_running_loop().time,
            journal=self._journal(name),
            hastened=self.service.hastened,
        )
        node.network = self.network.started(name, node, running.starts)
        running.node = node
        running._task = asyncio.ensure_future(self._run(running, node))  # noqa: SLF001
        return node

    def crash(self, name: machine.Node) -> None:
        """Stop a node in the midst of whatever it does; its disk keeps what chance leaves."""
        running = self.nodes[name]
        task, running._task = running._task, None  # noqa: SLF001
        if task is not None:
            task.cancel()
        self._down(running)

    def is_up(self, name: machine.Node) -> bool:
        """Return whether a node runs."""
        return self.nodes[name].node is not None

    async def _run(self, running: Running, node: Node) -> None:
        """Run a node until it crashes; one that halts starts again by itself."""
        await node.run()
        self._down(running)
        await asyncio.sleep(HALTED_SECONDS)
        if running.node is None:
            self.start(running.name)

    def _journal(self, name: machine.Node) -> Journal | None:
        servers = [str(node) for node in self.nodes if node.role == SERVER]
        if self.journals is None or str(name) not in servers:
            return None
        said = {
            "cluster": "simulated",
            "service": self.service.name,
            "node": str(name),
            "servers": servers,
            "options": msgspec.to_builtins(self.options),
        }
        return journal.opened(self.journals / str(name), self.codec, said)

    def _down(self, running: Running) -> None:
        if running.node is not None:
            if running.node.journal is not None:
                running.node.journal.close()
            running.node = None
            self.network.stopped(running.name)
        if isinstance(running.disk, SimulatedDisk):
            running.disk.crash()
