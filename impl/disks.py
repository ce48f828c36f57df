"""Disks for a node's event loop: a store in a thread of its own, or no more than the process."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from attrs import define, field, frozen

from coterie.impl.ports import Storage


@define
class Threaded:
    """A store that blocks, in a thread of its own: everything is done in the order of the calls.

    Attributes:
        storage: the store.
    """

    storage: Storage
    _thread: ThreadPoolExecutor = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="disk")

    async def load(self) -> Any:
        """Return the durable memory, or None."""
        return await self._do(self.storage.load)

    async def commit(self, changes: list[Any]) -> None:
        """Make these changes durable, all or none."""
        await self._do(self.storage.commit, changes)

    async def close(self) -> None:
        """Let go of the store and of the thread."""
        await self._do(self.storage.close)
        self._thread.shutdown()

    async def _do(self, function: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)


@frozen
class Volatile:
    """No disk at all: what is recorded lasts as long as the process; for clients.

    Attributes:
        memory: what a start finds.
    """

    memory: Any = None

    async def load(self) -> Any:
        """Return the memory to start with."""
        return self.memory

    async def commit(self, changes: list[Any]) -> None:
        """Keep nothing."""
