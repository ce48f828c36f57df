"""What a table answers to a query: one row, a page of rows, or that there is none."""

from itertools import islice

from coterie.model.gossip.store.reads import Absent, Found
from coterie.model.gossip.store.service.index import Index, row_at, row_of, rows_between
from coterie.model.gossip.store.service.queries import (
    Between,
    Latest,
    Newest,
    Page,
    Result,
    ValueAt,
    What,
)


def answer(index: Index, what: What, page: int) -> Result:
    """Return what is in the table; of a range at most `page` rows."""
    match what:
        case ValueAt(date):
            return value_at(index, date)
        case Between(first, last, limit):
            return _page(index, first, last, max(1, min(limit, page)))
        case Latest() if index.count:
            row = row_at(index, index.count - 1)
            return Newest(row.date, row.value)
    return Absent()


def value_at(index: Index, date: int) -> Found | Absent:
    """Return the value of a date, or that it has none."""
    row = row_of(index, date)
    return Absent() if row is None else Found(row.value)


def _page(index: Index, first: int, last: int, most: int) -> Page:
    """Return the first rows of a range, and where to go on; no others are looked at."""
    rows = tuple(islice(rows_between(index, first, last), most + 1))
    rest = rows[most].date if len(rows) > most else None
    return Page(tuple((row.date, row.value) for row in rows[:most]), rest)
