"""A disk that takes its time, and that a crash leaves with any part of what was not yet synced.

What a node commits is one record in a file: its length, a checksum and the changes. A commit is
over when the file is synced. After a crash the file ends somewhere in what was written since the
last sync; loading drops a record that is not whole, and whatever would come after it.
"""

import asyncio
import zlib
from collections.abc import Callable, Iterator
from functools import reduce
from random import Random
from typing import Any

from attrs import define

from coterie.impl.codec import Codec
from coterie.model.machine import Machine

_HEAD = 8


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
        sync_seconds: how long a sync takes at least, and how much longer at most.
        synced: what a crash leaves.
        unsynced: what was written since; a crash leaves any part of it, from its beginning.
        records: what of a file is read again.
    """

    machine: Machine[Any, Any]
    codec: Codec
    random: Random
    sync_seconds: tuple[float, float] = (0.0002, 0.0008)
    synced: bytes = b""
    unsynced: bytes = b""
    records: Callable[[bytes], Iterator[bytes]] = records_in

    async def load(self) -> Any:
        """Return the memory that the file amounts to; what is torn at its end is cut off."""
        await self._sync()
        whole = list(self.records(self.synced))
        self.synced = b"".join(map(record_of, whole))
        changes = (change for body in whole for change in self.codec.decode(body))
        return reduce(self.machine.recorded, changes, None)

    async def commit(self, changes: list[Any]) -> None:
        """Write the changes as one record, and sync."""
        self.unsynced += record_of(self.codec.encode(tuple(changes)))
        await self._sync()

    def crash(self) -> None:
        """Lose what was not synced, from a place on that chance chooses."""
        kept = self.random.randint(0, len(self.unsynced))
        self.synced, self.unsynced = self.synced + self.unsynced[:kept], b""

    async def _sync(self) -> None:
        least, more = self.sync_seconds
        await asyncio.sleep(least + more * self.random.random())
        self.synced, self.unsynced = self.synced + self.unsynced, b""
