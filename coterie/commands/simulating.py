"""One check after the other: run at random, and held against what is expected of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum

from attrs import evolve, field, frozen
from rich.status import Status

from coterie.checks.catalogue import catalogue
from coterie.checks.check import Size
from coterie.checks.errors import ModelError
from coterie.checks.result import Trace, Verdict
from coterie.checks.simulation.coverage import Counts, enumerated
from coterie.checks.simulation.judge import can_be_judged
from coterie.checks.simulation.schedule import Schedule, Source, recorded
from coterie.checks.simulation.shrink import shrunk
from coterie.checks.simulation.walk import INTERRUPTED, Pace, Plan, Simulation, simulate
from coterie.commands.answering import Job
from coterie.commands.echo import status
from coterie.commands.running import unforeseen, world_of
from coterie.commands.selecting import selections
from coterie.commands.setting import parameters
from coterie.commands.words import happening
from coterie.spec.property import Kind, Property


class Sight(Enum):
    """What the runs say of a property, held against what is expected."""

    VIOLATED = "VIOLATED"
    NOT_REFUTED = "NOT REFUTED: it is reachable"
    REFUTED = "refuted, as expected"
    WITNESSED = "a witness seen"
    NO_WITNESS = "no witness seen"
    NO_VIOLATION = "no violation seen"
    NOT_JUDGED = "not judged by simulation"
    ERROR = "model error"


_VIOLATIONS = (Sight.VIOLATED, Sight.REFUTED)


@frozen
class Options:
    """What the user wants of every check.

    Attributes:
        plan: the runs.
        size: of the worlds.
        settings: the parameters that differ from those of that size, as they were typed.
        transitions_most: how large a world is enumerated, to tell the share that was seen.
        minimal: whether to leave out of a violation what it does not need.
        keep_going: whether to make all runs after a violation that is not expected.
    """

    plan: Plan
    size: Size = "small"
    settings: Mapping[str, str] = field(factory=dict)
    transitions_most: int = 0
    minimal: bool = False
    keep_going: bool = False


@frozen
class Task:
    """One check to simulate.

    Attributes:
        job: the check, its properties and parameters.
        source: the same as one types it.
        options: what is wanted.
    """

    job: Job
    source: Source
    options: Options


@frozen
class Row:
    """What the runs say of one property.

    Attributes:
        claim: the property.
        sight: the answer.
        number: of the run that decides it; None where none does.
        trace: that run up to there.
        original: how many steps it had, before those were left out that it does not need.
    """

    claim: Property
    sight: Sight
    number: int | None = None
    trace: Trace | None = None
    original: int = 0


@frozen
class Outcome:
    """What came of a task.

    Attributes:
        task: the task.
        rows: one for each property.
        simulation: the runs; None where none could be made.
        total: how much there is to see; None where the world was not enumerated.
        error: what is wrong with the model, if anything.
        stopped: why not everything was done, in words.
    """

    task: Task
    rows: tuple[Row, ...]
    simulation: Simulation | None = None
    total: Counts | None = None
    error: str = ""
    stopped: str = ""

    @property
    def interrupted(self) -> bool:
        """Whether the user asked to stop."""
        return self.stopped == INTERRUPTED

    @property
    def violations(self) -> list[Row]:
        """The rows that have a violation to show."""
        return [row for row in self.rows if row.sight in _VIOLATIONS]


def tasks_of(names: Iterable[str], options: Options) -> list[Task]:
    """Return what the names select, each check once for each name.

    Raises: UsageMistake for a name that selects nothing, or a parameter that a check has not.
    """
    known = catalogue()
    tasks: dict[tuple[int, tuple[Property, ...]], Task] = {}
    for name in names:
        for selection in selections((name,)):
            check = selection.check
            job = Job(selection, parameters(check, options.size, options.settings))
            file = "" if check in known else name
            source = Source(check.name, file, options.size, dict(options.settings))
            tasks.setdefault((id(check), selection.claims), Task(job, source, options))
    return list(tasks.values())


def simulated(task: Task) -> Outcome:
    """Make the runs; a fault of the model and an interrupt are part of the outcome."""
    outcome = Outcome(task, _rows(task, None))
    try:
        outcome = _ran(task)
        if task.options.minimal:
            outcome = _shrunk(outcome)
        if not outcome.stopped and task.options.transitions_most:
            outcome = _enumerated(outcome)
    except KeyboardInterrupt:
        return evolve(outcome, stopped=INTERRUPTED)
    except ModelError as error:
        return evolve(outcome, error=str(error))
    except Exception as error:  # noqa: BLE001 (whatever it is, the other checks still run)
        return evolve(outcome, error=unforeseen(error))
    return outcome


def _ran(task: Task) -> Outcome:
    check, claims = task.job.selection.check, task.job.selection.claims
    holding = [claim.name for claim in claims if check.expected(claim) is Verdict.HOLDS]
    with status(f"{task.job.name}: making its world") as live:
        found = simulate(
            world_of(task.job),
            claims,
            task.options.plan,
            fatal=() if task.options.keep_going else holding,
            progress=lambda pace: _show(live, task, pace),
        )
    return Outcome(task, _rows(task, found), found, stopped=found.stopped)


def _show(live: Status | None, task: Task, pace: Pace) -> None:
    if live:
        live.update(
            f"{task.job.name}: {pace.runs:,} of {task.options.plan.runs:,} runs,"
            f" {pace.taken:,} steps, {pace.states:,} different states"
        )


def _shrunk(outcome: Outcome) -> Outcome:
    assert outcome.simulation is not None
    with status(f"{outcome.task.job.name}: leaving out what the violation does not need"):
        rows = tuple(_minimal(outcome.simulation, row) for row in outcome.rows)
    return evolve(outcome, rows=rows)


def _minimal(found: Simulation, row: Row) -> Row:
    if row.sight not in _VIOLATIONS or row.trace is None:
        return row
    return evolve(row, trace=shrunk(found.judge, row.claim, row.trace))


def _enumerated(outcome: Outcome) -> Outcome:
    assert outcome.simulation is not None
    with status(f"{outcome.task.job.name}: enumerating the world, to tell what share was seen"):
        total = enumerated(outcome.simulation.steps, outcome.task.options.transitions_most)
    return evolve(outcome, total=total)


def _rows(task: Task, found: Simulation | None) -> tuple[Row, ...]:
    return tuple(_row(task, claim, found) for claim in task.job.selection.claims)


def _row(task: Task, claim: Property, found: Simulation | None) -> Row:
    refuted = task.job.selection.check.expected(claim) is Verdict.VIOLATED
    if found is None:
        return Row(claim, Sight.ERROR)
    if not can_be_judged(claim):
        return Row(claim, Sight.NOT_JUDGED)
    reachable = claim.kind is Kind.REACHABLE
    seen = found.sightings.get(claim)
    if seen is None:
        return Row(claim, Sight.NO_WITNESS if reachable else Sight.NO_VIOLATION)
    if reachable:
        sight = Sight.NOT_REFUTED if refuted else Sight.WITNESSED
    else:
        sight = Sight.REFUTED if refuted else Sight.VIOLATED
    return Row(claim, sight, seen.number, seen.trace, len(seen.trace))


def schedule_of(outcome: Outcome, row: Row) -> Schedule:
    """Return the schedule of a row's run.

    Guard: the row has one.
    """
    assert outcome.simulation is not None
    assert row.trace is not None
    steps, source = outcome.simulation.steps, outcome.task.source
    return recorded(steps, row.trace, source, row.claim.name, happening, again(outcome.task, row))


def again(task: Task, row: Row) -> str:
    """Return the command that makes the row's run again."""
    return " ".join(["coterie simulate", task.source.file or task.job.name, *_flags(task, row)])


def _flags(task: Task, row: Row) -> Iterator[str]:
    """Yield the options of the same run, without those that nobody has to type."""
    plan, usual = task.options.plan, Plan()
    yield f"--seed {plan.seed} --first {row.number} --runs 1"
    for name in ("steps", "schedule", "depth", "faults"):
        if getattr(plan, name) != getattr(usual, name):
            yield f"--{name} {getattr(plan, name)}"
    if task.options.size != "small":
        yield f"--size {task.options.size}"
    for name, value in task.options.settings.items():
        yield f"--set {name}={value}"


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return 2 if a model is at fault, else 1 if a claim is, else 3 after an interrupt, or 0."""
    sights = {row.sight for outcome in outcomes for row in outcome.rows}
    if any(outcome.error for outcome in outcomes):
        return 2
    if sights & {Sight.VIOLATED, Sight.NOT_REFUTED}:
        return 1
    return 3 if any(outcome.interrupted for outcome in outcomes) else 0
