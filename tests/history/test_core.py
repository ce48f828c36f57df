"""The few operations that break a history."""

from collections.abc import Sequence
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from coterie.checks.history.core import core, until
from coterie.model.call import Call
from coterie.spec.history.conditions import is_linearizable, linearization
from coterie.spec.history.objects import QUEUE, REGISTER, SequentialObject
from coterie.spec.history.operation import Operation
from coterie.spec.history.search import Search
from tests.history.histories import OBJECTS, any_histories, with_one_changed


def decided_for(of: SequentialObject) -> Any:
    def decide(history: Sequence[Operation]) -> Search:
        return linearization(history, of)

    return decide


def without_answers(history: Sequence[Operation], kept: Sequence[Operation]) -> list[Operation]:
    return [op if op in kept else evolve(op, returned=None, result=None) for op in history]


@pytest.mark.parametrize("of", [REGISTER, QUEUE, OBJECTS[-1]], ids=str)
@given(data=st.data())
def test_a_core_breaks_the_history_and_no_less_of_it_does(of: SequentialObject, data: Any) -> None:
    history = data.draw(with_one_changed(of) | any_histories(of))
    if is_linearizable(history, of):
        return

    found = core(history, of, decided_for(of))

    assert not is_linearizable(without_answers(history, found), of)
    for op in found:
        fewer = [other for other in found if other != op]
        assert is_linearizable(without_answers(history, fewer), of)


def test_a_stale_read_is_explained_by_the_two_writes_before_it() -> None:
    first = Operation("a", Call("write", 1), 0, 1)
    second = Operation("a", Call("write", 2), 2, 3)
    others = [Operation("b", Call("read"), 2 * at, 2 * at + 1, 2) for at in range(2, 9)]
    stale = Operation("c", Call("read"), 20, 21, 1)

    found = core([first, second, *others, stale], REGISTER, decided_for(REGISTER))

    assert found == (first, second, stale)


def test_later_answers_are_not_known_yet() -> None:
    early, late = Operation("a", Call("read"), 0, 3, 5), Operation("b", Call("read"), 1, 7, 5)
    unborn = Operation("c", Call("read"), 4, 5, 5)

    assert until([early, late, unborn], 3) == (early, Operation("b", Call("read"), 1))
