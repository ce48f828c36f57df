"""The remembering steps are the world's, and belong to the component that begins them."""

from hypothesis import given

from coterie.checks.component import ACT
from coterie.checks.simulation.steps import Steps, actor, concerned
from coterie.checks.world import Step
from coterie.model.machine import Node
from tests.simulation.drawing import PATIENT, Case, cases, run_of


@PATIENT
@given(cases())
def test_the_steps_are_those_of_the_world_that_change_something(case: Case) -> None:
    steps = Steps(case.world)

    assert steps.starts == tuple(dict.fromkeys(case.world.initial()))
    for number in range(case.plan.runs):
        for values in run_of(steps, case.plan, number).states:
            plain = tuple(it for it in case.world.successors(values) if it.values != values)
            assert steps.of(values) == steps.of(values) == plain
            assert steps.at_rest(values) == all(step.fault for step in plain)


@PATIENT
@given(cases())
def test_the_actor_of_a_step_is_the_component_that_begins_it(case: Case) -> None:
    steps = Steps(case.world)
    nothing = Step((), fault=False, values=())

    for values in run_of(steps, case.plan, 0).states:
        for key in case.world.components:
            for step in case.world._run(values, ((key, ACT),), nothing):
                assert actor(step.happenings[0]) == key


@PATIENT
@given(cases())
def test_no_other_correct_node_changes_than_the_one_concerned(case: Case) -> None:
    slots, machines = case.world.slots, case.world.machines
    run = run_of(Steps(case.world), case.plan, 0)

    for before, step in zip(run.states, run.steps, strict=False):
        changed = {node for node in machines if before[slots[node]] != step.values[slots[node]]}
        assert changed <= {concerned(happening) for happening in step.happenings}
        assert all(isinstance(node, Node) for node in changed)
