"""How far a server is, against the dumb twin; and what enough servers have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.model.gossip.store.service.index import EMPTY, UNNUMBERED, Calendar, Row
from coterie.model.gossip.store.service.positions import (
    all_of_them,
    held_by,
    majority,
    position,
    whole_batches,
)

CALENDAR = Calendar(base=3, leaf=2)
held = st.sets(st.integers(0, 80))
full = st.integers(0, 80).map(lambda count: set(range(count)))


def first_missing(numbers: set[int]) -> int:
    return next(number for number in range(len(numbers) + 1) if number not in numbers)


@given(held | full, full, st.data())
def test_the_position_is_the_first_number_that_is_missing(
    some: set[int], more: set[int], data: st.DataObject
) -> None:
    numbers = some | more
    known = data.draw(st.integers(0, first_missing(numbers)))
    index = CALENDAR.filed(EMPTY, tuple(Row(10 * n, 0, n) for n in sorted(numbers)))

    assert position(index, known) == first_missing(numbers)


def test_a_row_without_a_number_is_not_counted() -> None:
    rows = (Row(1, 0, 0), Row(2, 0, UNNUMBERED))

    assert position(CALENDAR.filed(EMPTY, rows), 0) == 1


@pytest.mark.parametrize(("position", "whole"), [(0, 0), (9, 0), (10, 10), (25, 20)])
def test_only_whole_batches_are_told(position: int, whole: int) -> None:
    assert whole_batches(position, 10) == whole


@given(st.lists(st.integers(0, 9), min_size=1), st.data())
def test_what_a_quorum_holds_is_reached_by_so_many_and_more_is_not(
    positions: list[int], data: st.DataObject
) -> None:
    quorum = data.draw(st.integers(1, len(positions)))

    agreed = held_by(positions, quorum)

    assert sum(each >= agreed for each in positions) >= quorum
    assert sum(each > agreed for each in positions) < quorum


@pytest.mark.parametrize("servers", range(1, 8))
def test_two_majorities_have_a_server_in_common(servers: int) -> None:
    assert 2 * majority(servers) > servers >= majority(servers)
    assert all_of_them(servers) == servers
