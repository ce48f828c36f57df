"""Two-phase commit against the published numbers of states."""

import pytest

from coterie.checks.catalogue.oracles.two_phase import world
from coterie.checks.engine.explore import explore
from coterie.checks.engine.reference import explore as explore_plainly
from coterie.model.machine import Node, Outcome, Receive, Send
from coterie.model.oracles.two_phase import (
    Abort,
    Commit,
    Coordination,
    Decide,
    Prepare,
    Prepared,
    ResourceManager,
    Stage,
    TransactionManager,
)
from coterie.spec.oracles.two_phase import consistent

COORDINATOR = Node("coordinator")
ONE, TWO = Node("manager", 0), Node("manager", 1)
DECIDER = TransactionManager((ONE, TWO))


@pytest.mark.parametrize(("managers", "states"), [(3, 288), (5, 8_832)])
def test_the_reference_finds_the_published_number_of_states(managers: int, states: int) -> None:
    found = explore_plainly(world(managers=managers))

    assert found.states == states


@pytest.mark.parametrize(
    ("managers", "states"),
    [
        (6, 50_816),
        (7, 296_448),
        pytest.param(8, 1_745_408, marks=pytest.mark.slow),
        pytest.param(9, 10_340_352, marks=pytest.mark.slow),
    ],
)
def test_the_engine_finds_the_published_number_of_states(managers: int, states: int) -> None:
    found = explore(world(managers=managers), [consistent])

    assert found.states == states


def test_the_depth_is_the_published_one_less_one_for_the_start() -> None:
    assert explore_plainly(world(managers=3)).depth == 11 - 1


def test_a_manager_prepares_and_says_so() -> None:
    manager = ResourceManager(COORDINATOR)

    outcome = manager.step(Stage.WORKING, Prepare())

    assert outcome == Outcome(Stage.PREPARED, (Send(COORDINATOR, Prepared()),))


def test_a_manager_that_is_prepared_no_longer_aborts_by_itself() -> None:
    manager = ResourceManager(COORDINATOR)

    assert manager.step(Stage.PREPARED, Decide(commit=False)) is None
    assert not manager.options(Stage.PREPARED)


@pytest.mark.parametrize("stage", Stage)
def test_a_manager_does_what_it_is_told(stage: Stage) -> None:
    manager = ResourceManager(COORDINATOR)

    assert manager.step(stage, Receive(COORDINATOR, Commit())) == Outcome(Stage.COMMITTED)
    assert manager.step(stage, Receive(COORDINATOR, Abort())) == Outcome(Stage.ABORTED)


def test_the_coordinator_commits_only_when_all_are_prepared() -> None:
    waiting = Coordination(prepared=frozenset({ONE}))
    ready = Coordination(prepared=frozenset({ONE, TWO}))

    assert list(DECIDER.options(waiting)) == [Decide(commit=False)]
    assert list(DECIDER.options(ready)) == [Decide(commit=True), Decide(commit=False)]


def test_the_coordinator_tells_everybody() -> None:
    outcome = DECIDER.step(Coordination(), Decide(commit=False))

    assert outcome is not None
    assert outcome.effects == (Send(ONE, Abort()), Send(TWO, Abort()))


def test_the_coordinator_decides_once() -> None:
    decided = Coordination(Stage.ABORTED)

    assert not list(DECIDER.options(decided))
    assert DECIDER.step(decided, Decide(commit=True)) is None
    assert DECIDER.step(decided, Receive(ONE, Prepared())) == Outcome(decided)
