"""A client's node: a machine of the model over links and channels."""

import random
import time
from asyncio import FIRST_COMPLETED, Event, Task, create_task, wait
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from attrs import define, field, frozen

from coterie.impl import logs
from coterie.impl.channels.mesh import Mesh
from coterie.impl.codec import Codec
from coterie.impl.config import Config, address_of, node_of
from coterie.impl.core import Core
from coterie.impl.disks import Volatile
from coterie.impl.journal import Journal
from coterie.impl.keys import Credentials
from coterie.impl.node import Disk, Node
from coterie.impl.service import Service, service_of
from coterie.impl.timers import Detector, Paces, Timers
from coterie.model import machine
from coterie.model.machine import Machine
from coterie.model.session import Session
from coterie.model.stacked import Stack, stacked


@frozen
class Access:
    """What a client needs to reach a cluster.

    Attributes:
        cluster: its name.
        service: of the cluster.
        addresses: of the servers.
        credentials: of the client.
        name: the client's, which the credentials prove.
        start: a number that is greater than at each earlier start of that name.
    """

    cluster: str
    service: Service
    addresses: Mapping[machine.Node, tuple[str, int]]
    credentials: Credentials
    name: machine.Node
    start: int = field(factory=lambda: time.time_ns() // 1000)

    @property
    def servers(self) -> tuple[machine.Node, ...]:
        """The servers, in order."""
        return tuple(sorted(self.addresses))


def access(
    config: Config, credentials: Credentials, name: machine.Node, start: int | None = None
) -> Access:
    """Return how `name` reaches the cluster that a server's configuration tells of."""
    addresses = {node_of(each): address_of(text) for each, text in config.addresses.items()}
    service = service_of(config.service)
    if start is None:
        return Access(config.cluster, service, addresses, credentials, name)
    return Access(config.cluster, service, addresses, credentials, name, start)


def nothing(item: Any) -> None:
    """Pass over what is delivered."""
    del item


class NobodyAnswersError(TimeoutError):
    """No server has answered in time, or none that can."""


@define(eq=False)
class Running:
    """A client's machine, running while it is entered.

    Attributes:
        access: how it reaches the servers.
        upper: the machine, over links between incarnations.
        deliver: told whatever the machine delivers.
        disk: where its memory is kept; None for a client whose starts the clock counts.
        journal: where its steps are written; None for nowhere.
    """

    access: Access
    upper: Machine[Any, Any]
    deliver: Callable[[Any], None] = nothing
    disk: Disk | None = None
    journal: Journal | None = None
    node: Node = field(init=False)
    codec: Codec = field(init=False)
    _mesh: Mesh = field(init=False)
    _task: "Task[None] | None" = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        logs.left_to_the_program()
        service = self.access.service
        started = Stack(None, self.access.start)
        self.codec = Codec(service.values)
        paces = Paces(service.client_paces)
        self.node = Node(
            core=Core(stacked(self.upper, Session())),
            disk=self.disk or Volatile(started),
            timers=Timers(paces, Detector(1.0), random.random, service.hastened),
            clock=time.time,
            journal=self.journal,
            deliver=self.deliver,
        )
        self.node.network = self._mesh = Mesh(
            self.access.name,
            self.node,
            cluster=self.access.cluster,
            credentials=self.access.credentials,
            codec=self.codec,
            addresses=self.access.addresses,
            incarnation=self.access.start * 1000,
        )

    async def __aenter__(self) -> Self:
        """Begin to connect."""
        await self._mesh.start()
        self._task = create_task(self.node.run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of everything; what is still called comes to nothing."""
        self.node.stop()
        try:
            if self._task is not None:
                await self._task
        finally:
            await self._mesh.stop()

    def check(self) -> None:
        """Make sure that the node runs.

        Raises: ConnectionAbortedError where it does not, or not any more.
        """
        if self._task is None or self._task.done():
            raise ConnectionAbortedError("the client is closed, or its node has failed")

    async def until(self, event: Event) -> None:
        """Wait for an event, as long as the node runs.

        Raises: ConnectionAbortedError where it has ended before.
        """
        waiting = create_task(event.wait())
        assert self._task is not None
        await wait({waiting, self._task}, return_when=FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            self.check()

    @property
    def connected(self) -> tuple[machine.Node, ...]:
        """The servers that it is connected with."""
        return self._mesh.peers


class Connected:
    """A client that is connected while it is entered: `async with ... as client`."""

    _running: Running

    async def __aenter__(self) -> Self:
        """Begin to connect; calls wait until somebody is there."""
        await self._running.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the connections."""
        await self._running.__aexit__(kind, error, trace)
