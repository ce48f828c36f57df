"""Clients of a log: the writer, who signs what it appends, and readers, who believe only that.

The writer's place is on its own disk, so that it goes on from its last record when it starts again;
restored from an older copy, it makes a fork, which every replica keeps and shows.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Any

from attrs import define, field, frozen
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coterie.impl.client.running import Access, Connected, NobodyAnswersError, Running
from coterie.impl.disks import Threaded
from coterie.impl.seals import Seal, hash_of, signer, unfit
from coterie.impl.services.log import WRITER
from coterie.impl.storage.format import Identity
from coterie.impl.storage.opening import open_storage
from coterie.impl.storage.records import DiaryKeeper
from coterie.model.gossip.gdp.record import Entry
from coterie.model.gossip.gdp.service.messages import Fetch, Fetched, Heads, Survey
from coterie.model.gossip.gdp.service.reader import New, Reader, UpToDate, Watch
from coterie.model.gossip.gdp.service.scribe import Add, Added, Rejected, Safe, Scribe
from coterie.model.stacked import Above, Stack

ANSWER_SECONDS = 30.0
AT_ONCE = 64
"""So many records are added at once at most, where several calls wait."""


class RejectedError(Exception):
    """A replica has refused a record: it knows another writer's key."""


class NotSafeError(TimeoutError):
    """Too few replicas have answered in time: the record is on its way, and may yet be kept."""


@frozen
class _Numbered:
    """The disk of a client whose links number starts otherwise, so that none is used twice."""

    disk: Threaded
    start: int

    async def load(self) -> Stack:
        """Return what is on disk, and a number that is greater than at each earlier start."""
        return Stack(await self.disk.load(), self.start)

    async def commit(self, changes: list[Any]) -> None:
        """Make those changes durable that are the machine's own."""
        await self.disk.commit([each.inner for each in changes if isinstance(each, Above)])


@define(eq=False)
class LogWriter(Connected):
    """The writer, connected while it is entered: `async with LogWriter(access, key, path) as log`.

    Attributes:
        access: how it reaches the replicas.
        key: with which it signs.
        storage: the file in which it keeps its place.
        window: how many records may be unsafe, or a replica have to answer for.
        timeout_seconds: how long an `append` waits until its record is safe.
    """

    access: Access
    key: Ed25519PrivateKey
    storage: Path
    window: int = 500
    timeout_seconds: float = ANSWER_SECONDS
    _running: Running = field(init=False)
    _disk: Threaded = field(init=False)
    _waiting: "dict[str, asyncio.Future[None]]" = field(factory=dict, init=False)
    _due: "deque[tuple[str, asyncio.Future[str]]]" = field(factory=deque, init=False)
    _adding: "asyncio.Task[None] | None" = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        made = signer(self.key)
        scribe = Scribe(WRITER, self.access.servers, window=self.window, make=made)
        identity = Identity(self.access.cluster, "writer", str(self.access.name))
        self._disk = Threaded(open_storage(self.storage, DiaryKeeper(), identity))
        self._running = Running(
            self.access, scribe, self._delivered, _Numbered(self._disk, self.access.start)
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the connections; what is not safe stays on the writer's disk."""
        try:
            await super().__aexit__(kind, error, trace)
        finally:
            await self._disk.close()

    async def append(self, value: str, parents: tuple[str, ...] | None = None) -> str:
        """Append a record, wait until it is safe on a majority of disks, and return its name.

        Attributes:
            parents: the records that it points at; None for the last one that was appended.

        Raises: ValueError where no record can say that; RejectedError; NotSafeError.
        """
        name = await self.add(value, parents)
        await self.until_safe(name)
        return name

    async def add(self, value: str, parents: tuple[str, ...] | None = None) -> str:
        """Append a record, and return its name when it is on the writer's own disk.

        It waits while too much is not safe. Doing it again with the same parents is harmless: it is
        the same record.

        Raises: ValueError where no record can say that.
        """
        if reason := unfit(value, parents or ()):
            raise ValueError(reason)
        hash_of(parents or (), value)  # refuses what cannot be written as UTF-8
        if parents is not None:
            (name,) = await self._made((value,), parents)
            return name
        due: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._due.append((value, due))
        if self._adding is None or self._adding.done():
            self._adding = asyncio.create_task(self._add_due())
        return await due

    async def _add_due(self) -> None:
        """Add what is due; what comes meanwhile is added together, with one commit."""
        while self._due:
            taken = [self._due.popleft() for _ in range(min(len(self._due), AT_ONCE))]
            try:
                names = await self._made(tuple(value for value, _ in taken), None)
            except ConnectionError as problem:
                for _, due in (*taken, *self._due):
                    if not due.done():
                        due.set_exception(problem)
                self._due.clear()
                return
            for (_, due), name in zip(taken, names, strict=True):
                if not due.done():
                    due.set_result(name)

    async def _made(
        self, values: tuple[str, ...], parents: tuple[str, ...] | None
    ) -> tuple[str, ...]:
        added: Added = await self._running.node.invoke(Add(values, parents))
        for name in added.names:
            self._wanted(name)
        return added.names

    async def until_safe(self, name: str) -> None:
        """Wait until a record that was added here is on a majority of disks.

        Raises: RejectedError; NotSafeError.
        """
        try:
            await asyncio.wait_for(asyncio.shield(self._wanted(name)), self.timeout_seconds)
        except TimeoutError:
            there = ", ".join(map(str, self._running.connected)) or "no replica"
            raise NotSafeError(
                f"not safe in {self.timeout_seconds} seconds, connected with {there}"
            ) from None
        self._waiting.pop(name, None)

    def _wanted(self, name: str) -> "asyncio.Future[None]":
        if name not in self._waiting:
            self._waiting[name] = asyncio.get_running_loop().create_future()
        return self._waiting[name]

    def _delivered(self, item: Any) -> None:
        match item:
            case Safe(name):
                if not (future := self._wanted(name)).done():
                    future.set_result(None)
            case Rejected(replica, name, why):
                if not (future := self._wanted(name)).done():
                    future.set_exception(RejectedError(f"{replica} refuses {name[:12]}: {why}"))
                    future.exception()  # it is told where somebody waits for it


@define(eq=False)
class LogReader(Connected):
    """A reader, connected while it is entered; every record is verified before it is handed over.

    Attributes:
        access: how it reaches the replicas.
        public: the writer's public key, in hexadecimal.
        timeout_seconds: how long an answer may take.
    """

    access: Access
    public: str
    timeout_seconds: float = ANSWER_SECONDS
    _running: Running = field(init=False)
    _new: "asyncio.Queue[Entry | None]" = field(factory=asyncio.Queue, init=False)
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        reader = Reader(self.access.servers, WRITER, accepts=Seal(self.public).accepts)
        self._running = Running(self.access, reader, self._delivered)

    async def read(self, name: str) -> Entry | None:
        """Return the record of that name; None where the replica that answers does not hold it.

        Raises: NobodyAnswersError.
        """
        fetched: Fetched = await self._asked(Fetch(name))
        return fetched.entry

    async def heads(self) -> Heads:
        """Return how far a replica's log goes.

        Raises: NobodyAnswersError.
        """
        heads: Heads = await self._asked(Survey())
        return heads

    async def follow(self, after: str = "", *, once: bool = False) -> AsyncIterator[Entry]:
        """Yield each record once, parents first where a replica holds them; then what is new.

        Attributes:
            after: begin behind the record of that name in a replica's order. One that does not
                hold it tells everything.
            once: whether to end when a replica has nothing more to tell.

        Raises: NobodyAnswersError, where it is to end, and nothing comes for too long.
        """
        await self._running.node.invoke(Watch(after))
        while True:
            waiting = self._new.get()
            entry = await (self._in_time(waiting) if once else waiting)
            if entry is not None:
                yield entry
            elif once:
                return

    async def _asked(self, question: Fetch | Survey) -> Any:
        async with self._turn:
            return await self._in_time(self._running.node.invoke(question))

    async def _in_time(self, answer: Any) -> Any:
        try:
            return await asyncio.wait_for(answer, self.timeout_seconds)
        except TimeoutError:
            there = ", ".join(map(str, self._running.connected)) or "no replica"
            raise NobodyAnswersError(
                f"no answer in {self.timeout_seconds} seconds, connected with {there}"
            ) from None

    def _delivered(self, item: Any) -> None:
        match item:
            case New(entry):
                self._new.put_nowait(entry)
            case UpToDate():
                self._new.put_nowait(None)
