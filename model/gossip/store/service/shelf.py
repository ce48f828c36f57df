"""A serving server's disk: the rows of its table, and what else must outlive a crash.

There is no log. From its log the paper's recovery takes the first and the last date; this one
compares fingerprints instead, and the order of the measurements is in their numbers.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", section II-E.
"""

from collections.abc import Callable, Iterable

from attrs import evolve, frozen

from coterie.model.gossip.store.service.index import CALENDAR, EMPTY, Calendar, Index, Row


@frozen(cache_hash=True)
class Shelf:
    """What a serving server has on disk.

    Attributes:
        index: the rows of the table, by date. They alone are on the disk: whoever reads them in
            works out the rest again, which is a function of them. Rows are never taken away.
        boots: how often the server has started again.
        agreed: how many of the device's measurements are agreed, as far as the server knows; a
            multiple of the batch, and it only ever grows.
    """

    index: Index = EMPTY
    boots: int = 0
    agreed: int = 0


BLANK = Shelf()


def read_in(rows: Iterable[Row], boots: int, agreed: int, calendar: Calendar = CALENDAR) -> Shelf:
    """Return the disk with these rows, each date once, in any order: for whoever reads it in."""
    ascending = tuple(sorted(rows, key=lambda row: row.date))
    return Shelf(calendar.filed(EMPTY, ascending), boots, agreed)


@frozen(cache_hash=True)
class Inserted:
    """Put these rows into the table, each in the place of the one with its date, if any.

    Shape: ascending by date, each date once.
    """

    rows: tuple[Row, ...]


@frozen(cache_hash=True)
class Started:
    """Count one more start."""


@frozen(cache_hash=True)
class Agreed:
    """So many of the device's measurements are agreed from now on.

    Attributes:
        count: how many.
    """

    count: int


Change = Inserted | Started | Agreed


def changed(shelf: Shelf, change: Change, calendar: Calendar = CALENDAR) -> Shelf:
    """Return the disk after one change."""
    match change:
        case Inserted(rows):
            return evolve(shelf, index=calendar.filed(shelf.index, rows))
        case Started():
            return evolve(shelf, boots=shelf.boots + 1)
        case Agreed(count):
            return evolve(shelf, agreed=count)


Merge = Callable[[Row, Row], Row]
"""How two rows of one date become one: the one that is held, and the one that has arrived."""


def _rank(row: Row) -> tuple[int, int]:
    return row.value, row.number


def greatest(held: Row, arrived: Row) -> Row:
    """Keep the greater value, and of one value the greater number, in whatever order they come."""
    return max(held, arrived, key=_rank)


def first_come(held: Row, arrived: Row) -> Row:
    """Keep what is there, as the paper's server does: then two servers may differ for ever."""
    del arrived
    return held
