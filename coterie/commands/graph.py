"""`coterie graph`: the states of a small world as a graph."""

import click

from coterie.checks.check import Size
from coterie.checks.errors import ModelError
from coterie.commands import completing
from coterie.commands.answering import Job
from coterie.commands.errors import UsageMistake
from coterie.commands.outputs.files import STANDARD, check_file, write
from coterie.commands.outputs.graph import Graph, TooManyStatesError, dot, graph, graphml
from coterie.commands.running import unforeseen, world_of
from coterie.commands.selecting import the_one
from coterie.commands.setting import parameters, parsed, settings_option, size_option

_EPILOG = """\b
Examples:
  coterie graph oracles.tcommit --set managers=2 | dot -Tsvg > states.svg
  coterie graph my_protocol.py --dot states.dot
  coterie graph my_protocols.py lock.small --graphml states.graphml

\b
Exit codes:
  0  it is written
  2  the command was misused, a model is at fault, or the world is too large
"""


class ModelFault(click.ClickException):
    """The model is at fault: exit code 2."""

    exit_code = 2


@click.command("graph", epilog=_EPILOG)
@click.argument("name", shell_complete=completing.names)
@click.argument("check", required=False)
@click.option("--dot", "dot_file", metavar="FILE", help="Write DOT, which Graphviz draws.")
@click.option("--graphml", "graphml_file", metavar="FILE", help="Write GraphML.")
@size_option
@settings_option
@click.option(
    "--max-states",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    metavar="N",
    help="Refuse to write a graph of more states than that.",
)
def graph_command(
    *,
    name: str,
    check: str | None,
    dot_file: str | None,
    graphml_file: str | None,
    size: Size,
    settings: tuple[str, ...],
    max_states: int,
) -> None:
    """Write the states that a check's world can reach, and the steps between them.

    NAME is one check, or the path of a Python file that defines one; CHECK says which, where the
    file defines several. A FILE of - is the standard output, which gets DOT when no file is asked
    for. A state shows the components that differ among the states; a starting state has a bold
    frame, and a step with a fault is dashed. Steps that change nothing are left out.
    """
    files = {"--dot": dot_file, "--graphml": graphml_file}
    asked = {option: file for option, file in files.items() if file} or {"--dot": STANDARD}
    for option, file in asked.items():
        check_file(option, file)
    if len({*asked.values()}) < len(asked):
        raise UsageMistake("--dot and --graphml write the same file", "Give two files.")
    selection = the_one("graph", name, check)
    chosen = parameters(selection.check, size, parsed(settings))
    found = _graph(Job(selection, chosen), max_states)
    for option, file in asked.items():
        write(option, file, (dot if option == "--dot" else graphml)(found, selection.check.name))


def _graph(job: Job, max_states: int) -> Graph:
    try:
        return graph(world_of(job), max_states)
    except TooManyStatesError:
        raise UsageMistake(
            f"{job.name} has more than {max_states:,} states, too many to look at",
            "Make the world smaller with --set, or raise --max-states.",
        ) from None
    except ModelError as error:
        raise ModelFault(str(error)) from error
    except Exception as error:
        raise ModelFault(unforeseen(error)) from error
