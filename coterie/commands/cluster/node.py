"""`coterie node`: one node of a service, until it is told to stop."""

import signal
import sys
from errno import EADDRINUSE
from pathlib import Path

import click

from coterie.commands.errors import UsageMistake
from coterie.impl import logs
from coterie.impl.config import ConfigError, read_config
from coterie.impl.keys import KeysError
from coterie.impl.ports import StorageError
from coterie.impl.process import serve

_EPILOG = """\b
Examples:
  coterie node server0/node.toml
  coterie node server0/node.toml 2> server0.log

\b
The configuration, in TOML; paths are relative to the file:
  cluster = "shop"                 nodes of other clusters are refused
  service = "group"                or "store", or "log"
  node = "server0"                 this one's name, as in its certificate
  keys = "keys"                    made by `coterie keys`
  storage = "data.sqlite"          or "postgresql://user@host/database"
  journal = "journal"              a folder for `coterie replay`; "" for none
  status = "127.0.0.1:9000"        /status and /metrics; "" for nowhere
  [addresses]                      of all servers
  server0 = "10.0.0.1:4000"
  [options]                        of the service

\b
Exit codes:
  0  it was told to stop
  1  it had to stop: the log says why
  2  it cannot run as it is told: the message says why
"""


@click.command("node", epilog=_EPILOG)
@click.argument("file", metavar="CONFIG.toml", type=click.Path(path_type=Path))
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="What goes into the log, on standard error.",
)
def node(*, file: Path, log_level: str) -> None:
    """Run one node, until SIGTERM or SIGINT; its log goes to standard error, a JSON object a line.

    What it has told anybody is on its disk: killed at any moment, it goes on from there.
    """
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a peer that is gone must not end the node
    try:
        config = read_config(file)
        logs.written_to(sys.stderr, log_level, node=config.node)
        serve(config, file.resolve().parent)
    except (ConfigError, KeysError) as problem:
        raise UsageMistake(
            str(problem), "`coterie node --help` shows a configuration."
        ) from problem
    except StorageError as problem:
        raise click.ClickException(f"the node has stopped: {problem}") from problem
    except OSError as problem:
        if problem.errno == EADDRINUSE:  # it may be free again when the node is started again
            raise click.ClickException(f"the node cannot run: {problem}") from problem
        raise UsageMistake(f"the node cannot run: {problem}", "Look at its addresses.") from problem
