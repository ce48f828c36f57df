"""Services that run for real: processes on this machine, TLS between them, every write on disk.

    python bench/runtime.py            two minutes
    python bench/runtime.py --quick    the same for a shorter time, in less than one

Three servers and one client share the cores of this machine, so that a figure says what one machine
does, and no more. Compare only what was measured in one run.
"""

import argparse
import asyncio
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coterie.impl import keys, logs
from coterie.impl.client.group import GroupClient
from coterie.impl.client.running import Access, access
from coterie.impl.client.store import StoreClient
from coterie.impl.cluster import KEYS, Cluster, laid_out, status_of
from coterie.impl.codec import Codec
from coterie.impl.service import service_of
from coterie.impl.storage.format import Identity
from coterie.impl.storage.opening import open_storage
from coterie.impl.supervisor import Supervisor
from coterie.model.gossip.store.service.index import Row
from coterie.model.gossip.store.service.shelf import Inserted
from coterie.model.machine import Node
from coterie.model.stacked import Above

CLIENT = Node("client", 0)
VALUE = "x" * 100
BATCH = 1000


@contextmanager
def cluster(service: str, prepare: Callable[[Cluster], None] | None = None) -> Iterator[Supervisor]:
    """Run three servers; `prepare` may fill their disks before they start."""
    with tempfile.TemporaryDirectory() as folder:
        laid = laid_out(Path(folder) / "bench", service, 3, "sqlite", {})
        if prepare is not None:
            prepare(laid)
        running = Supervisor(laid, restarts=False)
        try:
            running.start_all()
            yield running
        finally:
            running.stop()


def access_of(laid: Cluster) -> Access:
    """Return how the client reaches the servers."""
    keys.make(laid.folder / KEYS, [CLIENT])
    return access(laid.any, keys.credentials(laid.folder / KEYS, CLIENT), CLIENT)


async def until(laid: Cluster, is_so: Callable[[Any], bool]) -> None:
    """Wait until every server says something of itself for which that is so."""
    while not all((said := status_of(each)) and is_so(said) for each in laid.configs.values()):
        await asyncio.sleep(0.05)


def quantiles(seconds: Sequence[float]) -> str:
    """Return median and 99th percentile in milliseconds."""
    ordered = sorted(seconds)
    late = ordered[int(len(ordered) * 0.99)]
    return f"median {1000 * statistics.median(ordered):.2f} ms, 99 % within {1000 * late:.2f} ms"


async def repeated(
    one: Callable[[int], Awaitable[object]], outstanding: int, seconds: float
) -> tuple[float, list[float]]:
    """Call `one` again and again, so many at a time; return how many a second, and each time."""
    took: list[float] = []
    began = time.perf_counter()

    async def user(number: int) -> None:
        while (start := time.perf_counter()) < began + seconds:
            await one(number)
            took.append(time.perf_counter() - start)

    await asyncio.gather(*map(user, range(outstanding)))
    return len(took) / (time.perf_counter() - began), took


def cpu_seconds(running: Supervisor) -> float:
    """Return how long the servers' processes have computed."""
    total = 0.0
    for process in running.processes.values():
        fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").split()
        total += (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    return total


async def group(seconds: float) -> None:
    """Durable, totally ordered writes of 100 bytes at three members."""
    with cluster("group") as running:
        await until(
            running.cluster, lambda said: said.get("state") == "member" and len(said["peers"]) == 2
        )
        for outstanding in (1, 64, 256):
            async with GroupClient(access_of(running.cluster)) as client:
                await client.write("warm", "up")
                before = cpu_seconds(running)
                rate, took = await repeated(
                    lambda number: client.write(f"k{number}", VALUE), outstanding, seconds
                )
                each = (cpu_seconds(running) - before) / len(took)
                print(
                    f"  {outstanding:4} outstanding  {rate:8.0f} writes/s  {quantiles(took)}, "
                    f"{1e6 * each:.0f} µs of the servers' CPU a write"
                )


def filled(laid: Cluster, node: Node, rows: int) -> None:
    """Give a server so many readings before it starts."""
    config, service = laid.configs[node], service_of("store")
    made = service.machine(node, laid.servers, service.chosen({}))
    identity = Identity(config.cluster, "store", str(node))
    keeper = service.keeper(made, Codec(service.values))
    storage = open_storage(laid.folder / str(node) / config.storage, keeper, identity)
    storage.load()
    for first in range(0, rows, BATCH):
        batch = tuple(Row(date, date % 997, date) for date in range(first, first + BATCH))
        storage.commit([Above(Inserted(batch))])
    storage.close()


async def recovery(rows: int) -> None:
    """A server that has nothing recovers everything that the others have."""

    def prepare(laid: Cluster) -> None:
        for node in laid.servers[1:]:
            filled(laid, node, rows)

    with cluster("store", prepare) as running:
        late = running.cluster.servers[0]
        config = running.cluster.configs[late]
        while (said := status_of(config)) is None:
            await asyncio.sleep(0.02)
        began = time.perf_counter()
        while said is None or said.get("readings") != rows:
            await asyncio.sleep(0.02)
            said = status_of(config)
        print(f"  {rows} missed readings recovered in {time.perf_counter() - began:.2f} s")


async def looked_up(rows: int, seconds: float) -> list[float]:
    """Return how long it takes to read one value of so many."""

    def prepare(laid: Cluster) -> None:
        for node in laid.servers:
            filled(laid, node, rows)

    with cluster("store", prepare) as running:
        await until(running.cluster, lambda said: said.get("state") == "serving")
        async with StoreClient(access_of(running.cluster)) as client:
            await client.value(0)
            _, took = await repeated(lambda _: client.value(rows // 2), 1, seconds)
            return took


async def lookups(seconds: float) -> None:
    """One value at a time, from a small table and from a large one."""
    for rows in (1_000, 100_000):
        took = await looked_up(rows, seconds)
        print(f"  a value of {rows:6} readings: {quantiles(took)}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="in less than a minute")
    quick = parser.parse_args().quick
    logs.written_to(sys.stderr, "error")
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores")
    print("group: three members, writes of 100 bytes, ordered and on three disks")
    asyncio.run(group(2.0 if quick else 10.0))
    print("store: three servers")
    asyncio.run(recovery(20_000 if quick else 100_000))
    asyncio.run(lookups(1.0 if quick else 5.0))


if __name__ == "__main__":
    main()
