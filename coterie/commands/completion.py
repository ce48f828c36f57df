"""`coterie completion`: what a shell needs to complete commands, options and names."""

from typing import Literal

import click
from click.shell_completion import get_completion_class

from coterie.commands.errors import UsageMistake

_VARIABLE = "_COTERIE_COMPLETE"
_EPILOG = """\b
Examples:
  coterie completion bash
  coterie completion fish

\b
To have it in every shell from now on:
  bash   echo 'eval "$(coterie completion bash)"' >> ~/.bashrc
  zsh    echo 'eval "$(coterie completion zsh)"' >> ~/.zshrc
  fish   coterie completion fish > ~/.config/fish/completions/coterie.fish

\b
Exit codes:
  0  the script is printed
  2  the command was misused
"""


@click.command(epilog=_EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, *, shell: Literal["bash", "zsh", "fish"]) -> None:
    """Print a script that completes commands, options, checks and properties in your SHELL.

    The names of checks are completed part by part: `gossip`, then what is below it.
    """
    kind = get_completion_class(shell)
    if kind is None:  # click has all three
        raise UsageMistake(f"{shell} is not known", "Take bash, zsh or fish.")
    top = context.find_root()
    click.echo(kind(top.command, {}, "coterie", _VARIABLE).source())
