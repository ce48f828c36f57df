"""Regular and safe registers: the definitions, and the orders that they stand for."""

from collections.abc import Sequence
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.model.call import Call
from coterie.spec.history.conditions import is_linearizable, is_regular, is_safe
from coterie.spec.history.objects import KEY_VALUE, REGISTER
from coterie.spec.history.operation import Operation
from tests.history.histories import keeps_real_time, shapes


def write(value: int, invoked: int, returned: int | None, writer: str = "w") -> Operation:
    return Operation(writer, Call("write", value), invoked, returned)


def read(value: Any, invoked: int, returned: int | None) -> Operation:
    return Operation("r", Call("read"), invoked, returned, value)


OVERLAPPED = (write(1, 0, 1), write(2, 2, 9))


@pytest.mark.parametrize("value", [1, 2])
def test_a_regular_read_during_a_write_returns_the_old_value_or_the_new(value: int) -> None:
    assert is_regular((*OVERLAPPED, read(value, 3, 4)), REGISTER)


def test_a_regular_read_during_a_write_returns_nothing_else() -> None:
    assert not is_regular((*OVERLAPPED, read(7, 3, 4)), REGISTER)


def test_a_safe_read_during_a_write_returns_anything() -> None:
    assert is_safe((*OVERLAPPED, read(7, 3, 4)), REGISTER)


@pytest.mark.parametrize("holds", [is_safe, is_regular])
def test_a_read_alone_returns_the_last_write(holds: Any) -> None:
    assert holds((*OVERLAPPED, read(2, 10, 11)), REGISTER)
    assert not holds((*OVERLAPPED, read(1, 10, 11)), REGISTER)


def test_new_and_then_old_is_regular_and_not_linearizable() -> None:
    history = (*OVERLAPPED, read(2, 3, 4), read(1, 5, 6))

    assert is_regular(history, REGISTER)
    assert not is_linearizable(history, REGISTER)


def test_a_write_without_an_answer_may_take_effect_at_any_later_time() -> None:
    history = (write(1, 0, None), write(2, 1, 2, "v"), read(2, 3, 4), read(1, 5, 6))

    assert is_regular(history, REGISTER)
    assert is_linearizable(history, REGISTER)


def test_readers_need_not_agree_on_the_order_of_overlapping_writes() -> None:
    history = (write(1, 0, 2), write(2, 1, 3, "v"), read(2, 4, 5), read(1, 6, 7), read(2, 8, 9))

    assert is_regular(history, REGISTER)
    assert not is_linearizable(history, REGISTER)


def test_a_swap_is_no_matter_of_regularity() -> None:
    history = (Operation("p", Call("cas", (1, 2)), 0, 1, True),)

    with pytest.raises(ValueError, match=r"cas \[1, 2\] is neither"):
        is_regular(history, REGISTER)


def test_a_deletion_writes_nothing() -> None:
    put = Operation("p", Call("put", 1, "x"), 0, 1)
    delete = Operation("p", Call("delete", None, "x"), 2, 3)
    get = Operation("p", Call("get", None, "x"), 4, 5, None)

    assert is_regular((put, delete, get), KEY_VALUE)
    assert not is_regular((put, get), KEY_VALUE)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Operation, ...]:
    """Draw reads and writes of small values."""
    value = st.integers(0, 2)
    history = []
    for process, invoked, end in draw(shapes(longest=5)):
        call = draw(st.just(Call("read")) | st.builds(Call, st.just("write"), value))
        result = draw(st.none() | value) if call.f == "read" else None
        history.append(Operation(process, call, invoked, None if end < 0 else end, result))
    return tuple(history)


def by_orders(history: Sequence[Operation], *, safe: bool) -> bool:
    """Return whether each read has an order of the writes, in real time, that explains it."""
    writes = [op for op in history if op.call.f == "write"]
    reads = [op for op in history if op.call.f == "read" and op.is_known]
    return all(
        (safe and any(_overlap(write, one) for write in writes)) or _explained(one, writes)
        for one in reads
    )


def _overlap(one: Operation, other: Operation) -> bool:
    return not one.precedes(other) and not other.precedes(one)


def _explained(one: Operation, writes: Sequence[Operation]) -> bool:
    if one.result is None and not any(each.precedes(one) for each in writes):
        return True
    return any(
        last.call.f == "write" and next_.call.f == "read" and last.call.value == one.result
        for order in permutations([*writes, one])
        if keeps_real_time(order)
        for last, next_ in pairwise(order)
    )


@given(histories())
def test_regular_is_what_permutations_say(history: tuple[Operation, ...]) -> None:
    assert is_regular(history, REGISTER) is by_orders(history, safe=False)


@given(histories())
def test_safe_is_what_permutations_say(history: tuple[Operation, ...]) -> None:
    assert is_safe(history, REGISTER) is by_orders(history, safe=True)


@given(histories())
def test_each_condition_implies_the_next_weaker_one(history: tuple[Operation, ...]) -> None:
    holds = [condition(history, REGISTER) for condition in (is_linearizable, is_regular, is_safe)]

    assert holds == sorted(holds)
