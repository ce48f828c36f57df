"""`coterie device`: a device that streams what it measures to a store."""

import asyncio
import csv
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import click

from coterie.commands.cluster.client import cluster_of, run
from coterie.commands.cluster.folder import folder_option
from coterie.commands.errors import UsageMistake
from coterie.impl.client.device import Device, NotLaterError
from coterie.impl.client.running import Access

_UNDER_WAY = 512
_SHOWN_SECONDS = 0.5
Row = tuple[int, int]
_EPILOG = """\b
Examples:
  coterie device                         a sine, ten a second, until Ctrl-C
  coterie device --count 1000 --rate 0   as fast as the servers keep up
  coterie device --csv readings.csv      lines of TIME,VALUE; - is stdin

\b
Exit codes:
  0  what was measured is safe
  1  no answer came in time
  2  the command was misused, or there is no such cluster
"""


@click.command("device", epilog=_EPILOG)
@click.option("--count", type=click.IntRange(1), help="How many measurements; else without end.")
@click.option(
    "--rate",
    type=click.FloatRange(0),
    default=10.0,
    show_default=True,
    help="Measurements a second; 0 for as fast as the servers keep up.",
)
@click.option("--csv", "file", metavar="FILE", help="Where measurements come from: TIME,VALUE.")
@folder_option
def device(*, count: int | None, rate: float, file: str | None, folder: Path | None) -> None:
    """Stream measurements to every server of a store; what a majority has on disk is safe.

    Times are whole numbers, each later than the one before; without --csv they are microseconds
    since 1970. The device keeps its place on its own disk, and goes on from there the next time.
    """
    cluster = cluster_of(folder, "store")
    own = cluster.folder / "device0"
    own.mkdir(exist_ok=True)
    rows = islice(_rows(file), count)
    run(cluster, "device", lambda access: _streamed(access, own, rows, rate), names_most=1)


def _rows(file: str | None) -> Iterator[Row]:
    if file is None:
        yield from _sine()
    elif file == "-":
        yield from _parsed(sys.stdin, "standard input")
    else:
        try:
            with Path(file).open(encoding="utf-8", newline="") as lines:
                yield from _parsed(lines, file)
        except OSError as problem:
            raise UsageMistake(
                f"{file} cannot be read: {problem.strerror}",
                "Name a file, or - for standard input.",
            ) from problem


def _sine() -> Iterator[Row]:
    while True:
        now = time.time_ns() // 1000
        yield now, round(1000 * math.sin(now / 10_000_000))


def _parsed(lines: Iterable[str], where: str) -> Iterator[Row]:
    for number, row in enumerate(csv.reader(lines), 1):
        try:
            date, value = row
            yield int(date), int(value)
        except ValueError:
            raise UsageMistake(
                f"{where}:{number}: {','.join(row)!r} is no measurement",
                "A line is TIME,VALUE: two whole numbers.",
            ) from None


async def _streamed(access: Access, folder: Path, rows: Iterator[Row], rate: float) -> None:
    """Measure all rows, and wait until they are safe."""
    async with Device(access, folder / "data.sqlite") as streaming:
        showing = asyncio.create_task(_shown(streaming))
        try:
            last = await _measured(streaming, rows, rate)
            if last is not None:
                await streaming.until_safe(last)
        except NotLaterError as problem:
            raise click.ClickException(str(problem)) from problem
        finally:
            showing.cancel()
            click.echo(f"{streaming.taken} measured; {streaming.safe} of all are safe")


async def _measured(streaming: Device, rows: Iterator[Row], rate: float) -> int | None:
    """Measure at that rate, some at a time; return the number of the last one."""
    under_way: list[asyncio.Task[int]] = []
    last, began = None, time.monotonic()
    for count, (date, value) in enumerate(rows):
        if rate:
            await asyncio.sleep(max(0.0, began + count / rate - time.monotonic()))
        under_way.append(asyncio.create_task(streaming.measure(date, value)))
        if len(under_way) >= _UNDER_WAY or rate:
            last = max(await asyncio.gather(*under_way))
            under_way.clear()
    return max(await asyncio.gather(*under_way), default=last)


async def _shown(streaming: Device) -> None:
    """Show how far it is, on a terminal."""
    write: Callable[[str], object] = sys.stderr.write
    while sys.stderr.isatty():
        await asyncio.sleep(_SHOWN_SECONDS)
        write(f"\r{streaming.taken} measured, {streaming.safe} of all are safe ")
        sys.stderr.flush()
