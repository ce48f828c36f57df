"""A node: the loop around a core that brings it events, and does what its steps ask for.

Messages, the calls of users and the options whose time has come are events; the loop takes what is
waiting, lets the core step through it, writes the steps into the journal, commits what they record,
and only then sends, returns and delivers. There is one such turn at a time. Nothing is decided
here: what is sent, and when a call is refused, is the machine's word.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog
from attrs import define, field, frozen

from coterie.impl.core import Core, Step, changes, others
from coterie.impl.journal import Journal
from coterie.impl.ports import Network, StorageError
from coterie.impl.timers import Timers
from coterie.model import machine
from coterie.model.machine import (
    Deliver,
    Effect,
    Event,
    Invoke,
    Receive,
    Return,
    Send,
)

log = structlog.get_logger("coterie.node")


class Disk(Protocol):
    """A node's durable memory, as its event loop sees it: a `Storage` that does not block."""

    def load(self) -> Awaitable[Any]:
        """Return the durable memory, or None."""
        ...

    def commit(self, changes: list[Any]) -> Awaitable[None]:
        """Make these changes durable, all or none."""
        ...


@frozen
class Limits:
    """How much a node takes on at once.

    Attributes:
        inbox_most: how many messages may wait before the network is asked to stop reading.
        turn_most: how many events one turn takes.
        rounds_most: how many times in one turn options that happen at once may follow one another.
    """

    inbox_most: int = 4096
    turn_most: int = 1024
    rounds_most: int = 16


@define
class _Call:
    """A user's operation, and where its result is awaited, if it is."""

    operation: Any
    result: "asyncio.Future[Any] | None" = None

    @property
    def is_given_up(self) -> bool:
        """Whether its caller has gone away."""
        return self.result is not None and self.result.done()

    def end(self, result: Any) -> None:
        """Give the result to the caller, if it still waits."""
        if self.result is not None and not self.result.done():
            self.result.set_result(result)

    def abort(self) -> None:
        """Tell the caller, if it still waits, that the node has stopped."""
        if self.result is not None and not self.result.done():
            self.result.set_exception(ConnectionAbortedError("the node has stopped"))


def _unheard(item: Any) -> None:
    del item


@define(eq=False)
class Node:
    """One machine, running.

    Attributes:
        core: the machine and its state.
        disk: where its memory is kept.
        timers: when its options happen.
        journal: where its steps are written; None for nowhere.
        network: what carries its messages; to be set before it runs.
        clock: the time of day, in seconds since 1970; for the journal alone.
        deliver: told whatever the machine delivers to its application.
        watch: told of the steps of each turn, once they are durable.
        limits: how much it takes on at once.
    """

    core: Core
    disk: Disk
    timers: Timers
    clock: Callable[[], float]
    network: Network = field(init=False)
    journal: Journal | None = None
    deliver: Callable[[Any], None] = _unheard
    watch: Callable[[list[Step]], None] = _unheard
    limits: Limits = field(factory=Limits)
    _inbox: deque[Event] = field(factory=deque, init=False)
    _waiting: deque[_Call] = field(factory=deque, init=False)
    _called: _Call | None = field(default=None, init=False)
    _over: deque[_Call] = field(factory=deque, init=False)
    _wake: asyncio.Event = field(factory=asyncio.Event, init=False)
    _incarnations: dict[machine.Node, int | None] = field(factory=dict, init=False)
    _paused: bool = field(default=False, init=False)
    _stopping: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Boot, and take turns until `stop` is called or the machine halts.

        Raises: StorageError where memory can be neither read nor written: nothing of the turn has
            left the node then, and it must not go on.
        """
        try:
            await self._finished([self.core.boot(await self.disk.load())])
            self.timers.offered(self.core.options(), self._now())
            while not (self._stopping or self.core.halted):
                await self._something_to_do()
                await self._turn()
        finally:
            self._stopping = True
            self._refuse()

    def stop(self) -> None:
        """End after the turn that is under way."""
        self._stopping = True
        self._wake.set()

    async def invoke(self, operation: Any) -> Any:
        """Call an operation, and return its result; the machine's word alone says when.

        Raises: ConnectionAbortedError where the node has stopped before it was done: whether it
            has any effect is open then.
        """
        if self._stopping or self.core.halted:
            raise ConnectionAbortedError("the node has stopped")
        result = asyncio.get_running_loop().create_future()
        self._waiting.append(_Call(operation, result))
        self._wake.set()
        return await result

    def post(self, operation: Any) -> None:
        """Call an operation that returns at once or never, in turn with what else is called."""
        self._waiting.append(_Call(operation))
        self._wake.set()

    @property
    def waiting(self) -> int:
        """How many messages wait to be stepped."""
        return len(self._inbox)

    # What the network tells.

    def received(self, sender: machine.Node, message: Any) -> bool:
        """Take a message in; return whether more may come."""
        self._inbox.append(Receive(sender, message))
        self._wake.set()
        self._paused = self._paused or len(self._inbox) >= self.limits.inbox_most
        return not self._paused

    def connected(self, peer: machine.Node) -> None:
        """Learn of a connection; what waits for it happens now."""
        now, before = self._now(), self._incarnations.get(peer)
        self._incarnations[peer] = self.network.incarnation(peer)
        anew = before not in {None, self._incarnations[peer]}
        self.timers.detector.connected(peer, now, anew=anew)
        self.timers.connected(peer, now)
        self._wake.set()

    def disconnected(self, peer: machine.Node) -> None:
        """Learn that a connection is gone."""
        self.timers.detector.disconnected(peer, self._now())
        self._wake.set()

    # A turn.

    async def _something_to_do(self) -> None:
        """Wait for an event, or until an option happens."""
        at = self.timers.next()
        loop = asyncio.get_running_loop()
        alarm = None if at is None else loop.call_at(at, self._wake.set)
        await self._wake.wait()
        self._wake.clear()
        if alarm is not None:
            alarm.cancel()

    async def _turn(self) -> None:
        now = self._now()
        steps = self.core.turn(self.timers.due(now))
        steps += self.core.turn(self._drained())
        steps += self._called_now()
        if steps:
            self.timers.offered(self.core.options(), now)
            steps += self._at_once(now)
            await self._finished(steps)

    def _at_once(self, now: float) -> list[Step]:
        """Take the steps that happen at once, and what these make possible at once, and so on."""
        steps: list[Step] = []
        for _ in range(self.limits.rounds_most):
            due = self.timers.due(now)
            if not due:
                break
            steps += self.core.turn(due)
            self.timers.offered(self.core.options(), now)
        return steps

    def _drained(self) -> list[Event]:
        """Take what is waiting, as much as one turn takes; let the network go on reading."""
        count = min(len(self._inbox), self.limits.turn_most)
        events = [self._inbox.popleft() for _ in range(count)]
        if self._inbox:
            self._wake.set()
        if self._paused and len(self._inbox) <= self.limits.inbox_most // 2:
            self._paused = False
            self.network.resume()
        return events

    def _called_now(self) -> list[Step]:
        """Let the oldest calls in, while none is under way and the machine takes them now.

        Why: a call whose very step returns is over; its result waits for the commit all the same.
        """
        steps: list[Step] = []
        while self._waiting and self._called is None:
            if self._waiting[0].is_given_up:
                self._waiting.popleft()  # its caller has gone away
                continue
            step = self.core.step(Invoke(self._waiting[0].operation))
            if step is None and self._waiting[0].result is None:
                log.error("refused", operation=repr(self._waiting.popleft().operation))
                continue
            if step is None:
                break
            call = self._waiting.popleft()
            steps.append(step)
            if any(isinstance(effect, Return) for effect in step.effects):
                self._over.append(call)
            elif call.result is not None:
                self._called = call
        return steps

    async def _finished(self, steps: list[Step]) -> None:
        """Make a turn durable, then do what it asks for."""
        if self.journal is not None:
            self._journal(self.journal, steps)
        if records := changes(steps):
            await self.disk.commit(records)
        for effect in others(steps):
            self._perform(effect)
        self.watch(steps)
        if self._waiting:
            self._wake.set()

    def _journal(self, journal: Journal, steps: list[Step]) -> None:
        try:
            journal.write(steps, self.clock())
        except OSError as error:
            raise StorageError(f"the journal cannot be written: {error.strerror}") from error

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Send(to, message):
                self.network.send(to, message)
            case Deliver(item):
                self.deliver(item)
            case Return(result):
                self._returned(result)

    def _returned(self, result: Any) -> None:
        """Give a result to its caller: of the calls that are over, the oldest."""
        if self._over:
            call: _Call | None = self._over.popleft()
        else:
            call, self._called = self._called, None
        if call is not None:
            call.end(result)

    def _refuse(self) -> None:
        """Tell whoever still waits that the node has stopped."""
        calls = [*self._over, *self._waiting, *((self._called,) if self._called else ())]
        self._waiting.clear()
        self._called = None
        for call in calls:
            call.abort()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
