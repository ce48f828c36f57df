"""What is done with a simulated store, and what must come of it.

A device measures, and is told how much is safe; a client asks one server after the other. Nothing
that is safe is ever lost; an answer's value is what was measured then; what a server says to be
agreed never grows less, and is on a majority of disks. Once all faults are over, all measurements
become safe, and all servers have the same rows: every measurement that the device has taken.
"""

import asyncio
from functools import partial
from random import Random
from typing import Any

from attrs import define, field

from coterie.impl.core import Step
from coterie.impl.services.store import DEVICE
from coterie.impl.simulation.cluster import SimulatedCluster
from coterie.impl.simulation.disk import SimulatedDisk
from coterie.impl.simulation.telling import servers_of, told
from coterie.model.gossip.store.edge import Measure
from coterie.model.gossip.store.reads import Found, Recovering, Unanswered
from coterie.model.gossip.store.service.comparing import ALWAYS
from coterie.model.gossip.store.service.index import rows_between
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
from coterie.model.gossip.store.service.sensor import Safe, Sensor, Taken
from coterie.model.gossip.store.service.serving import Keeping
from coterie.model.machine import Node
from coterie.model.stacked import Stacked

SERVERS = tuple(Node("server", index) for index in range(3))
READER = Node("client", 0)
CLIENTS = (DEVICE, READER)
REST_SECONDS = 0.2
LAST_ROWS = 3


@define(eq=False)
class StoreRun:
    """A run of a store.

    Attributes:
        cluster: the nodes.
        random: where the users' chance comes from.
        heals: when the faults are over.
        measured: the values that the device has maybe measured, by date; no date is used twice.
        taken: how many measurements the device is known to have taken.
        safe: how many of them are safe, as the device was told.
        agreed: how many are agreed, as each server has on its disk, of each image of that.
        wrong: what has gone wrong with it; empty while nothing has.
    """

    cluster: SimulatedCluster
    random: Random
    heals: float
    measured: dict[int, int] = field(factory=dict, init=False)
    taken: int = field(default=0, init=False)
    safe: int = field(default=0, init=False)
    agreed: dict[tuple[Node, int], int] = field(factory=dict, init=False)
    wrong: str = field(default="", init=False)

    def __attrs_post_init__(self) -> None:
        cluster = self.cluster
        cluster.add_servers(SERVERS)
        device = Stacked(Sensor(SERVERS, window=20), cluster.build.session)
        disk = SimulatedDisk(device, cluster.codec, cluster.random)
        cluster.add_client(DEVICE, device, disk)
        cluster.nodes[DEVICE].deliver = self._told
        cluster.add_user(READER, lambda _: Inquirer())
        for server in SERVERS:
            cluster.nodes[server].watch = partial(self._watched, server)

    async def used(self) -> None:
        """Measure and ask until all is healed; then once more, until every server answers."""
        await asyncio.gather(self._measure(), self._ask())

    def is_settled(self) -> bool:
        """Return whether all is safe, every server serves, and all have the same rows."""
        keeping = [self._keeping(server) for server in SERVERS]
        if any(each is None or each.recovering for each in keeping):
            return False
        device = self.cluster.nodes[DEVICE].node
        assert device is not None
        diary = device.core.state.above.diary
        tables = {tuple(rows_between(k.shelf.index, *ALWAYS)) for k in keeping if k is not None}
        return diary.safe == diary.count and len(tables) == 1 and len(tables.pop()) == diary.count

    def verdict(self) -> str:
        """Return what of the whole is wrong; empty where nothing is."""
        keeping = self._keeping(SERVERS[0])
        assert keeping is not None
        rows = {row.date: row.value for row in rows_between(keeping.shelf.index, *ALWAYS)}
        if any(self.measured.get(date) != value for date, value in rows.items()):
            return "a server has a row that was never measured"
        if len(rows) < max(self.safe, self.taken):
            return f"{len(rows)} rows are left, of {self.taken} taken and {self.safe} safe"
        return self.wrong

    def facts(self) -> str:
        """Return how the servers are, and what the device was told."""
        device = told(DEVICE, {"taken": self.taken, "safe": self.safe})
        return f"{device}\n{servers_of(self.cluster)}"

    async def _measure(self) -> None:
        loop, date, last = asyncio.get_running_loop(), 0, False
        while not last:
            await asyncio.sleep(REST_SECONDS * self.random.random())
            last, date = loop.time() > self.heals, date + 1
            self._start(DEVICE, needed=last)
            self.measured[date] = self.random.randint(0, 9)
            known, answer = await self.cluster.call(DEVICE, Measure(date, self.measured[date]))
            if known and isinstance(answer, Taken):
                self.taken = max(self.taken, answer.number + 1)
            elif known:
                self._say(f"the device has measured {date}, and it says {answer}")

    async def _ask(self) -> None:
        loop, last = asyncio.get_running_loop(), False
        while not last:
            await asyncio.sleep(REST_SECONDS * self.random.random())
            last = loop.time() > self.heals
            if self.random.random() < 0.1 and self.cluster.is_up(READER):
                self.cluster.crash(READER)
                self._start(READER, needed=True)
            self._start(READER, needed=last)
            for server in SERVERS if last else (self.random.choice(SERVERS),):
                while not await self._asked(server) and last:
                    await asyncio.sleep(REST_SECONDS)

    async def _asked(self, server: Node) -> bool:
        """Ask a server; return whether it has answered, and no longer recovers."""
        known, said = await self.cluster.call(READER, Inquire(server, self._drawn()))
        if not known or isinstance(said.result, Unanswered | Recovering):
            return False
        self._answered(said)
        return True

    def _start(self, name: Node, *, needed: bool) -> None:
        if needed and not self.cluster.is_up(name):
            self.cluster.start(name)

    def _drawn(self) -> What:
        date = self.random.randint(0, len(self.measured))
        return self.random.choice((ValueAt(date), Latest(), Between(date, date + LAST_ROWS, 2)))

    def _told(self, item: Any) -> None:
        """Look, whenever the device is told that more is safe, whether it is on enough disks."""
        if not isinstance(item, Safe):
            return
        if item.count < self.safe:
            self._say(f"{item.count} measurements are safe, after {self.safe} were")
        self.safe = max(self.safe, item.count)

    def _answered(self, said: Reported) -> None:
        """Hold an answer against what was measured."""
        rows: tuple[tuple[int, int], ...] = ()
        match said.what, said.result:
            case ValueAt(date), Found(value):
                rows = ((date, value),)
            case _, Newest(date, value):
                rows = ((date, value),)
            case _, Page(found):
                rows = found
        if any(self.measured.get(date) != value for date, value in rows):
            self._say(f"{said.server} answers {said.what} with {said.result}")
        if said.agreed > len(self.measured):
            self._say(f"{said.server} says that {said.agreed} are agreed")

    def _watched(self, server: Node, steps: list[Step]) -> None:
        """See that what a server has agreed on stays so, and is on a majority of disks."""
        del steps
        keeping = self._keeping(server)
        assert keeping is not None
        disk = (server, self.cluster.nodes[server].images)
        before, now = self.agreed.get(disk, 0), keeping.shelf.agreed
        if now < before:
            self._say(f"{server} has agreed on {now} measurements, after {before}")
        if now > before:
            self.agreed[disk] = now

    def _keeping(self, server: Node) -> Keeping | None:
        node = self.cluster.nodes[server].node
        if node is None or node.core.state is None:
            return None
        keeping: Keeping = node.core.state.above
        return keeping

    def _say(self, what: str) -> None:
        self.wrong = self.wrong or what
