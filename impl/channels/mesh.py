"""The channels of one node: to every peer at most one connection, over which both ends send.

Servers know each other's addresses, and the one of the higher name dials; the other one dials only
when it has not been dialled for a while, as by a peer that does not know it. Who does not listen
(clients, devices) dials whom it knows. However it comes about, a pair keeps one connection:

* one that a newer process of the peer began goes before one of an older process, and a later
  attempt before an earlier one: a peer that was restarted gets in, though its old socket seems
  alive;
* where both ends of a pair have dialled, the connection that the higher name began is the one.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from coterie.impl import keys
from coterie.impl.channels.connection import Connection
from coterie.impl.channels.dialler import Delays, Dialler, watched
from coterie.impl.channels.door import Door
from coterie.impl.channels.hello import Farewell, Identity, farewell
from coterie.impl.channels.host import Dialled
from coterie.impl.channels.limits import Limits
from coterie.impl.channels.reasons import Counters, Quota, Reason
from coterie.impl.channels.tls import accepting, dialling
from coterie.impl.codec import Codec
from coterie.impl.keys import Credentials
from coterie.impl.ports import Arrivals
from coterie.model.machine import Node

log = structlog.get_logger("coterie.channels")
Address = tuple[str, int]


class Mesh:
    """A `Network` of sockets.

    Attributes:
        identity: who this node is.
        limits: what it puts up with.
        counters: what was sent, received, refused and closed since it was made.
        quota: how many refusals of strangers are logged.
    """

    def __init__(
        self,
        node: Node,
        arrivals: Arrivals,
        *,
        cluster: str,
        credentials: Credentials,
        codec: Codec,
        addresses: Mapping[Node, Address],
        listen: Address | None = None,
        limits: Limits | None = None,
        incarnation: int | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """Prepare the channels of `node`, which tell `arrivals` what comes in.

        Args:
            node: the name of this node, which its certificate proves.
            arrivals: told of connections and messages, on the event loop.
            cluster: nodes of another one are refused.
            credentials: what this node proves its name with.
            codec: of the messages.
            limits: what it puts up with.
            addresses: where peers are dialled; the node's own, if it is there, is not used.
            listen: where to be dialled; port 0 stands for any that is free. None: nowhere.
            incarnation: a number that is higher in each later process of the node; the time of day
                in nanoseconds, if it is not given.
            draw: gives random numbers from 0 up to 1, for the delays between attempts.
        Raises: KeysError where the credentials are not those of the node.
        """
        keys.verify(credentials, node)
        started = time.time_ns() if incarnation is None else incarnation
        self.identity = Identity(cluster, node, started)
        self.limits, self.counters = limits or Limits(), Counters()
        self.quota = Quota(self.limits.refusals_told_most)
        self._arrivals, self._codec, self._draw = arrivals, codec, draw
        self._accepting, self._dialling = accepting(credentials), dialling(credentials)
        self._addresses = {peer: at for peer, at in addresses.items() if peer != node}
        self._listen = listen
        self._door: Door | None = None
        self._diallers: list[asyncio.Task[None]] = []
        self._standing: dict[Node, Connection] = {}
        self._all: set[Connection] = set()
        self._attempts, self._is_paused = 0, False

    @property
    def address(self) -> Address | None:
        """Where this node is dialled, with the port that it was given; None while it is nowhere."""
        return self._door.address if self._door else None

    @property
    def peers(self) -> tuple[Node, ...]:
        """The nodes with which a connection stands, by name."""
        standing = tuple(self._standing)  # at once, for another thread may ask
        return tuple(sorted(standing))

    def incarnation(self, peer: Node) -> int | None:
        """Return which process of `peer` is connected; None where none is."""
        standing = self._standing.get(peer)
        return standing.hello.incarnation if standing and standing.hello else None

    async def start(self) -> None:
        """Listen, and begin to dial.

        Raises: OSError where nobody can listen at the address.
        """
        if self._listen is not None:
            self._door = Door(self._listen, self._accepting, self.limits, self._stranger)
            log.info("listened", node=str(self.identity.node), address=self._door.address)
        for peer, address in sorted(self._addresses.items()):
            dialler = self._dialler(peer, address)
            self._diallers.append(watched(asyncio.create_task(dialler.run())))

    async def stop(self) -> None:
        """Send what waits, for as long as `closing_seconds`, and close every connection."""
        if self._door is not None:
            await self._door.close()
        for connection in list(self._all):
            connection.close(Reason.STOPPED, "the node stops")
        for task in self._diallers:
            task.cancel()
        await asyncio.gather(*self._diallers, return_exceptions=True)
        await asyncio.gather(*(connection.gone.wait() for connection in list(self._all)))
        self._diallers.clear()
        self._door = None

    # What the node asks for.

    def send(self, to: Node, message: Any) -> None:
        """Send a message; it is lost where no connection with `to` stands, or it is too long.

        Raises: Unwritable where it is none of the codec's values (the caller's bug).
        """
        standing = self._standing.get(to)
        if standing is not None and self._sent(standing, to, message):
            self.counters.messages_out += 1
        else:
            self.counters.messages_lost += 1

    def _sent(self, standing: Connection, to: Node, message: Any) -> bool:
        data = self._codec.encode(message)
        if len(data) > standing.message_bytes:
            log.error("dropped", node=str(self.identity.node), peer=str(to), bytes=len(data))
            return False
        return standing.send(data)

    def resume(self) -> None:
        """Go on reading."""
        self._is_paused = False
        for connection in self._standing.values():
            connection.resume_reading()

    # What connections tell.

    def knows(self, peer: Node | None) -> bool:
        """Return whether both ends are servers that know each other."""
        return self._listen is not None and peer in self._addresses

    def rival(self, connection: Connection) -> Farewell | None:
        """Return why a connection must not stand, given those that do."""
        assert connection.peer is not None
        peer, standing = connection.peer, self._standing.get(connection.peer)
        if standing is not None and standing is not connection:
            return _rivalry(standing, connection, is_higher=self.identity.node > peer)
        if connection.dialled is None and standing is None and self._is_crowded:
            return farewell(Reason.CROWDED, f"{len(self._standing)} peers are connected")
        return None

    def opened(self, connection: Connection) -> None:
        """Let a connection stand, in place of the one that stood."""
        assert connection.peer is not None
        before = self._standing.get(connection.peer)
        if before is not None:
            before.close(Reason.REPLACED, "a newer connection took its place")
        self._standing[connection.peer] = connection
        self._arrivals.connected(connection.peer)
        if self._is_paused:
            connection.pause_reading()

    def arrived(self, peer: Node, data: bytes) -> None:
        """Hand a message over; read no more where the node has enough."""
        more = self._arrivals.received(peer, self._codec.decode(data))
        if more or self._is_paused:
            return
        self._is_paused = True
        for connection in self._standing.values():
            connection.pause_reading()

    def ended(self, connection: Connection) -> None:
        """Forget a connection that stood."""
        assert connection.peer is not None
        if self._standing.get(connection.peer) is connection:
            del self._standing[connection.peer]
            self._arrivals.disconnected(connection.peer)

    def released(self, connection: Connection) -> None:
        """Forget a connection whose transport is closed."""
        self._all.discard(connection)

    # How connections begin.

    @property
    def _is_crowded(self) -> bool:
        return len(self._standing) >= self.limits.peers_most

    def _dialler(self, peer: Node, address: Address) -> Dialler:
        return Dialler(
            peer,
            address,
            self._dialling,
            self.limits,
            Delays(self.limits.delay_least, self.limits.delay_most, self._draw),
            waits=self._listen is not None and peer > self.identity.node,
            current=lambda: self._standing.get(peer),
            begin=lambda: self._begun(peer, address),
        )

    def _stranger(self, address: str) -> Connection:
        return self._kept(Connection(self, None, address))

    def _begun(self, peer: Node, address: Address) -> Connection:
        self._attempts += 1
        dialled = Dialled(peer, self._attempts)
        return self._kept(Connection(self, dialled, f"{address[0]}:{address[1]}"))

    def _kept(self, connection: Connection) -> Connection:
        self._all.add(connection)
        return connection


def _rivalry(standing: Connection, new: Connection, *, is_higher: bool) -> Farewell | None:
    """Return why a connection must not take the place of the one that stands with the same peer."""
    assert standing.hello is not None
    assert new.hello is not None
    before, now = standing.hello, new.hello
    if now.incarnation != before.incarnation:
        is_newer = now.incarnation > before.incarnation
        return None if is_newer else farewell(Reason.OLDER, "a newer process is connected")
    if (standing.dialled is None) != (new.dialled is None):
        stays = (new.dialled is not None) == is_higher
        return None if stays else farewell(Reason.CROSSED, "the other connection stays")
    if new.dialled is None and now.attempt <= before.attempt:
        return farewell(Reason.OLDER, "a newer connection stands")
    return None
