"""Clients of a group, and what they say when something is wrong."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coterie.impl.client import at, blocking
from coterie.impl.client.group import CALL_BYTES_MOST, GroupClient, UnknownOutcomeError
from coterie.impl.supervisor import Supervisor
from coterie.model.machine import Node
from tests.impl.processes.running import cluster, kill, until

SERVER = Node("server", 0)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervisor]:
    """Run a group of one."""
    with cluster(tmp_path_factory.mktemp("clients") / "shop", "group", nodes=1) as running:
        asyncio.run(until(running.cluster, is_member, "it is a member"))
        yield running


def is_member(said: Any) -> bool:
    return all(each and each.get("state") == "member" for each in said.values())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("k", 1.5),
        (7, "v"),
        ("k", [1]),
        ("k", 2**63),
        ("k", "\ud800"),
        ("k", "x" * CALL_BYTES_MOST),
    ],
    ids=["a fraction", "no text", "a list", "too wide", "no unicode", "too large"],
)
def test_what_is_no_call_is_refused_and_stands_in_nobodys_way(
    shop: Supervisor, key: Any, value: Any
) -> None:
    async def main() -> None:
        async with at.group(shop.cluster.folder) as client:
            with pytest.raises(ValueError, match=r"."):
                await client.write(key, value)
            await client.write("k", "v")
            assert await client.read("k") == "v"

    asyncio.run(main())


def test_many_calls_at_once_are_each_answered(shop: Supervisor) -> None:
    async def main() -> None:
        async with at.group(shop.cluster.folder) as client:
            await asyncio.gather(*(client.write(f"k{n}", n) for n in range(1000)))
            assert await asyncio.gather(*(client.read(f"k{n}") for n in range(1000))) == list(
                range(1000)
            )

    asyncio.run(main())


def test_large_values_get_through(shop: Supervisor) -> None:
    async def main() -> None:
        large = ["x" * (CALL_BYTES_MOST - 10 - n) for n in range(8)]
        async with at.group(shop.cluster.folder) as client:
            await asyncio.gather(*(client.write(f"large{n}", x) for n, x in enumerate(large)))
            assert await client.read("large7") == large[7]
            for n in range(8):
                await client.delete(f"large{n}")

    asyncio.run(main())


def test_a_look_is_answered_by_one_server(shop: Supervisor) -> None:
    async def main() -> None:
        async with at.group(shop.cluster.folder) as client:
            await client.write("colour", "red")
            assert await client.look("colour") == "red"
            assert await client.look("colour", stale=True) == "red"

    asyncio.run(main())


async def entered(shop: Supervisor, client: GroupClient) -> list["asyncio.Task[Any]"]:
    """Return calls that wait, for nobody is there to answer."""
    kill(shop, SERVER)
    calls = [asyncio.create_task(client.write(f"k{n}", n)) for n in range(20)]
    await asyncio.sleep(0.1)
    return calls


def test_calls_that_wait_when_the_client_is_closed_are_told_so(shop: Supervisor) -> None:
    async def main() -> None:
        async with at.group(shop.cluster.folder) as client:
            await client.write("k", "v")
            calls = await entered(shop, client)
        for call in calls:
            with pytest.raises(ConnectionAbortedError):
                await call
        with pytest.raises(ConnectionAbortedError):
            await client.write("k", "v")

    try:
        asyncio.run(main())
    finally:
        shop.start(SERVER)


def test_a_call_without_an_answer_in_time_is_open_and_the_next_is_answered(
    shop: Supervisor,
) -> None:
    async def main() -> None:
        async with at.group(shop.cluster.folder, timeout_seconds=0.3) as client:
            for call in await entered(shop, client):
                with pytest.raises(UnknownOutcomeError, match="connected with no server"):
                    await call
            shop.start(SERVER)
            client.timeout_seconds = 60.0
            await client.write("k", "again")
            assert await client.read("k") == "again"

    asyncio.run(main())


def test_threads_share_a_client_and_are_told_when_it_is_closed(shop: Supervisor) -> None:
    errors: list[BaseException] = []

    def calling(client: blocking.Group) -> None:
        try:
            while True:
                client.write("k", "v")
                assert client.read("k") == "v"
        except BaseException as error:  # noqa: BLE001  whatever it is
            errors.append(error)

    with blocking.group(shop.cluster.folder) as client:
        threads = [threading.Thread(target=calling, args=(client,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        client.write("k", "v")
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert len(errors) == len(threads)


def test_two_clients_on_one_machine_have_names_of_their_own(shop: Supervisor) -> None:
    folder: Path = shop.cluster.folder
    with at.access_to(folder, "group") as one, at.access_to(folder, "group") as other:
        assert one.name != other.name
    with at.access_to(folder, "group") as again:
        assert again.name == one.name
        assert again.start > one.start
