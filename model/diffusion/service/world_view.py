"""The world view: which replicas take part, as far as somebody knows.

The service keeps it as a data object of its own, which every client may read; a client's copy may
be old. Each replica's changes are counted: it joins (1), leaves (2), comes back (3), and so on, so
it is present while the number is odd. Of two views the greater count of each replica is the later
one; merging takes it, and so is commutative, associative and idempotent: views may spread on any
way, in any order, any number of times.

Names are sequential, so most replicas up to the last one have joined once and are present: only the
others are listed. A view of a million replicas with three holes takes a line.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6. It asks only
for a compact view; the counts, and so the merging, are ours.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping
from itertools import pairwise

from attrs import frozen

_NUMBER = r"(?:0|[1-9][0-9]*)"
_VIEW = re.compile(f"({_NUMBER})((?:,{_NUMBER}:{_NUMBER})*)")


@frozen(cache_hash=True)
class WorldView:
    """Who takes part.

    Attributes:
        last: the greatest number that has ever joined; 0 where nobody has.
        changed: ascending by number, the pairs (number, changes) of those up to `last` whose
            changes are not just 1.
    """

    last: int = 0
    changed: tuple[tuple[int, int], ...] = ()

    def changes(self, number: int) -> int:
        """Return how often that replica has joined and left, as far as this view knows."""
        if not 1 <= number <= self.last:
            return 0
        place = bisect_left(self.changed, (number, 0))
        found = self.changed[place : place + 1]
        return found[0][1] if found and found[0][0] == number else 1

    def has(self, number: int) -> bool:
        """Return whether that replica takes part; where it does not, the number is a hole."""
        return self.changes(number) % 2 == 1

    def __str__(self) -> str:
        pairs = (f",{number}:{count}" for number, count in self.changed)
        return f"{self.last}{''.join(pairs)}"


def view_of(changes: Mapping[int, int]) -> WorldView:
    """Return the view in which the replicas have these changes, and all others none."""
    last = max((number for number, count in changes.items() if count), default=0)
    counted = ((number, changes.get(number, 0)) for number in range(1, last + 1))
    return WorldView(last, tuple((number, count) for number, count in counted if count != 1))


def merged(one: WorldView, other: WorldView) -> WorldView:
    """Return the view of who knows both: of every replica the later of its changes."""
    listed = sorted({number for view in (one, other) for number, _ in view.changed})
    counted = ((number, max(one.changes(number), other.changes(number))) for number in listed)
    changed = tuple((number, count) for number, count in counted if count != 1)
    return WorldView(max(one.last, other.last), changed)


def after_change(view: WorldView, number: int) -> WorldView:
    """Return the view after that replica has joined, or has left where it was present."""
    if number <= view.last:
        changes = {**dict(view.changed), number: view.changes(number) + 1}
        changed = tuple(sorted((key, count) for key, count in changes.items() if count != 1))
        return WorldView(view.last, changed)
    skipped = ((hole, 0) for hole in range(view.last + 1, number))
    return WorldView(number, (*view.changed, *skipped))


def knows(one: WorldView, other: WorldView) -> bool:
    """Return whether `one` knows all that `other` does."""
    return merged(one, other) == one


def parse_view(text: str) -> WorldView:
    """Return the view that is written as `text`; no two texts give one view.

    Raises: ValueError where that is no view.
    """
    found = _VIEW.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no world view, which looks like 30 or 30,7:2")
    pairs = (pair.split(":") for pair in found[2].split(",")[1:])
    changed = tuple((int(number), int(count)) for number, count in pairs)
    return _as_written(WorldView(int(found[1]), changed), text)


def _as_written(view: WorldView, text: str) -> WorldView:
    """Refuse what would be written otherwise: numbers out of order or range, needless pairs."""
    numbers = [0, *(number for number, _ in view.changed)]
    ascending = all(one < other for one, other in pairwise(numbers))
    needed = all(count != 1 for _, count in view.changed)
    if not ascending or not needed or numbers[-1] > view.last or (view.last, 0) in view.changed:
        raise ValueError(f"{text!r} is no world view: another text says the same")
    return view
