"""The ragged trim: where a view ends.

When a view breaks off, its members have received different numbers of messages. What every one that
goes on has, belongs to the view; what is above belongs to no view, and its sender multicasts it
again in the next. The leader says where that is, and everybody repeats it in a row of its own,
before anyone delivers by it: a trim that somebody may have acted on is one that every next leader
finds.

Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.2 (ragged edge cleanup); Birman and Joseph,
SOSP 1987 (the atomicity of views).
"""

from collections.abc import Callable

from attrs import frozen

from coterie.model.synchrony.membership import Membership, all_agree
from coterie.model.synchrony.state import Inside, leader, row_of, trusted, writing
from coterie.model.synchrony.table import Counts, Row


def least(column: tuple[int, ...]) -> int:
    """Return how many messages of a sender all have who have received so many."""
    return min(column)


def counting(inside: Inside) -> tuple[Row, ...]:
    """Return the rows that a trim goes by: of those who go on."""
    return trusted(inside)


def any_trim(trims: tuple[Counts, ...]) -> Counts | None:
    """Return the trim that a leader finds and keeps, among those in the rows that it trusts."""
    return trims[0] if trims else None


def says_the_same(own: Row, other: Row) -> bool:
    """Return whether another row ends the view as the own one does."""
    return (own.trim, own.changes) == (other.trim, other.changes)


@frozen
class Trim:
    """How the end of a view is agreed on.

    Attributes:
        least: how many messages of one sender belong to the view, of the counts of those who count.
        counting: whose counts those are.
        found: the trim that a leader keeps, of those that it finds.
        repeats: whether another row counts as an echo of the own one.
        all_echo: the guard of delivering by the trim, over how many rows repeat it, of how many.
    """

    least: Callable[[tuple[int, ...]], int] = least
    counting: Callable[[Inside], tuple[Row, ...]] = counting
    found: Callable[[tuple[Counts, ...]], Counts | None] = any_trim
    repeats: Callable[[Row, Row], bool] = says_the_same
    all_echo: Callable[[int, int], bool] = all_agree

    def decided(self, inside: Inside, membership: Membership) -> Inside:
        """Return `inside` with a trim in its row, if it leads and all are wedged."""
        if row_of(inside).trim is not None or not membership.leads(inside):
            return inside
        if not membership.all_wedged(inside):
            return inside
        found = self.found(tuple(row.trim for row in trusted(inside) if row.trim is not None))
        return writing(inside, trim=self.computed(inside) if found is None else found)

    def computed(self, inside: Inside) -> Counts:
        """Return how many messages of each sender belong to this view."""
        columns = zip(*(row.received for row in self.counting(inside)), strict=True)
        return tuple(self.least(column) for column in columns)

    def echoed(self, inside: Inside) -> Inside:
        """Return `inside` with its leader's trim copied into its own row."""
        trim, own = inside.rows[leader(inside)].trim, row_of(inside)
        if own.trim is not None or own.changes is None or trim is None:
            return inside
        return writing(inside, trim=trim)

    def is_final(self, inside: Inside) -> bool:
        """Return whether all whom this member trusts repeat its trim, and it has what that names.

        Why: a majority that has said the same thing once is what makes the next view the only one.
        """
        own, rows = row_of(inside), trusted(inside)
        if own.trim is None or own.changes is None:
            return False
        echoes = sum(self.repeats(own, row) for row in rows)
        has_all = all(has >= named for has, named in zip(own.received, own.trim, strict=True))
        return has_all and self.all_echo(echoes, len(rows))
