"""A client of the store: it reads what servers keep, and sees which of them lag behind.

One query is under way at a time. A server that does not answer, or that still recovers, is passed
over for the next one.
"""

import asyncio
from collections.abc import AsyncIterator

from attrs import define, field

from coterie.impl.client.running import Access, Connected, NobodyAnswersError, Running
from coterie.model.gossip.store.reads import Found, Recovering, Unanswered
from coterie.model.gossip.store.service.queries import (
    Between,
    Inquire,
    Inquirer,
    Latest,
    Newest,
    Page,
    Reported,
    ValueAt,
    What,
)
from coterie.model.machine import Node

PAGE = 1000
PAUSE_SECONDS = 0.2


@define(eq=False)
class StoreClient(Connected):
    """A client, connected while it is entered: `async with StoreClient(access) as client`.

    Attributes:
        access: how it reaches the servers.
        timeout_seconds: how long it looks for a server that answers.
    """

    access: Access
    timeout_seconds: float = 30.0
    _running: Running = field(init=False)
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    _at: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._running = Running(self.access, Inquirer(self.access.start))

    async def value(self, date: int) -> int | None:
        """Return what was measured at `date`; None where nothing was, as far as a server knows.

        Raises: NobodyAnswersError.
        """
        result = (await self.report(ValueAt(date))).result
        return result.value if isinstance(result, Found) else None

    async def latest(self) -> tuple[int, int] | None:
        """Return the latest date and its value; None where there is none.

        Raises: NobodyAnswersError.
        """
        result = (await self.report(Latest())).result
        return (result.date, result.value) if isinstance(result, Newest) else None

    async def between(self, first: int, last: int) -> AsyncIterator[tuple[int, int]]:
        """Yield the dates from `first` to `last`, and their values, in order.

        Raises: NobodyAnswersError.
        """
        rest: int | None = first
        while rest is not None:
            page = (await self.report(Between(rest, last, PAGE))).result
            assert isinstance(page, Page)
            for row in page.rows:
                yield row
            rest = page.rest

    async def report(self, what: What) -> Reported:
        """Return a server's answer, with how far it is and how much is agreed.

        Raises: NobodyAnswersError.
        """
        async with self._turn:
            try:
                return await asyncio.wait_for(self._reported(what), self.timeout_seconds)
            except TimeoutError:
                there = ", ".join(map(str, self._running.connected)) or "no server"
                raise NobodyAnswersError(
                    f"no answer in {self.timeout_seconds} seconds, connected with {there}"
                ) from None

    async def asked(self, server: Node, what: What) -> Reported:
        """Return what one server answers, be it that it recovers, or not at all."""
        reported: Reported = await self._running.node.invoke(Inquire(server, what))
        return reported

    async def _reported(self, what: What) -> Reported:
        servers = self.access.servers
        while True:
            for _ in servers:
                said = await self.asked(servers[self._at], what)
                if not isinstance(said.result, Unanswered | Recovering):
                    return said
                self._at = (self._at + 1) % len(servers)
            await asyncio.sleep(PAUSE_SECONDS)
