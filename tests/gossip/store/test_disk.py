"""The disk: rows by date, lines in order, and how two values become one."""

from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from coterie.model.gossip.store import disk
from coterie.model.gossip.store.disk import BLANK, Line, Row, Sorted, Store, Wiped

VALUES = st.integers(-5, 5)
ITEMS = st.lists(st.tuples(st.integers(0, 4), VALUES), max_size=8)


def inserted(store: Store, items: list[disk.Item], merge: disk.Merge) -> Store:
    for item in items:
        store = disk.committed(store, disk.insertion(store, (item,), merge))
    return store


def test_a_new_date_gets_a_row_and_a_line() -> None:
    changes = disk.insertion(BLANK, ((3, 30),), disk.keep_first)

    assert changes == (Row(3, 30), Line(3))


def test_on_conflict_the_paper_does_nothing() -> None:
    store = inserted(BLANK, [(3, 5)], disk.keep_first)

    assert disk.insertion(store, ((3, 10),), disk.keep_first) == ()


def test_on_conflict_the_repair_keeps_the_greater_value_and_writes_no_second_line() -> None:
    store = inserted(BLANK, [(3, 5)], disk.keep_greatest)

    assert disk.insertion(store, ((3, 10),), disk.keep_greatest) == (Row(3, 10),)
    assert disk.insertion(store, ((3, 4),), disk.keep_greatest) == ()


def test_one_message_with_two_values_of_a_date_writes_one_line() -> None:
    changes = disk.insertion(BLANK, ((3, 5), (3, 10)), disk.keep_greatest)

    assert changes == (Row(3, 5), Row(3, 10), Line(3))


def test_the_log_keeps_the_order_of_the_commits_until_it_is_sorted() -> None:
    store = inserted(BLANK, [(2, 0), (1, 0)], disk.keep_first)

    assert store.lines == (2, 1)
    assert disk.changed(store, Sorted()).lines == (1, 2)


def test_a_wiped_disk_is_blank() -> None:
    store = inserted(BLANK, [(2, 0), (1, 0)], disk.keep_first)

    assert disk.changed(store, Wiped()) == BLANK


def test_the_last_line_of_an_empty_log_is_none() -> None:
    assert BLANK.last is None


def test_splits_put_the_rows_and_the_lines_into_one_commit_or_two() -> None:
    changes = (Row(1, 0), Line(1), Sorted())

    assert disk.together(changes) == (changes, ())
    assert disk.table_first(changes) == ((Row(1, 0),), (Line(1), Sorted()))
    assert disk.log_first(changes) == ((Line(1), Sorted()), (Row(1, 0),))


@given(VALUES, VALUES, VALUES)
def test_keeping_the_greatest_is_commutative_associative_and_idempotent(
    a: int, b: int, c: int
) -> None:
    merge = disk.keep_greatest

    assert merge(a, b) == merge(b, a)
    assert merge(merge(a, b), c) == merge(a, merge(b, c))
    assert merge(a, a) == a


@given(ITEMS, st.randoms(use_true_random=False))
def test_keeping_the_greatest_gives_one_table_whatever_the_order(
    items: list[disk.Item], random: object
) -> None:
    shuffled = sorted(items, key=lambda _: random.random())  # type: ignore[attr-defined]

    table = inserted(BLANK, items, disk.keep_greatest).table
    assert table == inserted(BLANK, shuffled, disk.keep_greatest).table
    assert table == inserted(BLANK, [*items, *shuffled], disk.keep_greatest).table


def test_keeping_the_first_gives_two_tables_for_two_orders() -> None:
    items = [(1, 10), (1, 20)]

    assert inserted(BLANK, items, disk.keep_first).table == Map({1: 10})
    assert inserted(BLANK, items[::-1], disk.keep_first).table == Map({1: 20})


@given(ITEMS, ITEMS)
def test_a_late_line_is_one_that_leaves_a_sorted_log_unsorted(
    before: list[disk.Item], items: list[disk.Item]
) -> None:
    store = disk.changed(inserted(BLANK, before, disk.keep_first), Sorted())
    changes = disk.insertion(store, items, disk.keep_first)

    assert disk.is_late(store, changes) is not disk.is_sorted(disk.committed(store, changes))
