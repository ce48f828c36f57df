"""Random runs of a world, each reproducible from a seed and its number."""

from collections.abc import Callable, Collection, Iterator, Sequence
from random import Random
from typing import Literal

from attrs import field, frozen

from coterie.checks.result import Trace
from coterie.checks.simulation.coverage import Seen
from coterie.checks.simulation.judge import Judge
from coterie.checks.simulation.picking import Pick, pct, uniform
from coterie.checks.simulation.steps import Steps
from coterie.checks.world import Step, Values, World
from coterie.spec.property import Kind, Property

INTERRUPTED = "interrupted"


@frozen
class Plan:
    """Which runs to make.

    Attributes:
        seed: with a run's number it decides the whole run.
        runs: how many.
        first: the number of the first of them.
        steps: how long a run may be; it ends before that where nothing can change any more.
        schedule: how the next step is chosen.
        depth: for `pct`, how many orderings a bug is thought to need: one more than the changes.
        faults: how likely a step is a fault where there is a choice, from 0 to 1.
    """

    seed: int = 0
    runs: int = 100
    first: int = 0
    steps: int = 100
    schedule: Literal["random", "pct"] = "random"
    depth: int = 3
    faults: float = 0.2


@frozen
class Sighting:
    """A run that decides a property.

    Attributes:
        number: the run's.
        trace: the run, up to where it decides.
    """

    number: int
    trace: Trace


@frozen
class Simulation:
    """What came of it.

    Attributes:
        steps: the steps of the world, to go on with.
        judge: what held the runs against the properties.
        runs: how many were finished.
        taken: how many steps they took in all.
        sightings: for each property that was decided, the first run that did.
        seen: what the finished runs saw.
        stopped: why not all runs were made, in words.
    """

    steps: Steps
    judge: Judge
    runs: int
    taken: int
    sightings: dict[Property, Sighting] = field(factory=dict)
    seen: Seen = field(factory=Seen)
    stopped: str = ""


@frozen
class Pace:
    """How far a simulation has come: runs finished, steps taken, different states seen."""

    runs: int
    taken: int
    states: int


def simulate(
    world: World,
    properties: Sequence[Property],
    plan: Plan,
    *,
    fatal: Collection[str] = (),
    progress: Callable[[Pace], None] | None = None,
) -> Simulation:
    """Make the runs of `plan`, and hold `properties` against each state and step of them.

    An interrupt ends it, and what was found by then is returned.

    Attributes:
        fatal: the names of properties whose violation ends it, at the end of that run.
        progress: called after each run.
    Raises: ModelError where the model or a property is wrong.
    """
    steps = Steps(world)
    judge = Judge(steps, properties)
    sightings: dict[Property, Sighting] = {}
    seen = Seen()
    stopped, runs, taken = "", 0, 0
    try:
        for number in range(plan.first, plan.first + plan.runs):
            run = _judged(judge, number, walk(steps, plan, number), sightings)
            seen.add(world, run)
            runs, taken = runs + 1, taken + len(run)
            if progress:
                progress(Pace(runs, taken, len(seen.states)))
            if stopped := _fatal(sightings, fatal):
                break
    except KeyboardInterrupt:
        stopped = INTERRUPTED
    return Simulation(steps, judge, runs, taken, sightings, seen, stopped)


def walk(steps: Steps, plan: Plan, number: int) -> Iterator[Values | Step]:
    """Yield the starting state of the run of that number, then its steps, one after the other."""
    random = Random(f"{plan.seed}/{number}")  # noqa: S311 (a schedule, no secret)
    values = random.choice(steps.starts)
    yield values
    pick = _pick(steps, plan, random)
    for count in range(1, plan.steps + 1):
        possible = steps.of(values)
        if not possible:
            return
        step = pick(count, possible)
        values = step.values
        yield step


def _pick(steps: Steps, plan: Plan, random: Random) -> Pick:
    if plan.schedule == "random":
        return uniform(random, plan.faults)
    actors = steps.world.components
    return pct(random, plan.faults, actors, depth=plan.depth, steps_most=plan.steps)


def _judged(
    judge: Judge, number: int, run: Iterator[Values | Step], sightings: dict[Property, Sighting]
) -> Trace:
    """Return the run, having noted at once each claim that it is the first to decide."""
    start = next(run)
    assert not isinstance(start, Step)
    before, values, taken = None, start, list[Step]()
    while True:
        for claim in judge.decided(before, values):
            if claim not in sightings:
                sightings[claim] = Sighting(number, Trace(start, tuple(taken)))
        step = next(run, None)
        if not isinstance(step, Step):
            return Trace(start, tuple(taken))
        taken.append(step)
        before, values = values, step.values


def _fatal(sightings: Collection[Property], fatal: Collection[str]) -> str:
    names = [it.name for it in sightings if it.name in fatal and it.kind is not Kind.REACHABLE]
    return f"{names[0]} is violated" if names else ""
