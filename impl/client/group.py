"""A client of the group: a key-value store that answers in one order, for everybody.

Every call is retried, at one server after the other, until it is answered or the caller gives up;
it is done once however often it was sent. Calls that are made at the same time share requests.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable
from types import TracebackType
from typing import Any

from attrs import define, field

from coterie.impl.client.running import Access, Connected, Running
from coterie.model.call import Call
from coterie.model.keyed import At
from coterie.model.synchrony.service.client import Client, Query, is_fit
from coterie.model.synchrony.service.messages import STABLE, STALE, Value
from coterie.model.synchrony.service.pool import pool_of
from coterie.model.synchrony.service.store import ALL, weight

CALL_BYTES_MOST = 1 << 20
"""How large a key and its values may be together."""
REQUEST_BYTES_MOST = 1 << 21
"""Calls that are larger than this together share no request."""


class UnknownOutcomeError(TimeoutError):
    """No answer came in time: the call may have been done, or may be done yet."""


@define(eq=False)
class _Request:
    operation: Any
    answer: "asyncio.Future[Any]"
    weight: int


@define(eq=False)
class GroupClient(Connected):
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
        first = self.access.start
        pool = pool_of(Client(self.access.servers, session=first), self.sessions)
        self._idle = [client.session for client in pool.clients]
        self._running = Running(self.access, pool, self._answered)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the connections; calls that still wait are told so."""
        try:
            await super().__aexit__(kind, error, trace)
        finally:
            for request in [*self._waiting, *(r for taken in self._doing.values() for r in taken)]:
                if not request.answer.done():
                    request.answer.set_exception(ConnectionAbortedError("the client is closed"))
                    request.answer.exception()  # its caller may have gone away
            self._waiting.clear()
            self._doing.clear()

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

    def _call(self, operation: Call | Query) -> Awaitable[Any]:
        """Let an operation wait for its turn.

        Raises: ValueError where a key or value is none, or too large; ConnectionAbortedError where
            the client is closed, or its node has failed.
        """
        request = _Request(
            operation, asyncio.get_running_loop().create_future(), self._checked(operation)
        )
        self._running.check()
        self._waiting.append(request)
        self._submit()
        return self._in_time(request)

    def _checked(self, operation: Call | Query) -> int:
        """Return how large an operation is.

        Raises: ValueError where it is none that a server knows, or too large.
        """
        if not is_fit(operation):
            raise ValueError(f"{operation} is no call: keys are text, values scalars")
        self._running.codec.encode(operation)
        size = len(operation.key) if isinstance(operation, Query) else weight(operation)
        if size > CALL_BYTES_MOST:
            raise ValueError(f"a key and its value of {size} bytes are more than {CALL_BYTES_MOST}")
        return size

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
        self._forget_given_up()
        while self._idle and self._waiting:
            session = self._idle.pop()
            self._doing[session] = taken = self._taken()
            self._running.node.post(At(session, _operation(taken)))
            self._forget_given_up()

    def _taken(self) -> list[_Request]:
        """Take what goes into one request: a look alone, or as many calls as there are, and fit."""
        taken = [self._waiting.popleft()]
        total = taken[0].weight
        while self._waiting and len(taken) < self.calls_most:
            following = self._waiting[0]
            total += following.weight
            if not (isinstance(taken[0].operation, Call) and isinstance(following.operation, Call)):
                break
            if total > REQUEST_BYTES_MOST:
                break
            taken.append(self._waiting.popleft())
            self._forget_given_up()
        return taken

    def _forget_given_up(self) -> None:
        """Drop what nobody waits for any more, and has not been sent."""
        while self._waiting and self._waiting[0].answer.done():
            self._waiting.popleft()

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
