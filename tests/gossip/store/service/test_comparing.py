"""Two servers that compare fingerprints come to have the union, and say little on the way."""

from functools import reduce
from math import ceil, log

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from coterie.model.gossip.store.service.comparing import Piece, Sizes, differs
from coterie.model.gossip.store.service.index import EARLIEST, LATEST, Calendar, Row
from coterie.model.gossip.store.service.serving import StoreServer
from coterie.model.gossip.store.service.shelf import greatest
from tests.gossip.store.service.scene import ONE, TWO, table, talk

SMALL = StoreServer(calendar=Calendar(base=3, leaf=2), sizes=Sizes(few=2, batch=4, fan=3, window=2))
REAL = StoreServer()
rows = st.builds(
    Row, st.integers(0, 60) | st.sampled_from([EARLIEST, LATEST]), st.integers(0, 2), st.just(0)
)
tables = st.dictionaries(st.integers(0, 60), st.integers(0, 2)).map(
    lambda values: tuple(Row(date, value, 0) for date, value in values.items())
) | st.lists(rows, unique_by=lambda row: row.date).map(tuple)


def united(*some: tuple[Row, ...]) -> dict[int, Row]:
    """Return the rows of all tables, of one date the greatest: the dumb twin."""
    every = [row for rows in some for row in rows]
    dates = {row.date for row in every}
    return {date: reduce(greatest, (r for r in every if r.date == date)) for date in dates}


@given(tables, tables)
def test_who_asks_comes_to_have_all_that_the_other_has(
    one: tuple[Row, ...], two: tuple[Row, ...]
) -> None:
    both = talk(SMALL, one, two)

    both.ask(ONE)

    assert table(both.states[ONE]) == united(one, two)
    assert table(both.states[TWO]) == united(two)
    assert not both.states[ONE].catching


@given(tables, tables)
def test_when_both_have_asked_they_have_the_same(
    one: tuple[Row, ...], two: tuple[Row, ...]
) -> None:
    both = talk(SMALL, one, two)

    both.ask(ONE)
    both.ask(TWO)

    assert both.states[ONE].shelf == both.states[TWO].shelf
    assert both.largest <= SMALL.sizes.batch


def many(count: int) -> list[Row]:
    return [Row(1_700_000_000_000 + 3_000 * number, number % 97, number) for number in range(count)]


def test_servers_in_one_state_exchange_two_messages() -> None:
    both = talk(REAL, many(3_000), many(3_000))

    both.ask(ONE)

    assert both.said == {"Compare": 1, "Compared": 1}
    assert both.rows == both.pieces == 0


@pytest.mark.parametrize("lacking", [1, 2, 5, 20])
def test_a_few_rows_that_are_lacking_take_a_few_messages_each(lacking: int) -> None:
    every = many(4_096)
    lacked = {number * len(every) // lacking for number in range(lacking)}
    both = talk(REAL, [row for row in every if row.number not in lacked], every)

    both.ask(ONE)

    sizes = REAL.sizes
    deep = ceil(log(len(every) / sizes.few, sizes.fan))
    assert table(both.states[ONE]) == table(both.states[TWO])
    assert both.said["Compare"] <= 1 + lacking * deep
    assert both.pieces <= sizes.fan * both.said["Compare"]
    assert both.rows <= sizes.few * lacking


def test_who_lacks_everything_is_sent_each_row_once_in_full_messages() -> None:
    both = talk(REAL, (), many(6_000))

    both.ask(ONE)

    assert both.rows == 6_000
    assert both.largest <= REAL.sizes.batch
    assert both.said["Compare"] == 1 + 16


def test_who_lacks_everything_is_sent_hardly_a_row_twice_by_two_helpers() -> None:
    three = talk(REAL, (), many(12_000), many(12_000))

    three.start(ONE)

    assert table(three.states[ONE]) == table(three.states[TWO])
    assert not three.states[ONE].recovering
    assert three.rows <= 12_000 + 2 * REAL.sizes.window * REAL.sizes.batch


def test_rows_of_one_fingerprint_are_taken_for_the_same() -> None:
    blind = evolve(SMALL, calendar=evolve(SMALL.calendar, fingerprint=lambda _: 1))
    both = talk(blind, (Row(1, 10, 0),), (Row(2, 20, 1),))

    both.ask(ONE)

    assert list(table(both.states[ONE])) == [1]


def test_pieces_differ_where_count_or_fingerprint_do() -> None:
    mine = Piece(0, 9, 3, 77)

    assert not differs(mine, mine)
    assert differs(mine, evolve(mine, count=2))
    assert differs(mine, evolve(mine, mark=76))
