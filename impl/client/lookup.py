"""A client of the store that believes no single server: a value counts when enough say the same.

Of 3f + 1 servers f may lie, or say nothing; what 2f + 1 say alike is returned. Servers that lack
something recover it from each other meanwhile, so that enough of them come to say the same.
"""

import asyncio

from attrs import define, evolve, field

from coterie.impl.client.running import Access, Connected, NobodyAnswersError, Running
from coterie.model.diffusion.lookup import PUBLISHED, Lookup
from coterie.model.gossip.store.reads import Absent, Found


@define(eq=False)
class LookupClient(Connected):
    """A client, connected while it is entered: `async with LookupClient(access, 1) as client`.

    Attributes:
        access: how it reaches the servers.
        faulty: how many of them may be Byzantine; fewer than a third.
        timeout_seconds: how long it asks again and again.
    """

    access: Access
    faulty: int = field()
    timeout_seconds: float = 30.0
    _running: Running = field(init=False)

    @faulty.validator
    def _is_less_than_a_third(self, _: object, faulty: int) -> None:
        if faulty < 0 or len(self.access.servers) < 3 * faulty + 1:
            raise ValueError(
                f"{faulty} faulty servers need {3 * max(faulty, 0) + 1} in all,"
                f" and there are {len(self.access.servers)}"
            )

    def __attrs_post_init__(self) -> None:
        client = evolve(
            PUBLISHED,
            servers=self.access.servers,
            f=self.faulty,
            first=self.access.start,
        )
        self._running = Running(self.access, client)

    async def value(self, date: int) -> int | None:
        """Return what was measured at `date`, as 2f + 1 servers say; None where they say nothing.

        Raises: NobodyAnswersError where not so many have said the same in time; then the client
            is of no more use, for its machine still looks.
        """
        try:
            called = self._running.node.invoke(Lookup(date))
            result: Found | Absent = await asyncio.wait_for(called, self.timeout_seconds)
        except TimeoutError:
            enough = 2 * self.faulty + 1
            raise NobodyAnswersError(
                f"no {enough} servers have said the same in {self.timeout_seconds} seconds"
            ) from None
        return result.value if isinstance(result, Found) else None
