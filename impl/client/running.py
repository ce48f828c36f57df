"""A client's node: a machine of the model over links and channels."""

import random
import time
from asyncio import Task, create_task
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
    """

    cluster: str
    service: Service
    addresses: Mapping[machine.Node, tuple[str, int]]
    credentials: Credentials
    name: machine.Node

    @property
    def servers(self) -> tuple[machine.Node, ...]:
        """The servers, in order."""
        return tuple(sorted(self.addresses))


def access(config: Config, credentials: Credentials, name: machine.Node) -> Access:
    """Return how `name` reaches the cluster that a server's configuration tells of."""
    addresses = {node_of(each): address_of(text) for each, text in config.addresses.items()}
    return Access(config.cluster, service_of(config.service), addresses, credentials, name)


def nothing(item: Any) -> None:
    """Pass over what is delivered."""
    del item


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
    _mesh: Mesh = field(init=False)
    _task: "Task[None]" = field(init=False)

    def __attrs_post_init__(self) -> None:
        logs.left_to_the_program()
        service = self.access.service
        started = Stack(None, time.time_ns() // 1000)
        self.node = Node(
            core=Core(stacked(self.upper, Session())),
            disk=self.disk or Volatile(started),
            timers=Timers(Paces(service.client_paces), Detector(1.0), random.random),
            clock=time.time,
            journal=self.journal,
            deliver=self.deliver,
            hastened=service.hastened,
        )
        self.node.network = self._mesh = Mesh(
            self.access.name,
            self.node,
            cluster=self.access.cluster,
            credentials=self.access.credentials,
            codec=Codec(service.values),
            addresses=self.access.addresses,
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
            await self._task
        finally:
            await self._mesh.stop()

    @property
    def connected(self) -> tuple[machine.Node, ...]:
        """The servers that it is connected with."""
        return self._mesh.peers
