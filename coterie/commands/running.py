"""One check after the other: explored, and held against what is expected of it."""

import traceback
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from attrs import field, frozen

from coterie.checks.errors import ModelError, definition, user_line
from coterie.checks.result import Exploration, Finding, Progress, Verdict
from coterie.checks.world import World
from coterie.commands.selecting import Selection
from coterie.commands.setting import given
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
    ERROR = "model error"


_EXIT_CODES = {
    Answer.ERROR: 2,
    Answer.VIOLATED: 1,
    Answer.NOT_REFUTED: 1,
    Answer.UNDETERMINED: 3,
    Answer.HOLDS: 0,
    Answer.REFUTED: 0,
}


@frozen
class Limits:
    """What an exploration may cost.

    Attributes:
        workers: how many threads; None for the engine's choice.
        max_states: how many states; None for any number.
        max_seconds: how many seconds; None for any number.
        keep_going: whether to explore on after a violation that is not expected.
    """

    workers: int | None = None
    max_states: int | None = None
    max_seconds: float | None = None
    keep_going: bool = False


@frozen
class Job:
    """One exploration to make.

    Attributes:
        selection: the check and its properties.
        parameters: what its world is made from.
        pinned: whether the catalogue's numbers of states and steps apply: they are of size small.
    """

    selection: Selection
    parameters: Mapping[str, Any]
    pinned: bool = True

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
class Report:
    """What came of a job.

    Attributes:
        job: the job.
        exploration: what was explored; None when the model was at fault, or before it began.
        error: what is wrong with the model, if anything.
        stopped: why the exploration is not whole, if so.
    """

    job: Job
    exploration: Exploration | None = None
    error: str = ""
    stopped: str = ""
    rows: tuple[Row, ...] = field(init=False)

    @rows.default
    def _rows(self) -> tuple[Row, ...]:
        return tuple(self._row(claim) for claim in self.job.selection.claims)

    def _row(self, claim: Property) -> Row:
        expected = self.job.selection.check.expected(claim)
        if self.exploration is None:
            return Row(claim, expected, Answer.ERROR if self.error else Answer.UNDETERMINED)
        finding = self.exploration[claim.name]
        return Row(claim, expected, _answer(finding.verdict, expected), finding)

    @property
    def interrupted(self) -> bool:
        """Whether the user asked to stop."""
        return INTERRUPTED in self.stopped


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


def run(job: Job, limits: Limits, progress: Callable[[Progress], None]) -> Report:
    """Explore; a fault of the model and an interrupt are part of the report."""
    try:
        exploration = _explored(job, _world(job), limits, progress)
    except ModelError as error:
        return Report(job, error=str(error))
    except KeyboardInterrupt:
        return Report(job, stopped=INTERRUPTED)
    except Exception as error:  # noqa: BLE001 (whatever it is, the other checks still run)
        return Report(job, error=_unforeseen(error))
    return Report(job, exploration, stopped=exploration.stopped)


def prepare() -> None:
    """Make the engine ready, so that no check's time counts for the compiler."""
    from coterie.checks.engine.prepare import prepare as compiled  # noqa: PLC0415  (numba)

    compiled()


def _explored(
    job: Job, world: World, limits: Limits, progress: Callable[[Progress], None]
) -> Exploration:
    from coterie.checks.engine.explore import explore  # noqa: PLC0415  (numba takes its time)

    check, claims = job.selection.check, job.selection.claims
    holding = [claim.name for claim in claims if check.expected(claim) is Verdict.HOLDS]
    return explore(
        world,
        claims,
        fatal=() if limits.keep_going else holding,
        workers=limits.workers,
        max_states=limits.max_states,
        max_seconds=limits.max_seconds,
        progress=progress,
    )


def _world(job: Job) -> World:
    try:
        world: object = job.selection.check.world(**job.parameters)
    except ModelError:
        raise
    except Exception as cause:
        problem = f"the world cannot be made: {type(cause).__name__}: {cause}"
        context = {
            "parameters": given(job.parameters),
            "defined at": definition(job.selection.check.world),
        }
        within = cause.with_traceback(_without_ours(cause))
        raise ModelError(problem, context, within) from cause
    if not isinstance(world, World):
        where = {"defined at": definition(job.selection.check.world)}
        raise ModelError(f"the check's `world` must return a World, not {world!r}", where)
    return world


def _unforeseen(error: Exception) -> str:
    """Return what to say of an error that the checker did not foresee."""
    problem = f"{type(error).__name__}: {error}"
    line = user_line(error.with_traceback(_without_ours(error)))
    if line:
        return f"{problem}\n  at: {line}"
    return "".join(traceback.format_exception(error)).rstrip()


def _without_ours(error: Exception) -> Any:
    """Return the traceback without this file's frames, which are nobody's model."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    return frames


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
    """Return 2 when a model is at fault, else 1 when a claim is, else 3 when one is open, or 0."""
    answers = {row.answer for report in reports for row in report.rows}
    return next((code for each, code in _EXIT_CODES.items() if each in answers), 0)
