"""The option `--mutants`: each wrong version of a model is explored, and must be killed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve

from coterie.checks.check import NOTHING, Check
from coterie.checks.evidence.entry import Kill, Killed, shortened
from coterie.checks.result import Verdict
from coterie.commands.answering import INTERRUPTED, NOT_BEGUN, Answer, Hunted, Job, Report
from coterie.commands.evidence.numbers import run_of
from coterie.commands.page import Line, line, wrapped
from coterie.commands.running import Limits, run
from coterie.commands.screen import Screen
from coterie.commands.selecting import Selection
from coterie.commands.table import STYLES
from coterie.commands.words import text

_GAP = "  "
_ADVICE = {
    Answer.NOT_REFUTED: (
        "NOT KILLED: a mutant that a property should catch was not caught as its `kills` declares."
        " Where the model or the property has changed for good, write down there what is true now;"
        " else mend the property."
    ),
    Answer.UNDETERMINED: (
        "Undetermined mutants: a bound came before the end. Raise --max-states or --max-seconds."
    ),
    Answer.ERROR: "Model error: mend the mutants that are named above.",
}


def jobs_of(job: Job) -> list[tuple[str, Job]]:
    """Return each mutant that is to violate a property that was asked for, with its job.

    A mutant declares what happens at size small, so that is its size whatever the check's is.
    """
    found = []
    for name, mutant in sorted(job.selection.check.mutants.items()):
        claims = tuple(claim for claim in job.selection.claims if claim.name in mutant.kills)
        if claims:
            check = _mutated(job.selection.check, name)
            found.append((name, Job(Selection(check, claims), check.parameters())))
    return found


def _mutated(check: Check, name: str) -> Check:
    mutant = check.mutants[name]
    return evolve(
        check,
        name=f"{check.name} with the mutant {name}",
        world=mutant.world,
        small=check.parameters(**mutant.parameters),
        refuted={
            each.name: mutant.kills[each.name]
            for each in check.properties
            if each.name in mutant.kills
        },
        mutants=NOTHING,
        limits=NOTHING,
        states=None,
    )


def hunted(
    job: Job, limits: Limits, onto: Screen, end: Callable[[Hunted], None]
) -> tuple[Hunted, ...]:
    """Explore the mutants of a check in order; after an interrupt, the rest is not begun.

    Attributes:
        end: called after each.
    """
    found: list[Hunted] = []
    for name, one in jobs_of(job):
        if found and INTERRUPTED in found[-1].stopped:
            found.append(Hunted(name, stopped=NOT_BEGUN))
            continue
        onto.begin(one)
        differing = job.selection.check.mutants[name].parameters
        found.append(_found(name, differing, run(one, limits, onto.progress)))
        end(found[-1])
    return tuple(found)


def _found(name: str, differing: Mapping[str, Any], report: Report) -> Hunted:
    if report.exploration is None:
        return Hunted(name, error=report.error, stopped=report.stopped)
    check, found = report.job.selection.check, report.exploration
    kills = [
        Kill(
            row.claim.name,
            row.finding.verdict if row.finding else Verdict.UNDETERMINED,
            row.steps,
            check.refuted[row.claim.name],
            run_of(found.world, row.finding),
        )
        for row in report.rows
    ]
    parameters, seconds = shortened(text(dict(differing))), round(found.seconds, 2)
    killed = Killed(name, parameters, found.states, seconds, kills)
    return Hunted(name, killed, stopped=report.stopped)


def shown(one: Hunted, room: int, width: int) -> list[Line]:
    """Return the line of a mutant: which properties kill it, and in how many steps.

    Attributes:
        room: what the names of the check's mutants take.
    """
    first, style = f"{_GAP}mutant {one.mutant.ljust(room)}{_GAP}", STYLES[one.answer]
    if len(first) > width // 2:
        below = wrapped(said(one), width, first=_GAP * 2, style=style)
        return [line(f"{_GAP}mutant {one.mutant}"), *below]
    return wrapped(said(one), width, first=first, later=" " * len(first), style=style)


def said(one: Hunted) -> str:
    """Return what came of a mutant, in words."""
    if one.killed is None:
        return f"model error: {one.error}" if one.error else f"undetermined: {one.stopped}"
    if one.answer is Answer.UNDETERMINED:
        open_ones = [
            kill.property for kill in one.killed.kills if kill.verdict is Verdict.UNDETERMINED
        ]
        return f"undetermined whether killed by {', '.join(open_ones)}: {one.stopped}"
    kills = one.killed.kills
    killing = ", ".join(_killing(each) for each in kills if each.verdict is Verdict.VIOLATED)
    missing = ", ".join(each.property for each in kills if each.verdict is not Verdict.VIOLATED)
    found = [
        f"killed by {killing}" if killing else "",
        f"NOT KILLED by {missing}" if missing else "",
    ]
    return ", ".join(filter(None, found))


def _killing(kill: Kill) -> str:
    words = f"{kill.property}{_in(kill.steps)}"
    if kill.is_as_declared():
        return words
    return f"{words} (NOT{_in(kill.declared) or ' without a run'} as declared)"


def _in(steps: int | None) -> str:
    return "" if steps is None else f" in {steps} step{'' if steps == 1 else 's'}"


def summary(reports: Sequence[Report], width: int) -> Iterator[Line]:
    """Yield what came of all mutants, in a line, and what to do about it."""
    found = [each.answer for report in reports for each in report.mutants or ()]
    words = {
        Answer.REFUTED: "killed as declared",
        Answer.NOT_REFUTED: "NOT KILLED as declared",
        Answer.UNDETERMINED: "undetermined",
        Answer.ERROR: "with a model error",
    }
    counts = [f"{found.count(each)} {said}" for each, said in words.items() if each in found]
    worst = next((each for each in _ADVICE if each in found), Answer.REFUTED)
    total = f"{len(found)} mutant{'' if len(found) == 1 else 's'}"
    yield from wrapped(f"{total}: {', '.join(counts) or 'none'}", width, style=STYLES[worst])
    for answer, advice in _ADVICE.items():
        if answer in found:
            yield from wrapped(advice, width)
