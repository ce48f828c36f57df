"""The index of a table against its dumb twin: a dictionary, and sums over all of it."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from coterie.model.gossip.store.service.index import (
    EARLIEST,
    EMPTY,
    LATEST,
    MARKS,
    Calendar,
    Fork,
    Index,
    Leaf,
    Row,
    Summary,
    hashed,
    row_at,
    row_of,
    rows_between,
)

SMALL = Calendar(base=3, leaf=2)
near = st.integers(-20, 20)
dates = near | st.integers(EARLIEST, LATEST) | st.sampled_from([EARLIEST, LATEST, 0, -1])
tables = st.dictionaries(dates, st.builds(Row, st.just(0), st.integers(0, 3), near)).map(
    lambda table: {date: evolve(row, date=date) for date, row in table.items()}
)


def ascending(table: dict[int, Row]) -> tuple[Row, ...]:
    return tuple(table[date] for date in sorted(table))


def built(*tables: dict[int, Row], calendar: Calendar = SMALL) -> Index:
    index: Index = EMPTY
    for table in tables:
        index = calendar.filed(index, ascending(table))
    return index


def plainly(table: dict[int, Row], first: int, last: int) -> Summary:
    some = [row for row in table.values() if first <= row.date <= last]
    return Summary(len(some), sum(map(hashed, some)) % MARKS)


@given(tables, tables)
def test_rows_take_the_place_of_those_with_their_dates(
    one: dict[int, Row], two: dict[int, Row]
) -> None:
    index = built(one, two)

    assert tuple(rows_between(index, EARLIEST, LATEST)) == ascending(one | two)
    assert index.count == len(one | two)


@given(tables, tables)
def test_the_rows_alone_decide_about_the_shape(one: dict[int, Row], two: dict[int, Row]) -> None:
    both = one | two
    singly = built(*({date: both[date]} for date in both))

    assert built(one, two) == built(both) == singly


@given(tables, dates, dates)
def test_a_range_is_summed_up_as_its_rows_are(table: dict[int, Row], one: int, two: int) -> None:
    first, last = sorted((one, two))

    assert SMALL.summary(built(table), first, last) == plainly(table, first, last)
    assert SMALL.summary(built(table), EARLIEST, LATEST) == plainly(table, EARLIEST, LATEST)


@given(tables, dates, dates)
def test_the_rows_of_a_range_come_in_their_order(table: dict[int, Row], one: int, two: int) -> None:
    first, last = sorted((one, two))
    wanted = tuple(row for row in ascending(table) if first <= row.date <= last)

    assert tuple(rows_between(built(table), first, last)) == wanted


@given(tables, dates)
def test_a_row_is_found_by_its_date_and_by_its_place(table: dict[int, Row], date: int) -> None:
    index = built(table)

    assert row_of(index, date) == table.get(date)
    assert tuple(row_at(index, place) for place in range(index.count)) == ascending(table)


def test_a_leaf_that_is_too_full_becomes_a_fork_that_skips_what_all_dates_share() -> None:
    rows = tuple(Row(date, 0, date) for date in (1_000, 1_001, 1_002))

    index = SMALL.filed(SMALL.filed(EMPTY, rows[:2]), rows[2:])

    assert isinstance(SMALL.filed(EMPTY, rows[:2]), Leaf)
    assert isinstance(index, Fork)
    assert index.width <= 3


def test_a_fingerprint_fits_into_a_signed_word() -> None:
    marks = [hashed(Row(date, 1, date)) for date in range(100)]

    assert all(0 <= mark < MARKS for mark in marks)
    assert len(set(marks)) == 100
