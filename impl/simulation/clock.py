"""An event loop whose clock jumps to whatever happens next: an hour takes as long as its events."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class StalledError(RuntimeError):
    """Nothing will ever happen again, and somebody still waits."""


class _Jump(selectors.SelectSelector):
    """Waits for no socket: the time that it would wait is over at once."""

    now: float = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StalledError("every task waits, and no timer is set")
        self.now += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that runs by its timers alone; what is due at one time runs in a fixed order.

    Guard: nothing in it uses sockets, threads or the real clock.
    """

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        """Return the virtual time in seconds, from 0."""
        return self._jump.now


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """Run `main` to its end in virtual time, and return its result.

    Raises: StalledError where it waits for what will never happen.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
