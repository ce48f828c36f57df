"""`coterie check`: explore, and say what holds."""

from collections.abc import Iterator
from functools import partial

import click

from coterie.checks.check import Size
from coterie.commands import completing, uncovered
from coterie.commands.answering import NOT_BEGUN, Job, Report, exit_code
from coterie.commands.covering import Covering, covering_options
from coterie.commands.evidence import hunting
from coterie.commands.evidence.numbers import coded
from coterie.commands.evidence.options import Evidence, evidence_options
from coterie.commands.keeping import Keeping, keeping_options
from coterie.commands.outputs.options import Outputs, output_options
from coterie.commands.pictures.options import Pictures, Run, picture_options
from coterie.commands.running import Limits
from coterie.commands.screen import Screen, Style, screen
from coterie.commands.selecting import selections
from coterie.commands.setting import given, parameters, parsed, settings_option, size_option

_EPILOG = """\b
Examples:
  coterie check
  coterie check oracles
  coterie check oracles.two_phase.consistent
  coterie check oracles.two_phase --set managers=7
  coterie check my_protocol.py --max-seconds 60 --json results.json
  coterie check my_protocol.py --junit report.xml --sarif report.sarif
  coterie check my_protocol.py --github --summary summary.md
  coterie check my_protocol.py --itf traces
  coterie check smr.naive --diagram --html pages
  coterie check --cache .coterie
  coterie check oracles --mutants
  coterie check my_protocol.py --mutants --evidence evidence.json
  coterie check my_protocol.py --checkpoint kept --memory 2G
  coterie check my_protocol.py --coverage
  coterie check oracles.tcommit --certificate tcommit.gz

\b
Exit codes:
  0  every property holds, or is refuted as it should be
  1  a property is violated, or an expected refutation is missing,
     or a mutant is not killed as it declares;
     under --strict also where something is never exercised
  2  the command was misused, or a model is at fault
  3  a bound, or Ctrl-C, came before the end
  Of several, 2 goes before 1, and 1 before 3.
"""


@click.command(epilog=_EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completing.names)
@size_option
@settings_option
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
    "--max-depth",
    type=click.IntRange(min=1),
    metavar="N",
    help="Expand no state that is N steps from a start.",
)
@click.option(
    "--diagnose",
    is_flag=True,
    help="Find the least fairness that makes a violated claim about whole runs true.",
)
@click.option(
    "--no-symmetry",
    is_flag=True,
    help="Explore every state, also those that differ only in the names of nodes.",
)
@click.option(
    "--keep-going",
    is_flag=True,
    help="Explore on after a violation, to decide the other properties too.",
)
@covering_options
@output_options
@picture_options
@evidence_options
@keeping_options
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
    max_depth: int | None,
    diagnose: bool,
    no_symmetry: bool,
    keep_going: bool,
    covering: Covering,
    outputs: Outputs,
    pictures: Pictures,
    evidence: Evidence,
    keeping: Keeping,
    verbose: bool,
) -> None:
    """Explore every state that the protocols can reach, and say which properties hold.

    NAME is a check (`coterie list` shows them), a prefix that selects all below it, one property of
    a check, or the path of a Python file that defines checks of your own. Without a name every
    check of the catalogue runs; then the runs that refute a broken protocol are shown by what
    happened alone, and `coterie check NAME` shows in full what each step changed.
    """
    jobs = covering.watched(_jobs(names, size, settings))
    outputs.check(jobs)
    pictures.check(sum(len(job.selection.claims) for job in jobs))
    keeping.check(jobs)
    evidence.check(jobs)
    if evidence.recording or outputs.wants_code:
        jobs = coded(jobs)
    limits = Limits(
        workers, max_states, max_seconds, keep_going, max_depth, diagnose, not no_symmetry, keeping
    )
    style = Style(not names and not verbose, verbose, pictures.diagram, limits)
    onto = screen(jobs, style, to_stderr=outputs.to_stderr)
    reports = _run(jobs, limits, onto, evidence)
    found = covering.found(reports)
    code = covering.exit_code(exit_code(reports), found)
    if found is not None:
        onto.more(partial(uncovered.shown, found, strict=covering.strict))
    more = {} if found is None else {"exit_code": code, "coverage": found.as_data()}
    outputs.write(reports, more)
    if pictures.html is not None:
        onto.more(partial(pictures.write, _runs(reports)))
    evidence.conclude()
    context.exit(code)


def _jobs(names: tuple[str, ...], size: Size, settings: tuple[str, ...]) -> list[Job]:
    typed = parsed(settings)
    jobs = []
    for selection in selections(names):
        chosen = parameters(selection.check, size, typed)
        pinned = chosen == selection.check.parameters()
        jobs.append(Job(selection, chosen, pinned=pinned, size=size))
    return jobs


def _runs(reports: list[Report]) -> Iterator[Run]:
    """Yield the runs that can be drawn."""
    for report in reports:
        for row in report.rows:
            if report.exploration and row.finding and row.finding.trace is not None:
                facts = (("parameters", given(report.job.parameters) or "none"),)
                yield Run(report.job.name, report.exploration.world, row.finding, facts)


def _run(jobs: list[Job], limits: Limits, onto: Screen, evidence: Evidence) -> list[Report]:
    """Run the jobs in order; after an interrupt, the rest is reported as not run."""
    reports: list[Report] = []
    try:
        for job in jobs:
            if reports and reports[-1].interrupted:
                reports.append(Report(job, stopped=NOT_BEGUN))
                continue
            onto.begin(job)
            report = evidence.run(job, limits, onto)
            onto.end(report)
            reports.append(evidence.hunted(report, limits, onto))
    finally:
        onto.close()
    onto.summary(reports)
    if evidence.mutants:
        onto.more(partial(hunting.summary, reports))
    return reports
