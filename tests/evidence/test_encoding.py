"""Values as JSON: nothing is lost, nothing is taken for something else, nothing is run."""

import json
import sys
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from coterie.checks.catalogue import catalogue
from coterie.checks.certificate.encoding import EncodingError, decoded, encoded
from coterie.checks.certify import same
from coterie.model.machine import Node


class Colour(Enum):
    RED = 1
    GREEN = "green"


class Place(NamedTuple):
    row: int
    column: Any


@dataclass(frozen=True)
class Pair:
    one: Any
    other: Any


@frozen(cache_hash=True)
class Letter:
    text: Any
    _hidden: int = 0
    size: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "size", len(repr(self.text)))


def values() -> st.SearchStrategy[Any]:
    """Draw a value that a state may hold."""
    scalars = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.binary(),
        st.sampled_from(Colour),
        st.builds(Node, st.text(max_size=3), st.integers(0, 9)),
    )

    def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.one_of(
            st.lists(inner, max_size=3).map(tuple),
            st.frozensets(inner, max_size=3),
            st.dictionaries(inner, inner, max_size=3).map(Map),
            st.builds(Pair, inner, inner),
            st.builds(Letter, inner, st.integers()),
            st.builds(Place, st.integers(), inner),
        )

    return st.recursive(scalars, nested, max_leaves=8)


@given(values())
def test_a_value_is_read_as_it_was_written(value: Any) -> None:
    again = decoded(json.loads(json.dumps(encoded(value))))

    assert again == value
    assert same(again, value)


def plain(value: Any) -> str:
    """Return a text that tells apart what `same` should: the dumb twin."""
    return json.dumps(encoded(value))


@given(values(), values())
def test_the_same_values_and_no_others_have_the_same_text(one: Any, other: Any) -> None:
    assert same(one, other) is (plain(one) == plain(other))


ALIKE = [
    (1, True),
    (1, 1.0),
    ((0,), (False,)),
    (frozenset({(1,)}), frozenset({(True,)})),
    (Map({1: 0}), Map({True: 0})),
    (Map({0: 1}), Map({0: True})),
    (Pair(0, 1), Pair(False, 1)),
    (Place(1, 2), (1, 2)),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_equal_values_of_different_types_are_not_the_same(one: Any, other: Any) -> None:
    assert one == other
    assert not same(one, other)
    assert plain(one) != plain(other)


def test_every_component_of_every_world_can_be_written() -> None:
    starts = (next(check.world(**check.parameters()).initial()) for check in catalogue())

    for value in {value for values in starts for value in values}:
        assert same(decoded(encoded(value)), value)


class Plain:
    """No attrs class."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plain)

    def __hash__(self) -> int:
        return 0


def local() -> Any:
    @frozen
    class Local:
        size: int = 0

    return Local()


REFUSED = {
    "a class of its own": Plain(),
    "a class in a function": local(),
    "a function": plain,
    "not a number": float("nan"),
    "what cannot be hashed": [1],
}


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_back_is_refused(value: Any) -> None:
    with pytest.raises(EncodingError):
        encoded(value)


WRONG = {
    "a function": ["object", "os:system", {"command": "true"}],
    "a class that is no record": ["object", "pathlib:Path", {}],
    "a module that nobody has imported": ["object", "antigravity:Fly", {}],
    "a field too many": ["object", "coterie.model.machine:Node", {"role": "a", "index": 0, "x": 1}],
    "a field too few": ["object", "coterie.model.machine:Node", {"role": "a"}],
    "what the class makes otherwise": [
        "object",
        f"{__name__}:Letter",
        {"text": "a", "_hidden": 0, "size": 99},
    ],
    "no member": ["enum", f"{__name__}:Colour", "BLUE"],
    "a member that is a method": ["enum", f"{__name__}:Colour", "mro"],
    "an unknown tag": ["call", "os:system"],
    "an empty list": [],
    "a dictionary": {"a": 1},
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_what_stands_for_no_value_is_refused(data: Any) -> None:
    with pytest.raises(EncodingError):
        decoded(data)

    assert "antigravity" not in sys.modules
