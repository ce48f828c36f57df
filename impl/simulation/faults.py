"""A plan put into effect: at its time each fault begins, and after its time it is over."""

import asyncio

from attrs import define, field

from coterie.impl.simulation.cluster import SimulatedCluster
from coterie.impl.simulation.disk import Left, SimulatedDisk
from coterie.impl.simulation.network import CALM, Weather
from coterie.impl.simulation.plan import WEATHER, Fault, Kind, Plan
from coterie.model.machine import Node

LEFT = {Kind.CRASH: Left.ALL, Kind.ROLLBACK: Left.ALL, Kind.POWER: Left.SOME, Kind.TORN: Left.TORN}
SLOW_SECONDS = 2.0
POWER_SECONDS = 0.15
SILENT_SECONDS = 1.5
"""How long a node may stand still before its peers take the connections for broken."""


@define(eq=False)
class Faults:
    """The faults of a run as it goes on.

    Attributes:
        cluster: where they happen.
        plan: what happens.
        keeps_count: whether a disk that is rolled back keeps its node's count of starts.
    """

    cluster: SimulatedCluster
    plan: Plan
    keeps_count: bool = True
    _now: list[Fault] = field(factory=list)
    _waiting: "set[asyncio.Task[None]]" = field(factory=set)

    async def happen(self) -> None:
        """Let everything happen until the time of healing, and then heal whatever is left."""
        loop = asyncio.get_running_loop()
        moments = [(fault.at, 1, fault) for fault in self.plan.faults]
        moments += [(fault.at + fault.lasts, 0, fault) for fault in self.plan.faults]
        for at, begins, fault in sorted(moments, key=lambda moment: moment[:2]):
            await asyncio.sleep(max(0.0, at - loop.time()))
            if begins:
                self._begin(fault)
            else:
                self._end(fault)
        await asyncio.sleep(max(0.0, self.plan.heals - loop.time()))
        for name in self.cluster.servers:
            if not self.cluster.is_up(name):
                self.cluster.start(name)

    def _begin(self, fault: Fault) -> None:
        self._now.append(fault)
        if fault.kind in WEATHER:
            self._weather()
        elif fault.kind in {Kind.PARTITION, Kind.ONE_WAY}:
            self._cut()
        elif fault.kind in {Kind.POWER, Kind.TORN}:
            self._waiting.add(asyncio.ensure_future(self._power(fault)))
        else:
            for name in fault.nodes:
                self._strike(fault, name)

    def _end(self, fault: Fault) -> None:
        self._now.remove(fault)
        if fault.kind in WEATHER:
            self._weather()
        elif fault.kind in {Kind.PARTITION, Kind.ONE_WAY}:
            self._cut()
        else:
            for name in fault.nodes:
                self._mend(fault, name)

    async def _power(self, fault: Fault) -> None:
        """Take the power away when some disk is at work, if that is soon: else nothing is lost."""
        disks = [self.cluster.nodes[name].disk for name in fault.nodes]
        end = asyncio.get_running_loop().time() + POWER_SECONDS
        while asyncio.get_running_loop().time() < end:
            if any(isinstance(disk, SimulatedDisk) and disk.unsynced for disk in disks):
                break
            await asyncio.sleep(POWER_SECONDS / 150)
        for name in fault.nodes:
            self._strike(fault, name)

    def _strike(self, fault: Fault, name: Node) -> None:
        """Let a fault of one node begin."""
        cluster, running = self.cluster, self.cluster.nodes[name]
        match fault.kind:
            case Kind.PAUSE:
                cluster.pause(name)
                loop = asyncio.get_running_loop()
                if fault.lasts > SILENT_SECONDS and cluster.is_up(name):
                    loop.call_later(SILENT_SECONDS, self._silence, fault, name)
            case Kind.SLOW if isinstance(running.disk, SimulatedDisk):
                running.disk.slow_seconds = SLOW_SECONDS * fault.strength
            case Kind.CLOCK:
                running.ahead_seconds += 7200.0 * (fault.strength - 0.5)
            case kind if kind in LEFT:
                cluster.crash(name, LEFT[kind])
                if kind is Kind.ROLLBACK:
                    cluster.roll_back(name, fault.strength, keeps_count=self.keeps_count)

    def _mend(self, fault: Fault, name: Node) -> None:
        """Let a fault of one node be over, unless there is another one like it."""
        cluster, running = self.cluster, self.cluster.nodes[name]
        lasting = [other for other in self._now if name in other.nodes]
        match fault.kind:
            case Kind.PAUSE if not any(other.kind is Kind.PAUSE for other in lasting):
                cluster.resume(name)
            case Kind.SLOW if isinstance(running.disk, SimulatedDisk):
                running.disk.slow_seconds = 0.0
            case kind if kind in LEFT and not any(other.kind in LEFT for other in lasting):
                if not cluster.is_up(name):
                    cluster.start(name)

    def _silence(self, fault: Fault, name: Node) -> None:
        if fault in self._now and self.cluster.is_up(name):
            self.cluster.network.fell_silent(name)

    def _weather(self) -> None:
        """Let the network be as bad as the worst fault of each kind makes it."""
        worst = dict.fromkeys(WEATHER, 0.0)
        for fault in self._now:
            if fault.kind in WEATHER:
                worst[fault.kind] = max(worst[fault.kind], 0.02 + fault.strength * 0.4)
        self.cluster.network.weather = Weather(
            delay_seconds=CALM.delay_seconds,
            loss=worst[Kind.LOSS],
            repetition=worst[Kind.REPETITION],
            reorder=worst[Kind.REORDER],
        )

    def _cut(self) -> None:
        """Cut the ways that the faults of now cut.

        Why: of the ways between two parts a one-way fault cuts those from the first to the second,
        or, when it is weak, each second one of them.
        """
        names = sorted(self.cluster.nodes)
        ways = set()
        for fault in self._now:
            if fault.kind not in {Kind.PARTITION, Kind.ONE_WAY}:
                continue
            others = [name for name in names if name not in fault.nodes]
            across = [(one, other) for one in fault.nodes for other in others]
            if fault.kind is Kind.PARTITION:
                ways |= {*across, *(way[::-1] for way in across)}
            else:
                ways |= set(across if fault.strength > 0.5 else across[::2])
        self.cluster.network.cut_off(frozenset(ways))
