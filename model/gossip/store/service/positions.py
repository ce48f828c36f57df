"""How far servers are: each by itself, and what enough of them agree on.

The device numbers its measurements. A server's position is how many of them it has on disk without
a gap, whoever sent them; whole batches of it are told to the other servers. What enough servers
have is agreed: a client that sees both in an answer sees which server lags behind the others.

A majority is enough by default. Whatever minority fails, one server that is left has all that is
agreed, and of any majority that a client asks, one has; while that all servers agree would hang on
the slowest one, which is the one to be found out.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", section I-A,
which has servers agree to commit every 10 pieces of data, so that a client can determine which
nodes do not abide by that; left to future work there.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable

from attrs import frozen

from coterie.model.gossip.store.service.index import Index, row_at


@frozen(cache_hash=True)
class Progress:
    """The sender has so many of the device's measurements on disk, in whole batches."""

    whole: int


@frozen(cache_hash=True)
class Kept:
    """The sender has so many of the device's measurements on disk, without a gap.

    Attributes:
        count: how many.
    """

    count: int


@frozen(cache_hash=True)
class Resumes:
    """The sender has so many, and may have lost what was on its way: it starts, or was asked.

    Attributes:
        count: how many.
    """

    count: int


@frozen(cache_hash=True)
class HowFar:
    """Ask a server how many it has: a device that starts again knows it of nobody."""


def position(index: Index, at_least: int) -> int:
    """Return how many of the device's measurements are in the index, from its first, without a gap.

    Guard: it is known that there are `at_least` so many.
    Why: numbers ascend with the dates, so a row with its own number of rows before it has all the
    measurements before it. Where one is missing, no later row has: so the end can be searched for.
    """
    if not _has_all_before(index, at_least):
        return at_least
    low, step = at_least, 1
    while _has_all_before(index, low + step):
        low, step = low + step, 2 * step
    return (
        low
        + bisect_left(range(1, step), True, key=lambda more: not _has_all_before(index, low + more))
        + 1
    )


def _has_all_before(index: Index, place: int) -> bool:
    """Return whether the row at that place has the place for its number."""
    return place < index.count and row_at(index, place).number == place


def whole_batches(position: int, every: int) -> int:
    """Return the part of a position that is whole batches of `every` measurements."""
    return position - position % every


Quorum = Callable[[int], int]


def majority(servers: int) -> int:
    """Return how many servers are more than half of them."""
    return servers // 2 + 1


def all_of_them(servers: int) -> int:
    """Return how many servers there are."""
    return servers


def held_by(positions: Iterable[int], quorum: int) -> int:
    """Return how far so many have come: the greatest position that `quorum` of these have reached.

    Guard: there are at least so many positions.
    """
    return sorted(positions, reverse=True)[quorum - 1]


def truly(position: int, agreed: int) -> int:
    """State the position as it is, though it be behind what is agreed."""
    del agreed
    return position
