"""System names hold what the creator asked for, and survive being written down."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.model.diffusion.service.objects import Sname, parse
from coterie.model.diffusion.service.world_view import WorldView
from tests.diffusion.service.strategies import snames, views

FIELDS: dict[str, Any] = {"b": 1, "level": 10, "origin": 2, "uname": "x", "view": WorldView(30)}


@given(snames(views()))
def test_a_system_name_is_read_as_it_was_written(sname: Sname) -> None:
    assert parse(str(sname)) == sname


@given(snames(views()), snames(views()))
def test_two_system_names_are_written_differently(one: Sname, other: Sname) -> None:
    assert (str(one) == str(other)) == (one == other)


def test_it_looks_like_a_path() -> None:
    sname = Sname(b=1, level=10, origin=2, uname="a/b ü", view=WorldView(30, ((7, 2),)))

    assert str(sname) == "1/10/2/30,7:2/a%2Fb%20%C3%BC"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it should have the parts b/level/origin/view/uname"),
        ("1/10/2/30/x/y", "it should have the parts"),
        ("one/10/2/30/x", "invalid literal"),
        ("-1/10/2/30/x", "'b' must be >= 0"),
        ("1/0/2/30/x", "'level' must be >= 1"),
        ("1/10/-2/30/x", "'origin' must be >= 0"),
        ("1/10/2/30/", "Length of 'uname'"),
        ("1/10/2/30,31:2/x", "no world view"),
        ("1/10/2/30/%ff", "can't decode"),
        ("01/10/2/30/x", "it would be written '1/10/2/30/x'"),
        (" 1/10/2/30/x", "it would be written"),
        ("1/10/2/30/ü", "it would be written"),
    ],
)
def test_what_is_no_system_name_is_refused_and_it_says_why(text: str, why: str) -> None:
    with pytest.raises(ValueError, match="is no system name: ") as refused:
        parse(text)

    assert repr(text) in str(refused.value)
    assert why in str(refused.value)


@given(st.text(alphabet="0123456789/,:%x", max_size=20))
def test_a_text_is_the_one_way_to_write_a_name_or_is_refused(text: str) -> None:
    try:
        sname = parse(text)
    except ValueError:
        return
    assert str(sname) == text


def test_a_name_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be written down"):
        Sname(**{**FIELDS, "uname": "\ud800"})


@pytest.mark.parametrize(("level", "nodes"), [(1, 1), (5, 1), (6, 2), (10, 2), (11, 3)])
def test_the_level_is_rounded_up_to_whole_tree_nodes(level: int, nodes: int) -> None:
    assert Sname(**{**FIELDS, "level": level}).nodes == nodes
