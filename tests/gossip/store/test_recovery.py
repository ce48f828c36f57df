"""The recovery: what is asked for, what is sent, and in how many messages."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from coterie.model.gossip.store import recovery
from coterie.model.gossip.store.disk import BLANK, Store, keep_first, keep_greatest
from coterie.model.gossip.store.recovery import Inventory, Rows, Span
from coterie.model.machine import Node

TABLES = st.dictionaries(st.integers(0, 6), st.integers(0, 3)).map(Map)
NEAR, FAR = frozenset({Node("server", 1)}), frozenset({Node("server", 2)})


def holding(*dates: int) -> Store:
    return Store(Map(dict.fromkeys(dates, 0)), Map(enumerate(dates)))


def sent(store: Store, known: recovery.Known, *, unbounded: bool = True) -> tuple[int, ...]:
    items = recovery.lacked(store, known, keep_greatest, unbounded=unbounded)
    return tuple(date for date, _ in items)


def test_a_failed_server_retrieves_the_first_and_the_last_row_of_its_log() -> None:
    assert recovery.first_and_last(holding(2, 3, 5)) == Span(2, 5)


def test_an_empty_log_has_no_first_and_last_row() -> None:
    assert recovery.first_and_last(BLANK) is None


def test_helpers_send_all_rows_before_the_first_and_after_the_last_date() -> None:
    assert sent(holding(1, 2, 3, 4, 5), Span(2, 4)) == (1, 5)


def test_helpers_never_send_what_is_missing_in_the_middle() -> None:
    missing = 2

    assert missing not in sent(holding(1, 2, 3), Span(1, 3))


def test_one_who_has_nothing_is_sent_everything_or_as_null_compares_nothing() -> None:
    assert sent(holding(1, 2), None) == (1, 2)
    assert sent(holding(1, 2), None, unbounded=False) == ()


def test_one_who_tells_every_date_is_sent_what_is_missing_in_the_middle() -> None:
    assert sent(holding(1, 2, 3), recovery.every_date(holding(1, 3))) == (2,)


def test_a_helper_learns_from_an_inventory_that_it_lacks_a_date() -> None:
    assert recovery.lacks(holding(1), recovery.every_date(holding(1, 2)), keep_greatest)
    assert not recovery.lacks(holding(1, 2), recovery.every_date(holding(1)), keep_greatest)


def test_a_helper_learns_from_a_span_only_of_its_ends() -> None:
    assert recovery.lacks(holding(1), Span(1, 3), keep_greatest)
    assert not recovery.lacks(holding(1, 3), Span(1, 3), keep_greatest)
    assert not recovery.lacks(holding(1), None, keep_greatest)


@given(TABLES, TABLES)
def test_after_an_answer_the_asker_lacks_nothing(
    mine: Map[int, int], theirs: Map[int, int]
) -> None:
    helper, asker = Store(theirs), Store(mine)
    rows = recovery.lacked(helper, Inventory(mine), keep_greatest, unbounded=True)

    merged = {date: max(value, mine.get(date, value)) for date, value in rows}
    assert not recovery.lacks(Store(mine.update(merged)), Inventory(theirs), keep_greatest)
    assert recovery.lacks(asker, Inventory(theirs), keep_greatest) == bool(rows)


@given(TABLES, TABLES)
def test_who_keeps_the_first_value_is_sent_new_dates_only(
    mine: Map[int, int], theirs: Map[int, int]
) -> None:
    rows = recovery.lacked(Store(theirs), Inventory(mine), keep_first, unbounded=True)

    assert rows == tuple(sorted((d, v) for d, v in theirs.items() if d not in mine))


@pytest.mark.parametrize(("missed", "messages"), [(1, 1), (100, 1), (101, 2), (1000, 10)])
def test_rows_are_sent_in_batches_of_100(missed: int, messages: int) -> None:
    items = tuple((date, 0) for date in range(missed))

    assert len(recovery.answer(items, batch=100, boot=0)) == messages


def test_an_answer_without_rows_is_a_message_all_the_same() -> None:
    assert recovery.answer((), batch=100, boot=7) == (Rows((), 1, 7),)


@given(st.integers(1, 500), st.integers(1, 120))
def test_the_messages_of_an_answer_carry_every_row_once_in_order(missed: int, batch: int) -> None:
    items = tuple((date, 0) for date in range(missed))
    messages = recovery.answer(items, batch, boot=0)

    assert sum((message.items for message in messages), ()) == items
    assert len(messages) == ceil(missed / batch)
    assert {message.parts for message in messages} == {len(messages)}


def test_whom_a_server_asks_again() -> None:
    assert recovery.never(NEAR, FAR) == frozenset()
    assert recovery.until_heard(NEAR, FAR) == NEAR
    assert recovery.for_ever(NEAR, FAR) == NEAR | FAR


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_a_date_is_outside_unless_it_is_between(first: int, last: int, date: int) -> None:
    assert recovery.is_outside(first, last, date) is not (first <= date <= last)
