"""`coterie explore`: walk through a world in the browser."""

import secrets
import shlex
import sys

import click

from coterie.checks.check import Size
from coterie.checks.errors import ModelError
from coterie.commands import completing
from coterie.commands.answering import Job
from coterie.commands.echo import echo, width
from coterie.commands.explorer.pages import application
from coterie.commands.explorer.search import Bounds
from coterie.commands.explorer.server import has_display, listening, open_browser, serve
from coterie.commands.explorer.session import Session
from coterie.commands.graph import ModelFault
from coterie.commands.page import line, wrapped
from coterie.commands.running import unforeseen
from coterie.commands.selecting import Selection, the_one
from coterie.commands.setting import parameters, parsed, settings_option, size_option

STOPPING_SECONDS = 5
_EPILOG = """\b
Examples:
  coterie explore oracles.two_phase
  coterie explore oracles.two_phase --set managers=8
  coterie explore my_protocol.py
  coterie explore my_protocols.py lock.small --port 8000 --no-browser

\b
Exit codes:
  0  Ctrl-C has stopped it
  2  the command was misused, or the model is at fault
"""


@click.command(epilog=_EPILOG)
@click.argument("name", shell_complete=completing.names)
@click.argument("check", required=False)
@size_option
@settings_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="Listen on this port; on a free one when not given.",
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open nothing.")
@click.option(
    "--path",
    "query",
    default="",
    metavar="TEXT",
    help="Begin with this path: what a page's address says after the question mark.",
)
@click.option(
    "--max-states",
    type=click.IntRange(min=1),
    default=20_000_000,
    show_default=True,
    metavar="N",
    help="End a search at N states.",
)
@click.option(
    "--max-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=120.0,
    show_default=True,
    metavar="S",
    help="End a search after S seconds.",
)
def explore(
    *,
    name: str,
    check: str | None,
    size: Size,
    settings: tuple[str, ...],
    port: int,
    no_browser: bool,
    query: str,
    max_states: int,
    max_seconds: float,
) -> None:
    """Walk through a protocol in the browser: choose what happens next, and see what it does.

    NAME is a check (`coterie list` shows them), one property of a check, or the path of a Python
    file that defines a check; CHECK says which, where NAME selects several. The page shows the run
    as it grows, the state of every node, and which properties are false; it jumps to a nearest
    state where a Python expression is true, and to what violates a property. An expression is code,
    and is run as you: the address has a random token in it, which is to be kept to oneself.
    """
    selection = the_one("explore", name, check)
    job = Job(selection, parameters(selection.check, size, parsed(settings)))
    command = _command(name, check, size, settings)
    session = _session(job, command, Bounds(max_states, max_seconds))
    token = secrets.token_urlsafe(24)
    with listening(port) as server:
        host, listens = server.getsockname()
        address = f"http://{host}:{listens}/{token}/" + (f"?{query.lstrip('?')}" if query else "")
        _tell(selection, address)
        if not no_browser and has_display():
            open_browser(address)
        serve(application(session, token), server)
        session.searches.close(STOPPING_SECONDS)
    echo([line("The explorer has stopped.")])


def _session(job: Job, command: str, bounds: Bounds) -> Session:
    """Return the session; a fault of the model is told as such.

    Raises: ModelFault.
    """
    try:
        return Session(job, command, bounds)
    except ModelError as error:
        raise ModelFault(str(error)) from error
    except Exception as error:
        raise ModelFault(unforeseen(error)) from error


def _command(name: str, check: str | None, size: Size, settings: tuple[str, ...]) -> str:
    """Return what to type for an explorer of the same world."""
    words = ["coterie", "explore", name, *([check] if check else [])]
    words += ["--size", size] if size != "small" else []
    for setting in settings:
        words += ["--set", setting]
    return shlex.join(words)


def _tell(selection: Selection, address: str) -> None:
    """Print the address, in one piece however narrow the terminal is."""
    echo(wrapped(f"{selection.check.name}: {selection.check.about}", width()))
    click.echo(f"  {address}")
    echo([line("The address is for you alone. Ctrl-C stops the explorer.", "dim")])
    sys.stdout.flush()
