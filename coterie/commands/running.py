"""One check after the other: explored, and held against what is expected of it."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

from attrs import field, frozen

from coterie.checks.check import Check
from coterie.checks.errors import ModelError, definition, user_line
from coterie.checks.result import Exploration, Finding, Progress, Verdict
from coterie.checks.world import Values, World
from coterie.commands.errors import UsageMistake
from coterie.commands.keeping import Keeping
from coterie.commands.selecting import Selection
from coterie.commands.setting import given
from coterie.spec.property import Property

INTERRUPTED = "interrupted"
Keep = Callable[[Iterator[Values]], None]
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
class Limits:
    """What an exploration may cost.

    Attributes:
        workers: how many threads; None for the engine's choice.
        max_states: how many states; None for any number.
        max_seconds: how many seconds; None for any number.
        max_depth: how many steps from a start; None for any number.
        diagnose: whether to look for the fairness that a violated claim about runs lacks.
        keep_going: whether to explore on after a violation that is not expected.
        symmetry: whether the symmetry of a world may make the search smaller.
        keeping: what is kept on the disk.
    """

    workers: int | None = None
    max_states: int | None = None
    max_seconds: float | None = None
    keep_going: bool = False
    max_depth: int | None = None
    diagnose: bool = False
    symmetry: bool = True
    keeping: Keeping = field(factory=Keeping)

    def of_search(self, check: Check) -> dict[str, Any]:
        """Return the limits of the search: these, and those that the check declares."""
        given = {name: getattr(self, name) for name in check.LIMITS}
        both = [given, check.limits]
        return {
            name: min((each[name] for each in both if each.get(name) is not None), default=None)
            for name in check.LIMITS
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
    """

    selection: Selection
    parameters: Mapping[str, Any]
    pinned: bool = True
    watched: Callable[[World], World] | None = None

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
        cached: whether it was explored by an earlier run.
    """

    job: Job
    exploration: Exploration | None = None
    error: str = ""
    stopped: str = ""
    cached: bool = False
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


def run(
    job: Job, limits: Limits, progress: Callable[[Progress], None], keep: Keep | None = None
) -> Report:
    """Explore; a fault of the model and an interrupt are part of the report.

    Attributes:
        keep: called with every reachable state, when all are known.
    """
    try:
        world = world_of(job)
        seen = world if job.watched is None else job.watched(world)
        exploration = _explored(job, seen, limits, progress, keep)
    except ModelError as error:
        return Report(job, error=str(error))
    except KeyboardInterrupt:
        return Report(job, stopped=INTERRUPTED)
    except UsageMistake:
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is, the other checks still run)
        return Report(job, error=unforeseen(error))
    return Report(job, exploration, stopped=exploration.stopped)


def prepare() -> None:
    """Make the engine ready, so that no check's time counts for the compiler."""
    from coterie.checks.engine.prepare import prepare as compiled  # noqa: PLC0415  (numba)

    compiled()


def _explored(
    job: Job,
    world: World,
    limits: Limits,
    progress: Callable[[Progress], None],
    keep: Keep | None,
) -> Exploration:
    from coterie.checks.engine.explore import explore  # noqa: PLC0415  (numba takes its time)

    check, claims = job.selection.check, job.selection.claims
    holding = [claim.name for claim in claims if check.expected(claim) is Verdict.HOLDS]
    with limits.keeping.telling():
        return explore(
            world,
            claims,
            fatal=() if limits.keep_going else holding,
            workers=limits.workers,
            **limits.of_search(check),
            diagnose=limits.diagnose,
            symmetry=limits.symmetry and job.watched is None,
            progress=progress,
            keep=keep,
            checkpoints=limits.keeping.checkpoints(job),
            memory=limits.keeping.memory,
        )


def world_of(job: Job) -> World:
    """Return the world of a job.

    Raises: ModelError where the check cannot make it.
    """
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


def unforeseen(error: Exception) -> str:
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
