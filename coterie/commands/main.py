"""The command `coterie`; each subcommand is imported when it is called."""

import shutil
import signal
import sys
from difflib import get_close_matches
from importlib import import_module
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from coterie.commands.colour import color_option

_COMMANDS = {
    "check": ("check:check", "Explore the protocols, and say which properties hold."),
    "append": ("cluster.log:append", "Append records to a log."),
    "follow": ("cluster.log:follow", "Print the records of a log, and what is new."),
    "forks": ("cluster.log:find_forks", "Print where a log's writer has gone on twice."),
    "list": ("listing:listing", "List the checks."),
    "spec": ("spec:spec", "Show what a protocol promises, and why."),
    "explore": ("explorer.command:explore", "Walk through a protocol in the browser."),
    "new": ("new.command:new", "Lay out a protocol of your own, with checks and tests that pass."),
    "completion": ("completion:completion", "Print what a shell needs to complete all this."),
    "prove": ("prove:proving", "Prove the lemmas: what is true of every number of replicas."),
    "simulate": ("simulate:simulate", "Run worlds of any size at random."),
    "replay": ("replay:replay", "Hold a saved run, or what a cluster has done, against the model."),
    "history": ("history:history", "Judge the recorded history of a real system."),
    "graph": ("graph:graph_command", "Write the states of a small world as a graph."),
    "certify": ("certify:certifying", "Prove the verdicts of a certificate again, plainly."),
    "mutate": ("mutate:mutate", "Change a model a little, and say which property notices."),
    "up": ("cluster.up:up", "Run a cluster of a service on this machine."),
    "status": ("cluster.status:status", "Show how the nodes of a cluster are."),
    "put": ("cluster.group:put", "Let a key of a group's store hold a value."),
    "get": ("cluster.group:get", "Print what a key of a group's store holds."),
    "swap": ("cluster.group:swap", "Change what a key holds, if it holds what you think."),
    "delete": ("cluster.group:delete", "Let a key hold nothing."),
    "device": ("cluster.device:device", "Stream measurements to a store."),
    "read": ("cluster.store:read", "Print what a store has measured."),
    "store": ("cluster.store:store", "Look at a server's disk with SQL."),
    "keys": ("keys:keys", "Make a private authority, and a key for each node."),
    "node": ("cluster.node:node", "Run one node of a service."),
}
NOT_FINISHED = 3
_NARROW = 52  # columns, below which click's help would be wider than the terminal
_EPILOG = """\b
Examples:
  coterie check                          every check of the catalogue
  coterie check oracles.two_phase        one check
  coterie check my_protocol.py           your own protocol
  coterie list                           what can be checked
  coterie spec oracles.two_phase         what it promises, and why
  coterie up group                       a replicated store on this machine

`coterie COMMAND --help` tells the rest.
"""


class Commands(click.Group):
    """A group that imports a command only to run it."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Return the context; help fits a terminal that is narrower than click takes it to be."""
        columns = shutil.get_terminal_size().columns
        extra.setdefault("terminal_width", max(20, columns) if columns < _NARROW else None)
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, _, function = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"coterie.commands.{module}"), function)
        if not any(each.name == "color" for each in command.params):
            color_option(hidden=True)(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments begin with, or say which one is like it."""
        if args[0] not in _COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], _COMMANDS, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(_COMMANDS)}."
            raise click.UsageError(f"there is no command {args[0]}. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])


def _version(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    del parameter
    if value:
        report = import_module("importlib.metadata")
        click.echo(f"coterie {report.version('coterie')}")
        context.exit()


@click.group(cls=Commands, epilog=_EPILOG)
@color_option()
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version.",
)
def cli() -> None:
    """Replication protocols, explored exhaustively and run for real, by the same steps."""


def main() -> NoReturn:
    """Run the command line; an interrupt is no success and no verdict: exit code 3.

    A reader that has gone away (`| head`) ends it as it ends other programs, by the signal.
    """
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("interrupted", err=True)
        sys.exit(NOT_FINISHED)
