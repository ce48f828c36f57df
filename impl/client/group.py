"""A client of the group: a key-value store that answers in one order, for everybody.

Every call is retried, at one server after the other, until it is answered or the caller gives up;
it is done once however often it was sent. Calls that are made at the same time share requests.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable
from types import TracebackType
from typing import Any, Self

from attrs import define, field

from coterie.impl.client.running import Access, Running
from coterie.model.call import Call
from coterie.model.keyed import At
from coterie.model.synchrony.service.client import Client, Query
from coterie.model.synchrony.service.messages import STABLE, STALE, Value
from coterie.model.synchrony.service.pool import pool_of
from coterie.model.synchrony.service.store import ALL


class UnknownOutcomeError(TimeoutError):
    """No answer came in time: the call may have been done, or may be done yet."""


@define
class _Request:
    operation: Any
    answer: "asyncio.Future[Any]"


@define(eq=False)
class GroupClient:
    """A client, connected while it is entered: `async with GroupClient(access) as client`.

    Attributes:
        access: how it reaches the servers.
        sessions: how many requests may be under way.
        calls_most: how many calls a request has at most.
        timeout_seconds: how long a call waits for its answer.
    """

    access: Access
    sessions: int = 4
    calls_most: int = 256
    timeout_seconds: float = 30.0
    _running: Running = field(init=False)
    _waiting: deque[_Request] = field(factory=deque, init=False)
    _idle: list[int] = field(factory=list, init=False)
    _doing: dict[int, list[_Request]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        first = time.time_ns() // 1000
        pool = pool_of(Client(self.access.servers, session=first), self.sessions)
        self._idle = [client.session for client in pool.clients]
        self._running = Running(self.access, pool, self._answered)

    async def __aenter__(self) -> Self:
        """Begin to connect; calls wait until some server is there."""
        await self._running.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the connections."""
        await self._running.__aexit__(kind, error, trace)

    async def write(self, key: str, value: Value) -> None:
        """Let `key` hold `value`; when this returns, every member has that on its disk.

        Raises: UnknownOutcomeError where no answer came in time.
        """
        await self._call(Call("write", value, key))

    async def read(self, key: str) -> Value:
        """Return what `key` holds, in one order with all writes: never older than any answer.

        Raises: UnknownOutcomeError where no answer came in time.
        """
        value: Value = await self._call(Call("read", None, key))
        return value

    async def swap(self, key: str, old: Value, new: Value) -> bool:
        """Let `key` hold `new` if it holds `old`, and return whether it did.

        Raises: UnknownOutcomeError where no answer came in time.
        """
        done: bool = await self._call(Call("cas", (old, new), key))
        return done

    async def delete(self, key: str) -> None:
        """Let `key` hold nothing.

        Raises: UnknownOutcomeError where no answer came in time.
        """
        await self._call(Call("delete", None, key))

    async def look(self, key: str, *, stale: bool = False) -> Value:
        """Return what one server has for `key`, which costs the others nothing.

        Attributes:
            stale: whether the server answers at once, with what it has; else it first waits for
                what it has received to be durable everywhere.

        Raises: UnknownOutcomeError where no answer came in time.
        """
        value: Value = await self._call(Query(key, STALE if stale else STABLE))
        return value

    def _call(self, operation: Any) -> Awaitable[Any]:
        request = _Request(operation, asyncio.get_running_loop().create_future())
        self._waiting.append(request)
        self._submit()
        return self._in_time(request)

    async def _in_time(self, request: _Request) -> Any:
        try:
            return await asyncio.wait_for(request.answer, self.timeout_seconds)
        except TimeoutError:
            there = ", ".join(map(str, self._running.connected)) or "no server"
            raise UnknownOutcomeError(
                f"no answer in {self.timeout_seconds} seconds, connected with {there}"
            ) from None

    def _submit(self) -> None:
        """Let the sessions that are idle take what waits."""
        while self._idle and self._waiting:
            session = self._idle.pop()
            self._doing[session] = taken = self._taken()
            self._running.node.post(At(session, _operation(taken)))

    def _taken(self) -> list[_Request]:
        """Take what goes into one request: a look alone, or as many calls as there are, and fit."""
        taken = [self._waiting.popleft()]
        if isinstance(taken[0].operation, Call):
            while self._waiting and isinstance(self._waiting[0].operation, Call):
                if len(taken) >= self.calls_most:
                    break
                taken.append(self._waiting.popleft())
        return taken

    def _answered(self, item: Any) -> None:
        """Give the answers to those who wait for them."""
        assert isinstance(item, At)
        taken = self._doing.pop(item.key)
        self._idle.append(item.key)
        results = (item.inner,) if len(taken) == 1 else item.inner
        for request, result in zip(taken, results, strict=True):
            if not request.answer.done():
                request.answer.set_result(result)
        self._submit()


def _operation(taken: list[_Request]) -> Any:
    """Return what is asked for: one operation as it is, several calls as one."""
    if len(taken) == 1:
        return taken[0].operation
    return Call(ALL, tuple(request.operation for request in taken))
