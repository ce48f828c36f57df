"""Membership: who is suspected, who leads, and what the next view is.

A member that suspects another, or hears of it, wedges: it multicasts and receives no more. The
leader, the lowest in rank that it does not suspect, proposes a batch of changes that ends the view;
the others copy the batch into their rows, which acknowledges it and wedges them. A member that is
suspected itself, or left with no majority of its view, stops: so at most one next view is agreed
on. A new leader waits until all whom it trusts have given up the old one, and then goes on with
what any of them has from it.

Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4 (view changes); Jha, "Replication",
recitation of CS 5412 Cloud Computing, Cornell University, sections 4.2 and 5 (split brain).
"""

from collections.abc import Callable, Collection, Iterator

from attrs import frozen

from coterie.model.machine import Node
from coterie.model.synchrony.state import (
    Inside,
    leader,
    rank_of,
    row_of,
    trusted,
    with_row,
    writing,
)
from coterie.model.synchrony.table import Push
from coterie.model.synchrony.view import Changes, View, is_adequate, successor


def has_majority(alive: int, members: int) -> bool:
    """Return whether so many of the `members` of a view are more than half of them."""
    return 2 * alive > members


def all_agree(agreeing: int, asked: int) -> bool:
    """Return whether as many agree as were asked."""
    return agreeing == asked


def any_proposal(proposals: tuple[Changes, ...]) -> Changes | None:
    """Return what a new leader goes on with, of what it finds in the rows it trusts.

    Why: whoever suspects the old leader reads no more of it, so that all that is found is the same.
    """
    return proposals[0] if proposals else None


def is_told(suspected: int) -> bool:
    """Return whether a member stops, over how many of the rows it reads suspect it."""
    return suspected > 0


def let_in(waiting: int, staying: int) -> int:
    """Return how many of those who wait to join are let in at once: no more than members stay.

    Why: as long as more than half of the next view is alive, so is one who can tell its joiners.
    """
    return min(waiting, staying)


def is_quiet(inside: Inside) -> bool:
    """Return whether no row says anything of the next view: nobody suspects, joins or leaves.

    Why: no rule of `Membership` and `Trim` has anything to do then, so that a step need not ask
        them; asking took most of its time. This member trusts all, and none suspects it: it has a
        majority and need not stop. There is no batch to find, and no reason for one: none is
        proposed or acknowledged. Without a batch a member is not wedged, so that no trim is
        decided; it echoes no trim, and its view is not final. Multicast changes none of that.
    Guard: the guards of `Membership` are sensible about nothing: no row that suspects tells nobody
        that it has failed, no batch is found among none, no row that agrees is not all of them.
    """
    for row in inside.rows:
        if row.suspected or row.joining or row.leaving or row.changes is not None:
            return False
    return True


@frozen
class Membership:
    """How views end, and who is in the next one.

    Attributes:
        has_majority: the guard of going on, over how many are not suspected, of how many members.
        all_agree: the guard of a new leader, over how many of those that it trusts have given up
            all leaders before it, of how many; and of the trim, over how many have a batch.
        found: the batch that a new leader goes on with, of those that it finds.
        is_told: whether a member stops, over how many rows suspect it.
        is_adequate: whether a view may be proposed; a layout of shards may need more members.
        let_in: how many joiners a batch has, over how many wait, and how many members stay.
    """

    has_majority: Callable[[int, int], bool] = has_majority
    all_agree: Callable[[int, int], bool] = all_agree
    found: Callable[[tuple[Changes, ...]], Changes | None] = any_proposal
    is_told: Callable[[int], bool] = is_told
    is_adequate: Callable[[View], bool] = is_adequate
    let_in: Callable[[int, int], int] = let_in

    def read(self, inside: Inside, rank: int, push: Push) -> Inside:
        """Return `inside` with a member's row copied, and its suspicions shared."""
        copied = with_row(inside, rank, push.row)
        return self.suspecting(copied, push.row.suspected - {inside.name})

    def suspecting(self, inside: Inside, suspected: Collection[Node]) -> Inside:
        """Return `inside` suspecting these too, as long as they are members; that wedges it."""
        known = row_of(inside).suspected
        if not known and not suspected:
            return inside
        more = known | (frozenset(suspected) & frozenset(inside.view.members))
        return inside if more == known else writing(inside, suspected=more)

    def must_stop(self, inside: Inside) -> bool:
        """Return whether this member is told that it has failed, or is left in a minority."""
        rows = trusted(inside)
        told = sum(inside.name in row.suspected for row in rows)
        return self.is_told(told) or not self.has_majority(len(rows), len(inside.rows))

    def proposed(self, inside: Inside) -> Inside:
        """Return `inside` with a batch proposed, if it leads, and there is reason to."""
        if row_of(inside).changes is not None or not self.leads(inside):
            return inside
        found = self.found(tuple(row.changes for row in trusted(inside) if row.changes))
        changes = found or self._wanted(inside)
        return inside if changes is None else writing(inside, changes=changes)

    def acknowledged(self, inside: Inside) -> Inside:
        """Return `inside` with its leader's batch copied into its own row, which wedges it."""
        changes = inside.rows[leader(inside)].changes
        if row_of(inside).changes is not None or changes is None:
            return inside
        return writing(inside, changes=changes)

    def leads(self, inside: Inside) -> bool:
        """Return whether this member leads, and all whom it trusts have given up those before."""
        rank = rank_of(inside)
        before = frozenset(inside.view.members[:rank])
        rows = trusted(inside)
        agreeing = sum(before <= row.suspected for row in rows)
        return leader(inside) == rank and self.all_agree(agreeing, len(rows))

    def all_wedged(self, inside: Inside) -> bool:
        """Return whether all whom this member trusts have the batch: their counts stand still."""
        rows = trusted(inside)
        wedged = sum(row.changes is not None for row in rows)
        return self.all_agree(wedged, len(rows))

    def _wanted(self, inside: Inside) -> Changes | None:
        """Return the changes that there is reason for now, and that leave an adequate view.

        Who wants to leave stays as long as it is needed for that, the longest there the longest.
        """
        suspected = row_of(inside).suspected
        volunteers = [node for node in _who_want_to_leave(inside) if node not in suspected]
        for count in range(len(volunteers), -1, -1):
            changes = self._batch(inside, suspected.union(volunteers[len(volunteers) - count :]))
            if self.is_adequate(successor(inside.view, changes)):
                return None if changes == Changes() else changes
        return None

    def _batch(self, inside: Inside, leaving: frozenset[Node]) -> Changes:
        """Return the batch without those who leave, and with as many who wait as may join."""
        asking = {node for row in trusted(inside) for node in row.joining}
        waiting = sorted(asking - frozenset(inside.view.members))
        count = self.let_in(len(waiting), len(inside.view.members) - len(leaving))
        return Changes(leaving, tuple(waiting[:count]))


def _who_want_to_leave(inside: Inside) -> Iterator[Node]:
    for member, row in zip(inside.view.members, inside.rows, strict=True):
        if row.leaving:
            yield member
