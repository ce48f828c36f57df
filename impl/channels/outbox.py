"""What waits to be sent over one connection: written once per turn of the loop, and bounded."""

import asyncio
from collections.abc import Callable

from coterie.impl.channels.reasons import Counters

_CHUNK = 1 << 18


class Outbox:
    """Collects frames, and hands them to the transport together, as far as that takes them."""

    def __init__(self, transport: asyncio.Transport, counters: Counters) -> None:
        """Begin with nothing to send."""
        self._transport, self._counters = transport, counters
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._is_paused, self._is_scheduled = False, False
        self._when_empty: Callable[[], None] | None = None
        self.was_used = False
        """Whether anything was put in since this was last set to False."""

    @property
    def waiting_bytes(self) -> int:
        """How much waits for the transport."""
        return len(self._waiting)

    def put(self, frame: bytes) -> None:
        """Send a frame after the others; it leaves with all that is put in before the next turn."""
        self._waiting += frame
        self.was_used = True
        if not (self._is_scheduled or self._is_paused):
            self._is_scheduled = True
            self._loop.call_soon(self._flush)

    def pause(self) -> None:
        """Keep what is put in from now on: the transport has enough to do."""
        self._is_paused = True

    def resume(self) -> None:
        """Go on writing."""
        self._is_paused = False
        self._flush()

    def finish(self, then: Callable[[], None]) -> None:
        """Call `then` as soon as the transport has taken everything."""
        self._when_empty = then
        if not self._is_scheduled:
            self._flush()

    def drop(self) -> None:
        """Forget what waits; nothing is written any more."""
        self._waiting.clear()
        self._is_paused, self._when_empty = True, None

    def _flush(self) -> None:
        self._is_scheduled = False
        while self._waiting and not self._is_paused:
            chunk = bytes(self._waiting[:_CHUNK])
            del self._waiting[:_CHUNK]
            self._counters.bytes_out += len(chunk)
            self._transport.write(chunk)
        if self._when_empty is not None and not self._waiting:
            then, self._when_empty = self._when_empty, None
            then()
