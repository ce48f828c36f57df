"""What is done with a simulated group, and what must come of it.

Clients write, read and swap; now and then one goes away, and another process comes under its name.
What they were answered is a history that must be linearizable. Meanwhile all servers report one
log; and once all faults are over, every call is answered, and all servers serve in one view with
the same contents.
"""

import asyncio
from functools import partial
from random import Random
from typing import Any

from attrs import define, field

from coterie.impl.core import Step
from coterie.impl.simulation.cluster import SimulatedCluster
from coterie.impl.simulation.telling import servers_of
from coterie.model.call import Call
from coterie.model.machine import Machine, Node
from coterie.model.synchrony.durable import Keeping
from coterie.model.synchrony.service.client import Client
from coterie.model.synchrony.service.server import Serving
from coterie.spec.history.conditions import linearization, parts
from coterie.spec.history.objects import REGISTER
from coterie.spec.history.operation import DONE, Operation
from coterie.spec.history.search import Answer

SERVERS = tuple(Node("server", index) for index in range(3))
CLIENTS = tuple(Node("client", index) for index in range(2))
KEYS = ("x", "y")
REST_SECONDS = 0.4


def client_of(number: int) -> Machine[Any, Any]:
    """Return the machine of a client's start, whose session no earlier start had."""
    return Client(SERVERS, session=number)


def operation_of(call: Call) -> Any:
    """Return the operation of a client's machine that does `call`."""
    return call


def result_of(call: Call, answer: Any) -> Any:
    """Return what a history says of the answer of a client's machine."""
    return DONE if call.f == "write" else answer


@define(eq=False)
class GroupRun:
    """A run of a group.

    Attributes:
        cluster: the nodes.
        random: where the users' chance comes from.
        heals: when the faults are over.
        history: the calls so far; those that nobody will answer any more are among them.
        log: what has been reported by any server, in order.
        wrong: what has gone wrong with it; empty while nothing has.
    """

    cluster: SimulatedCluster
    random: Random
    heals: float
    history: list[Operation] = field(factory=list, init=False)
    log: list[Any] = field(factory=list, init=False)
    wrong: str = field(default="", init=False)
    _seen: dict[Node, tuple[int, int]] = field(factory=dict, init=False)
    _written: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self.cluster.add_servers(SERVERS)
        for client in CLIENTS:
            self.cluster.add_user(client, client_of)
        for server in SERVERS:
            self.cluster.nodes[server].watch = partial(self._watched, server)

    async def used(self) -> None:
        """Let the clients call until all is healed, and then read every key."""
        await asyncio.gather(*map(self._use, CLIENTS))

    def is_settled(self) -> bool:
        """Return whether all servers serve in one view, and have done and reported the same."""
        serving = [each for each in map(self._serving, SERVERS) if each is not None]
        keeping = [each.member for each in serving if isinstance(each.member, Keeping)]
        if len(keeping) < len(SERVERS):
            return False
        insides = [one.inside for one in keeping]
        ends = {(inside.view, len(inside.application)) for inside in insides}
        reported = {one.reported for one in keeping}
        same = len({each.contents for each in serving}) == 1
        members = set(insides[0].view.members) == set(SERVERS)
        return members and same and len(ends) == 1 and reported == {len(insides[0].application)}

    def verdict(self) -> str:
        """Return what of the whole is wrong; empty where nothing is."""
        if self.wrong:
            return self.wrong
        for key, part in sorted(parts(self.history, REGISTER).items()):
            if linearization(part, REGISTER).answer is Answer.NO:
                return f"the history of {key} is not linearizable"
        return ""

    def facts(self) -> str:
        """Return how the servers are."""
        return servers_of(self.cluster)

    async def _use(self, client: Node) -> None:
        loop, random = asyncio.get_running_loop(), self.random
        while loop.time() < self.heals:
            await asyncio.sleep(REST_SECONDS * random.random())
            if not self.cluster.is_up(client):
                continue
            if random.random() < 0.1:
                self.cluster.crash(client)
                await asyncio.sleep(REST_SECONDS * random.random())
                self._start(client)
            else:
                await self._call(client, self._drawn())
        self._start(client)
        for key in KEYS:
            await self._call(client, Call("read", None, key))

    def _start(self, client: Node) -> None:
        if not self.cluster.is_up(client):
            self.cluster.start(client)

    def _drawn(self) -> Call:
        """Return any call; whatever it writes was never written before."""
        random = self.random
        key, last, self._written = random.choice(KEYS), self._written, self._written + 1
        old = random.randint(max(0, last - 3), last)
        f = random.choice(("write", "read", "cas"))
        values = {"write": self._written, "read": None, "cas": (old, self._written)}
        return Call(f, values[f], key)

    async def _call(self, client: Node, call: Call) -> None:
        loop = asyncio.get_running_loop()
        began, process = loop.time(), f"{client}.{self.cluster.nodes[client].starts}"
        known, answer = await self.cluster.call(client, operation_of(call))
        if known:
            result = result_of(call, answer)
            self.history.append(Operation(process, call, began, loop.time(), result))
        else:
            self.history.append(Operation(process, call, began))

    def _serving(self, server: Node) -> Serving | None:
        node = self.cluster.nodes[server].node
        if node is None or node.core.state is None:
            return None
        serving: Serving = node.core.state.above
        return serving

    def _watched(self, server: Node, steps: list[Step]) -> None:
        """Hold what a server has newly reported against what any has reported at that place."""
        del steps
        serving = self._serving(server)
        if serving is None or not isinstance(serving.member, Keeping):
            return
        starts, before = self._seen.get(server, (0, 0))
        if starts != self.cluster.nodes[server].starts:
            before = 0
        now = serving.member.reported
        if now == before:
            return
        self._seen[server] = (self.cluster.nodes[server].starts, now)
        new = serving.member.inside.application[before:now]
        here = self.log[before : before + len(new)]
        if here != list(new[: len(here)]) and not self.wrong:
            self.wrong = f"{server} has reported another log than others, from item {before} on"
        self.log += new[len(here) :]
