"""Clients of a log for tests: an honest writer, and a hostile one with a valid certificate."""

import asyncio
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from coterie.impl.client.log import LogReader, LogWriter
from coterie.impl.client.running import Access, Running
from coterie.impl.cluster import KEYS
from coterie.impl.keys import signing_key
from coterie.impl.seals import public_of
from coterie.impl.services.log import KEY, WRITER
from coterie.impl.supervisor import Supervisor
from coterie.model.gossip.gdp.record import Entry
from coterie.model.machine import (
    Deliver,
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Return,
    Send,
)
from tests.impl.processes.running import access_of


def writer_of(running: Supervisor, disk: Path) -> LogWriter:
    """Return the writer of a cluster, with its place on that disk."""
    key = signing_key(running.cluster.folder / KEYS, KEY)
    return LogWriter(access_of(running.cluster, WRITER), key, disk, timeout_seconds=90)


def reader_of(running: Supervisor, index: int = 0, *replicas: Node) -> LogReader:
    """Return a reader of a cluster, which asks those replicas alone, or all."""
    access = access_of(running.cluster, Node("client", index))
    only = {node: at for node, at in access.addresses.items() if not replicas or node in replicas}
    chosen = Access(access.cluster, access.service, only, access.credentials, access.name)
    public = public_of(signing_key(running.cluster.folder / KEYS, KEY))
    return LogReader(chosen, public, timeout_seconds=90)


async def all_of(running: Supervisor, *replicas: Node) -> list[Entry]:
    """Return everything that one of those replicas tells, in its order."""
    async with reader_of(running, 7, *replicas) as reader:
        return [entry async for entry in reader.follow(once=True)]


@frozen
class Loudspeaker(Machine[None, None]):
    """Sends whatever it is told to, and delivers whatever it hears."""

    def start(self, memory: None) -> Outcome[None]:
        """Begin."""
        del memory
        return Outcome(None)

    def step(self, state: None, event: Event) -> Outcome[None] | None:
        """Send, or deliver."""
        match event:
            case Invoke(Send() as send):
                return Outcome(state, (send, Return(None)))
            case Receive(sender, message):
                return Outcome(state, (Deliver((sender, message)),))
        return None


@define
class Hostile:
    """A client with a valid certificate, who says what it likes.

    Attributes:
        access: how it reaches the replicas.
        heard: what it is answered.
    """

    access: Access
    heard: "asyncio.Queue[Any]" = field(factory=asyncio.Queue)

    async def answers(self, to: Node, *messages: Any) -> list[Any]:
        """Say these, and return as many answers."""
        async with Running(self.access, Loudspeaker(), self.heard.put_nowait) as running:
            for message in messages:
                await running.node.invoke(Send(to, message))
            said = [await asyncio.wait_for(self.heard.get(), 90) for _ in messages]
        return [message for _, message in said]
