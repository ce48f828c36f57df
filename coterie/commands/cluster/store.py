"""`coterie read` and `coterie store query`: what a store keeps."""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import click

from coterie.commands.cluster.client import cluster_of, run, seconds_option
from coterie.commands.cluster.folder import folder_option
from coterie.commands.errors import UsageMistake
from coterie.impl.client.lookup import LookupClient
from coterie.impl.client.running import Access
from coterie.impl.client.store import StoreClient
from coterie.impl.config import node_of
from coterie.impl.ports import StorageError
from coterie.impl.storage.opening import is_postgres, select
from coterie.impl.storage.queries import QueryError
from coterie.model.gossip.store.reads import Found, Recovering, Unanswered
from coterie.model.gossip.store.service.queries import Latest, ValueAt

ABSENT = 1
_EPILOG = """\b
Examples:
  coterie read 1700000000                what was measured then
  coterie read 1700000000 1700009999     all from then to then, as TIME,VALUE
  coterie read --latest
  coterie read --latest --each           what each server says, and who lags
  coterie read 1700000000 --faulty 1     what 3 of 4 servers say alike

\b
Exit codes:
  0  it is printed
  1  there is nothing, or no answer came in time
  2  the command was misused, or there is no such cluster
"""
_STORE_EPILOG = """\b
Examples:
  coterie store query "SELECT count(*), max(time) FROM readings"
  coterie store query "SELECT * FROM readings" --node server1 --json

\b
Exit codes:
  0  the rows are printed
  2  the command was misused, or the statement is none
"""


@click.command("read", epilog=_EPILOG)
@click.argument("times", metavar="[TIME [LAST]]", nargs=-1, type=int)
@click.option("--latest", is_flag=True, help="The latest measurement.")
@click.option("--each", is_flag=True, help="Ask every server, and show which one lags.")
@click.option(
    "--faulty",
    metavar="F",
    type=click.IntRange(0),
    help="Believe what 2F + 1 servers say alike: of 3F + 1, F may lie.",
)
@folder_option
@seconds_option
def read(
    *,
    times: tuple[int, ...],
    latest: bool,
    each: bool,
    faulty: int | None,
    folder: Path | None,
    seconds: float,
) -> None:
    """Print what a store has at TIME, from TIME to LAST, or latest; exit code 1 for nothing."""
    alone = each or faulty is not None
    if latest == bool(times) or len(times) > (1 if alone else 2) or (faulty is not None and latest):
        raise UsageMistake("that is no reading", "Name a TIME, or TIME and LAST, or --latest.")
    cluster = cluster_of(folder, "store")

    async def main(access: Access) -> bool:
        if faulty is not None:
            return await _believed(access, faulty, times[0], seconds)
        async with StoreClient(access, seconds) as client:
            if each:
                return await _each(client, access, times)
            if len(times) == 2:
                return await _between(client, *times)
            return await _one(client, times)

    if not run(cluster, "client", main):
        raise SystemExit(ABSENT)


async def _believed(access: Access, faulty: int, date: int, seconds: float) -> bool:
    try:
        looking = LookupClient(access, faulty, seconds)
    except ValueError as problem:
        raise UsageMistake(str(problem), "Name a smaller --faulty.") from problem
    async with looking as client:
        value = await client.value(date)
    click.echo("" if value is None else value, nl=value is not None)
    return value is not None


async def _one(client: StoreClient, times: tuple[int, ...]) -> bool:
    if times:
        value = await client.value(times[0])
        click.echo("" if value is None else value, nl=value is not None)
        return value is not None
    found = await client.latest()
    if found is not None:
        click.echo(f"{found[0]},{found[1]}")
    return found is not None


async def _between(client: StoreClient, first: int, last: int) -> bool:
    some = False
    async for date, value in client.between(first, last):
        click.echo(f"{date},{value}")
        some = True
    return some


async def _each(client: StoreClient, access: Access, times: tuple[int, ...]) -> bool:
    for server in access.servers:
        said = await client.asked(server, ValueAt(times[0]) if times else Latest())
        click.echo(f"{server}  {_result(said.result)}  {said.position} of {said.agreed} agreed")
    return True


def _result(result: Any) -> str:
    match result:
        case Found(value):
            return str(value)
        case Unanswered():
            return "no answer"
        case Recovering():
            return "recovering"
    date = getattr(result, "date", None)
    return "nothing" if date is None else f"{date},{result.value}"


@click.group("store", epilog=_STORE_EPILOG)
def store() -> None:
    """Look at what a server of a store has on its disk."""


@store.command("query")
@click.argument("sql")
@click.option("--node", "name", default="server0", show_default=True, help="Whose disk.")
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a row, instead of CSV.")
@folder_option
def query(*, sql: str, name: str, limit: int, as_json: bool, folder: Path | None) -> None:
    """Run one read-only statement of SQL on a server's disk, while the server runs.

    The table is readings(time, value, number).
    """
    cluster = cluster_of(folder, "store")
    try:
        config = cluster.configs[node_of(name)]
        where: Any = config.storage
        if not is_postgres(where):
            where = cluster.folder / name / where
        found = select(where, name, sql, limit)
    except (KeyError, ValueError) as problem:
        raise UsageMistake(
            f"there is no {name} in {cluster.folder}", "See coterie status."
        ) from problem
    except (QueryError, StorageError) as problem:
        raise UsageMistake(str(problem), "One SELECT is what is run here.") from problem
    _print(found, as_json=as_json)
    if found.truncated:
        click.echo(f"there is more than {limit} rows: see --limit", err=True)


def _print(found: Any, *, as_json: bool) -> None:
    if as_json:
        for row in found.rows:
            click.echo(json.dumps(dict(zip(found.columns, row, strict=True)), default=str))
        return
    writer = csv.writer(sys.stdout)
    writer.writerow(found.columns)
    writer.writerows(found.rows)
