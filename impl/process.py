"""One node as a process: its loop, disk, network and journal, and what it tells of itself."""

import asyncio
import gc
import random
import signal
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import structlog
from attrs import asdict, define, field

from coterie.impl import journal, keys
from coterie.impl.channels.mesh import Mesh
from coterie.impl.codec import Codec
from coterie.impl.config import Config, ConfigError, address_of, node_of
from coterie.impl.core import Boot, Core, Step
from coterie.impl.disks import Threaded
from coterie.impl.journal import Journal
from coterie.impl.meters import Meters
from coterie.impl.node import Node
from coterie.impl.ports import Storage
from coterie.impl.service import Service, service_of
from coterie.impl.status import StatusServer, check_loopback
from coterie.impl.storage.format import Identity
from coterie.impl.storage.opening import is_postgres, open_storage
from coterie.impl.timers import Detector, Paces, Timers
from coterie.model import machine
from coterie.model.machine import Machine

log = structlog.get_logger("coterie.process")

HALTED_SECONDS = 0.5
"""How long a node whose machine has halted stays down before it starts again."""


@define(eq=False)
class Process:
    """A node with all that it needs, made from its configuration.

    Attributes:
        config: what it is told.
        folder: what the paths in the configuration are relative to.
        meters: what it counts, over all its starts in this process.
    """

    config: Config
    folder: Path
    meters: Meters = field(factory=Meters)
    name: machine.Node = field(init=False)
    service: Service = field(init=False)
    options: Any = field(init=False)
    codec: Codec = field(init=False)
    _node: Node | None = field(default=None, init=False)
    _mesh: Mesh | None = field(default=None, init=False)
    _starts: int = field(default=0, init=False)
    _stopping: asyncio.Event = field(factory=asyncio.Event, init=False)

    def __attrs_post_init__(self) -> None:
        self.name = node_of(self.config.node)
        try:
            self.service = service_of(self.config.service)
            self.options = self.service.chosen(self.config.options)
            if self.config.status:
                check_loopback(address_of(self.config.status)[0])
        except ValueError as problem:
            raise ConfigError(f"{self.folder}: {problem}") from problem
        self.codec = Codec(self.service.values)

    async def run(self) -> None:
        """Serve until `stop`; a machine that halts is started again, from its disk.

        Raises: StorageError, KeysError or OSError where the node cannot go on.
        """
        status = self._status_server()
        try:
            while not self._stopping.is_set():
                await self._live()
                if not self._stopping.is_set():
                    log.warning("halted", again_in_seconds=HALTED_SECONDS)
                    await self._pause()
        finally:
            if status is not None:
                status.close()

    def stop(self) -> None:
        """End gracefully: the turn under way is finished, and what it sends is sent."""
        log.info("stopping")
        self._stopping.set()
        if self._node is not None:
            self._node.stop()

    def status(self) -> Mapping[str, Any]:
        """Return how the node is, for an operator."""
        node, mesh = self._node, self._mesh
        said: dict[str, Any] = {
            "node": self.config.node,
            "service": self.config.service,
            "cluster": self.config.cluster,
            "starts": self._starts,
            "up": node is not None,
        }
        if node is None or mesh is None or node.core.state is None:
            return said
        facts = self.service.facts(node.core.state)
        return {**said, "peers": [str(peer) for peer in mesh.peers], **facts}

    async def _live(self) -> None:
        """Run the machine from a start until it halts, or is stopped."""
        made = self.service.machine(self.name, self._servers(), self.options)
        async with AsyncExitStack() as stack:
            disk = Threaded(self._storage(made))
            stack.push_async_callback(disk.close)
            node = self._made(made, disk)
            if node.journal is not None:
                stack.callback(node.journal.close)
            self._mesh = node.network = mesh = self._channels(node)
            await mesh.start()
            stack.push_async_callback(mesh.stop)
            self._node, self._starts = node, self._starts + 1
            log.info("started", address=mesh.address, storage=str(self._where()))
            try:
                if not self._stopping.is_set():
                    await node.run()
            finally:
                self._node = None

    def _made(self, made: Machine[Any, Any], disk: Threaded) -> Node:
        detector = Detector(self.service.patience(self.options))
        paces = Paces(self.service.paces(self.options))
        node = Node(
            core=Core(made),
            disk=_Measured(disk, self.meters),
            timers=Timers(paces, detector, random.random, self.service.hastened),
            clock=time.time,
            journal=self._journal(),
        )
        node.watch = self._watch
        return node

    def _watch(self, steps: list[Step]) -> None:
        """Count the steps of a turn.

        Why: a long memory need not be looked through for garbage again and again.
        """
        if isinstance(steps[0].cause, Boot):
            gc.freeze()
        self.meters.turned(steps, self._node.waiting if self._node else 0)

    def _servers(self) -> tuple[machine.Node, ...]:
        return tuple(sorted(map(node_of, self.config.addresses)))

    def _where(self) -> str | Path:
        if is_postgres(self.config.storage):
            return self.config.storage
        return self.folder / self.config.storage

    def _storage(self, made: Machine[Any, Any]) -> Storage:
        identity = Identity(self.config.cluster, self.config.service, self.config.node)
        return open_storage(self._where(), self.service.keeper(made, self.codec), identity)

    def _journal(self) -> Journal | None:
        if not self.config.journal:
            return None
        said = {
            "cluster": self.config.cluster,
            "service": self.config.service,
            "node": self.config.node,
            "servers": [str(server) for server in self._servers()],
            "options": dict(self.config.options),
        }
        return journal.opened(self.folder / self.config.journal, self.codec, said)

    def _channels(self, node: Node) -> Mesh:
        return Mesh(
            self.name,
            node,
            cluster=self.config.cluster,
            credentials=keys.credentials(self.folder / self.config.keys, self.name),
            codec=self.codec,
            addresses={node_of(n): address_of(text) for n, text in self.config.addresses.items()},
            listen=address_of(self.config.addresses[self.config.node]),
        )

    def _status_server(self) -> StatusServer | None:
        if not self.config.status:
            return None
        return StatusServer(*address_of(self.config.status), self.status, self._metrics)

    def _metrics(self) -> bytes:
        counted = asdict(self._mesh.counters) if self._mesh is not None else {}
        return self.meters.text(counted)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), HALTED_SECONDS)
        except TimeoutError:
            return


@define
class _Measured:
    """A disk whose commits are counted."""

    disk: Threaded
    meters: Meters

    async def load(self) -> Any:
        return await self.disk.load()

    async def commit(self, changes: list[Any]) -> None:
        began = time.perf_counter()
        await self.disk.commit(changes)
        self.meters.committed(time.perf_counter() - began)


def serve(config: Config, folder: Path) -> None:
    """Run a node until SIGTERM or SIGINT.

    Raises: StorageError, KeysError or OSError where the node cannot go on.
    """
    asyncio.run(_served(config, folder))


async def _served(config: Config, folder: Path) -> None:
    process, loop = Process(config, folder), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, process.stop)
    await process.run()
