"""A store of real processes, whose servers are killed while a device streams."""

import asyncio
import random
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from coterie.impl.client.device import Device
from coterie.impl.client.store import StoreClient
from coterie.impl.supervisor import Supervisor
from coterie.model.gossip.store.service.queries import Latest
from coterie.model.machine import Node
from tests.impl.postgres import Postgres
from tests.impl.processes.running import access_of, assert_replayed, cluster, doing, kill, until

DEVICE = Node("device", 0)
OPTIONS = {"sync_seconds": 0.5}
Said = Mapping[Node, Mapping[str, Any] | None]


def all_serve(said: Said) -> bool:
    """Return whether all servers serve."""
    return all(told is not None and told.get("state") == "serving" for told in said.values())


def all_have(readings: int) -> Any:
    """Return what says whether all servers have so many readings."""
    return lambda said: (
        all_serve(said) and {told["position"] for told in said.values()} == {readings}
    )


async def streamed(device: Device, until_over: asyncio.Event, value: random.Random) -> None:
    """Measure without pause, until it is over."""
    for date in count(1):
        if until_over.is_set():
            break
        await device.measure(date, value.randrange(1000))


async def killed_while_streaming(
    running: Supervisor, device: Device, cycles: int, chance: random.Random
) -> None:
    """Kill a server at a random moment, and start it again, so many times."""
    over = asyncio.Event()
    async with doing(streamed(device, over, random.Random(7))):
        try:
            for _ in range(cycles):
                await asyncio.sleep(chance.random())
                victim = chance.choice(running.cluster.servers)
                kill(running, victim)
                await asyncio.sleep(chance.random())
                running.start(victim)
                await until(running.cluster, all_serve, "all serve again")
        finally:
            over.set()


async def nothing_safe_is_lost(folder: Path, storage: str, cycles: int, seed: int) -> None:
    """Run a store under a streaming device and kills; hold every server against what is safe."""
    chance, told = random.Random(seed), []
    with cluster(folder, "store", storage=storage, options=OPTIONS) as running:
        await until(running.cluster, all_serve, "all serve")
        access = access_of(running.cluster, DEVICE)
        async with Device(access, folder / "diary.sqlite", told=told.append) as device:
            await killed_while_streaming(running, device, cycles, chance)
            await device.until_safe(device.taken - 1)
            taken = device.taken
        assert told == sorted(told)
        await until(running.cluster, all_have(taken), f"all have {taken}")
        await every_server_has_all(running, taken)
    assert_replayed(folder)


async def every_server_has_all(running: Supervisor, taken: int) -> None:
    """Read everything back, from each server."""
    wanted = random.Random(7)
    rows = [(date, wanted.randrange(1000)) for date in range(1, taken + 1)]
    async with StoreClient(access_of(running.cluster, Node("client", 0))) as client:
        assert [row async for row in client.between(1, taken)] == rows
        for server in running.cluster.servers:
            said = await client.asked(server, Latest())
            assert (said.result.date, said.result.value) == rows[-1]  # type: ignore[union-attr]
            assert said.lag == 0


@pytest.mark.parametrize(("cycles", "seed"), [(2, 1), (50, 2)])
def test_nothing_safe_is_lost_when_servers_are_killed(
    tmp_path: Path, cycles: int, seed: int
) -> None:
    asyncio.run(nothing_safe_is_lost(tmp_path / "plant", "sqlite", cycles, seed))


@pytest.mark.parametrize(("cycles", "seed"), [(2, 1), (50, 2)])
def test_nothing_safe_is_lost_on_a_real_postgresql(
    tmp_path: Path, postgres: Postgres, cycles: int, seed: int
) -> None:
    asyncio.run(nothing_safe_is_lost(tmp_path / "plant", postgres.database(), cycles, seed))
