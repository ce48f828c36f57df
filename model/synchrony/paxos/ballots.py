"""Ballots: numbers in one order, of which every proposer has its own.

A `Dial` counts them around a clock, so that proposers that outbid each other for ever pass through
finitely many states. That is right as long as all ballots that are compared are less than half a
turn apart, which a network grants that takes a message only when the one before is delivered.

Source: Lamport, "Paxos Made Simple", ACM SIGACT News 2001, section 2.5: proposers choose their
numbers from disjoint sets, so that no two of them ever use the same.
"""

from attrs import frozen

from coterie.model.oracles.paxos import NONE


def next_ballot(above: int, index: int, proposers: int) -> int:
    """Return the least ballot higher than `above` of the proposer that has this `index`.

    Its own are `index`, `index + proposers`, and so on.
    """
    return above + 1 + (index - above - 1) % proposers


@frozen
class Dial:
    """Ballots that begin again at 0 after `size` of them.

    Attributes:
        size: a multiple of the number of proposers.
    """

    size: int

    def next_ballot(self, above: int, index: int, proposers: int) -> int:
        """Return the first ballot after `above` of the proposer that has this `index`."""
        return next_ballot(above, index, proposers) % self.size

    def may_promise(self, ballot: int, promised: int) -> bool:
        """Return whether `ballot` is ahead of what was `promised`."""
        return promised == NONE or 0 < (ballot - promised) % self.size < self.size / 2

    def may_vote(self, ballot: int, promised: int) -> bool:
        """Return whether `ballot` is not behind what was `promised`."""
        return ballot == promised or self.may_promise(ballot, promised)
