"""The engine against the plain explorer, on random worlds."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from coterie.checks.engine import reference
from coterie.checks.engine.explore import explore
from coterie.checks.errors import ModelError
from coterie.checks.lasso import validate
from coterie.checks.result import Exploration, Finding
from coterie.checks.view import WorldView
from coterie.checks.world import Step, Values, World
from coterie.spec.property import Kind, Property
from coterie.spec.refinement import Refinement
from tests.claims import claims
from tests.strategies import worlds

STATES_MAX = 300

PATIENT = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)


class TooManyStatesError(Exception):
    """A world that is not small."""


class Bounded:
    """A world that refuses to expand more than so many states."""

    def __init__(self, world: World, states_max: int) -> None:
        self.world, self.left = world, states_max

    def initial(self) -> Iterator[Values]:
        return self.world.initial()

    def successors(self, values: Values) -> Iterator[Step]:
        self.left -= 1
        if self.left < 0:
            raise TooManyStatesError
        return self.world.successors(values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world, name)


def plainly(world: World, properties: Sequence[Property]) -> Exploration:
    """Return what the plain explorer finds; a world not small, or without a start, is none."""
    try:
        return reference.explore(cast("World", Bounded(world, STATES_MAX)), properties)
    except (TooManyStatesError, ModelError):
        assume(condition=False)
        raise


def compare(data: st.DataObject, workers: int) -> None:
    """Draw a world, and assert that both explorers find the same in it."""
    world = data.draw(worlds())
    properties = data.draw(claims(world))
    expected = plainly(world, properties)

    found = explore(world, properties, workers=workers)

    assert found.summary() == expected.summary()
    for finding in found.findings:
        check_trace(world, finding)


@settings(PATIENT, max_examples=40)
@given(st.data(), st.sampled_from([1, 2]))
def test_the_engine_finds_what_the_plain_explorer_finds(data: st.DataObject, workers: int) -> None:
    compare(data, workers)


@pytest.mark.slow
@settings(PATIENT, max_examples=150)
@given(st.data(), st.sampled_from([1, 2]))
def test_the_engine_finds_the_same_in_many_worlds(data: st.DataObject, workers: int) -> None:
    compare(data, workers)


@settings(PATIENT, max_examples=600)
@given(st.data(), st.sampled_from([1, 2]))
def test_the_engine_finds_the_same_in_very_many_worlds(data: st.DataObject, workers: int) -> None:
    compare(data, workers)


@settings(PATIENT, max_examples=20)
@given(st.data())
def test_the_trace_does_not_depend_on_the_number_of_threads(data: st.DataObject) -> None:
    world = data.draw(worlds())
    properties = data.draw(claims(world))
    plainly(world, properties)

    one, two = (explore(world, properties, workers=workers) for workers in (1, 2))

    assert [finding.trace for finding in one.findings] == [f.trace for f in two.findings]


def check_trace(world: World, finding: Finding) -> None:
    """Assert that the trace is a run of `world`, and ends where the property says."""
    trace = finding.trace
    if trace is None:
        assert finding.violations == 0
        return
    assert trace.start in set(world.initial())
    for before, step in zip(trace.states, trace.steps, strict=False):
        assert step in list(world.successors(before))
    kind, claim, last = finding.claim.kind, finding.claim, trace.states[-1]
    if kind.is_temporal:
        validate(world, claim, trace)
    elif isinstance(claim.claim, Refinement) and not trace.steps:
        assert not claim.claim.begins(WorldView(world, last))
    elif kind.is_of_steps:
        assert not claim.holds(*(WorldView(world, values) for values in trace.states[-2:]))
    elif kind is Kind.RECOVERABLE:
        views = [WorldView(world, values) for values in without_faults(world, last)]
        assert any(
            not any(claim.claim(view, *nodes) for view in views)
            for nodes in claim.instances(views[0])
        )
    else:
        assert claim.holds(WorldView(world, last)) is (kind is Kind.REACHABLE)
    if kind is Kind.AT_REST:
        assert all(step.fault or step.values == last for step in world.successors(last))


def without_faults(world: World, values: Values) -> set[Values]:
    """Return every state that is reachable from `values` without faults, itself included."""
    found, level = {values}, [values]
    while level:
        steps = [step for values in level for step in world.successors(values) if not step.fault]
        level = list({step.values for step in steps} - found)
        found.update(level)
    return found
