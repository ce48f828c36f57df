"""`coterie check`: explore, and say what holds."""

import click

from coterie.checks.check import Size
from coterie.commands import report as reporting
from coterie.commands.running import NOT_BEGUN, Job, Limits, Report, exit_code, prepare, run
from coterie.commands.screen import Screen, Style, screen
from coterie.commands.selecting import selections
from coterie.commands.setting import parameters, parsed

_EPILOG = """\b
Examples:
  coterie check
  coterie check oracles
  coterie check oracles.two_phase.consistent
  coterie check oracles.two_phase --set managers=7
  coterie check my_protocol.py --max-seconds 60 --json results.json

\b
Exit codes:
  0  every property holds, or is refuted as it should be
  1  a property is violated, or an expected refutation is missing
  2  the command was misused, or a model is at fault
  3  a bound, or Ctrl-C, came before the end
  Of several, 2 goes before 1, and 1 before 3.
"""


@click.command(epilog=_EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--size",
    type=click.Choice(["small", "full"]),
    default="small",
    show_default=True,
    help="How large the worlds are: small takes seconds, full takes minutes.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PARAMETER=VALUE",
    help="Give every selected check this parameter; may be repeated.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Threads; at most 2 when not given."
)
@click.option(
    "--max-states", type=click.IntRange(min=1), metavar="N", help="Stop a check at N states."
)
@click.option(
    "--max-seconds",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="Stop a check after S seconds.",
)
@click.option(
    "--keep-going",
    is_flag=True,
    help="Explore on after a violation, to decide the other properties too.",
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the results as JSON too; - is the standard output (the table then goes to stderr).",
)
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Show every world's bounds, and a run to what is reachable.",
)
@click.pass_context
def check(
    context: click.Context,
    *,
    names: tuple[str, ...],
    size: Size,
    settings: tuple[str, ...],
    workers: int | None,
    max_states: int | None,
    max_seconds: float | None,
    keep_going: bool,
    json_file: str | None,
    verbose: bool,
) -> None:
    """Explore every state that the protocols can reach, and say which properties hold.

    NAME is a check (`coterie list` shows them), a prefix that selects all below it, one property of
    a check, or the path of a Python file that defines checks of your own. Without a name every
    check of the catalogue runs; then the runs that refute a broken protocol are shown by what
    happened alone, and `coterie check NAME` shows in full what each step changed.
    """
    jobs = _jobs(names, size, settings)
    if json_file:
        reporting.writable(json_file)
    style = Style(brief=not names and not verbose, verbose=verbose)
    limits = Limits(workers, max_states, max_seconds, keep_going)
    reports = _run(jobs, limits, screen(jobs, style, to_stderr=json_file == "-"))
    if json_file:
        reporting.write(reports, json_file)
    context.exit(exit_code(reports))


def _jobs(names: tuple[str, ...], size: Size, settings: tuple[str, ...]) -> list[Job]:
    given = parsed(settings)
    jobs = []
    for selection in selections(names):
        chosen = parameters(selection.check, size, given)
        pinned = chosen == selection.check.parameters()
        jobs.append(Job(selection, chosen, pinned=pinned))
    return jobs


def _run(jobs: list[Job], limits: Limits, onto: Screen) -> list[Report]:
    """Run the jobs in order; after an interrupt, the rest is reported as not run."""
    reports: list[Report] = []
    try:
        onto.prepare()
        prepare()
        for job in jobs:
            if reports and reports[-1].interrupted:
                reports.append(Report(job, stopped=NOT_BEGUN))
                continue
            onto.begin(job)
            reports.append(run(job, limits, onto.progress))
            onto.end(reports[-1])
    finally:
        onto.close()
    onto.summary(reports)
    return reports
