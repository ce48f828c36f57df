"""One connection: a greeting, then messages both ways, until one end closes it or is gone.

It begins when TLS stands. Everything that comes in is held against what may come at this stage;
what may not closes the connection, with a reason that both ends log.
"""

import asyncio
import socket
from typing import Any, cast

import structlog

from coterie.impl.channels.hello import (
    CONTROL,
    Control,
    Farewell,
    Hello,
    Welcome,
    farewell,
    objection,
)
from coterie.impl.channels.host import Dialled, Host, Stage
from coterie.impl.channels.outbox import Outbox
from coterie.impl.channels.parts import BEAT, WHOLE, Assembly, PartsError, cut, marked
from coterie.impl.channels.parts import CONTROL as A_CONTROL
from coterie.impl.channels.pulse import Pulse
from coterie.impl.channels.reasons import Reason
from coterie.impl.channels.tls import certified
from coterie.impl.codec import Malformed
from coterie.impl.frames import FrameError, Splitter, framed
from coterie.model.machine import Node

log = structlog.get_logger("coterie.channels")
_LONGEST_CONTROL = 2048
_A_BEAT = marked(BEAT)
_USUAL = {Reason.STOPPED, Reason.UNREACHABLE, Reason.CROSSED}
_UNANSWERED = {Reason.UNREACHABLE: "failed"}
_AT_ONCE = {Reason.OVERFLOW, Reason.SILENT}


class Connection(asyncio.Protocol):
    """A connection with one peer.

    Attributes:
        stage: how far it has come.
        dialled: what this node dialled for; None where the peer dialled.
        peer: whom the peer's certificate names; None before the handshake is over.
        hello: what the peer has said about itself; None before.
        settled: set when the connection stands, or never will.
        gone: set when the transport is closed.
    """

    def __init__(self, host: Host, dialled: Dialled | None, address: str) -> None:
        """Begin with the handshake; `address` is where the other end is, for the log."""
        self.stage, self.dialled = Stage.HANDSHAKE, dialled
        self.peer: Node | None = None
        self.hello: Hello | None = None
        self.settled, self.gone = asyncio.Event(), asyncio.Event()
        self._host, self._address = host, address
        self._transport: asyncio.Transport | None = None
        self._outbox: Outbox | None = None
        self._splitter = Splitter(host.limits.frame_bytes)
        self._assembly = Assembly(host.limits.message_bytes)
        self._last_chance: asyncio.TimerHandle | None = None
        limits = host.limits
        self._pulse = Pulse(limits.beat_seconds, limits.silent_beats_most, self._beat, self._silent)

    @property
    def is_over(self) -> bool:
        """Whether the connection stands no more, and never will."""
        return self.stage is Stage.CLOSED

    # What the transport tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet the peer: the handshake is over, and has told who that is."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._outbox = Outbox(self._transport, self._host.counters)
        _send_at_once(transport)
        if self.is_over:
            self._transport.abort()
            return
        self.stage = Stage.GREETING
        try:
            self.peer = certified(transport.get_extra_info("ssl_object"))
        except ValueError as problem:
            self.close(Reason.NAME, str(problem))
            return
        attempt = self.dialled.attempt if self.dialled else 0
        self._say(self._host.identity.hello(self.peer, attempt))

    def data_received(self, data: bytes) -> None:
        """Take in what has arrived; what no node would send closes the connection."""
        self._host.counters.bytes_in += len(data)
        self._pulse.heard()
        if self.is_over:
            return
        try:
            for payload in self._splitter.feed(data):
                self._take(payload)
        except (FrameError, PartsError, Malformed) as problem:
            self.close(Reason.MALFORMED, str(problem))

    def pause_writing(self) -> None:
        """Write no more for now."""
        assert self._outbox is not None
        self._outbox.pause()

    def resume_writing(self) -> None:
        """Go on writing."""
        assert self._outbox is not None
        self._outbox.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end; where nobody has said why, it is the peer that hung up."""
        if self._outbox is not None:
            self._outbox.drop()
        self.close(Reason.HUNG_UP, _told(exc))
        if self._last_chance is not None:
            self._last_chance.cancel()
        self._release()

    # What the node asks for.

    def send(self, message: bytes) -> bool:
        """Send an encoded message, unless too much waits already: then the connection closes.

        Guard: the connection stands, and the message is not longer than messages may be.
        Returns: whether it will be sent.
        """
        assert self._outbox is not None
        if self._outbox.waiting_bytes > self._out_bytes:
            # Not at once: whoever sends should not be told of the end while it does so.
            asyncio.get_running_loop().call_soon(self._overflowed)
            return False
        for payload in cut(message, self._host.limits.frame_bytes):
            self._outbox.put(framed(payload))
        return True

    def pause_reading(self) -> None:
        """Read no more for now; the peer's silence means nothing meanwhile."""
        assert self._transport is not None
        self._pulse.listens = False
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on reading."""
        assert self._transport is not None
        self._pulse.listens = True
        self._transport.resume_reading()

    def refuse(self, reason: Reason, detail: str) -> None:
        """Close the connection, unless it stands by now."""
        if self.stage is not Stage.OPEN:
            self.close(reason, detail)

    def close(self, reason: Reason, detail: str, *, told: bool = False) -> None:
        """Close the connection, and say why to the peer and to the log; the first reason counts.

        Guard: `told` says that the reason came from the peer, which need not be told then.
        """
        if self.is_over:
            return
        stood, self.stage = self.stage is Stage.OPEN, Stage.CLOSED
        self._pulse.stop()
        self._note(reason, detail, stood=stood, told=told)
        if not told:
            self._say(farewell(reason, detail))
        self._let_go(reason)
        self.settled.set()
        if stood:
            self._host.ended(self)

    # How it goes on.

    def _take(self, payload: bytes) -> None:
        kind = payload[0]
        if self.is_over or payload == _A_BEAT:
            return
        if kind == A_CONTROL:
            if len(payload) > _LONGEST_CONTROL:
                raise PartsError(f"a greeting of {len(payload)} bytes")
            self._hear(CONTROL.decode(payload[1:]))
        elif WHOLE <= kind < A_CONTROL and self.stage is Stage.OPEN and self.peer is not None:
            message = self._assembly.take(kind, payload[1:])
            if message is not None:
                self._host.arrived(self.peer, message)
                self._host.counters.messages_in += 1
        else:
            raise PartsError(f"a payload of kind {kind} in stage {self.stage.name.lower()}")

    def _hear(self, control: Control) -> None:
        match control:
            case Hello() if self.hello is None:
                self._greeted(control)
            case Welcome() if self.hello is not None and self.stage is Stage.GREETING:
                self._welcomed()
            case Farewell(reason, detail):
                said = farewell(Reason(reason), detail)  # its words go to the log
                self.close(Reason(reason), said.detail, told=True)
            case _:
                raise PartsError(f"a {type(control).__name__} that was not to come")

    def _greeted(self, hello: Hello) -> None:
        assert self.peer is not None
        self.hello = hello
        wanted = self.dialled.peer if self.dialled else None
        problem = objection(hello, self._host.identity, self.peer, wanted) or self._host.rival(self)
        if problem is None:
            self._say(Welcome())
        else:
            self.close(Reason(problem.reason), problem.detail)

    def _welcomed(self) -> None:
        """Stand, unless another connection has come to stand since the peer was welcomed."""
        problem = self._host.rival(self)
        if problem is not None:
            self.close(Reason(problem.reason), problem.detail)
            return
        self.stage = Stage.OPEN
        self._assembly = Assembly(self.message_bytes)
        self._host.counters.connections += 1
        log.info("connected", **self._fields())
        self._pulse.start()
        self._host.opened(self)
        self.settled.set()

    def _say(self, control: Control) -> None:
        if self._outbox is not None:
            self._outbox.put(framed(marked(A_CONTROL, CONTROL.encode(control))))

    def _beat(self) -> None:
        """Send a sign of life, where nothing else was sent and nothing waits."""
        assert self._outbox is not None
        if not (self._outbox.was_used or self._outbox.waiting_bytes):
            self._outbox.put(framed(_A_BEAT))
        self._outbox.was_used = False

    @property
    def message_bytes(self) -> int:
        """The longest message that may be sent, or received."""
        limits = self._host.limits
        known = self._host.knows(self.peer)
        return limits.server_message_bytes if known else limits.message_bytes

    @property
    def _out_bytes(self) -> int:
        limits = self._host.limits
        return limits.server_out_bytes if self._host.knows(self.peer) else limits.out_bytes

    def _silent(self) -> None:
        most = self._host.limits.beat_seconds * self._host.limits.silent_beats_most
        self.close(Reason.SILENT, f"nothing was heard of the peer for {most:g} seconds")

    def _overflowed(self) -> None:
        most = self._out_bytes
        self.close(Reason.OVERFLOW, f"more than {most} bytes waited to be sent")

    def _let_go(self, reason: Reason) -> None:
        """Close the transport, once what waits has left, unless the peer takes nothing any more."""
        if self._transport is None or self._outbox is None:
            self._release()
            return
        if reason in _AT_ONCE:
            self._outbox.drop()
            self._transport.abort()
            return
        limit = self._host.limits.closing_seconds
        later = asyncio.get_running_loop().call_later
        self._last_chance = later(limit, self._transport.abort)
        self._transport.resume_reading()
        self._outbox.finish(self._transport.close)

    def _release(self) -> None:
        self.gone.set()
        self._host.released(self)

    def _note(self, reason: Reason, detail: str, *, stood: bool, told: bool) -> None:
        counters, by = self._host.counters, "peer" if told else "node"
        (counters.closures if stood else counters.refusals)[reason] += 1
        if not stood and self.dialled is None and not self._host.quota.take():
            counters.refusals_untold += 1
            return
        event = "disconnected" if stood else _UNANSWERED.get(reason, "refused")
        tell = log.info if reason in _USUAL else log.warning
        tell(event, reason=str(reason), detail=detail, by=by, **self._fields())

    def _fields(self) -> dict[str, Any]:
        known = self.peer or (self.dialled.peer if self.dialled else None)
        return {
            "node": str(self._host.identity.node),
            "peer": str(known) if known else "unknown",
            "address": self._address,
            "dialled": self.dialled is not None,
        }


def _told(problem: Exception | None) -> str:
    return "the peer hung up, and did not say why" if problem is None else str(problem)


def _send_at_once(transport: asyncio.BaseTransport) -> None:
    """Let no small message wait until the one before it is acknowledged: that takes up to 40 ms.

    Why: what is sent in one turn leaves together already.
    """
    connected = transport.get_extra_info("socket")
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
