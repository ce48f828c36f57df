"""A random run is a run of the world, and its seed decides it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given

from coterie.checks.catalogue.oracles.paxos import CHECK as PAXOS
from coterie.checks.catalogue.smr.naive import CHECK as NAIVE
from coterie.checks.component import Key
from coterie.checks.result import Trace
from coterie.checks.simulation.steps import Steps, actor
from coterie.checks.simulation.walk import INTERRUPTED, Pace, Plan, simulate
from coterie.checks.view import WorldView
from coterie.checks.world import Step, Values, World
from coterie.model.machine import Node
from coterie.spec.property import Kind, Property
from tests.commands.counters import Counter
from tests.simulation.drawing import PATIENT, Case, cases, run_of

ROOT = Path(__file__).parents[2]
TELL = """
from coterie.checks.catalogue import catalogue
from coterie.checks.simulation.steps import Steps
from coterie.checks.simulation.walk import Plan
from coterie.commands.words import happening
from tests.simulation.drawing import run_of

for check in catalogue():
    if check.name in ("smr.naive", "oracles.paxos", "gossip.epidemic.push"):
        steps = Steps(check.world(**check.parameters()))
        for schedule in ("random", "pct"):
            for step in run_of(steps, Plan(seed=5, schedule=schedule), 3).steps:
                print(*map(happening, step.happenings))
"""


@PATIENT
@given(cases())
def test_every_step_of_a_run_is_one_of_the_world(case: Case) -> None:
    run = run_of(Steps(case.world), case.plan, 1)

    assert run.start in set(case.world.initial())
    for before, step in zip(run.states, run.steps, strict=False):
        assert step in list(case.world.successors(before))
        assert step.values != before
    assert len(run) == case.plan.steps or not Steps(case.world).of(run.states[-1])


@PATIENT
@given(cases())
def test_a_run_depends_on_nothing_but_its_seed_and_number(case: Case) -> None:
    steps, plan = Steps(case.world), case.plan
    runs = [run_of(steps, plan, number) for number in range(4)]

    assert [run_of(Steps(case.world), plan, number) for number in (3, 2, 1, 0)] == runs[::-1]


def test_it_does_not_depend_on_the_hash_seed_either() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-c", TELL],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]

    assert told[0] == told[1]
    assert len(told[0].splitlines()) > 20


def test_other_seeds_and_numbers_give_other_runs() -> None:
    steps = Steps(PAXOS.world(**PAXOS.parameters()))
    runs = {run_of(steps, Plan(seed=seed), number) for seed in range(3) for number in range(3)}

    assert len(runs) > 6


def plainly_decided(world: World, claim: Property, run: Trace) -> int | None:
    """Return the length of the run up to where it decides `claim`, by the definition."""
    views = [WorldView(world, values) for values in run.states]
    for length, view in enumerate(views):
        resting = all(
            it.fault or it.values == run.states[length]
            for it in world.successors(run.states[length])
        )
        bad = {
            Kind.ALWAYS: lambda view=view: not claim.holds(view),
            Kind.REACHABLE: lambda view=view: claim.holds(view),
            Kind.AT_REST: lambda view=view, resting=resting: resting and not claim.holds(view),
            Kind.STEP_ALWAYS: lambda view=view, length=length: (
                length > 0 and not claim.holds(views[length - 1], view)
            ),
        }
        if bad[claim.kind]():
            return length
    return None


@PATIENT
@given(cases())
def test_the_first_run_that_decides_a_property_is_found(case: Case) -> None:
    steps = Steps(case.world)
    found = simulate(case.world, case.claims, case.plan)

    assert found.runs == case.plan.runs
    for claim in case.claims:
        runs = [run_of(steps, case.plan, number) for number in range(case.plan.runs)]
        lengths = [plainly_decided(case.world, claim, run) for run in runs]
        first = next((place for place, length in enumerate(lengths) if length is not None), None)
        seen = found.sightings.get(claim)
        assert (None if seen is None else seen.number) == first
        if seen is not None and first is not None:
            assert len(seen.trace) == lengths[first]
            assert seen.trace.steps == runs[first].steps[: len(seen.trace)]


def test_a_run_can_be_made_again_on_its_own() -> None:
    world = NAIVE.world(**NAIVE.parameters())
    claims = [claim for claim in NAIVE.properties if claim.name == "agree_at_rest"]
    (seen,) = simulate(world, claims, Plan(seed=2)).sightings.values()
    plan = Plan(seed=2, first=seen.number, runs=1)

    (again,) = simulate(world, claims, plan).sightings.values()

    assert again == seen


def test_a_fatal_violation_ends_it() -> None:
    world = NAIVE.world(**NAIVE.parameters())

    found = simulate(world, NAIVE.properties, Plan(), fatal=["sold_once"])

    assert found.stopped == "sold_once is violated"
    assert found.runs < Plan().runs


def test_an_interrupt_loses_nothing() -> None:
    def interrupt(pace: Pace) -> None:
        if pace.runs == 3:
            raise KeyboardInterrupt

    world = NAIVE.world(**NAIVE.parameters())
    found = simulate(world, NAIVE.properties, Plan(), progress=interrupt)

    assert (found.runs, found.stopped) == (3, INTERRUPTED)
    assert found.seen.runs == 3
    assert found.sightings


@PATIENT
@given(cases())
def test_faults_happen_with_the_probability_that_is_wanted(case: Case) -> None:
    steps = Steps(case.world)
    for probability in (0.0, 1.0):
        run = run_of(steps, evolve(case.plan, faults=probability), 0)
        for before, step in zip(run.states, run.steps, strict=False):
            faults = {it.fault for it in steps.of(before)}
            assert step.fault is (probability == 1.0) or len(faults) == 1


def counters() -> World:
    """Return a world of three that count to eight, each whenever it likes."""
    return World({Node("counter", index): Counter(8) for index in range(3)})


def overtakings(steps: Steps, run: Trace) -> int:
    """Return how often, at least, the priorities must have changed."""
    beaten: set[tuple[Key, Key]] = set()
    changes = 0
    for chosen, others in choices(steps, run):
        if any((other, chosen) in beaten for other in others):
            changes, beaten = changes + 1, set()
        beaten |= {(chosen, other) for other in others}
    return changes


def choices(steps: Steps, run: Trace) -> Iterator[tuple[Key, set[Key]]]:
    """Yield who went, and who else could have."""
    for before, step in zip(run.states, run.steps, strict=False):
        able = {actor(it.happenings[0]) for it in usual(steps, before)}
        chosen = actor(step.happenings[0])
        yield chosen, able - {chosen}


def usual(steps: Steps, values: Values) -> list[Step]:
    return [step for step in steps.of(values) if not step.fault]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_priorities_change_one_time_less_than_the_depth_at_most(depth: int) -> None:
    steps = Steps(counters())
    plan = Plan(schedule="pct", depth=depth, steps=24)
    counts = {overtakings(steps, run_of(steps, plan, number)) for number in range(60)}

    assert max(counts) == depth - 1


def test_a_random_walk_changes_its_mind_more_often() -> None:
    steps = Steps(counters())
    plan = Plan(steps=24)

    assert max(overtakings(steps, run_of(steps, plan, number)) for number in range(60)) > 3
