"""What the runs saw, counted by brute force."""

from collections import Counter

from hypothesis import assume, given

from coterie.checks.catalogue.oracles.two_phase import CHECK as TWO_PHASE
from coterie.checks.engine import reference
from coterie.checks.result import Trace
from coterie.checks.simulation.coverage import KINDS, Counts, Pair, Seen, enumerated
from coterie.checks.simulation.steps import Steps, concerned
from coterie.checks.simulation.walk import Plan, simulate
from coterie.checks.world import Step, Values, World
from tests.simulation.drawing import PATIENT, Case, cases, run_of

MANY = 3000


def things(world: World, run: Trace) -> dict[str, set[object]]:
    """Return what a run saw, of each kind, written down one by one."""
    transitions: list[tuple[Values, Step]] = []
    pairs: list[Pair] = []
    for place, step in enumerate(run.steps):
        before = run.states[place]
        transitions.append((before, step))
        for happening in step.happenings:
            node = concerned(happening)
            if node is not None:
                pairs.append((before[world.slots[node]], happening))
    return {"states": set(run.states), "transitions": set(transitions), "pairs": set(pairs)}


@PATIENT
@given(cases())
def test_the_counts_are_those_of_the_runs(case: Case) -> None:
    runs = [run_of(Steps(case.world), case.plan, number) for number in range(case.plan.runs)]
    saw = [things(case.world, run) for run in runs]

    seen = simulate(case.world, (), case.plan).seen

    for kind in KINDS:
        assert getattr(seen.counts, kind) == len(set().union(*(each[kind] for each in saw)))
        assert getattr(seen.in_one, kind) == sum(len(each[kind]) for each in saw) / len(saw)


@PATIENT
@given(cases())
def test_the_estimate_is_what_a_run_saw_that_all_the_others_did_not(case: Case) -> None:
    runs = [run_of(Steps(case.world), case.plan, number) for number in range(case.plan.runs)]
    saw = [things(case.world, run) for run in runs]

    estimate = simulate(case.world, (), case.plan).seen.new_in_another

    for kind in KINDS:
        alone = 0
        for place, each in enumerate(saw):
            others: set[object] = set()
            for other in (*saw[:place], *saw[place + 1 :]):
                others |= other[kind]
            alone += len(each[kind] - others)
        assert getattr(estimate, kind) == alone / len(saw)


@PATIENT
@given(cases())
def test_the_denominators_are_those_of_the_plain_explorer(case: Case) -> None:
    total = enumerated(Steps(case.world), MANY)
    assume(total is not None)
    assert total is not None

    states: set[Values] = set(case.world.initial())
    transitions: set[object] = set()
    pairs: set[object] = set()
    queue = list(states)
    while queue:
        values = queue.pop()
        for step in case.world.successors(values):
            if step.values != values:
                saw = things(case.world, Trace(values, (step,)))
                transitions |= saw["transitions"]
                pairs |= saw["pairs"]
                if step.values not in states:
                    states.add(step.values)
                    queue.append(step.values)

    assert total == Counts(len(states), len(transitions), len(pairs))
    assert total.states == reference.explore(case.world).states


@PATIENT
@given(cases())
def test_nothing_is_seen_that_cannot_be_reached(case: Case) -> None:
    total = enumerated(Steps(case.world), MANY)
    assume(total is not None)
    seen = simulate(case.world, (), case.plan).seen.counts

    assert all(getattr(seen, kind) <= getattr(total, kind) for kind in KINDS)


def test_many_runs_of_a_small_world_see_all_of_it() -> None:
    world = TWO_PHASE.world(managers=1)
    seen = simulate(world, (), Plan(runs=300)).seen

    assert seen.counts == enumerated(Steps(world), MANY)
    assert seen.new_in_another == Counts(0, 0, 0)


def test_a_world_with_more_transitions_is_not_enumerated() -> None:
    steps = Steps(TWO_PHASE.world(managers=2))
    total = enumerated(steps, MANY)
    assert total is not None

    assert enumerated(steps, int(total.transitions)) == total
    assert enumerated(steps, int(total.transitions) - 1) is None


def test_what_a_run_sees_twice_counts_once() -> None:
    world = TWO_PHASE.world(managers=1)
    run = run_of(Steps(world), Plan(), 0)
    seen = Seen()
    seen.add(world, run)
    seen.add(world, run)

    assert seen.states == Counter(dict.fromkeys(run.states, 2))
    assert seen.new_in_another == Counts(0, 0, 0)
