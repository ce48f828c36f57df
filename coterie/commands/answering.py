"""What an exploration answers to each property, held against what is expected of it."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from attrs import field, frozen

from coterie.checks.check import Size
from coterie.checks.evidence.entry import Killed
from coterie.checks.result import Exploration, Finding, Verdict
from coterie.checks.world import World
from coterie.commands.selecting import Selection
from coterie.spec.property import Property

INTERRUPTED = "interrupted"
NOT_BEGUN = "interrupted before it began"


class Answer(Enum):
    """A verdict held against the expected one: what the table says."""

    HOLDS = "holds"
    REFUTED = "refuted, as expected"
    VIOLATED = "VIOLATED"
    NOT_REFUTED = "NOT REFUTED"
    UNDETERMINED = "undetermined"
    BOUNDED = "undetermined, as declared"
    ERROR = "model error"


_EXIT_CODES = {
    Answer.ERROR: 2,
    Answer.VIOLATED: 1,
    Answer.NOT_REFUTED: 1,
    Answer.UNDETERMINED: 3,
    Answer.BOUNDED: 0,
    Answer.HOLDS: 0,
    Answer.REFUTED: 0,
}


@frozen
class Job:
    """One exploration to make.

    Attributes:
        selection: the check and its properties.
        parameters: what its world is made from.
        pinned: whether the catalogue's numbers of states and steps apply: they are of size small.
        watched: what the world becomes before it is explored, as one that notes what is asked; then
            every state is explored, without the help of symmetry.
        size: the size that was asked for.
        code: the hash of the code that the check is about; empty where nobody needs it.
    """

    selection: Selection
    parameters: Mapping[str, Any]
    pinned: bool = True
    watched: Callable[[World], World] | None = None
    size: Size = "small"
    code: str = ""

    @property
    def name(self) -> str:
        """The check's name."""
        return self.selection.check.name


@frozen
class Row:
    """The answer to one property.

    Attributes:
        claim: the property.
        expected: the verdict that it should have.
        answer: the verdict that it has, held against that.
        finding: what the exploration found, if there was one.
    """

    claim: Property
    expected: Verdict
    answer: Answer
    finding: Finding | None = None

    @property
    def steps(self) -> int | None:
        """How long its trace is; None where there is none."""
        trace = self.finding.trace if self.finding else None
        return None if trace is None else len(trace)


@frozen
class Hunted:
    """What came of a mutant.

    Attributes:
        mutant: its name.
        killed: what was found; None where it was not explored.
        error: what is wrong with the model, if anything.
        stopped: why the exploration is not whole, if so.
    """

    mutant: str
    killed: Killed | None = None
    error: str = ""
    stopped: str = ""

    @property
    def answer(self) -> Answer:
        """What was found, held against what the mutant declares."""
        if self.killed is None:
            return Answer.ERROR if self.error else Answer.UNDETERMINED
        if all(each.is_as_declared() for each in self.killed.kills):
            return Answer.REFUTED
        open_ones = (each.verdict is Verdict.UNDETERMINED for each in self.killed.kills)
        return Answer.UNDETERMINED if any(open_ones) else Answer.NOT_REFUTED


@frozen
class Report:
    """What came of a job.

    Attributes:
        job: the job.
        exploration: what was explored; None when the model was at fault, or before it began.
        error: what is wrong with the model, if anything.
        stopped: why the exploration is not whole, if so.
        cached: whether it was explored by an earlier run.
        mutants: what came of each of the check's mutants; None where that was not asked.
    """

    job: Job
    exploration: Exploration | None = None
    error: str = ""
    stopped: str = ""
    cached: bool = False
    mutants: tuple[Hunted, ...] | None = None
    rows: tuple[Row, ...] = field(init=False)

    @rows.default
    def _rows(self) -> tuple[Row, ...]:
        return tuple(self._row(claim) for claim in self.job.selection.claims)

    def _row(self, claim: Property) -> Row:
        expected = self.job.selection.check.expected(claim)
        if self.exploration is None:
            return Row(claim, expected, Answer.ERROR if self.error else Answer.UNDETERMINED)
        finding = self.exploration[claim.name]
        answer = _answer(finding.verdict, expected)
        if answer is Answer.UNDETERMINED and self._is_declared:
            answer = Answer.BOUNDED
        return Row(claim, expected, answer, finding)

    @property
    def _is_declared(self) -> bool:
        """Whether what ended the search is a limit that the check declares."""
        assert self.exploration is not None
        declared = self.job.selection.check.limits
        hit = (limit for limit in self.exploration.limits if limit.hit)
        return any(declared.get(f"max_{limit.name}") == limit.most for limit in hit)

    @property
    def interrupted(self) -> bool:
        """Whether the user asked to stop."""
        stopped = (self.stopped, *(each.stopped for each in self.mutants or ()))
        return any(INTERRUPTED in each for each in stopped)


def _answer(verdict: Verdict, expected: Verdict) -> Answer:
    match verdict, expected:
        case Verdict.UNDETERMINED, _:
            return Answer.UNDETERMINED
        case Verdict.HOLDS, Verdict.HOLDS:
            return Answer.HOLDS
        case Verdict.HOLDS, _:
            return Answer.NOT_REFUTED
        case _, Verdict.HOLDS:
            return Answer.VIOLATED
    return Answer.REFUTED


def warnings(report: Report) -> list[str]:
    """Return where the exploration differs from the numbers that the catalogue pins."""
    check, exploration = report.job.selection.check, report.exploration
    if exploration is None or not report.job.pinned:
        return []
    found = []
    if exploration.complete and check.states not in {None, exploration.states}:
        found.append(f"{exploration.states:,} states, where {check.states:,} are pinned")
    for row in report.rows:
        pinned = check.refuted.get(row.claim.name)
        steps = row.steps
        if row.answer is Answer.REFUTED and pinned != steps:
            found.append(f"{row.claim.name}: a trace of {steps} steps, where {pinned} are pinned")
    return found


def exit_code(reports: list[Report]) -> int:
    """Return 2 when a model is at fault, else 1 when a claim is, else 3 when one is open, or 0.

    A mutant that is not killed as it declares counts as a claim at fault.
    """
    answers = {row.answer for report in reports for row in report.rows}
    answers |= {mutant.answer for report in reports for mutant in report.mutants or ()}
    return next((code for each, code in _EXIT_CODES.items() if each in answers), 0)
