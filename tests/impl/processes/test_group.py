"""A group of real processes, whose members are killed under load."""

import asyncio
import random
from pathlib import Path

import pytest

from coterie.checks.history.jsonl import operations
from coterie.checks.history.judging import MODELS, Condition, judgements
from coterie.impl.client.group import GroupClient
from coterie.model.machine import Node
from coterie.spec.history.search import Answer
from tests.impl.postgres import Postgres
from tests.impl.processes.group_load import Load
from tests.impl.processes.running import (
    access_of,
    all_members,
    assert_replayed,
    cluster,
    doing,
    kill,
    statuses,
    until,
)

USERS = 8


async def killed_under_load(
    folder: Path, cycles: int, seed: int, storage: str = "sqlite", victims_most: int = 1
) -> Load:
    """Kill random members, sometimes the leader, so many times; return what users have seen."""
    chance = random.Random(seed)
    with cluster(folder, "group", storage=storage) as running:
        await until(running.cluster, all_members, "all are members")
        name, over = Node("client", 0), asyncio.Event()
        async with GroupClient(access_of(running.cluster, name), timeout_seconds=60) as client:
            load = Load(client, chance)
            async with doing(*(load.user(over, 0.02) for _ in range(USERS))):
                try:
                    for _ in range(cycles):
                        await asyncio.sleep(chance.random())
                        count = chance.randint(1, victims_most)
                        victims = chance.sample(running.cluster.servers, count)
                        for victim in victims:
                            kill(running, victim)
                        await asyncio.sleep(chance.random())
                        for victim in victims:
                            running.start(victim)
                        await until(running.cluster, all_members, "all are members again")
                finally:
                    over.set()
        said = statuses(running.cluster)
        assert len({each["log"] for each in said.values() if each}) == 1
    return load


def assert_linearizable(lines: list[str]) -> None:
    """Hold what users have seen against a key-value store."""
    found = operations(lines, "kv")
    for judged in judgements(found, MODELS["kv"], Condition.LINEARIZABLE, 60.0):
        assert judged.answer is Answer.YES, judged


@pytest.mark.parametrize(("cycles", "seed"), [(2, 1), (50, 2)])
def test_nothing_acknowledged_is_lost_when_members_are_killed(
    tmp_path: Path, cycles: int, seed: int
) -> None:
    load = asyncio.run(killed_under_load(tmp_path / "shop", cycles, seed))

    assert load.answered > 5 * cycles
    assert_linearizable(load.lines)
    assert_replayed(tmp_path / "shop")


@pytest.mark.parametrize(("cycles", "seed"), [(2, 4), (50, 5)])
def test_nothing_acknowledged_is_lost_when_many_are_killed_at_once(
    tmp_path: Path, cycles: int, seed: int
) -> None:
    load = asyncio.run(killed_under_load(tmp_path / "shop", cycles, seed, victims_most=3))

    assert load.answered > 5 * cycles
    assert_linearizable(load.lines)
    assert_replayed(tmp_path / "shop")


@pytest.mark.parametrize(("cycles", "seed"), [(2, 1), (50, 2)])
def test_nothing_acknowledged_is_lost_on_a_real_postgresql(
    tmp_path: Path, postgres: Postgres, cycles: int, seed: int
) -> None:
    load = asyncio.run(killed_under_load(tmp_path / "shop", cycles, seed, postgres.database()))

    assert load.answered > 5 * cycles
    assert_linearizable(load.lines)
    assert_replayed(tmp_path / "shop")
