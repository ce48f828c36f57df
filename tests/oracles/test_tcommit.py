"""Transaction commit against the published number of states."""

import pytest

from coterie.checks.catalogue.oracles.tcommit import world
from coterie.checks.engine.reference import explore
from coterie.model.machine import Node, Outcome, Receive
from coterie.model.oracles.tcommit import Decide, Prepare, TransactionCommit
from coterie.model.oracles.two_phase import Stage

WORKING, PREPARED, COMMITTED, ABORTED = Stage
TWO = TransactionCommit(2)


def test_the_published_numbers_come_out() -> None:
    found = explore(world(managers=3))

    assert found.states == 34
    assert found.transitions == 94 - 1  # the published number counts the start as generated
    assert found.depth == 7 - 1  # and as the first level


@pytest.mark.parametrize("managers", range(1, 7))
def test_the_number_of_states_has_a_formula(managers: int) -> None:
    found = explore(world(managers=managers))

    # nobody has committed, or all are prepared and somebody has committed
    assert found.states == 3**managers + 2**managers - 1


def test_a_manager_that_works_may_prepare_or_abort() -> None:
    options = list(TWO.options((WORKING, ABORTED)))

    assert options == [Prepare(0), Decide(0, commit=False)]


def test_a_manager_commits_only_when_all_are_prepared_or_have_committed() -> None:
    assert TWO.step((PREPARED, WORKING), Decide(0, commit=True)) is None
    assert TWO.step((PREPARED, ABORTED), Decide(0, commit=True)) is None
    assert TWO.step((PREPARED, PREPARED), Decide(0, commit=True)) == Outcome((COMMITTED, PREPARED))
    assert TWO.step((COMMITTED, PREPARED), Decide(1, commit=True)) == Outcome((COMMITTED,) * 2)


def test_a_manager_aborts_only_when_none_has_committed() -> None:
    assert TWO.step((PREPARED, PREPARED), Decide(1, commit=False)) == Outcome((PREPARED, ABORTED))
    assert TWO.step((COMMITTED, PREPARED), Decide(1, commit=False)) is None


@pytest.mark.parametrize("stage", [COMMITTED, ABORTED])
def test_a_decision_is_final(stage: Stage) -> None:
    assert not list(TWO.options((stage, stage)))


def test_there_are_no_messages() -> None:
    state = (WORKING, PREPARED)

    assert TWO.step(state, Receive(Node("stranger"), "commit")) == Outcome(state)
