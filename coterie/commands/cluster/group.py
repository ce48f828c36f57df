"""`coterie put`, `get`, `swap` and `delete`: a key of a group's store."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click

from coterie.commands.cluster.folder import cluster_in, folder_option
from coterie.commands.errors import UsageMistake
from coterie.impl import keys
from coterie.impl.client.group import GroupClient, UnknownOutcomeError
from coterie.impl.client.names import taken
from coterie.impl.client.running import access
from coterie.impl.cluster import KEYS

ABSENT = 1
seconds_option = click.option(
    "--timeout",
    "seconds",
    metavar="SECONDS",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    help="How long to wait for an answer.",
)


def called(
    folder: Path | None, seconds: float, call: Callable[[GroupClient], Awaitable[Any]]
) -> Any:
    """Return what a call of a client gives; the client lasts as long as the call."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    cluster = cluster_in(folder)
    if cluster.any.service != "group":
        raise UsageMistake(
            f"{cluster.folder} holds a {cluster.any.service}", "Keys are kept by a group."
        )

    async def main() -> Any:
        with taken(cluster.folder, "client") as name:
            own = access(cluster.any, keys.credentials(cluster.folder / KEYS, name), name)
            async with GroupClient(own, sessions=1, timeout_seconds=seconds) as client:
                return await call(client)

    try:
        return asyncio.run(main())
    except UnknownOutcomeError as problem:
        raise click.ClickException(
            f"{problem}; it may have been done, or may be done yet"
        ) from None
    except keys.KeysError as problem:
        raise UsageMistake(str(problem), "Name the cluster's folder with --dir.") from problem


@click.command("put")
@click.argument("key")
@click.argument("value")
@folder_option
@seconds_option
def put(*, key: str, value: str, folder: Path | None, seconds: float) -> None:
    """Let KEY hold VALUE; it is on the disk of every member when the command ends."""
    called(folder, seconds, lambda client: client.write(key, value))


@click.command("get")
@click.argument("key")
@click.option(
    "--level",
    type=click.Choice(["latest", "stable", "stale"]),
    default="latest",
    show_default=True,
    help="`latest` asks the group; `stable` one server, for what is durable; `stale` what it has.",
)
@folder_option
@seconds_option
def get(*, key: str, level: str, folder: Path | None, seconds: float) -> None:
    """Print what KEY holds; exit code 1 where it holds nothing."""
    value = called(
        folder,
        seconds,
        lambda client: (
            client.read(key) if level == "latest" else client.look(key, stale=level == "stale")
        ),
    )
    if value is None:
        raise SystemExit(ABSENT)
    click.echo(value)


@click.command("swap")
@click.argument("key")
@click.argument("old")
@click.argument("new")
@folder_option
@seconds_option
def swap(*, key: str, old: str, new: str, folder: Path | None, seconds: float) -> None:
    """Let KEY hold NEW if it holds OLD; exit code 1 where it does not."""
    if not called(folder, seconds, lambda client: client.swap(key, old, new)):
        raise SystemExit(ABSENT)


@click.command("delete")
@click.argument("key")
@folder_option
@seconds_option
def delete(*, key: str, folder: Path | None, seconds: float) -> None:
    """Let KEY hold nothing."""
    called(folder, seconds, lambda client: client.delete(key))
