"""An index of a table by date, which knows the count and the fingerprint of any range of dates.

It is a tree of digits: a fork has one branch for each value of the dates' next digit, and where few
rows are left there is a leaf. Rows are added, and ranges summed up, along one path or two. The rows
alone decide about the shape, whatever the order in which they came.

The fingerprint of a range is the sum of its rows' fingerprints, so it hangs neither on an order nor
on the shape of anybody's tree. What all of this rests on: ranges of one count and one fingerprint
have the same rows. For `hashed` that is so likely that nobody will see it fail, as long as nobody
who knows the function makes up rows; the servers of this store are not Byzantine.

Source: Meyer, "Range-Based Set Reconciliation", SRDS 2023, section 3; the tree is ours.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterator
from struct import pack
from typing import Union

from attrs import frozen

UNNUMBERED = -1
"""The number of a row whose sender does not know it: a client that passes on what it was told."""


@frozen(cache_hash=True)
class Row:
    """One row of the table.

    Attributes:
        date: the key.
        value: what was measured.
        number: how many measurements the device had made before it, or `UNNUMBERED`.
    """

    date: int
    value: int
    number: int


MARKS = 2**63
"""How many fingerprints there are: sums are taken modulo this, and fit into a signed word."""

WORDS = 2**64

Fingerprint = Callable[[Row], int]


def hashed(row: Row) -> int:
    """Return 63 bits of a hash of the row."""
    data = pack(">QQQ", row.date % WORDS, row.value % WORDS, row.number % WORDS)
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big") % MARKS


@frozen(cache_hash=True)
class Leaf:
    """A few rows.

    Attributes:
        rows: ascending by date.
        mark: their fingerprint.
    """

    rows: tuple[Row, ...] = ()
    mark: int = 0

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows)


@frozen(cache_hash=True)
class Fork:
    """Many rows.

    Attributes:
        first: the earliest date that its branches are for.
        width: how many dates one branch is for; the digits that all rows share are skipped.
        branches: one for each value of the next digit.
        count: how many rows there are in all of them.
        mark: the rows' fingerprint.
    """

    first: int
    width: int
    branches: tuple[Union["Fork", Leaf], ...]
    count: int
    mark: int


Index = Fork | Leaf
EMPTY = Leaf()
EARLIEST = -(2**63)
LATEST = 2**63 - 1
"""Dates are signed words."""


@frozen(cache_hash=True)
class Summary:
    """What is said of a range of dates: how many rows it has, and their fingerprint."""

    count: int = 0
    mark: int = 0

    def without(self, part: "Summary") -> "Summary":
        """Return what is said of the range without a part of it."""
        return Summary(self.count - part.count, (self.mark - part.mark) % MARKS)


def _date(row: Row) -> int:
    return row.date


@frozen
class Calendar:
    """How an index divides the dates.

    Attributes:
        base: how many values a digit has; at least 2.
        leaf: how many rows a leaf holds; at least 1.
        fingerprint: the fingerprint of a row.
    """

    base: int = 16
    leaf: int = 16
    fingerprint: Fingerprint = hashed

    def filed(self, index: Index, rows: tuple[Row, ...]) -> Index:
        """Return the index with these rows too, each in the place of the one with its date.

        Guard: they are ascending by date, and each date is there once.
        """
        match index:
            case Leaf():
                return self._leaf_with(index, rows)
            case Fork(first) if rows:
                low, high = min(first, rows[0].date), max(_end(index), rows[-1].date)
                if (low, high) != (first, _end(index)):
                    index = self._widened(index, *self._span(low, high))
                return self._forked(index, rows)
        return index

    def _leaf_with(self, leaf: Leaf, rows: tuple[Row, ...]) -> Index:
        new = {row.date: row for row in rows}
        replaced = (row for row in leaf.rows if row.date in new)
        both = tuple(sorted(({row.date: row for row in leaf.rows} | new).values(), key=_date))
        if len(both) > self.leaf:
            return self._made(both)
        added, gone = sum(map(self.fingerprint, rows)), sum(map(self.fingerprint, replaced))
        return Leaf(both, (leaf.mark + added - gone) % MARKS)

    def _made(self, rows: tuple[Row, ...]) -> Index:
        if len(rows) <= self.leaf:
            return Leaf(rows, sum(map(self.fingerprint, rows)) % MARKS)
        first, width = self._span(rows[0].date, rows[-1].date)
        return self._forked(Fork(first, width, (EMPTY,) * self.base, 0, 0), rows)

    def _span(self, low: int, high: int) -> tuple[int, int]:
        """Return where a fork for all of these dates begins, and how wide its branches are."""
        width = 1
        while (low - EARLIEST) // width // self.base != (high - EARLIEST) // width // self.base:
            width *= self.base
        return low - (low - EARLIEST) % (width * self.base), width

    def _widened(self, fork: Fork, first: int, width: int) -> Fork:
        """Return a wider fork, in which `fork` is a branch."""
        branches: list[Index] = [EMPTY] * self.base
        branches[(fork.first - first) // width] = fork
        return Fork(first, width, tuple(branches), fork.count, fork.mark)

    def _forked(self, fork: Fork, rows: tuple[Row, ...]) -> Fork:
        branches, count, mark = list(fork.branches), fork.count, fork.mark
        for digit, some in _by_digit(rows, fork.first, fork.width):
            old = branches[digit]
            new = branches[digit] = self.filed(old, some)
            count, mark = count + new.count - old.count, mark + new.mark - old.mark
        return Fork(fork.first, fork.width, tuple(branches), count, mark % MARKS)

    def before(self, index: Index, date: int) -> Summary:
        """Return the count and the fingerprint of the rows before `date`."""
        count, mark = 0, 0
        while isinstance(index, Fork):
            digit = (date - index.first) // index.width
            if not 0 <= digit < len(index.branches):
                some = index if digit > 0 else EMPTY
                return Summary(count + some.count, (mark + some.mark) % MARKS)
            for branch in index.branches[:digit]:
                count, mark = count + branch.count, mark + branch.mark
            index = index.branches[digit]
        rows = index.rows[: bisect_left(index.rows, date, key=_date)]
        return Summary(count + len(rows), (mark + sum(map(self.fingerprint, rows))) % MARKS)

    def summary(self, index: Index, first: int, last: int) -> Summary:
        """Return the count and the fingerprint of the rows from `first` to `last`."""
        return self.before(index, last + 1).without(self.before(index, first))


CALENDAR = Calendar()


def _end(fork: Fork) -> int:
    """Return the latest date that a fork is for."""
    return fork.first + fork.width * len(fork.branches) - 1


def _by_digit(
    rows: tuple[Row, ...], first: int, width: int
) -> Iterator[tuple[int, tuple[Row, ...]]]:
    """Yield the rows of each digit that some of them have; a digit's dates are `width` wide."""
    start = 0
    while start < len(rows):
        digit = (rows[start].date - first) // width
        end = bisect_left(rows, first + (digit + 1) * width, start, key=_date)
        yield digit, rows[start:end]
        start = end


def rows_between(index: Index, first: int, last: int) -> Iterator[Row]:
    """Yield the rows from `first` to `last`, in their order; few others are looked at."""
    match index:
        case Leaf(rows):
            yield from (row for row in rows if first <= row.date <= last)
        case Fork(start, width, branches):
            low, high = max(0, (first - start) // width), (last - start) // width
            for branch in branches[low : max(0, high + 1)]:
                yield from rows_between(branch, first, last)


def row_of(index: Index, date: int) -> Row | None:
    """Return the row of `date`, if there is one."""
    while isinstance(index, Fork):
        digit = (date - index.first) // index.width
        if not 0 <= digit < len(index.branches):
            return None
        index = index.branches[digit]
    return next((row for row in index.rows if row.date == date), None)


def row_at(index: Index, place: int) -> Row:
    """Return the row with so many rows before it.

    Guard: 0 ≤ place < count.
    """
    while isinstance(index, Fork):
        for branch in index.branches:
            if place < branch.count:
                index = branch
                break
            place -= branch.count
    return index.rows[place]
