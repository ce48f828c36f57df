"""Dials one peer, again and again, for as long as there is no connection with it."""

import asyncio
import ssl
from collections.abc import Callable

import structlog
from attrs import define, field

from coterie.impl.channels.connection import Connection
from coterie.impl.channels.door import greet
from coterie.impl.channels.limits import Limits
from coterie.model.machine import Node

log = structlog.get_logger("coterie.channels")


@define
class Delays:
    """How long to wait between attempts: twice as long each time, and never quite as long.

    Attributes:
        least: the first delay, in seconds.
        most: the longest.
        draw: a random number from 0 up to 1; a delay is between half of its length and all of it.
    """

    least: float
    most: float
    draw: Callable[[], float]
    _next: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with the shortest."""
        self.reset()

    def reset(self) -> None:
        """Begin with the shortest again."""
        self._next = self.least

    def next(self) -> float:
        """Return how long to wait now."""
        length = self._next
        self._next = min(2 * length, self.most)
        return length * (1 + self.draw()) / 2


@define
class Dialler:
    """Keeps one peer connected.

    Attributes:
        peer: whom to dial.
        address: its host and port.
        context: how TLS is spoken.
        limits: how long to wait for it.
        delays: how long to wait between attempts.
        waits: whether the peer may dial too, and is given some time to do so.
        current: the connection with the peer that stands; None where there is none.
        begin: makes the next connection.
    """

    peer: Node
    address: tuple[str, int]
    context: ssl.SSLContext
    limits: Limits
    delays: Delays
    waits: bool
    current: Callable[[], Connection | None]
    begin: Callable[[], Connection]

    async def run(self) -> None:
        """Dial whenever there is no connection; never returns."""
        while True:
            if self.waits:
                await asyncio.sleep(self.limits.patience_seconds)
            standing = self.current()
            if standing is None:
                await self._attempt()
                await asyncio.sleep(self.delays.next())
            else:
                await standing.gone.wait()

    async def _attempt(self) -> None:
        """Dial once, and wait until the connection that comes of it is gone.

        Effect: a connection that lasted makes the next delay the shortest again; one that did not,
            as with a peer that refuses or fails at once, is no reason to hurry.
        """
        loop = asyncio.get_running_loop()
        host, port = self.address
        connection = self.begin()
        opening = loop.create_connection(
            lambda: connection,
            host,
            port,
            ssl=self.context,
            server_hostname=str(self.peer),
            ssl_shutdown_timeout=self.limits.closing_seconds,
        )
        await greet(connection, opening, self.limits)
        began = loop.time()
        await connection.gone.wait()
        if loop.time() - began > self.limits.delay_most:
            self.delays.reset()


def watched(task: asyncio.Task[None]) -> asyncio.Task[None]:
    """Return a task that should run until it is cancelled; the log tells when it fails."""

    def done(task: asyncio.Task[None]) -> None:
        problem = None if task.cancelled() else task.exception()
        if problem is not None:
            log.error("crashed", detail=str(problem), exc_info=problem)

    task.add_done_callback(done)
    return task
