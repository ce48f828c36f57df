"""Where a node is dialled: whoever comes in is a stranger until it is connected.

Strangers are few at any time: the oldest goes when there is one too many, so that idle ones cannot
keep a peer out. Each has little time.
"""

import asyncio
import errno
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from coterie.impl.channels.connection import Connection
from coterie.impl.channels.limits import Limits
from coterie.impl.channels.reasons import Reason

log = structlog.get_logger("coterie.channels")
_BACKLOG, _REST_SECONDS = 512, 0.5
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


async def greet(connection: Connection, opening: Awaitable[Any], limits: Limits) -> None:
    """Wait until a connection stands, or never will; refuse it when that takes too long.

    Raises: CancelledError, once the connection is refused, where the caller's task is cancelled.
    """
    try:
        async with asyncio.timeout(limits.greeting_seconds):
            await opening
            await connection.settled.wait()
    except TimeoutError:
        seconds = limits.greeting_seconds
        connection.refuse(Reason.SLOW, f"the peer was not connected after {seconds:g} seconds")
    except (ssl.SSLError, ConnectionResetError, ConnectionAbortedError) as problem:
        connection.refuse(Reason.HANDSHAKE, str(problem) or "the peer hung up")
    except OSError as problem:
        connection.refuse(Reason.UNREACHABLE, str(problem))
    except AttributeError:
        if not connection.is_over:
            raise  # else it is asyncio, in debug mode, that asks a transport which is gone already
    except asyncio.CancelledError:
        connection.refuse(Reason.CROWDED, "there was no room for another stranger")
        raise


class Door:
    """A listening socket, and the strangers that have come to it.

    Attributes:
        address: where it listens: the host, and the port that it was given.
    """

    def __init__(
        self,
        address: tuple[str, int],
        context: ssl.SSLContext,
        limits: Limits,
        stranger: Callable[[str], Connection],
    ) -> None:
        """Listen at `address`; `stranger` makes a connection for whoever comes from an address.

        Raises: OSError where nobody can listen there.
        """
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._socket = socket.create_server(address, family=family, backlog=_BACKLOG)
        self._socket.setblocking(False)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]
        self._context, self._limits, self._stranger = context, limits, stranger
        self._strangers: dict[asyncio.Task[None], Connection] = {}  # the oldest first
        self._loop = asyncio.get_running_loop()
        self._rest: asyncio.TimerHandle | None = None
        self._listen()

    async def close(self) -> None:
        """Listen no more, and send the strangers away."""
        if self._rest is not None:
            self._rest.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()
        await asyncio.sleep(0)  # whoever was accepted just now is greeted first, to be sent away
        for task, connection in self._strangers.items():
            connection.close(Reason.STOPPED, "the node stops")
            task.cancel()
        await asyncio.gather(*self._strangers, return_exceptions=True)

    def _listen(self) -> None:
        self._loop.add_reader(self._socket, self._accept)

    def _accept(self) -> None:
        """Let one stranger in; the loop calls again at once while there are more."""
        try:
            accepted, address = self._socket.accept()
        except OSError as problem:
            if problem.errno in _EXHAUSTED:
                log.warning("exhausted", detail=str(problem))
                self._loop.remove_reader(self._socket)
                self._rest = self._loop.call_later(_REST_SECONDS, self._listen)
            return  # else whoever it was has gone meanwhile
        accepted.setblocking(False)
        self._admit(accepted, self._stranger(f"{address[0]}:{address[1]}"))

    def _admit(self, accepted: socket.socket, connection: Connection) -> None:
        """Greet a stranger; when there are too many, the oldest leaves."""
        if len(self._strangers) >= self._limits.strangers_most:
            oldest = next(iter(self._strangers))
            del self._strangers[oldest]
            oldest.cancel()
        task = self._loop.create_task(self._greet(accepted, connection))
        self._strangers[task] = connection
        task.add_done_callback(lambda done: self._strangers.pop(done, None))

    async def _greet(self, accepted: socket.socket, connection: Connection) -> None:
        opening = self._loop.connect_accepted_socket(
            lambda: connection,
            accepted,
            ssl=self._context,
            ssl_shutdown_timeout=self._limits.closing_seconds,
        )
        await greet(connection, opening, self._limits)
