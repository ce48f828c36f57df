"""A report in lines: the check, its rows, and under them what one has to know."""

from collections import Counter
from collections.abc import Iterator, Sequence

from coterie.checks.result import Progress
from coterie.checks.world import World
from coterie.commands import trace
from coterie.commands.answering import NOT_BEGUN, Answer, Job, Report, Row, warnings
from coterie.commands.page import BLANK, Line, line, wrapped
from coterie.commands.pictures.options import pictured
from coterie.commands.setting import given
from coterie.commands.table import STYLES, Table, numbers_of
from coterie.spec.property import Kind

_ADVICE = {
    Answer.ERROR: "Model error: mend what is named above; nothing is known of the properties.",
    Answer.VIOLATED: "VIOLATED: read the trace; `coterie spec NAME` says why it should hold.",
    Answer.NOT_REFUTED: (
        "NOT REFUTED: a protocol that is known to be broken was not caught. With parameters of your"
        " own the world may be too small to show it; else the model or a property has changed."
    ),
    Answer.UNDETERMINED: (
        "Undetermined: a bound came before the end. Raise --max-states or --max-seconds, or make"
        " the world smaller with --set."
    ),
}
_COUNTED = {
    Answer.HOLDS: ("holds", "hold"),
    Answer.REFUTED: ("refuted as expected", "refuted as expected"),
    Answer.VIOLATED: ("violated", "violated"),
    Answer.NOT_REFUTED: ("not refuted", "not refuted"),
    Answer.UNDETERMINED: ("undetermined", "undetermined"),
    Answer.BOUNDED: ("undetermined as declared", "undetermined as declared"),
    Answer.ERROR: ("with a model error", "with a model error"),
}


def heading(job: Job) -> Line:
    """Return the line that names a check and its parameters."""
    parameters = f"  {given(job.parameters)}" if job.parameters else ""
    return ((job.name, "bold cyan"), (parameters, "dim"))


def running(job: Job, table: Table, progress: Progress, more: Sequence[str] = ()) -> list[Line]:
    """Return a check that is being explored; `more` is what else is known of how it goes on."""
    rows = (table.row(it.name, "exploring", "cyan", progress) for it in job.selection.claims)
    level = [f"level {progress.depth:,}", f"{progress.frontier:,} states in the frontier"]
    words = ", ".join([*level, *filter(None, more)]) if progress.states else "starting"
    return [heading(job), *(each for row in rows for each in row), line(f"  {words}", "dim")]


def finished(
    report: Report,
    table: Table,
    width: int,
    *,
    brief: bool = False,
    verbose: bool = False,
    diagram: bool = False,
) -> list[Line]:
    """Return a check that is done.

    `brief` shows an expected refutation by what happened alone; `verbose` shows the bounds and the
    witnesses of what is reachable as well; `diagram` draws each run under its words.
    """
    numbers = numbers_of(report.exploration) if report.exploration else None
    lines = [(*heading(report.job), ("  (cached)" if report.cached else "", "dim"))]
    if verbose and report.exploration:
        lines += bounds(report.exploration.world, width)
    for row in report.rows:
        lines += table.row(row.claim.name, row.answer.value, STYLES[row.answer], numbers)
    for words in report.exploration.reductions if report.exploration else ():
        lines += wrapped(f"reduced by {words}", width, first="  ", later="    ", style="dim")
    lines += [line(f"  warning: {each}", "yellow") for each in warnings(report)]
    if report.stopped:
        lines.append(line(f"  not explored to the end: {report.stopped}", "yellow"))
    if report.error:
        lines += [line(f"  {each}", "red") for each in report.error.splitlines()]
    shown = [row for row in report.rows if _has_a_trace(row, verbose=verbose)]
    for row in shown:
        lines += explained(report, row, width, brief=brief and row.answer is Answer.REFUTED)
        if diagram and report.exploration and row.finding:
            lines += pictured(report.exploration.world, row.finding, width)
    if shown and report.exploration and not verbose and not brief:
        lines += [BLANK, *bounds(report.exploration.world, width)]
    return [*lines, BLANK]


def _has_a_trace(row: Row, *, verbose: bool) -> bool:
    if row.finding is None:
        return False
    witness = row.claim.kind is Kind.REACHABLE and row.answer is Answer.HOLDS
    return row.answer in (Answer.VIOLATED, Answer.REFUTED) or (verbose and witness)


def explained(report: Report, row: Row, width: int, *, brief: bool) -> Iterator[Line]:
    """Yield the statement of a property and the run that decides it."""
    assert report.exploration is not None
    assert row.finding is not None
    style = STYLES[row.answer]
    yield BLANK
    yield ((f"  {row.claim.name}", f"bold {style}"), (f"  {what(row)}", style))
    yield from wrapped(row.claim.statement, width, first="    ", style="italic")
    yield from trace.shown(report.exploration.world, row.finding, width, brief=brief)


def what(row: Row) -> str:
    """Return the answer, with the number of steps where a run shows it."""
    if row.steps is None:
        return row.answer.value
    counted = f"{row.steps} step{'' if row.steps == 1 else 's'}"
    kind = f" ({row.claim.kind.value})" if row.claim.kind is not Kind.ALWAYS else ""
    return f"{row.answer.value} in {counted}{kind}"


def bounds(world: World, width: int) -> Iterator[Line]:
    """Yield the bounds that every verdict on `world` is about."""
    for name, words in world.statement().items():
        yield from wrapped(f"{name}: {words}", width, first="    ", later=" " * 6, style="dim")


def summary(reports: Sequence[Report], width: int) -> list[Line]:
    """Return what came of everything, in a line, and what to do about it."""
    missing = ", ".join(report.job.name for report in reports if report.stopped == NOT_BEGUN)
    counts = Counter(row.answer for report in reports for row in report.rows)
    parts = [f"{counts[it]} {_COUNTED[it][counts[it] > 1]}" for it in Answer if counts[it]]
    total = counts.total()
    words = f"{total} {'property' if total == 1 else 'properties'}: {', '.join(parts)}"
    worst = next((answer for answer in _ADVICE if counts[answer]), Answer.HOLDS)
    advice = (wrapped(text, width) for answer, text in _ADVICE.items() if counts[answer])
    return [
        *(wrapped(f"Not begun: {missing}.", width, style="yellow") if missing else ()),
        line(words, STYLES[worst]),
        *(each for text in advice for each in text),
    ]
