"""How a server finds out what it lacks: it compares ranges of dates by their fingerprints.

The asker says how many rows it has in a range, and their fingerprint. The helper says nothing
where it has the same; a few rows it sends; of many it says the same in turn, of a few pieces of the
range, and the asker asks on where they differ. So two servers in one state exchange two messages;
where d of n rows are lacking, they need about as many rounds as the logarithm of n, each of at most
d messages. The helper remembers nothing: every answer is about what it has at that time.

Source: Meyer, "Range-Based Set Reconciliation", SRDS 2023, section 3; that the helper has no state,
and who lacks something asks by itself, is ours.
"""

from collections.abc import Iterator

from attrs import evolve, frozen

from coterie.model.gossip.store.service.index import (
    EARLIEST,
    LATEST,
    Calendar,
    Index,
    Row,
    row_at,
    rows_between,
)

Dates = tuple[int, int]
"""The first and the last date of a range."""

ALWAYS: Dates = (EARLIEST, LATEST)
"""The range of all dates."""


@frozen(cache_hash=True)
class Piece:
    """What somebody has from `first` to `last`: so many rows, with that fingerprint.

    Attributes:
        first: the first date.
        last: the last date.
        count: how many rows there are.
        mark: their fingerprint.
    """

    first: int
    last: int
    count: int
    mark: int


@frozen(cache_hash=True)
class Compare:
    """Ask for what the sender lacks of a range.

    Attributes:
        mine: what it has there.
        boot: which start of the sender this is; the answer carries it back.
    """

    mine: Piece
    boot: int


@frozen(cache_hash=True)
class Compared:
    """The answer: what is not in `pieces` is complete with these rows, or was so before.

    Attributes:
        first: the first date of the range.
        last: its last date.
        boot: that of the question.
        rows: rows that the asker may lack.
        pieces: what the helper has in the parts of the range that are still to be compared.
        whole: how many measurements the helper has, in whole batches.
    """

    first: int
    last: int
    boot: int
    rows: tuple[Row, ...]
    pieces: tuple[Piece, ...]
    whole: int


@frozen
class Sizes:
    """How large a message may be, and how many are under way.

    Attributes:
        few: how many rows are sent, rather than compared, to one who has others in the range; with
            one more there is a row for each piece, so at least `fan` - 1.
        batch: how many rows are sent to one who has none there; at least `fan` - 1.
        fan: into how many pieces a range is divided; at least 2.
        window: how many ranges are asked for at a time, of each helper.
    """

    few: int = 32
    batch: int = 500
    fan: int = 16
    window: int = 8


def piece(calendar: Calendar, index: Index, dates: Dates) -> Piece:
    """Return what is in the index, of that range."""
    first, last = dates
    summary = calendar.summary(index, first, last)
    return Piece(first, last, summary.count, summary.mark)


def differs(mine: Piece, theirs: Piece) -> bool:
    """Return whether two ranges of the same dates have different rows, as far as it shows."""
    return (mine.count, mine.mark) != (theirs.count, theirs.mark)


def answered(
    calendar: Calendar, index: Index, sizes: Sizes, compare: Compare, whole: int
) -> Compared:
    """Return what a helper with this index answers."""
    theirs = compare.mine
    dates = (theirs.first, theirs.last)
    mine = piece(calendar, index, dates)
    answer = Compared(*dates, compare.boot, rows=(), pieces=(), whole=whole)
    if not differs(mine, theirs):
        return answer
    if mine.count <= (sizes.few if theirs.count else sizes.batch):
        return evolve(answer, rows=tuple(rows_between(index, *dates)))
    return evolve(answer, pieces=tuple(_pieces(calendar, index, mine, sizes.fan)))


def _pieces(calendar: Calendar, index: Index, whole: Piece, fan: int) -> Iterator[Piece]:
    """Yield the parts of a range, `fan` of them, each with as many rows as another, give or take.

    Guard: the range has at least `fan` rows, so that each part has one.
    """
    before = calendar.before(index, whole.first)
    places = (before.count + part * whole.count // fan for part in range(1, fan))
    ends = (*(row_at(index, place).date for place in places), whole.last + 1)
    start = whole.first
    for end in ends:
        until = calendar.before(index, end)
        some = until.without(before)
        yield Piece(start, end - 1, some.count, some.mark)
        start, before = end, until


@frozen(cache_hash=True)
class Catching:
    """What an asker still has to hear from one helper.

    Attributes:
        asked: the ranges that are asked for.
        waiting: the pieces to ask for next, as the helper has told of them.
    """

    asked: tuple[Dates, ...] = ()
    waiting: tuple[Piece, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to hear."""
        return not self.asked and not self.waiting


IDLE = Catching()


def heard(catching: Catching, answer: Compared, *, backwards: bool = False) -> Catching:
    """Return what is left after an answer: its range is done, but for the pieces it names.

    The pieces come before those that wait, so that few wait, and a piece without a row never does.

    Attributes:
        backwards: whether the latest piece is next. Who asks one helper forwards, and another one
            backwards, is sent each row by one of them.
    """
    asked = tuple(dates for dates in catching.asked if dates != (answer.first, answer.last))
    pieces = [each for each in answer.pieces if each.count]
    if backwards:
        pieces.reverse()
    return Catching(asked, (*pieces, *catching.waiting))


def next_asked(
    catching: Catching, calendar: Calendar, index: Index, sizes: Sizes
) -> tuple[Catching, tuple[Piece, ...]]:
    """Return what waits no longer, and what the asker has in the ranges to ask for now.

    A piece that it has by now, be it from another helper, is not asked for.
    """
    asked, mine = list(catching.asked), []
    waiting = list(catching.waiting)
    while waiting and len(asked) < sizes.window:
        theirs = waiting.pop(0)
        have = piece(calendar, index, (theirs.first, theirs.last))
        if differs(have, theirs):
            asked.append((theirs.first, theirs.last))
            mine.append(have)
    return Catching(tuple(asked), tuple(waiting)), tuple(mine)
