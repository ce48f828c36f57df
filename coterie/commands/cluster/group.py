"""`coterie put`, `get`, `swap` and `delete`: a key of a group's store."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click

from coterie.commands.cluster.client import cluster_of, run, seconds_option
from coterie.commands.cluster.folder import folder_option
from coterie.impl.client.group import GroupClient
from coterie.impl.client.running import Access

ABSENT = 1

_PUT_EPILOG = """\b
Examples:
  coterie put colour green
  coterie put colour green --dir shop

\b
Exit codes:
  0  it is on the disk of every member
  1  no answer came in time
  2  the command was misused, or there is no such cluster
"""
_GET_EPILOG = """\b
Examples:
  coterie get colour
  coterie get colour --level stale       what one member has, at once

\b
Exit codes:
  0  it is printed
  1  the key holds nothing, or no answer came in time
  2  the command was misused, or there is no such cluster
"""
_SWAP_EPILOG = """\b
Examples:
  coterie swap colour green blue

\b
Exit codes:
  0  it holds the new value
  1  it did not hold the old one, or no answer came in time
  2  the command was misused, or there is no such cluster
"""
_DELETE_EPILOG = """\b
Examples:
  coterie delete colour

\b
Exit codes:
  0  it holds nothing
  1  no answer came in time
  2  the command was misused, or there is no such cluster
"""


def _called(
    folder: Path | None, seconds: float, call: Callable[[GroupClient], Awaitable[Any]]
) -> Any:
    """Return what a call gives, of a client that lasts as long as the call."""

    async def main(access: Access) -> Any:
        async with GroupClient(access, sessions=1, timeout_seconds=seconds) as client:
            return await call(client)

    return run(cluster_of(folder, "group"), "client", main)


@click.command("put", epilog=_PUT_EPILOG)
@click.argument("key")
@click.argument("value")
@folder_option
@seconds_option
def put(*, key: str, value: str, folder: Path | None, seconds: float) -> None:
    """Let KEY hold VALUE; it is on the disk of every member when the command ends."""
    _called(folder, seconds, lambda client: client.write(key, value))


@click.command("get", epilog=_GET_EPILOG)
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

    def call(client: GroupClient) -> Awaitable[Any]:
        return client.read(key) if level == "latest" else client.look(key, stale=level == "stale")

    value = _called(folder, seconds, call)
    if value is None:
        raise SystemExit(ABSENT)
    click.echo(value)


@click.command("swap", epilog=_SWAP_EPILOG)
@click.argument("key")
@click.argument("old")
@click.argument("new")
@folder_option
@seconds_option
def swap(*, key: str, old: str, new: str, folder: Path | None, seconds: float) -> None:
    """Let KEY hold NEW if it holds OLD; exit code 1 where it does not."""
    if not _called(folder, seconds, lambda client: client.swap(key, old, new)):
        raise SystemExit(ABSENT)


@click.command("delete", epilog=_DELETE_EPILOG)
@click.argument("key")
@folder_option
@seconds_option
def delete(*, key: str, folder: Path | None, seconds: float) -> None:
    """Let KEY hold nothing."""
    _called(folder, seconds, lambda client: client.delete(key))
