"""World views: written alike when equal, and merged in any order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.model.diffusion.service.world_view import (
    WorldView,
    after_change,
    knows,
    merged,
    parse_view,
    view_of,
)
from tests.diffusion.service.strategies import changes, views

Changes = dict[int, int]


def merged_plainly(one: Changes, other: Changes) -> Changes:
    return {number: max(one.get(number, 0), other.get(number, 0)) for number in {*one, *other}}


@given(changes(), changes())
def test_merging_takes_the_later_of_each_replicas_changes(one: Changes, other: Changes) -> None:
    assert merged(view_of(one), view_of(other)) == view_of(merged_plainly(one, other))


@given(views(), views())
def test_merging_is_commutative(one: WorldView, other: WorldView) -> None:
    assert merged(one, other) == merged(other, one)


@given(views(), views(), views())
def test_merging_is_associative(one: WorldView, two: WorldView, three: WorldView) -> None:
    assert merged(merged(one, two), three) == merged(one, merged(two, three))


@given(views())
def test_merging_is_idempotent(view: WorldView) -> None:
    assert merged(view, view) == view


@given(views(), views())
def test_whoever_merges_knows_both(one: WorldView, other: WorldView) -> None:
    both = merged(one, other)

    assert knows(both, one)
    assert knows(both, other)
    assert knows(one, other) == all(one.changes(n) >= other.changes(n) for n in range(14))


@given(changes())
def test_a_view_tells_each_replicas_changes(counts: Changes) -> None:
    view = view_of(counts)

    assert [view.changes(number) for number in range(15)] == [
        counts.get(number, 0) for number in range(15)
    ]


@given(changes(), st.integers(1, 15))
def test_a_change_is_one_more_of_that_replicas_changes(counts: Changes, number: int) -> None:
    after = {**counts, number: counts.get(number, 0) + 1}

    assert after_change(view_of(counts), number) == view_of(after)


@given(views(), st.integers(1, 15))
def test_a_replica_that_changes_twice_is_where_it_was_and_that_is_known(
    view: WorldView, number: int
) -> None:
    again = after_change(after_change(view, number), number)

    assert again.has(number) == view.has(number)
    assert merged(view, again) == again != view


@given(views())
def test_a_view_is_read_as_it_was_written(view: WorldView) -> None:
    assert parse_view(str(view)) == view


def test_a_view_of_many_takes_a_line() -> None:
    view = WorldView(1_000_000)
    for number in (17, 99, 4_711):
        view = after_change(view, number)

    assert str(view) == "1000000,17:2,99:2,4711:2"


@pytest.mark.parametrize("text", ["", "x", "-1", "05", "5,", "5,2", "5,2:x", "5,2:3 ", "5;2:3"])
def test_a_text_that_is_no_view_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no world view, which looks like 30 or 30,7:2"):
        parse_view(text)


@pytest.mark.parametrize("text", ["5,2:1", "5,6:2", "5,5:0", "5,0:2", "5,3:2,2:2", "5,2:2,2:3"])
def test_a_view_that_would_be_written_otherwise_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no world view: another text says the same"):
        parse_view(text)
