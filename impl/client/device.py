"""The device of a store: it measures, and knows how much of that is safe.

Its diary is on its own disk, so that a device that starts again goes on with the next number.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from attrs import define, field

from coterie.impl.client.running import Access, Connected, Running
from coterie.impl.codec import Codec
from coterie.impl.disks import Threaded
from coterie.impl.services.store import diary
from coterie.impl.storage.format import Identity
from coterie.impl.storage.opening import open_storage
from coterie.model.gossip.store.edge import Measure
from coterie.model.gossip.store.service.sensor import NotLater, Safe, Sensor
from coterie.model.session import Session
from coterie.model.stacked import stacked


class NotLaterError(ValueError):
    """A measurement is not later than the one before it."""


@define(eq=False)
class Device(Connected):
    """A device, connected while it is entered: `async with Device(access, path) as device`.

    Attributes:
        access: how it reaches the servers.
        storage: the file of its diary.
        window: how many measurements a required server may be behind.
        told: told whenever more is safe, with how much is.
        taken: how many measurements it has taken since it was entered.
        safe: how many of all that it ever took are safe, as far as it knows.
    """

    access: Access
    storage: Path
    window: int = 1000
    told: Callable[[int], None] = lambda _: None
    taken: int = 0
    safe: int = 0
    _running: Running = field(init=False)
    _disk: Threaded = field(init=False)
    _more_is_safe: asyncio.Event = field(factory=asyncio.Event, init=False)

    def __attrs_post_init__(self) -> None:
        sensor = Sensor(self.access.servers, window=self.window)
        made, codec = stacked(sensor, Session()), Codec(self.access.service.values)
        identity = Identity(self.access.cluster, "device", str(self.access.name))
        self._disk = Threaded(open_storage(self.storage, diary(made, codec), identity))
        self._running = Running(self.access, sensor, self._delivered, self._disk)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the connections; what is not safe may be lost."""
        try:
            await super().__aexit__(kind, error, trace)
        finally:
            await self._disk.close()

    async def measure(self, date: int, value: int) -> int:
        """Take a measurement, and return its number; it waits while the servers are too far behind.

        Raises: NotLaterError where `date` is not later than that of the last measurement.
        """
        result = await self._running.node.invoke(Measure(date, value))
        if isinstance(result, NotLater):
            raise NotLaterError(f"the last measurement was at {result.latest}: {date} is not later")
        self.taken += 1
        number: int = result.number
        return number

    async def until_safe(self, number: int) -> None:
        """Wait until the measurement of that number is on enough disks."""
        while self.safe <= number:
            self._more_is_safe.clear()
            await self._running.until(self._more_is_safe)

    def _delivered(self, item: Any) -> None:
        if isinstance(item, Safe):
            self.safe = item.count
            self._more_is_safe.set()
            self.told(item.count)
