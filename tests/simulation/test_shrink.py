"""A shrunk run still violates, and needs each of its steps."""

import pytest
from hypothesis import assume, given

from coterie.checks.catalogue import catalogue
from coterie.checks.catalogue.smr.naive import CHECK as NAIVE
from coterie.checks.engine import reference
from coterie.checks.result import Trace
from coterie.checks.simulation.coverage import enumerated
from coterie.checks.simulation.judge import Judge
from coterie.checks.simulation.shrink import applied, shrunk
from coterie.checks.simulation.steps import Steps
from coterie.checks.simulation.walk import Plan, simulate
from coterie.spec.property import Kind, Property
from tests.simulation.drawing import PATIENT, Case, cases

CHECKS = {check.name: check for check in catalogue()}
MUTANTS = [
    ("oracles.two_phase", "commit_early"),
    ("oracles.paxos", "small_quorum"),
    ("smr.sequenced", "local_clock"),
    ("link.reliable", "no_dedupe"),
]


def is_1_minimal(judge: Judge, claim: Property, trace: Trace) -> bool:
    """Return whether no single step can go so that the others all still happen and decide."""
    for place in range(len(trace)):
        rest = [step.happenings for step in (*trace.steps[:place], *trace.steps[place + 1 :])]
        without = applied(judge.steps, trace.start, rest)
        if len(without) == len(rest) and judge.first(claim, without.states) is not None:
            return False
    return True


def is_part_of(shorter: Trace, longer: Trace) -> bool:
    """Return whether what happens in `shorter` happens in `longer` too, in the same order."""
    rest = iter([step.happenings for step in longer.steps])
    return all(step.happenings in rest for step in shorter.steps)


def holds_what_it_promises(judge: Judge, claim: Property, trace: Trace) -> bool:
    shorter = shrunk(judge, claim, trace)
    assert shorter.start == trace.start
    for before, step in zip(shorter.states, shorter.steps, strict=False):
        assert step in list(judge.steps.world.successors(before))
    assert judge.first(claim, shorter.states) == len(shorter)
    assert is_part_of(shorter, trace)
    return is_1_minimal(judge, claim, shorter)


@PATIENT
@given(cases())
def test_a_shrunk_run_still_decides_and_no_step_of_it_can_go(case: Case) -> None:
    found = simulate(case.world, case.claims, case.plan)

    for claim, seen in found.sightings.items():
        assert holds_what_it_promises(found.judge, claim, seen.trace)


@pytest.mark.parametrize(("name", "mutant"), MUTANTS)
@pytest.mark.parametrize("schedule", ["random", "pct"])
def test_a_violation_of_a_mutant_is_found_and_shrunk(name: str, mutant: str, schedule: str) -> None:
    check = CHECKS[name]
    made = check.mutants[mutant]
    claims = [it for it in check.properties if it.name in made.kills and it.kind is Kind.ALWAYS]
    world = made.world(**check.parameters(**made.parameters))

    found = simulate(
        world, claims, Plan(runs=2000, schedule=schedule), fatal=[it.name for it in claims]
    )

    assert found.sightings
    for claim, seen in found.sightings.items():
        shortest = made.kills[claim.name]
        assert shortest is not None
        assert shortest <= len(shrunk(found.judge, claim, seen.trace)) <= len(seen.trace)
        assert holds_what_it_promises(found.judge, claim, seen.trace)


@PATIENT
@given(cases())
def test_nothing_can_go_from_a_shortest_run(case: Case) -> None:
    steps = Steps(case.world)
    assume(enumerated(steps, 3000) is not None)
    judge = Judge(steps, case.claims)

    for found in reference.explore(case.world, case.claims).findings:
        if found.trace is not None:
            assert len(shrunk(judge, found.claim, found.trace)) == len(found.trace)


def test_a_run_that_decides_nothing_cannot_be_shrunk() -> None:
    steps = Steps(NAIVE.world(**NAIVE.parameters()))
    judge = Judge(steps, NAIVE.properties)

    with pytest.raises(ValueError, match="does not decide sold_once"):
        shrunk(judge, NAIVE.properties[-3], Trace(steps.starts[0]))


def test_what_cannot_happen_is_left_out() -> None:
    steps = Steps(NAIVE.world(**NAIVE.parameters()))
    first = steps.of(steps.starts[0])[0]

    run = applied(steps, steps.starts[0], [first.happenings] * 3)

    assert [step.happenings for step in run.steps] == [first.happenings]
