"""One check after the other: explored, and held against what is expected of it."""

import traceback
from collections.abc import Callable, Iterator
from typing import Any

from attrs import field, frozen

from coterie.checks.check import Check
from coterie.checks.errors import ModelError, definition, user_line
from coterie.checks.result import Exploration, Progress, Verdict
from coterie.checks.world import Values, World
from coterie.commands.answering import INTERRUPTED, Job, Report
from coterie.commands.errors import UsageMistake
from coterie.commands.keeping import Keeping
from coterie.commands.setting import given

Keep = Callable[[Iterator[Values]], None]


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
