"""`coterie append`, `follow` and `forks`: the writer and the readers of a log."""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from coterie.commands.cluster.client import cluster_of, run, seconds_option
from coterie.commands.cluster.folder import folder_option
from coterie.commands.errors import UsageMistake
from coterie.impl.client.log import LogReader, LogWriter, RejectedError
from coterie.impl.client.running import Access
from coterie.impl.cluster import KEYS, Cluster
from coterie.impl.keys import signing_key
from coterie.impl.services.log import KEY
from coterie.model.gossip.gdp.log import log_of
from coterie.model.gossip.gdp.record import Entry
from coterie.model.gossip.gdp.service.forks import START, Fork, forks

FORKED = 1
_UNDER_WAY = 512
_APPEND_EPILOG = """\b
Examples:
  coterie append "door opened" "door closed"
  sensor | coterie append -                  a record for each line

\b
Exit codes:
  0  it is done
  1  no answer came in time
  2  the command was misused, or there is no such cluster
"""
_FOLLOW_EPILOG = """\b
Examples:
  coterie follow                             until Ctrl-C
  coterie follow --once --json               what there is now, for machines

\b
Exit codes:
  0  it is done
  1  no answer came in time
  2  the command was misused, or there is no such cluster
"""
_FORKS_EPILOG = """\b
Examples:
  coterie forks
  coterie forks --json                       each with its whole proof

\b
Exit codes:
  0  there is no fork
  1  there is one, or more; or no answer came in time
  2  the command was misused, or there is no such cluster
"""


@click.command("append", epilog=_APPEND_EPILOG)
@click.argument("values", metavar="VALUE... | -", nargs=-1, required=True)
@folder_option
@seconds_option
def append(*, values: tuple[str, ...], folder: Path | None, seconds: float) -> None:
    """Append records to a log, each pointing at the one before; print their names.

    A name is printed when the record is on the disks of a majority of the replicas. The writer
    keeps its place in the cluster's folder, and signs with the key in keys/writer.key.
    """
    cluster = cluster_of(folder, "log")
    lines = (line.removesuffix("\n") for line in sys.stdin)
    taken = lines if values == ("-",) else iter(values)
    own = cluster.folder / "writer0"
    own.mkdir(exist_ok=True)
    run(
        cluster,
        "writer",
        lambda access: _appended(access, cluster, own / "data.sqlite", taken, seconds),
        names_most=1,
    )


async def _appended(
    access: Access, cluster: Cluster, place: Path, values: Iterator[str], seconds: float
) -> None:
    """Append all, some at a time, and tell of each when it is safe."""
    key = signing_key(cluster.folder / KEYS, KEY)
    async with LogWriter(access, key, place, timeout_seconds=seconds) as writer:
        under_way: asyncio.Queue[asyncio.Task[str] | None] = asyncio.Queue(_UNDER_WAY)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_told(writer, under_way))
                while (value := await asyncio.to_thread(next, values, None)) is not None:
                    await under_way.put(tasks.create_task(writer.add(value)))
                await under_way.put(None)
        except* (RejectedError, TimeoutError, ValueError) as problems:
            raise click.ClickException(str(problems.exceptions[0])) from problems


async def _told(writer: LogWriter, under_way: "asyncio.Queue[asyncio.Task[str] | None]") -> None:
    while (adding := await under_way.get()) is not None:
        name = await adding
        await writer.until_safe(name)
        click.echo(name)


@click.command("follow", epilog=_FOLLOW_EPILOG)
@click.option("--from", "after", metavar="NAME", default="", help="Begin behind this record.")
@click.option("--once", is_flag=True, help="End when there is nothing more, instead of waiting.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a record.")
@folder_option
@seconds_option
def follow(*, after: str, once: bool, as_json: bool, folder: Path | None, seconds: float) -> None:
    """Print the records of a log, parents first, and then what is new, until Ctrl-C.

    A line has a record's name, and its value. Every record is verified with the writer's public
    key: no replica is believed.
    """
    cluster = cluster_of(folder, "log")

    async def main(access: Access) -> None:
        async with LogReader(access, _public(cluster), seconds) as reader:
            if after and await reader.read(after) is None:
                raise UsageMistake(f"there is no record {after}", "See coterie follow --once.")
            async for entry in reader.follow(after, once=once):
                click.echo(json.dumps(_plain(entry)) if as_json else _line(entry))

    run(cluster, "client", main)


@click.command("forks", epilog=_FORKS_EPILOG)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a fork: the whole proof.")
@folder_option
@seconds_option
def find_forks(*, as_json: bool, folder: Path | None, seconds: float) -> None:
    """Print where the writer of a log has gone on twice: two records that it signed, in one place.

    That happens when its disk was restored from a backup, or it runs on two devices.
    """
    cluster = cluster_of(folder, "log")

    async def main(access: Access) -> list[Entry]:
        async with LogReader(access, _public(cluster), seconds) as reader:
            return [entry async for entry in reader.follow(once=True)]

    found = sorted(forks(log_of(run(cluster, "client", main))), key=_place)
    for fork in found:
        for line in _shown(fork, as_json=as_json):
            click.echo(line)
    if found:
        raise SystemExit(FORKED)


def _place(fork: Fork) -> tuple[str, str, str]:
    return fork.parent, fork.one.name, fork.other.name


def _shown(fork: Fork, *, as_json: bool) -> Iterator[str]:
    if as_json:
        pair = [_plain(fork.one), _plain(fork.other)]
        yield json.dumps({"parent": fork.parent or None, "records": pair})
        return
    yield f"after {fork.parent}:" if fork.parent != START else "at the beginning:"
    yield from (f"  {_line(entry)}  signed {_signature(entry)}" for entry in (fork.one, fork.other))


def _public(cluster: Cluster) -> str:
    return str(cluster.any.options["writer"])


def _line(entry: Entry) -> str:
    return f"{entry.name}  {entry.value}"


def _signature(entry: Entry) -> str:
    content: bytes = entry.signature.content
    return content.hex()


def _plain(entry: Entry) -> dict[str, object]:
    return {
        "name": entry.name,
        "parents": list(entry.parents),
        "value": entry.value,
        "signature": _signature(entry),
    }
