"""A log of real processes, whose replicas are killed while a writer appends."""

import asyncio
import random
import shutil
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coterie.commands.main import cli
from coterie.impl.client.log import LogWriter
from coterie.impl.seals import signer
from coterie.impl.services.log import WRITER
from coterie.impl.supervisor import Supervisor
from coterie.model.gossip.gdp.log import log_of
from coterie.model.gossip.gdp.record import Entry
from coterie.model.gossip.gdp.replica import Append
from coterie.model.gossip.gdp.service.forks import forks
from coterie.model.gossip.gdp.service.messages import Fetch, Fetched, Refused
from coterie.model.machine import Node
from tests.impl.processes.log_clients import Hostile, all_of, reader_of, writer_of
from tests.impl.processes.running import access_of, cluster, doing, kill, until

OPTIONS = {"exchange_seconds": 0.2}
USERS = 8
Said = Mapping[Node, Mapping[str, Any] | None]


def all_hold(records: int) -> Any:
    """Return what says whether all replicas hold so many records, in one piece."""
    return lambda said: all(
        told is not None and (told.get("records"), told.get("pieces")) == (records, 1)
        for told in said.values()
    )


def all_serve(said: Said) -> bool:
    """Return whether all replicas serve."""
    return all(told is not None and told.get("state") == "serving" for told in said.values())


async def appended(writer: LogWriter, user: int, over: asyncio.Event, names: list[str]) -> None:
    """Append without pause, until it is over; note what was acknowledged."""
    for number in count():
        if over.is_set():
            break
        names.append(await writer.append(f"{user}.{number}"))


async def killed_while_appending(
    running: Supervisor, writer: LogWriter, cycles: int, chance: random.Random
) -> list[str]:
    """Kill a replica at a random moment, and start it again, so many times."""
    over, names = asyncio.Event(), list[str]()
    async with doing(*(appended(writer, user, over, names) for user in range(USERS))):
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
    return names


async def nothing_acknowledged_is_lost(folder: Path, cycles: int, seed: int) -> int:
    """Run a log under kills; hold every replica against what was acknowledged; count that."""
    chance = random.Random(seed)
    with cluster(folder, "log", options=OPTIONS) as running:
        await until(running.cluster, all_serve, "all serve")
        async with writer_of(running, folder / "writer.sqlite") as writer:
            names = await killed_while_appending(running, writer, cycles, chance)
        await until(running.cluster, all_hold(len(names)), f"all hold {len(names)}")
        for replica in running.cluster.servers:
            told = await all_of(running, replica)
            assert sorted(entry.name for entry in told) == sorted(names)
            assert not forks(log_of(told))
        return len(names)


@pytest.mark.parametrize(("cycles", "seed"), [(3, 1), (50, 2)])
def test_nothing_acknowledged_is_lost_when_replicas_are_killed(
    tmp_path: Path, cycles: int, seed: int
) -> None:
    assert asyncio.run(nothing_acknowledged_is_lost(tmp_path / "log", cycles, seed)) > 20 * cycles


async def lied_to(folder: Path) -> tuple[list[Any], dict[str, Any], list[Entry]]:
    """Let a client with a valid certificate lie; return answers, the status, and the log."""
    with cluster(folder, "log", nodes=1, options=OPTIONS) as running:
        await until(running.cluster, all_serve, "all serve")
        async with writer_of(running, folder / "writer.sqlite") as writer:
            honest = await writer.append("true")
        (replica,) = running.cluster.servers
        (true,) = await all_of(running)
        forged = evolve(true, value="false")
        stolen = evolve(signer(Ed25519PrivateKey.generate())(WRITER, "mine"))
        unsigned = evolve(stolen, signature=evolve(stolen.signature, content=b""))
        hostile = Hostile(access_of(running.cluster, Node("client", 3)))
        lies = (Append(forged), Append(stolen), Append(unsigned))
        answers = await hostile.answers(replica, *lies, Fetch(stolen.name), Fetch(honest))
        await until(running.cluster, lambda said: bool(said[replica]["refused"] == 3), "counted")  # type: ignore[index]
        return answers, {"true": true}, await all_of(running)


def test_a_forged_and_an_unsigned_record_is_refused_and_counted(tmp_path: Path) -> None:
    answers, was, told = asyncio.run(lied_to(tmp_path / "log"))

    assert [type(answer) for answer in answers[:3]] == [Refused, Refused, Refused]
    assert "not the hash" in answers[0].why
    assert "signature" in answers[1].why
    assert answers[3] == Fetched(answers[1].name, None)
    assert answers[4] == Fetched(was["true"].name, was["true"])
    assert told == [was["true"]]


async def forked(folder: Path) -> tuple[list[str], str]:
    """Append, restore the writer's disk from an older copy, and append again."""
    disk, copy = folder / "writer0" / "data.sqlite", folder / "copy.sqlite"
    disk.parent.mkdir(parents=True)
    with cluster(folder, "log", options=OPTIONS) as running:
        await until(running.cluster, all_serve, "all serve")
        async with writer_of(running, disk) as writer:
            first = await writer.append("first")
        shutil.copy(disk, copy)
        async with writer_of(running, disk) as writer:
            second = await writer.append("second")
        for left in disk.parent.iterdir():
            left.unlink()
        shutil.copy(copy, disk)
        async with writer_of(running, disk) as writer:
            other = await writer.append("other")
        await until(running.cluster, all_hold(3), "all hold both branches")
        await until(running.cluster, all_fork, "all know of the fork")
        for replica in running.cluster.servers:
            (fork,) = forks(log_of(await all_of(running, replica)))
            assert fork.parent == first
            assert {fork.one.name, fork.other.name} == {second, other}
        return [first, second, other], await forks_shown(folder)


async def forks_shown(folder: Path) -> str:
    """Return what `coterie forks` prints, which says by its exit code that there are some."""
    command = (sys.executable, "-m", "coterie", "forks", "--dir", str(folder))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert process.returncode == 1
    return output.decode()


def all_fork(said: Said) -> bool:
    """Return whether all replicas know of one place where the log branches."""
    return all(told is not None and told.get("branches") == 1 for told in said.values())


def test_a_fork_made_by_an_older_disk_is_kept_spread_and_shown(tmp_path: Path) -> None:
    (first, second, other), shown = asyncio.run(forked(tmp_path / "log"))

    assert f"after {first}:" in shown
    assert f"  {second}  second  signed " in shown
    assert f"  {other}  other  signed " in shown


async def subscribed(folder: Path) -> list[str]:
    """Follow a log while it is written, and while the replica that is followed is killed."""
    with cluster(folder, "log", options=OPTIONS) as running:
        await until(running.cluster, all_serve, "all serve")
        async with (
            writer_of(running, folder / "writer.sqlite") as writer,
            reader_of(running) as reader,
        ):
            names, told = [await writer.append("0")], list[str]()
            following = reader.follow()
            told.append((await anext(following)).name)
            for number, replica in enumerate(running.cluster.servers[:2], 1):
                kill(running, replica)
                names.append(await writer.append(str(number)))
                told.append((await asyncio.wait_for(anext(following), 90)).name)
                running.start(replica)
                await until(running.cluster, all_serve, "all serve again")
        assert told == names
        return told


def test_a_reader_goes_on_when_the_replica_that_it_follows_is_killed(tmp_path: Path) -> None:
    assert len(asyncio.run(subscribed(tmp_path / "log"))) == 3


def test_lines_are_appended_and_followed_by_commands(tmp_path: Path) -> None:
    folder, at = str(tmp_path / "log"), ["--dir", str(tmp_path / "log")]
    with cluster(tmp_path / "log", "log", options=OPTIONS):
        run = CliRunner()
        first = run.invoke(cli, ["append", "one", "two", *at])
        more = run.invoke(cli, ["append", "-", *at], input="three\nfour\n")
        told = run.invoke(cli, ["follow", "--once", *at])
        rest = run.invoke(cli, ["follow", "--once", "--from", first.output.split()[1], *at])
        none = run.invoke(cli, ["forks", "--dir", folder])

    names = (first.output + more.output).split()
    lines = [
        f"{name}  {value}"
        for name, value in zip(names, ["one", "two", "three", "four"], strict=True)
    ]
    # Records are told as they come, and a replica may have got a later one first.
    assert sorted(told.output.splitlines()) == sorted(lines)
    assert sorted(rest.output.splitlines()) == sorted(lines[2:])
    assert (none.exit_code, none.output) == (0, "")
