"""The watch against plain tracing, on random worlds and on machines with branches."""

import sys

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from coterie.checks.coverage.events import Kind
from coterie.checks.coverage.watching import Watch
from coterie.checks.engine.explore import explore
from coterie.checks.errors import ModelError
from coterie.checks.world import World
from tests import strategies
from tests.coverage import machines
from tests.coverage.plainly import every_state, lines_of, logged
from tests.strategies import worlds

STATES_MOST = 150
Line = tuple[str, int, int]
slowly = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def watched(world: World) -> Watch:
    """Return what the engine's exploration of all states has noted."""
    watch = Watch(world, library=True)
    found = explore(watch.watched(), workers=1, max_states=STATES_MOST)
    if not found.complete:
        assume(condition=False)
    return watch


def inner_lines(watch: Watch, file: str) -> set[Line]:
    """Return which line followed which within the functions of a file."""
    return {
        (each.code.co_qualname, *arc)
        for each in watch.recorder.executed
        if each.code.co_filename == file
        for arc in each.arcs
        if min(arc) > 0
    }


def kinds(watch: Watch) -> dict[Kind, bool]:
    return {kind: did for (_, kind), did in watch.asked.effects.items() if kind.kind is not None}


@slowly
@given(worlds())
def test_the_events_of_random_worlds_are_those_of_every_step_of_every_state(world: World) -> None:
    plain, log = logged(world)
    try:
        watch = watched(world)
    except ModelError:
        assume(condition=False)
    every_state(plain, STATES_MOST)

    assert kinds(watch) == log


@slowly
@given(worlds())
def test_the_lines_of_random_worlds_are_those_of_every_step_of_every_state(world: World) -> None:
    try:
        watch = watched(world)
    except ModelError:
        assume(condition=False)
    with lines_of(strategies.__file__) as lines:
        every_state(world, STATES_MOST)

    assert inner_lines(watch, strategies.__file__) == {
        line for line in lines if line[0].startswith("Table.")
    }


@settings(slowly, max_examples=10)
@given(
    st.builds(
        machines.world,
        most=st.integers(0, 2),
        limit=st.integers(0, 2),
        crashes=st.integers(0, 1),
        calls=st.lists(st.sampled_from(["greatest", "positive"]), max_size=2).map(tuple),
    )
)
def test_the_lines_of_a_machine_with_branches_are_those_of_every_step(world: World) -> None:
    watch = watched(world)
    with lines_of(machines.__file__) as lines:
        every_state(world, STATES_MOST)

    assert inner_lines(watch, machines.__file__) == lines


def test_a_trace_function_that_is_there_already_sees_the_model_too_and_stays() -> None:
    world = machines.world()
    alone = inner_lines(watched(world), machines.__file__)

    with lines_of(machines.__file__) as lines:
        installed = sys.gettrace()
        both = inner_lines(watched(world), machines.__file__)
        assert sys.gettrace() is installed

    assert both == lines == alone


@pytest.mark.parametrize("crashes", [0, 1])
def test_a_watched_world_is_explored_as_ever(crashes: int) -> None:
    world = machines.world(most=2, crashes=crashes, calls=("positive",))

    found = explore(Watch(world, library=False).watched(), workers=1)

    assert found.summary() == explore(world, workers=1).summary()
    assert found.world.statement() == world.statement()


def test_nothing_traces_once_a_question_is_answered() -> None:
    before = sys.gettrace()

    watched(machines.world())

    assert sys.gettrace() is before
