"""Clients for programs without an event loop: each runs one in a thread of its own.

Their calls may come from many threads at once; calls of a group that do so share requests.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from attrs import frozen

from coterie.impl.client import at
from coterie.impl.client.group import GroupClient
from coterie.impl.client.store import StoreClient
from coterie.model.gossip.store.service.queries import Reported, What
from coterie.model.synchrony.service.messages import Value

T = TypeVar("T")


@frozen
class Group:
    """A client of a group; see `GroupClient` for what each call means, and raises."""

    client: GroupClient
    loop: asyncio.AbstractEventLoop

    def write(self, key: str, value: Value) -> None:
        """Let `key` hold `value`."""
        _done(self.loop, self.client.write(key, value))

    def read(self, key: str) -> Value:
        """Return what `key` holds."""
        return _done(self.loop, self.client.read(key))

    def swap(self, key: str, old: Value, new: Value) -> bool:
        """Let `key` hold `new` if it holds `old`, and return whether it did."""
        return _done(self.loop, self.client.swap(key, old, new))

    def delete(self, key: str) -> None:
        """Let `key` hold nothing."""
        _done(self.loop, self.client.delete(key))

    def look(self, key: str, *, stale: bool = False) -> Value:
        """Return what one server has for `key`."""
        return _done(self.loop, self.client.look(key, stale=stale))


@frozen
class Store:
    """A client of a store; see `StoreClient` for what each call means, and raises."""

    client: StoreClient
    loop: asyncio.AbstractEventLoop

    def value(self, date: int) -> int | None:
        """Return what was measured at `date`."""
        return _done(self.loop, self.client.value(date))

    def latest(self) -> tuple[int, int] | None:
        """Return the latest date and its value."""
        return _done(self.loop, self.client.latest())

    def between(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return the dates from `first` to `last`, and their values, in order."""
        return _done(self.loop, _listed(self.client.between(first, last)))

    def report(self, what: What) -> Reported:
        """Return a server's answer, with how far it is and how much is agreed."""
        return _done(self.loop, self.client.report(what))


@contextmanager
def group(folder: str | Path, **options: Any) -> Iterator[Group]:
    """Return a client of the group in `folder`.

    Raises: as `at.access_to`.
    """
    with _running() as loop, _entered(loop, at.group(folder, **options)) as client:
        yield Group(client, loop)


@contextmanager
def store(folder: str | Path, **options: Any) -> Iterator[Store]:
    """Return a client of the store in `folder`.

    Raises: as `at.access_to`.
    """
    with _running() as loop, _entered(loop, at.store(folder, **options)) as client:
        yield Store(client, loop)


@contextmanager
def _running() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop in a thread meanwhile."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="client", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        _done(loop, _ended())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def _entered(loop: asyncio.AbstractEventLoop, made: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Enter an asynchronous context on the loop meanwhile."""
    entered = _done(loop, made.__aenter__())
    try:
        yield entered
    finally:
        _done(loop, made.__aexit__(None, None, None))


def _done(loop: asyncio.AbstractEventLoop, call: Coroutine[Any, Any, T]) -> T:
    """Return what a call gives on the loop."""
    return asyncio.run_coroutine_threadsafe(call, loop).result()


async def _ended() -> None:
    """End what other threads still call: they are told that it came to nothing."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)


async def _listed(rows: AsyncIterator[T]) -> list[T]:
    return [row async for row in rows]
