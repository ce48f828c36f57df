"""The checkers against permutations."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.model.call import Call
from coterie.spec.history.conditions import is_linearizable, is_sequential, linearization, parts
from coterie.spec.history.objects import REGISTER, SequentialObject
from coterie.spec.history.operation import Operation
from coterie.spec.history.search import Answer
from tests.history.histories import (
    OBJECTS,
    any_histories,
    by_permutations,
    keeps_programs,
    keeps_real_time,
    simulated,
    with_one_changed,
)

each_object = pytest.mark.parametrize("of", OBJECTS, ids=str)


@each_object
@settings(max_examples=60)
@given(data=st.data())
def test_linearizable_is_what_permutations_say(of: SequentialObject, data: Any) -> None:
    history = data.draw(with_one_changed(of) | any_histories(of))

    expected = by_permutations(history, of, keeps_real_time)
    assert is_linearizable(history, of) is expected


@each_object
@settings(max_examples=60)
@given(data=st.data())
def test_sequential_is_what_permutations_say(of: SequentialObject, data: Any) -> None:
    history = data.draw(with_one_changed(of) | any_histories(of))

    expected = by_permutations(history, of, keeps_programs)
    assert is_sequential(history, of) is expected


@each_object
@settings(max_examples=100)
@given(data=st.data())
def test_what_a_true_object_shows_is_linearizable(of: SequentialObject, data: Any) -> None:
    history = data.draw(simulated(of, longest=12))

    assert is_linearizable(history, of)
    assert is_sequential(history, of)


@each_object
@settings(max_examples=60)
@given(data=st.data())
def test_foresight_changes_no_verdict(of: SequentialObject, data: Any) -> None:
    history = data.draw(with_one_changed(of, longest=9))
    blind = evolve(of, foresee=None)

    assert is_linearizable(history, of) is is_linearizable(history, blind)
    assert is_sequential(history, of) is is_sequential(history, blind)


def test_keys_one_by_one_do_not_make_a_sequential_history() -> None:
    p = [Operation("p", Call("write", 1, "x"), 0, 1), Operation("p", Call("read", None, "y"), 2, 3)]
    q = [Operation("q", Call("write", 1, "y"), 0, 1), Operation("q", Call("read", None, "x"), 2, 3)]

    assert all(is_sequential(part, REGISTER) for part in parts([*p, *q], REGISTER).values())
    assert not is_sequential([*p, *q], REGISTER)


def test_a_history_of_thousands_of_operations_needs_no_recursion() -> None:
    history = [Operation("p", Call("write", at % 7), 2 * at, 2 * at + 1) for at in range(5_000)]

    assert is_linearizable(history, REGISTER)
    assert is_sequential(history, REGISTER)


def test_an_impatient_search_knows_nothing() -> None:
    history = [Operation("p", Call("write", 1), 0, 1)]

    assert linearization(history, REGISTER, lambda: False).answer is Answer.UNKNOWN
