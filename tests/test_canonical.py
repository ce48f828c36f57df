"""The one text of a value."""

from enum import Enum
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from coterie.checks.canonical import canonical
from coterie.model.machine import Node

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=8,
)


class Colour(Enum):
    RED = "a colour"


@frozen
class Point:
    x: int
    y: Any = None


@frozen
class Empty:
    """Has no fields."""


class Opaque:
    """Has no text but its address."""


class Told:
    def __repr__(self) -> str:
        return "told"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Node("replica", 2), "replica2"),
        (Colour.RED, "Colour.RED"),
        (True, "True"),
        (1, "1"),
        ("one", "'one'"),
        (b"one", "b'one'"),
        (None, "None"),
        (1.5, "1.5"),
        ((), "()"),
        ((1,), "(1,)"),
        ((1, 2), "(1, 2)"),
        (frozenset(), "{}"),
        (frozenset({2, 1}), "{1, 2}"),
        ({}, "{:}"),
        ({"b": 1, "a": 2}, "{'a': 2, 'b': 1}"),
        (Map({"b": 1, "a": 2}), "{'a': 2, 'b': 1}"),
        (Empty(), "Empty()"),
        (Point(1, frozenset({Node("p")})), "Point(x=1, y={p0})"),
        (max, "max"),
        (Point, "Point"),
        (Told(), "told"),
    ],
)
def test_every_kind_of_value_has_a_text(value: Any, text: str) -> None:
    assert canonical(value) == text


@given(VALUES, VALUES)
def test_two_values_of_one_text_are_equal(one: Any, other: Any) -> None:
    assert canonical(one) != canonical(other) or one == other


@given(
    st.lists(st.integers(), unique=True).flatmap(
        lambda xs: st.tuples(st.just(xs), st.permutations(xs))
    )
)
def test_the_order_of_insertion_leaves_no_trace(both: tuple[list[int], list[int]]) -> None:
    one, other = both

    assert canonical(frozenset(one)) == canonical(frozenset(other))
    assert canonical(dict.fromkeys(one)) == canonical(dict.fromkeys(other))


def test_true_and_one_are_equal_but_written_differently() -> None:
    assert canonical(Point(1)) != canonical(Point(True))


@pytest.mark.parametrize("value", [Opaque(), (1, Opaque()), Point(1, frozenset({Opaque()}))])
def test_what_has_no_text_but_its_address_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="Opaque cannot be written down canonically: make it"):
        canonical(value)
