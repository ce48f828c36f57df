"""One run of a simulated service: first with faults, then without, and what came of it.

The first phase is about safety: whatever fails, nothing wrong is ever said. The second, when all is
healed, is about liveness: within a stated virtual time everything that was asked is answered, and
all servers are at one. One seed gives one run, byte for byte.
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from attrs import field, frozen

from coterie.impl.service import service_of
from coterie.impl.simulation import group, plan, store
from coterie.impl.simulation.build import CORRECT, Build
from coterie.impl.simulation.clock import VirtualLoop
from coterie.impl.simulation.cluster import SimulatedCluster
from coterie.impl.simulation.disk import SimulatedDisk
from coterie.impl.simulation.faults import Faults
from coterie.impl.simulation.plan import DURABLE, Kind, Plan
from coterie.impl.simulation.telling import wrapped

HEALED_SECONDS = 40.0
"""Within so much virtual time after the healing all must be well."""
LOOK_SECONDS = 0.1
SERVICES: dict[str, type[group.GroupRun] | type[store.StoreRun]] = {
    "group": group.GroupRun,
    "store": store.StoreRun,
}
OPTIONS: dict[str, dict[str, Any]] = {"group": {}, "store": {"sync_seconds": 1.0}}
Acted = group.GroupRun | store.StoreRun
NODES = {
    "group": (group.SERVERS, group.CLIENTS),
    "store": (store.SERVERS, store.CLIENTS),
}


@frozen
class Run:
    """What came of a run.

    Attributes:
        service: what was run.
        plan: what went wrong in it.
        failure: what should not have been; empty where all was well.
        seconds: how much virtual time it took.
        messages: how many were sent.
        digest: a hash over every message and the time of each, and over all disks at the end.
        acted: what was done, with the history of it.
    """

    service: str
    plan: Plan
    failure: str
    seconds: float
    messages: int
    digest: str
    acted: Acted = field(repr=False, eq=False)

    def __str__(self) -> str:
        if not self.failure:
            return f"seed {self.plan.seed}: well after {self.seconds:.1f} s"
        again = f"Again: python -m coterie.impl.simulation {self.service} --seed {self.plan.seed}"
        drawn = planned(self.service, self.plan.seed, all_of=False).kinds == self.plan.kinds
        only = "" if drawn else "".join(f" --only {kind}" for kind in self.plan.kinds)
        return f"{self.plan}\n{self.failure}\n{wrapped(again + only)}"


def planned(service: str, seed: int, kinds: Iterable[Kind] = DURABLE, *, all_of: bool) -> Plan:
    """Return the plan of a seed, with all of these kinds, or with about half of them."""
    draw = plan.only if all_of else plan.drawn
    return draw(seed, *NODES[service], kinds)


def simulated(
    service: str,
    plan: Plan,
    build: Build = CORRECT,
    journals: Path | None = None,
    *,
    keeps_count: bool = True,
    healed_seconds: float = HEALED_SECONDS,
) -> Run:
    """Run a service under a plan.

    Attributes:
        build: what the nodes are put together from.
        journals: where servers keep their journals; None for nowhere.
        keeps_count: whether a disk that is rolled back keeps its node's count of starts.
        healed_seconds: within so much virtual time after the healing all must be well.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        cluster = partial(_cluster, service, plan, build, journals)
        return runner.run(_acted(service, plan, cluster, healed_seconds, keeps_count=keeps_count))


def _cluster(name: str, plan: Plan, build: Build, journals: Path | None) -> SimulatedCluster:
    service = service_of(name)
    options = service.chosen(OPTIONS[name])
    return SimulatedCluster(service, options, Random(plan.seed), journals, build)


async def _acted(
    name: str,
    plan: Plan,
    made: Callable[[], SimulatedCluster],
    healed_seconds: float,
    *,
    keeps_count: bool,
) -> Run:
    cluster = made()
    users = Random(f"users {plan.seed}")
    acted: Acted = SERVICES[name](cluster, users, plan.heals)
    for node in sorted(cluster.nodes):
        cluster.start(node)
    doing = asyncio.ensure_future(_done(acted, Faults(cluster, plan, keeps_count=keeps_count)))
    await asyncio.wait(
        (doing, cluster.broken),
        timeout=plan.heals + healed_seconds,
        return_when=asyncio.FIRST_COMPLETED,
    )
    failure = _failure(acted, cluster, doing)
    doing.cancel()
    now = asyncio.get_running_loop().time()
    network = cluster.network
    for running in cluster.nodes.values():
        if running.node is not None and running.node.journal is not None:
            running.node.journal.close()
    return Run(name, plan, failure, now, network.sent, _digest(cluster), acted)


async def _done(acted: Acted, faults: Faults) -> None:
    """Let users and faults act, and wait until all is well."""
    await asyncio.gather(acted.used(), faults.happen())
    while not acted.is_settled():
        await asyncio.sleep(LOOK_SECONDS)


def _failure(acted: Acted, cluster: SimulatedCluster, doing: "asyncio.Task[None]") -> str:
    """Return what should not have been."""
    if cluster.broken.done():
        broken = cluster.broken.result()
        return wrapped(f"{type(broken).__name__} came out of a node: {broken}")
    if acted.wrong:
        return acted.wrong
    if not doing.done():
        now = asyncio.get_running_loop().time()
        return f"At {now:.0f} s not all is well:\n{acted.facts()}"
    error = doing.exception()
    if error is not None:
        return wrapped(f"{type(error).__name__} came out of the simulation: {error}")
    return acted.verdict()


def _digest(cluster: SimulatedCluster) -> str:
    digest = cluster.network.digest.copy()
    for name in sorted(cluster.nodes):
        disk = cluster.nodes[name].disk
        if isinstance(disk, SimulatedDisk):
            digest.update(sha256(disk.synced).digest())
    found: str = digest.hexdigest()
    return found
