"""What the commands of a client share: which cluster, under which name, and how they end."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click

from coterie.commands.cluster.folder import cluster_in
from coterie.commands.errors import UsageMistake
from coterie.impl import keys, logs
from coterie.impl.client.names import NAMES_MOST, taken
from coterie.impl.client.running import Access, access
from coterie.impl.cluster import KEYS, Cluster
from coterie.impl.ports import StorageError

seconds_option = click.option(
    "--timeout",
    "seconds",
    metavar="SECONDS",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    help="How long to wait for an answer.",
)


def cluster_of(folder: Path | None, service: str) -> Cluster:
    """Return the cluster that a command is about.

    Raises: UsageMistake where there is none, or it has another service.
    """
    cluster = cluster_in(folder)
    if cluster.any.service != service:
        raise UsageMistake(
            f"{cluster.folder} holds a {cluster.any.service}", f"This command is for a {service}."
        )
    return cluster


def run(
    cluster: Cluster,
    role: str,
    main: Callable[[Access], Awaitable[Any]],
    names_most: int = NAMES_MOST,
) -> Any:
    """Return what `main` gives, for a client of that role, under a name that nobody else uses.

    Raises: ClickException where no answer came in time, or the client's own disk fails.
    """
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a server that is gone must not end the command
    logs.written_to(sys.stderr, "warning")

    async def named() -> Any:
        with taken(cluster.folder, role, names_most) as (name, start):
            own = keys.credentials(cluster.folder / KEYS, name)
            return await main(access(cluster.any, own, name, start))

    try:
        return asyncio.run(named())
    except (TimeoutError, StorageError, ConnectionAbortedError) as problem:
        raise click.ClickException(str(problem)) from problem
    except keys.KeysError as problem:
        raise UsageMistake(str(problem), "Name the cluster's folder with --dir.") from problem
