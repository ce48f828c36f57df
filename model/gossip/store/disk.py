"""A server's disk: a table of values by date, and a log of the dates in the order of their commits.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", section II-E.
The table is PostgreSQL's there, with the date as its primary key, and the log is a file of lines.
"""

from collections.abc import Callable, Iterable
from functools import reduce
from itertools import pairwise

from attrs import evolve, frozen
from immutables import Map

Item = tuple[int, int]
"""A date and its value."""

EMPTY: Map[int, int] = Map()


@frozen(cache_hash=True)
class Store:
    """What a server has on disk.

    Attributes:
        table: the value of each date.
        log: the date on each line, lines counted from 0 without a gap.
        boots: how often the server has started again; counted by the repaired recovery alone.
    """

    table: Map[int, int] = EMPTY
    log: Map[int, int] = EMPTY
    boots: int = 0

    @property
    def last(self) -> int | None:
        """The date on the last line of the log."""
        return self.log.get(len(self.log) - 1)

    @property
    def lines(self) -> tuple[int, ...]:
        """The log's dates, first line first."""
        return tuple(self.log[line] for line in range(len(self.log)))


BLANK = Store()


@frozen(cache_hash=True)
class Row:
    """Give `date` this `value` in the table, whether it has one or not."""

    date: int
    value: int


@frozen(cache_hash=True)
class Line:
    """Append `date` to the log."""

    date: int


@frozen(cache_hash=True)
class Sorted:
    """Bring the log's lines into the order of their dates."""


@frozen(cache_hash=True)
class Wiped:
    """Drop the table and delete the log."""


@frozen(cache_hash=True)
class Booted:
    """Count one more start."""


Change = Row | Line | Sorted | Wiped | Booted


@frozen(cache_hash=True)
class Commit:
    """Make these changes, in order, all or none: what a server records."""

    changes: tuple[Change, ...]


def changed(store: Store, change: Change) -> Store:
    """Return the disk after one change."""
    match change:
        case Row(date, value):
            return evolve(store, table=store.table.set(date, value))
        case Line(date):
            return evolve(store, log=store.log.set(len(store.log), date))
        case Sorted():
            return evolve(store, log=Map(enumerate(sorted(store.lines))))
        case Wiped():
            return evolve(store, table=Map(), log=Map())
        case Booted():
            return evolve(store, boots=store.boots + 1)


def committed(store: Store, changes: Iterable[Change]) -> Store:
    """Return the disk after all `changes`."""
    return reduce(changed, changes, store)


# How two values of one date become one.

Merge = Callable[[int, int], int]


def keep_first(held: int, arrived: int) -> int:
    """Keep what is there: `INSERT … ON CONFLICT(created_time) DO NOTHING`.

    Source: section II-E.1.
    """
    del arrived
    return held


def keep_greatest(held: int, arrived: int) -> int:
    """Keep the greater value: the same on every server, in whatever order the values arrive."""
    return max(held, arrived)


# When the log is sorted.

Sorting = Callable[[bool, bool], bool]


def once_recovered(recovered: bool, late: bool) -> bool:  # noqa: FBT001  two flags of a guard
    """Sort after an insertion of recovered rows: step 5 of the paper's recovery."""
    del late
    return recovered


def when_late(recovered: bool, late: bool) -> bool:  # noqa: FBT001  two flags of a guard
    """Sort whenever a date came after a later one, so that the log is sorted at any time."""
    del recovered
    return late


def unsorted(recovered: bool, late: bool) -> bool:  # noqa: FBT001  two flags of a guard
    """Never sort: the published code leaves step 5 out."""
    del recovered, late
    return False


# Which changes of an insertion are one commit, and which follow in a second.

Split = Callable[[tuple[Change, ...]], tuple[tuple[Change, ...], tuple[Change, ...]]]


def together(changes: tuple[Change, ...]) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Commit the rows and the lines at once."""
    return changes, ()


def table_first(changes: tuple[Change, ...]) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Commit the rows, then the lines: the order of the paper, section II-E."""
    rows = tuple(change for change in changes if isinstance(change, Row))
    return rows, tuple(change for change in changes if not isinstance(change, Row))


def log_first(changes: tuple[Change, ...]) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Commit the lines, then the rows."""
    rows, lines = table_first(changes)
    return lines, rows


def insertion(store: Store, items: Iterable[Item], merge: Merge) -> tuple[Change, ...]:
    """Return the rows that `items` change, and a line for each date that was not in the table."""
    rows: list[Change] = []
    lines: list[Change] = []
    table = store.table
    for date, arrived in items:
        held = table.get(date)
        value = arrived if held is None else merge(held, arrived)
        if value != held:
            rows.append(Row(date, value))
            table = table.set(date, value)
        if held is None:
            lines.append(Line(date))
    return (*rows, *lines)


def is_sorted(store: Store) -> bool:
    """Return whether the log's lines are in the order of their dates."""
    return all(earlier <= later for earlier, later in pairwise(store.lines))


def is_late(store: Store, changes: Iterable[Change]) -> bool:
    """Return whether some line of `changes` comes after a line of a later date."""
    before = () if store.last is None else (store.last,)
    dates = (*before, *(change.date for change in changes if isinstance(change, Line)))
    return any(later < earlier for earlier, later in pairwise(dates))
