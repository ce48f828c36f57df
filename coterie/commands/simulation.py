"""What the runs of a check say, in lines and for machines."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from coterie.checks.simulation.coverage import KINDS, Counts
from coterie.checks.simulation.judge import finding
from coterie.checks.simulation.walk import Simulation
from coterie.commands import show, trace
from coterie.commands.outputs.json import own_version
from coterie.commands.page import BLANK, Line, line, wrapped
from coterie.commands.pictures.options import Run, pictured
from coterie.commands.simulating import Outcome, Row, Sight, Task, again
from coterie.spec.property import Kind

_STYLES = {
    Sight.VIOLATED: "bold red",
    Sight.NOT_REFUTED: "bold red",
    Sight.ERROR: "bold red",
    Sight.REFUTED: "green",
    Sight.WITNESSED: "green",
    Sight.NO_WITNESS: "yellow",
    Sight.NOT_JUDGED: "dim",
}
_TRACED = (Sight.VIOLATED, Sight.NOT_REFUTED, Sight.REFUTED)
_NAMES = {"states": "states", "transitions": "transitions", "pairs": "(state, event) pairs"}
_NOTHING_PROVEN = (
    "Simulation proves nothing: what these runs did not see may be wrong. `coterie check` looks at"
    " everything that can be reached."
)


def lines(outcome: Outcome, width: int, *, diagram: bool = False) -> list[Line]:
    """Return a check that is done; `diagram` draws each run that is shown."""
    longest = max(len(row.claim.name) for row in outcome.rows)
    found = [show.heading(outcome.task.job)]
    found += [_row(row, longest) for row in outcome.rows]
    if outcome.simulation is not None:
        found += wrapped(_runs(outcome, outcome.simulation), width, first="  ", later="    ")
    found += [line(f"  {each}", "red") for each in outcome.error.splitlines()]
    for row in outcome.rows:
        if row.sight in _TRACED:
            found += _explained(outcome, row, width, diagram=diagram)
    if outcome.simulation is not None and outcome.simulation.runs:
        found += [BLANK, *_coverage(outcome, outcome.simulation, width)]
    return [*found, BLANK]


def _row(row: Row, longest: int) -> Line:
    words = row.sight.value
    if row.sight is Sight.NOT_JUDGED:
        words += f" ({row.claim.kind.value})"
    if row.sight is Sight.WITNESSED and row.trace is not None:
        words += f": run {row.number}, after {len(row.trace)} steps"
    return ((f"  {row.claim.name.ljust(longest)}  ", ""), (words, _STYLES.get(row.sight, "")))


def _runs(outcome: Outcome, found: Simulation) -> str:
    plan = outcome.task.options.plan
    kind = f"pct of depth {plan.depth}" if plan.schedule == "pct" else plan.schedule
    stopped = f"; stopped: {outcome.stopped}" if outcome.stopped else ""
    runs = f"{found.runs:,} run{'' if found.runs == 1 else 's'}"
    return f"{runs} ({kind}, seed {plan.seed}), {found.taken:,} steps{stopped}"


def _explained(outcome: Outcome, row: Row, width: int, *, diagram: bool) -> Iterator[Line]:
    """Yield the statement of a property, the run that decides it, and how to see it again."""
    assert outcome.simulation is not None
    assert row.trace is not None
    style = _STYLES[row.sight]
    yield BLANK
    yield ((f"  {row.claim.name}", f"bold {style}"), (f"  {_what(row)}", style))
    yield from wrapped(row.claim.statement, width, first="    ", style="italic")
    decided = finding(row.claim, row.trace)
    yield from trace.shown(outcome.simulation.steps.world, decided, width)
    if diagram:
        yield from pictured(outcome.simulation.steps.world, decided, width)
    yield from wrapped(f"Again: {again(outcome.task, row)}", width, first="    ", later=" " * 6)


def _what(row: Row) -> str:
    assert row.trace is not None
    count = len(row.trace)
    kind = f" ({row.claim.kind.value})" if row.claim.kind is not Kind.ALWAYS else ""
    of = f", of {row.original} without what it does not need" if row.original > count else ""
    return f"{row.sight.value} in {count} step{'' if count == 1 else 's'}{kind}{of}"


def _coverage(outcome: Outcome, found: Simulation, width: int) -> Iterator[Line]:
    if outcome.total is not None:
        yield line("  coverage: seen, of all that can be reached")
        yield from _shares(found.seen.counts, outcome.total)
        return
    yield from wrapped(f"coverage: {_why_estimated(outcome)}", width, first="  ", later="    ")
    new, one = found.seen.new_in_another, found.seen.in_one
    for kind in KINDS:
        seen, more, usual = (getattr(it, kind) for it in (found.seen.counts, new, one))
        share = f" ({_percent(more, usual)} of those it meets)" if usual else ""
        yield line(f"    {_NAMES[kind]:20} {seen:>11,}; one more run: about {more:,.1f} new{share}")


def _why_estimated(outcome: Outcome) -> str:
    most = outcome.task.options.transitions_most
    why = "the world was not enumerated"
    if not outcome.stopped and not outcome.error and most:
        why = f"the world has more than {most:,} transitions and was not enumerated"
    return (
        f"{why}, so the shares are unknown; seen, and how much one more run like these would see"
        " that is new (an estimate by Good and Turing; what such runs never see is not in it)"
    )


def _shares(seen: Counts, total: Counts) -> Iterator[Line]:
    for kind in KINDS:
        part, whole = getattr(seen, kind), getattr(total, kind)
        yield line(f"    {_NAMES[kind]:20} {part:>11,} of {whole:>11,}  {_percent(part, whole):>7}")


def _percent(part: float, whole: float) -> str:
    """Return the share, rounded down: 100 % is all."""
    return f"{1000 * part // whole / 10 if whole else 100.0:.1f} %"


def runs(outcomes: Iterable[Outcome]) -> Iterator[Run]:
    """Yield the runs that can be drawn."""
    for outcome in outcomes:
        for row in outcome.rows:
            if outcome.simulation is not None and row.trace is not None:
                facts = (("again", again(outcome.task, row)),)
                decided = finding(row.claim, row.trace)
                yield Run(outcome.task.job.name, outcome.simulation.steps.world, decided, facts)


def summary(outcomes: Sequence[Outcome], left: Sequence[Task], width: int) -> list[Line]:
    """Return what came of everything, in a line, and what it means."""
    sights = [row.sight for outcome in outcomes for row in outcome.rows]
    parts = [f"{count} {it.value}" for it in Sight if (count := sights.count(it))]
    worst = next((it for it in Sight if it in sights), Sight.NO_VIOLATION)
    missing = ", ".join(task.job.name for task in left)
    total = f"{len(sights)} {'property' if len(sights) == 1 else 'properties'}"
    found = wrapped(f"Not begun: {missing}.", width, style="yellow") if missing else []
    found += wrapped(f"{total}: {', '.join(parts)}", width, style=_STYLES.get(worst, ""))
    if not {Sight.VIOLATED, Sight.NOT_REFUTED, Sight.ERROR} & set(sights):
        found += wrapped(_NOTHING_PROVEN, width)
    return found


def text(outcomes: Iterable[Outcome], exit_code: int) -> str:
    """Return the outcomes as one JSON document; `results` has one entry a check."""
    data = {
        "coterie": own_version(),
        "exit_code": exit_code,
        "results": [_as_data(outcome) for outcome in outcomes],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _as_data(outcome: Outcome) -> dict[str, Any]:
    plan, found = outcome.task.options.plan, outcome.simulation
    return {
        "check": outcome.task.job.name,
        "seed": plan.seed,
        "schedule": plan.schedule,
        "runs": found.runs if found else 0,
        "steps": found.taken if found else 0,
        "stopped": outcome.stopped,
        "error": outcome.error,
        "coverage": _coverage_as_data(outcome),
        "properties": [_row_as_data(outcome, row) for row in outcome.rows],
    }


def _coverage_as_data(outcome: Outcome) -> dict[str, Any]:
    """Return for each kind what was seen, of how many, and the estimate where that is unknown."""
    if outcome.simulation is None or not outcome.simulation.runs:
        return {}
    seen, total = outcome.simulation.seen, outcome.total
    return {
        kind: {
            "seen": getattr(seen.counts, kind),
            "reachable": getattr(total, kind) if total else None,
            "new_in_another_run": getattr(seen.new_in_another, kind),
        }
        for kind in KINDS
    }


def _row_as_data(outcome: Outcome, row: Row) -> dict[str, Any]:
    found = outcome.simulation
    return {
        "property": row.claim.name,
        "kind": row.claim.kind.value,
        "answer": row.sight.value,
        "run": row.number,
        "trace": trace.as_data(found.steps.world, row.trace) if found and row.trace else None,
    }
