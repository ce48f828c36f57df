"""A disk that takes its time, and that keeps after a loss of power what chance leaves of writes.

What a node commits is one record in a file: its length, a checksum and the changes. A commit is
over when the file is synced. A process that crashes leaves what it has written. After a loss of
power the file ends somewhere in what was written since the last sync; loading drops a record that
is not whole, and whatever would come after it.
"""

import asyncio
import zlib
from collections.abc import Callable, Iterator
from enum import Enum
from functools import reduce
from random import Random
from typing import Any

from attrs import define, field

from coterie.impl.codec import Codec
from coterie.model.machine import Machine

_HEAD = 8


class Left(Enum):
    """What a crash leaves of what was written and not synced."""

    ALL = "all"
    SOME = "some records"
    TORN = "some bytes, and maybe rubbish after them"


def record_of(body: bytes) -> bytes:
    """Return `body` as a record of the file."""
    return len(body).to_bytes(4) + zlib.crc32(body).to_bytes(4) + body


def records_in(file: bytes) -> Iterator[bytes]:
    """Yield the records of a file, up to the first that is not whole."""
    place = 0
    while len(file) - place >= _HEAD:
        length, checksum = int.from_bytes(file[place : place + 4]), file[place + 4 : place + _HEAD]
        body = file[place + _HEAD : place + _HEAD + length]
        if len(body) < length or zlib.crc32(body).to_bytes(4) != checksum:
            return
        yield body
        place += _HEAD + length


@define(eq=False)
class SimulatedDisk:
    """The disk of one node; it outlives the node's crashes.

    Attributes:
        machine: whose memory it keeps.
        codec: writes changes, and reads them.
        random: where chance comes from.
        records: what of a file is read again.
        sync_seconds: how long a sync takes at least, and how much longer at most.
        slow_seconds: how much longer than that at most, while the disk is slow.
        synced: what a loss of power leaves.
        unsynced: the records written since.
        images: how long the file was after each sync: where an older image may end.
    """

    machine: Machine[Any, Any]
    codec: Codec
    random: Random
    records: Callable[[bytes], Iterator[bytes]] = records_in
    sync_seconds: tuple[float, float] = (0.0002, 0.0008)
    slow_seconds: float = 0.0
    synced: bytes = b""
    unsynced: list[bytes] = field(factory=list)
    images: list[int] = field(factory=list)

    async def load(self) -> Any:
        """Return the memory that the file amounts to; what is torn at its end is cut off."""
        await self.sync()
        whole = list(self.records(self.synced))
        self.synced = b"".join(map(record_of, whole))
        self.images = [place for place in self.images if place <= len(self.synced)]
        changes = (change for body in whole for change in self.codec.decode(body))
        return reduce(self.machine.recorded, changes, None)

    async def commit(self, changes: list[Any]) -> None:
        """Write the changes as one record, and sync."""
        self.write(changes)
        await self.sync()

    def write(self, changes: list[Any]) -> None:
        """Write the changes as one record, which is not yet synced."""
        self.unsynced.append(record_of(self.codec.encode(tuple(changes))))

    async def sync(self) -> None:
        """Make durable what is written by now."""
        count = len(self.unsynced)
        least, more = self.sync_seconds
        await asyncio.sleep(least + (more + self.slow_seconds) * self.random.random())
        self.flush(count)

    def flush(self, count: int) -> None:
        """Have so many of the records synced that are not yet."""
        self.synced += b"".join(self.unsynced[:count])
        del self.unsynced[:count]
        self.images.append(len(self.synced))

    def crash(self, left: Left) -> None:
        """Lose what was not synced, as far as a crash of this sort does that."""
        whole, torn = len(self.unsynced), b""
        if left is not Left.ALL:
            whole = self.random.randint(0, whole)
        if left is Left.TORN and whole < len(self.unsynced):
            first = self.unsynced[whole]
            torn = first[: self.random.randrange(1, len(first))]
            if self.random.random() < 0.5:
                torn += bytes(len(first) - len(torn))
        self.flush(whole)
        self.synced += torn
        self.unsynced.clear()

    def roll_back(self, how_far: float) -> None:
        """Put an older image in the place of the file: the farther from 0 to 1, the older."""
        self.unsynced.clear()
        older = sorted({place for place in self.images if 0 < place < len(self.synced)})
        if older:
            self.synced = self.synced[: older[int((1 - how_far) * (len(older) - 1))]]
            self.images = [place for place in self.images if place <= len(self.synced)]
