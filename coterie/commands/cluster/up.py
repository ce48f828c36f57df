"""`coterie up`: a whole cluster on this machine, in one command."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from coterie.commands.cluster.folder import PREFIX
from coterie.commands.cluster.view import Said, asked, lines
from coterie.commands.colour import is_lively
from coterie.commands.errors import UsageMistake
from coterie.impl import supervisor
from coterie.impl.cluster import Cluster, laid_out, opened
from coterie.impl.config import FILE, ConfigError
from coterie.impl.keys import KeysError
from coterie.impl.service import SERVICES, service_of
from coterie.impl.supervisor import LOG, Supervisor
from coterie.model.machine import Node

_LOOK_SECONDS = 0.5
_EPILOG = """\b
Examples:
  coterie up group                     three servers, in ./coterie-group
  coterie up store --nodes 4 --dir plant
  coterie up group --storage postgresql://me@localhost/db

\b
From another terminal, in the same folder:
  coterie status
  coterie put colour green
  coterie get colour

\b
Exit codes:
  0  it has run until Ctrl-C
  1  some server has not ended well
  2  the command was misused
"""


class _Told(BaseException):
    """The user has told the command to end."""


def _service(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Return the name of a service that there is."""
    if ":" not in value:
        named: str = click.Choice(SERVICES).convert(value, parameter, context)
        return named
    try:
        service_of(value)
    except ValueError as problem:
        raise click.BadParameter(str(problem)) from problem
    return value


@click.command("up", epilog=_EPILOG)
@click.argument("service", callback=_service, metavar=f"{{{'|'.join(SERVICES)}|MODULE:NAME}}")
@click.option(
    "--nodes", type=click.IntRange(1, 99), help="How many servers, of a new cluster.  [3]"
)
@click.option("--dir", "folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--storage",
    metavar="sqlite|URL",
    default="sqlite",
    show_default=True,
    help="Where servers keep their memory: a file each, or a schema each of a PostgreSQL database.",
)
@click.option(
    "--restart/--no-restart",
    default=True,
    show_default=True,
    help="Whether a server that dies is started again.",
)
def up(
    *, service: str, nodes: int | None, folder: Path | None, storage: str, restart: bool
) -> None:
    """Run a cluster of a service on this machine, until Ctrl-C; then it can be run again.

    Keys, configurations, data, journals and logs of a new cluster go into DIR, by default
    ./coterie-SERVICE. Servers listen on free ports of loopback. MODULE:NAME is a service of your
    own, which a Python module in this folder defines.
    """
    default = Path(f"{PREFIX}{service.partition(':')[0]}")
    cluster = _cluster(service, nodes, folder or default, storage)
    click.echo(
        f"{len(cluster.servers)} servers of a {service} in {cluster.folder}; Ctrl-C stops them"
    )
    running = Supervisor(cluster, restart)
    with _ended_by(signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        try:
            running.start_all()
            _watch(running)
        except _Told:
            click.echo("stopping")
        finally:
            codes = running.stop()
    good = {0, -signal.SIGTERM}  # who was told before it listened has had nothing to finish
    bad = [f"{node} with exit code {code}" for node, code in codes.items() if code not in good]
    if bad:
        raise click.ClickException(f"not every server has ended well: {', '.join(bad)}")


def _cluster(service: str, nodes: int | None, folder: Path, storage: str) -> Cluster:
    """Return the cluster in `folder`, which is laid out where there is none."""
    try:
        if not any(folder.glob(f"*/{FILE}")):
            return laid_out(folder, service, nodes or 3, storage, {})
        cluster = opened(folder)
    except (ConfigError, KeysError, OSError) as problem:
        raise UsageMistake(str(problem), "Name another folder with --dir.") from problem
    has = len(cluster.servers)
    if cluster.any.service != service:
        raise UsageMistake(
            f"{folder} holds a {cluster.any.service}", "Name another folder with --dir."
        )
    if nodes not in {None, has}:
        raise UsageMistake(
            f"{folder} holds a cluster of {has} servers",
            "Leave --nodes out, or name another --dir.",
        )
    return cluster


@contextmanager
def _ended_by(*signals: signal.Signals) -> Iterator[None]:
    """Let these signals end what is inside; a second one changes nothing."""

    def tell(number: int, frame: FrameType | None) -> None:
        del frame
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise _Told(number)

    before = {each: signal.signal(each, tell) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _watch(running: Supervisor) -> None:
    """Show how the nodes are, as long as some run."""
    view = Live(console=Console(), auto_refresh=False) if is_lively(sys.stdout) else None
    if view is not None:
        with view:
            _watching(
                running, lambda said: view.update(_drawn(running.cluster, said), refresh=True)
            )
    else:
        shown: dict[Node, str] = {}
        _watching(running, lambda said: _print_changes(said, shown))


def _watching(running: Supervisor, show: Callable[[Said], None]) -> None:
    while not running.is_over:
        for ended in running.poll():
            click.echo(str(ended))
            if ended.code == supervisor.MISTAKE:
                click.echo(f"see {running.cluster.folder / str(ended.node) / LOG}")
        show(asked(running.cluster))
        time.sleep(_LOOK_SECONDS)


def _print_changes(said: Said, shown: dict[Node, str]) -> None:
    """Print who has come up, gone down, or is in another state than when it was printed last."""
    for node, told in said.items():
        state = "down" if told is None else str(told.get("state", "starting"))
        if shown.get(node) != state:
            shown[node] = state
            click.echo(f"{node} is {state}")


def _drawn(cluster: Cluster, said: Said) -> Text:
    return Text("\n".join(lines(cluster, said)), no_wrap=True, overflow="ellipsis")
