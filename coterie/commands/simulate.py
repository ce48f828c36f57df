"""`coterie simulate`: random runs, and how much of the world they saw."""

from typing import Literal

import click

from coterie.checks.check import Size
from coterie.checks.simulation.walk import Plan
from coterie.commands import completing, simulation
from coterie.commands.echo import echo, width
from coterie.commands.outputs import files
from coterie.commands.page import Line, line
from coterie.commands.pictures.options import Pictures, picture_options
from coterie.commands.setting import parsed, settings_option, size_option
from coterie.commands.simulating import (
    Options,
    Outcome,
    Sight,
    exit_code,
    schedule_of,
    simulated,
    tasks_of,
)

_PLAN = Plan()
_EPILOG = """\b
Examples:
  coterie simulate oracles.two_phase
  coterie simulate oracles.two_phase --set managers=30 --runs 1000 --steps 500
  coterie simulate oracles.paxos --schedule pct --depth 4 --seed 7
  coterie simulate smr.naive --minimal --save found.json
  coterie simulate smr.naive --minimal --diagram --html pages
  coterie simulate my_protocol.py

\b
Exit codes:
  0  no violation was seen, or only those of a protocol that is known to be
     broken; that proves nothing
  1  a property is violated, or one is true that should be unreachable
  2  the command was misused, or a model is at fault
  3  Ctrl-C came before the end
  Of several, 2 goes before 1, and 1 before 3.
"""


@click.command(epilog=_EPILOG)
@click.argument(
    "names", nargs=-1, required=True, metavar="NAME...", shell_complete=completing.names
)
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=_PLAN.runs,
    show_default=True,
    metavar="N",
    help="How many runs to make.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    default=_PLAN.steps,
    show_default=True,
    metavar="N",
    help="How long a run may be.",
)
@click.option(
    "--seed",
    type=int,
    default=_PLAN.seed,
    show_default=True,
    metavar="S",
    help="The same seed gives the same runs.",
)
@click.option(
    "--first",
    type=click.IntRange(min=0),
    default=_PLAN.first,
    show_default=True,
    metavar="N",
    help="Begin with run N of the seed, to see it again.",
)
@click.option(
    "--schedule",
    type=click.Choice(["random", "pct"]),
    default=_PLAN.schedule,
    show_default=True,
    help="Every step equally likely, or priorities that change now and then.",
)
@click.option(
    "--depth",
    type=click.IntRange(min=1),
    default=_PLAN.depth,
    show_default=True,
    metavar="D",
    help="For pct: the priorities change D - 1 times a run.",
)
@click.option(
    "--faults",
    type=click.FloatRange(min=0, max=1),
    default=_PLAN.faults,
    show_default=True,
    metavar="P",
    help="How likely a step is a fault, where there is a choice.",
)
@size_option
@settings_option
@click.option(
    "--enumerate",
    "transitions_most",
    type=click.IntRange(min=0),
    default=100_000,
    show_default=True,
    metavar="N",
    help="Enumerate worlds of up to N transitions, to know what share the runs saw.",
)
@click.option("--minimal", is_flag=True, help="Leave out the steps that a violation does not need.")
@click.option("--save", metavar="FILE", help="Write the first violation, for `coterie replay`.")
@click.option("--keep-going", is_flag=True, help="Make all runs, whatever they find.")
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the results as JSON too; - is the standard output (the words then go to stderr).",
)
@picture_options
@click.pass_context
def simulate(
    context: click.Context,
    *,
    names: tuple[str, ...],
    runs: int,
    steps: int,
    seed: int,
    first: int,
    schedule: Literal["random", "pct"],
    depth: int,
    faults: float,
    size: Size,
    settings: tuple[str, ...],
    transitions_most: int,
    minimal: bool,
    save: str | None,
    keep_going: bool,
    json_file: str | None,
    pictures: Pictures,
) -> None:
    """Run worlds at random, of any size, and say what the runs saw.

    NAME is a check, a prefix, one property of a check, or the path of a Python file. A violation is
    shown as a run that can be replayed; no violation proves nothing, and the coverage says how much
    of the world was seen: a share of what there is, where that can be enumerated.
    """
    for option, file in (("--save", save), ("--json", json_file)):
        if file:
            files.check_file(option, file)
    plan = Plan(seed, runs, first, steps, schedule, depth, faults)
    options = Options(plan, size, parsed(settings), transitions_most, minimal, keep_going)
    tasks = tasks_of(names, options)
    pictures.check(sum(len(task.job.selection.claims) for task in tasks))
    to_stderr = files.STANDARD in (json_file, save)
    outcomes: list[Outcome] = []
    for task in tasks:
        outcomes.append(simulated(task))
        echo(simulation.lines(outcomes[-1], width(), diagram=pictures.diagram), to_stderr=to_stderr)
        if outcomes[-1].interrupted:
            break
    left = tasks[len(outcomes) :]
    echo(simulation.summary(outcomes, left, width()), to_stderr=to_stderr)
    code = exit_code(outcomes)
    if save:
        echo(_saved(outcomes, save), to_stderr=to_stderr)
    echo(pictures.write(simulation.runs(outcomes), width()), to_stderr=to_stderr)
    if json_file:
        files.write("--json", json_file, simulation.text(outcomes, code))
    context.exit(code)


def _saved(outcomes: list[Outcome], file: str) -> list[Line]:
    """Write the schedule of the first violation, one that is not expected before one that is."""
    found = [(outcome, row) for outcome in outcomes for row in outcome.violations]
    if not found:
        return [line(f"No violation was seen, so {file} was not written.", "yellow")]
    outcome, row = min(found, key=lambda each: each[1].sight is Sight.REFUTED)
    files.write("--save", file, schedule_of(outcome, row).to_text())
    return [line(f"{row.claim.name}: see it again with `coterie replay {file}`.")]
