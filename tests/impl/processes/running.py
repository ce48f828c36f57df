"""Real clusters for tests: processes on loopback, with real disks."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from coterie.impl import keys
from coterie.impl.client.running import Access, access
from coterie.impl.cluster import KEYS, Cluster, laid_out, status_of
from coterie.impl.supervisor import Supervisor
from coterie.model.machine import Node

PATIENCE_SECONDS = 90.0


@contextmanager
def cluster(
    folder: Path,
    service: str,
    nodes: int = 3,
    storage: str = "sqlite",
    options: Mapping[str, Any] | None = None,
) -> Iterator[Supervisor]:
    """Run a new cluster; its processes are gone afterwards, and none of them has ended badly."""
    running = Supervisor(laid_out(folder, service, nodes, storage, options or {}), restarts=False)
    try:
        running.start_all()
        yield running
        codes = running.stop(PATIENCE_SECONDS)
        assert set(codes.values()) <= {0}, codes
    finally:
        for process in running.processes.values():
            process.kill()
            process.wait()


def kill(running: Supervisor, node: Node) -> None:
    """Kill a node's process with SIGKILL, and wait until it is gone."""
    process = running.processes.pop(node)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def assert_replayed(folder: Path) -> None:
    """Hold what the nodes of a cluster have done against the model, as a user would."""
    done = subprocess.run(
        (sys.executable, "-m", "coterie", "replay", str(folder)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def access_of(made: Cluster, name: Node) -> Access:
    """Return how a client of that name reaches a cluster."""
    keys.make(made.folder / KEYS, [name])
    return access(made.any, keys.credentials(made.folder / KEYS, name), name)


def statuses(made: Cluster) -> dict[Node, Mapping[str, Any] | None]:
    """Return what each node says of itself."""
    return {node: status_of(config) for node, config in made.configs.items()}


async def until(
    made: Cluster, is_so: Callable[[Mapping[Node, Mapping[str, Any] | None]], bool], what: str
) -> None:
    """Wait until something is so of what the nodes say."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        said = await asyncio.to_thread(statuses, made)
        if is_so(said):
            return
        assert time.monotonic() < end, f"not in {PATIENCE_SECONDS} seconds: {what}; {said}"
        await asyncio.sleep(0.1)


def all_members(said: Mapping[Node, Mapping[str, Any] | None]) -> bool:
    """Return whether all nodes are members of one view, which has them all, and are connected."""
    told = [each for each in said.values() if each is not None]
    return (
        len(told) == len(said)
        and all(each.get("state") == "member" for each in told)
        and len({(each["view"], *each["members"]) for each in told}) == 1
        and all(len(each["members"]) == len(said) for each in told)
        and all(
            len([p for p in each["peers"] if p.startswith("server")]) == len(said) - 1
            for each in told
        )
    )


@asynccontextmanager
async def doing(*tasks: Any) -> AsyncIterator[list["asyncio.Task[Any]"]]:
    """Run tasks meanwhile; they are awaited at the end."""
    made = [asyncio.create_task(task) for task in tasks]
    try:
        yield made
    finally:
        await asyncio.gather(*made)
