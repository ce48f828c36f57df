"""Whether the other end of a connection is still there, though it closes nothing.

Both ends send at least a beat in every period, so no answer is needed, and an end that is too busy
to read is not taken for dead. Periods are counted and not seconds: a process that was itself asleep
finds one period gone when it wakes, and what its peers have sent meanwhile comes before the next.
"""

import asyncio
from collections.abc import Callable

from attrs import define, field


@define
class Pulse:
    """Beats for one connection, and listens for the peer's beats.

    Attributes:
        seconds: the length of a period.
        most: how many periods may pass in which nothing is heard.
        beat: sends a sign of life, where nothing else was sent.
        silent: told when too many periods have passed.
        listens: whether bytes of the peer would be heard; silence counts only then.
    """

    seconds: float
    most: int
    beat: Callable[[], None]
    silent: Callable[[], None]
    listens: bool = True
    _missed: int = 0
    _timer: asyncio.TimerHandle | None = field(default=None)

    def start(self) -> None:
        """Begin the first period."""
        self._timer = asyncio.get_running_loop().call_later(self.seconds, self._passed)

    def heard(self) -> None:
        """Note that the peer lives."""
        self._missed = 0

    def stop(self) -> None:
        """Beat and listen no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _passed(self) -> None:
        """End a period."""
        self._missed = self._missed + 1 if self.listens else 0
        self.start()
        self.beat()
        if self._missed > self.most:
            self.silent()
