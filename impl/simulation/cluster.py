"""A whole cluster in one process and in virtual time: nodes that start, crash and start again.

The nodes are those that run for real: the same loop, timers, codec and machines. Simulated are the
clock, the network and the disks.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from attrs import define, evolve, field

from coterie.impl import journal
from coterie.impl.codec import Codec
from coterie.impl.core import Core, Step
from coterie.impl.disks import Volatile
from coterie.impl.journal import Journal
from coterie.impl.node import Disk, Node
from coterie.impl.service import Service
from coterie.impl.simulation.build import CORRECT, Build
from coterie.impl.simulation.disk import Left, SimulatedDisk
from coterie.impl.simulation.network import SimulatedNetwork
from coterie.impl.simulation.pausing import Pausable
from coterie.impl.timers import Pace, Timers
from coterie.model import machine
from coterie.model.machine import Machine, Timeout
from coterie.model.session import Started
from coterie.model.stacked import Below, Stack, Stacked

EPOCH = 1_700_000_000.0
HALTED_SECONDS = 0.5
"""How long a node that has halted stays down before it starts again, as a real one does."""


@define(eq=False)
class Running:
    """One node of the cluster, through all its starts.

    Attributes:
        name: the node's.
        made: what it runs, of the number of the start.
        disk: what outlives its crashes; None for a client whose starts alone are counted.
        paces: when its timeouts happen.
        node: the incarnation that runs now; None while it is down.
        starts: how often it has started.
        images: how often its disk was put back to an older image.
        ahead_seconds: how much its clock is ahead of the true time.
        deliver: told whatever it delivers.
        watch: told of its steps, once they are durable.
        gone: done when the incarnation that runs now is down.
    """

    name: machine.Node
    made: Callable[[int], Machine[Any, Any]]
    disk: Disk | None
    paces: Callable[[Timeout], Pace]
    node: Node | None = None
    starts: int = 0
    images: int = 0
    ahead_seconds: float = 0.0
    deliver: Callable[[Any], None] = lambda _: None
    watch: Callable[[list[Step]], None] = lambda _: None
    gone: "asyncio.Future[None] | None" = None
    _run: Pausable | None = None
    _task: "asyncio.Task[None] | None" = None

    def time(self) -> float:
        """Return the time of day by the node's own clock."""
        return EPOCH + asyncio.get_running_loop().time() + self.ahead_seconds


@define(eq=False)
class SimulatedCluster:
    """The nodes, and what is between them.

    Attributes:
        service: what they run.
        options: of the service.
        random: where all chance comes from.
        journals: the folder in which each server has a folder for its journal; None for nowhere.
        build: what the nodes are put together from.
        network: between them.
        nodes: the servers and clients that there are.
        servers: the servers alone.
        broken: the first error that came out of a node; None while there is none.
    """

    service: Service
    options: Any
    random: Random
    journals: Path | None = None
    build: Build = CORRECT
    codec: Codec = field(init=False)
    network: SimulatedNetwork = field(init=False)
    nodes: dict[machine.Node, Running] = field(factory=dict, init=False)
    servers: tuple[machine.Node, ...] = field(default=(), init=False)
    broken: "asyncio.Future[BaseException]" = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.codec = _codec(self.service)
        self.network = SimulatedNetwork(self.random, self.codec)
        loop = asyncio.get_running_loop()
        self.broken = loop.create_future()
        loop.set_exception_handler(lambda _, said: self._break(said.get("exception"), said))

    def add_servers(self, servers: tuple[machine.Node, ...]) -> None:
        """Add servers, all of them down, with empty disks."""
        self.servers = servers
        paces = self.build.paces(self.service.paces(self.options))
        for name in servers:
            made = self.service.machine(name, servers, self.options)
            assert isinstance(made, Stacked)
            made = evolve(made, upper=self.build.upper(made.upper), lower=self.build.session)
            disk = self.build.disk(made, self.codec, self.random)
            self.nodes[name] = Running(name, _always(made), disk, paces)

    def add_client(self, name: machine.Node, made: Machine[Any, Any], disk: Disk) -> None:
        """Add a client, down, which runs `made`, and keeps its memory on `disk`."""
        paces = {**self.service.paces(self.options), **self.service.client_paces}
        self.nodes[name] = Running(name, _always(made), disk, self.build.paces(paces))

    def add_user(self, name: machine.Node, upper: Callable[[int], Machine[Any, Any]]) -> None:
        """Add a client, down, which keeps nothing: its starts are numbered by the build.

        Attributes:
            upper: what it runs over the links, of the number of its start.
        """
        paces = self.build.paces(self.service.client_paces)
        made = lambda number: Stacked(upper(number), self.build.session)  # noqa: E731
        self.nodes[name] = Running(name, made, None, paces)

    def start(self, name: machine.Node) -> Node:
        """Start a node that is down."""
        running = self.nodes[name]
        running.starts += 1
        number = self.build.numbers(running.starts, running.time())
        disk = running.disk if running.disk is not None else Volatile(Stack(None, number - 1))
        detector = self.build.detector(self.service.patience(self.options))
        node = self.build.node(
            core=Core(running.made(number)),
            disk=disk,
            timers=Timers(running.paces, detector, self.random.random, self.service.hastened),
            clock=running.time,
            journal=self._journal(name),
            deliver=running.deliver,
            watch=running.watch,
        )
        node.network = self.network.started(name, node, running.starts)
        running.node, running.gone = node, asyncio.get_running_loop().create_future()
        running._run = Pausable(node.run())  # noqa: SLF001
        running._task = asyncio.ensure_future(self._run(running, running._run))  # noqa: SLF001
        return node

    def crash(self, name: machine.Node, left: Left = Left.TORN) -> None:
        """Stop a node in the midst of whatever it does; its disk keeps what such a crash leaves."""
        running = self.nodes[name]
        task, running._task = running._task, None  # noqa: SLF001
        if task is not None:
            task.cancel()
        self._down(running, left)

    def is_up(self, name: machine.Node) -> bool:
        """Return whether a node runs, be it that it stands still."""
        return self.nodes[name].node is not None

    def pause(self, name: machine.Node) -> None:
        """Let a node stand still."""
        run = self.nodes[name]._run  # noqa: SLF001
        if run is not None:
            run.pause()
            self.network.paused(name)

    def resume(self, name: machine.Node) -> None:
        """Let a node go on; what has arrived meanwhile is there for it."""
        run = self.nodes[name]._run  # noqa: SLF001
        if run is not None:
            self.network.resumed(name)
            run.resume()

    def roll_back(self, name: machine.Node, how_far: float, *, keeps_count: bool) -> None:
        """Put an older image in the place of the disk of a node that is down.

        Attributes:
            keeps_count: whether the count of starts stays as it is, the only thing that does.
        """
        running = self.nodes[name]
        assert isinstance(running.disk, SimulatedDisk)
        running.disk.roll_back(how_far)
        running.images += 1
        if keeps_count:
            running.disk.write([Below(Started(running.starts))])
            running.disk.flush(1)

    async def call(self, name: machine.Node, operation: Any) -> tuple[bool, Any]:
        """Call an operation at a node; return whether it was answered, and what.

        Why: the user of a node that crashes meanwhile never hears of it again.
        """
        running = self.nodes[name]
        if running.node is None or running.gone is None:
            return False, None
        call = asyncio.ensure_future(running.node.invoke(operation))
        try:
            await asyncio.wait((call, running.gone), return_when=asyncio.FIRST_COMPLETED)
            return (True, call.result()) if call.done() else (False, None)
        except ConnectionAbortedError:
            return False, None
        finally:
            call.cancel()

    async def _run(self, running: Running, run: Pausable) -> None:
        """Run a node until it crashes; one that halts starts again by itself."""
        try:
            await run
        except Exception as error:  # noqa: BLE001  whatever comes out of a node is a finding
            self._break(error, {"node": str(running.name)})
            return
        self._down(running, Left.ALL)
        await asyncio.sleep(HALTED_SECONDS)
        if running.node is None and running._run is run:  # noqa: SLF001
            self.start(running.name)

    def _break(self, error: BaseException | None, said: Mapping[str, Any]) -> None:
        if not self.broken.done():
            self.broken.set_result(error or RuntimeError(str(said)))

    def _journal(self, name: machine.Node) -> Journal | None:
        if self.journals is None or name not in self.servers:
            return None
        said = {
            "cluster": "simulated",
            "service": self.service.name,
            "node": str(name),
            "servers": [str(server) for server in self.servers],
            "options": msgspec.to_builtins(self.options),
        }
        return journal.opened(self.journals / str(name), self.codec, said)

    def _down(self, running: Running, left: Left) -> None:
        if running.node is not None:
            if running.node.journal is not None:
                running.node.journal.close()
            running.node = None
            self.network.stopped(running.name)
            if running.gone is not None:
                running.gone.set_result(None)
        if isinstance(running.disk, SimulatedDisk):
            running.disk.crash(left)


def _always(made: Machine[Any, Any]) -> Callable[[int], Machine[Any, Any]]:
    return lambda _: made


_CODECS: dict[str, Codec] = {}


def _codec(service: Service) -> Codec:
    """Return the codec of a service, which takes a while to make."""
    if service.name not in _CODECS:
        _CODECS[service.name] = Codec(service.values)
    return _CODECS[service.name]
