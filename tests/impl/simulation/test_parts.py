"""What a simulated cluster is made of: the clock, the network, the disk, a process that pauses."""

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any

import pytest
from attrs import define, field

from coterie.impl.codec import Codec, vocabulary
from coterie.impl.ports import Network
from coterie.impl.simulation import clock, plan
from coterie.impl.simulation.clock import StalledError
from coterie.impl.simulation.disk import Left, SimulatedDisk
from coterie.impl.simulation.network import SimulatedNetwork, Weather
from coterie.impl.simulation.pausing import Pausable
from coterie.impl.simulation.plan import Kind
from coterie.model import machine, postbox
from coterie.model.machine import Node
from coterie.model.postbox import Heard, Postbox

A, B = Node("a"), Node("b")
CODEC = Codec(vocabulary(machine, postbox))


@define(eq=False)
class Ear:
    """A node as far as a network sees it: it writes down what it is told, and when."""

    told: list[Any] = field(factory=list)

    def received(self, sender: Node, message: Any) -> bool:
        self.told.append((sender, message))
        return True

    def connected(self, peer: Node) -> None:
        self.told.append(("connected", peer))

    def disconnected(self, peer: Node) -> None:
        self.told.append(("disconnected", peer))


@define(eq=False)
class Pair:
    """Two nodes on one network."""

    network: SimulatedNetwork = field(factory=lambda: SimulatedNetwork(Random(1), CODEC))
    ears: dict[Node, Ear] = field(factory=lambda: {A: Ear(), B: Ear()})

    async def connect(self) -> Network:
        for name, ear in self.ears.items():
            port = self.network.started(name, ear, 1)  # type: ignore[arg-type]
            if name == A:
                first = port
        await asyncio.sleep(3.0)
        return first

    def heard(self) -> list[Any]:
        return [what for who, what in self.ears[B].told if who == A]


def run(main: Coroutine[Any, Any, None]) -> None:
    clock.run(main)


def test_an_hour_passes_at_once() -> None:
    async def main() -> None:
        await asyncio.sleep(3600)
        assert asyncio.get_running_loop().time() >= 3600

    run(main())


def test_to_wait_for_what_never_comes_is_an_error() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(StalledError):
        run(main())


def test_messages_arrive_in_order_in_calm_weather() -> None:
    async def main() -> None:
        pair = Pair()
        port = await pair.connect()
        for number in range(50):
            port.send(B, number)
        await asyncio.sleep(1)
        assert pair.heard() == list(range(50))

    run(main())


@pytest.mark.parametrize(
    ("weather", "expected"),
    [
        (Weather(loss=0.5), lambda got: len(got) < 50 and got == sorted(set(got))),
        (Weather(repetition=0.5), lambda got: len(got) > 50 and got == sorted(got)),
        (Weather(reorder=0.5), lambda got: sorted(got) == list(range(50)) and got != sorted(got)),
    ],
    ids=["loss", "repetition", "reorder"],
)
def test_each_weather_does_one_thing(weather: Weather, expected: Any) -> None:
    async def main() -> None:
        pair = Pair()
        port = await pair.connect()
        pair.network.weather = weather
        for number in range(50):
            port.send(B, number)
        await asyncio.sleep(10)
        assert expected(pair.heard())

    run(main())


def test_a_cut_loses_what_is_sent_and_breaks_the_connection_however_short_it_is() -> None:
    async def main() -> None:
        pair = Pair()
        port = await pair.connect()
        pair.network.cut_off(frozenset({(A, B)}))
        port.send(B, "lost")
        await asyncio.sleep(0.01)
        pair.network.cut_off(frozenset())
        await asyncio.sleep(5)
        port.send(B, "there")
        await asyncio.sleep(1)
        expected = [("connected", A), ("disconnected", A), ("connected", A), (A, "there")]
        assert pair.ears[B].told == expected

    run(main())


def test_a_way_that_is_cut_leaves_the_way_back_until_the_cut_is_noticed() -> None:
    async def main() -> None:
        pair = Pair()
        port = await pair.connect()
        pair.network.cut_off(frozenset({(B, A)}))
        port.send(B, "there")
        await asyncio.sleep(0.1)
        assert pair.heard() == ["there"]
        await asyncio.sleep(5)
        port.send(B, "lost")
        await asyncio.sleep(5)
        assert pair.heard() == ["there"]

    run(main())


def test_who_stands_still_is_told_everything_afterwards_in_order() -> None:
    async def main() -> None:
        pair = Pair()
        port = await pair.connect()
        pair.network.paused(B)
        port.send(B, 1)
        port.send(B, 2)
        await asyncio.sleep(1)
        assert pair.heard() == []
        pair.network.resumed(B)
        assert pair.heard() == [1, 2]

    run(main())


def test_a_paused_process_goes_on_where_it_was() -> None:
    async def main() -> None:
        done: list[float] = []

        async def work() -> None:
            for _ in range(3):
                await asyncio.sleep(1)
                done.append(asyncio.get_running_loop().time())

        process = Pausable(work())
        task = asyncio.ensure_future(_awaited(process))
        await asyncio.sleep(1.5)
        process.pause()
        await asyncio.sleep(10)
        assert len(done) == 1
        process.resume()
        await task
        assert len(done) == 3
        assert done[1] > 11

    run(main())


def test_a_paused_process_can_be_killed() -> None:
    async def main() -> None:
        cleaned = []

        async def work() -> None:
            try:
                await asyncio.sleep(1)
            finally:
                cleaned.append(True)

        process = Pausable(work())
        task = asyncio.ensure_future(_awaited(process))
        await asyncio.sleep(0.5)
        process.pause()
        await asyncio.sleep(5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert cleaned == [True]

    run(main())


async def _awaited(process: Pausable) -> None:
    await process


def letters(*words: str) -> list[Heard]:
    return [Heard(A, word) for word in words]


def disk_after(left: Left, seed: int) -> tuple[Any, bytes]:
    """Return what is loaded after a crash of a disk that has synced one of two commits."""
    found: list[Any] = []

    async def main() -> None:
        disk = SimulatedDisk(Postbox(), CODEC, Random(seed))
        await disk.commit(letters("one"))
        disk.write(letters("two", "three"))
        disk.crash(left)
        file = disk.synced
        found.extend((await disk.load(), file))

    run(main())
    return found[0], found[1]


def test_a_process_that_dies_leaves_what_it_has_written() -> None:
    assert all(disk_after(Left.ALL, seed)[0] == (*letters("one", "two", "three"),) for seed in "ab")


@pytest.mark.parametrize("left", [Left.SOME, Left.TORN])
def test_a_loss_of_power_leaves_all_of_a_commit_or_nothing(left: Left) -> None:
    found = {disk_after(left, seed)[0] for seed in range(20)}
    assert found == {(*letters("one"),), (*letters("one", "two", "three"),)}


def test_a_torn_write_leaves_part_of_a_record_and_maybe_rubbish() -> None:
    files = {disk_after(Left.TORN, seed)[1] for seed in range(20)}
    assert len({len(file) for file in files}) > 5


def test_a_disk_can_be_put_back_to_where_it_was_at_an_earlier_start() -> None:
    async def main() -> None:
        disk = SimulatedDisk(Postbox(), CODEC, Random(1))
        for word in ("one", "two", "three"):
            await disk.load()
            await disk.commit(letters(word))
        disk.roll_back(1.0)
        assert await disk.load() == (*letters("one"),)

    run(main())


SERVERS, CLIENTS = (Node("server", 0), Node("server", 1)), (Node("client"),)


@pytest.mark.parametrize("kind", Kind)
def test_all_faults_of_a_plan_are_of_its_kinds_and_over_when_it_heals(kind: Kind) -> None:
    for seed in range(20):
        drawn = plan.only(seed, SERVERS, CLIENTS, [kind])
        assert drawn.faults
        for fault in drawn.faults:
            assert fault.kind is kind
            assert fault.nodes
            assert 0 <= fault.at < fault.at + fault.lasts <= drawn.heals + 1e-9


def test_runs_have_different_kinds_of_faults_and_each_kind_is_in_some() -> None:
    chosen = [frozenset(plan.drawn(seed, SERVERS, CLIENTS).kinds) for seed in range(50)]
    assert len(set(chosen)) > 30
    assert frozenset().union(*chosen) == frozenset(plan.DURABLE)
    assert Kind.ROLLBACK not in plan.DURABLE


def test_a_plan_can_be_read_in_eighty_columns() -> None:
    drawn = plan.only(1, (*SERVERS, Node("server", 2)), (*CLIENTS, Node("device")), Kind)
    assert all(len(line) <= 80 for line in str(drawn).splitlines())


def test_a_plan_shrinks_to_what_a_failure_needs() -> None:
    drawn = plan.only(1, SERVERS, CLIENTS, Kind)

    def needs(less: plan.Plan) -> bool:
        return {Kind.CRASH, Kind.LOSS} <= {fault.kind for fault in less.faults}

    assert sorted(fault.kind for fault in plan.shrunk(drawn, needs).faults) == ["crash", "loss"]
