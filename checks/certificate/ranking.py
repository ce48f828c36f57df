"""Ranks: why something good can still be reached, from every state, without faults.

A state's rank is its distance, in steps without faults, from a state that is good. Whoever has the
ranks need not search: each state that is not good has a step to a smaller rank.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from coterie.checks.view import WorldView
from coterie.checks.world import Values, World
from coterie.spec.property import Property

UNRANKED = -1
Ranks = list[int]


class Steps:
    """The steps without faults among some states, backward: from each, where it can come from."""

    def __init__(
        self,
        world: World,
        states: Sequence[Values],
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Take every step from every state.

        Raises: KeyError where one leads out of `states`.
        """
        places = {values: place for place, values in enumerate(states)}
        ends, counts = array("q"), array("q")
        for values in states:
            found = {places[step.values] for step in world.successors(values) if not step.fault}
            ends.extend(found)
            counts.append(len(found))
            progress(len(counts))
        self._first, self._origins = _turned(ends, counts)

    def into(self, place: int) -> Sequence[int]:
        """Return the places of the states with a step to the one at `place`."""
        return self._origins[self._first[place] : self._first[place + 1]]

    def ranks(self, good: Sequence[bool]) -> Ranks:
        """Return each state's distance from a good one; UNRANKED where there is no way."""
        level = [place for place, is_good in enumerate(good) if is_good]
        ranks = [0 if is_good else UNRANKED for is_good in good]
        distance = 0
        while level:
            distance += 1
            further = []
            for place in (origin for end in level for origin in self.into(end)):
                if ranks[place] == UNRANKED:
                    ranks[place] = distance
                    further.append(place)
            level = further
        return ranks


def _turned(ends: Sequence[int], counts: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
    """Return the steps ordered by where they end: where each end's begin, and their origins."""
    arriving = array("q", bytes(8 * (len(counts) + 1)))
    for end in ends:
        arriving[end + 1] += 1
    first = array("q", accumulate(arriving))
    origins, free, at = array("q", bytes(8 * len(ends))), array("q", first), 0
    for origin, count in enumerate(counts):
        for end in ends[at : at + count]:
            origins[free[end]] = origin
            free[end] += 1
        at += count
    return first, origins


def ranked(
    world: World,
    claims: Sequence[Property],
    states: Sequence[Values],
    progress: Callable[[int], None] = lambda _: None,
) -> Mapping[str, list[Ranks]]:
    """Return the ranks of each `recoverable` claim by its name: a list for each tuple of nodes."""
    if not claims:
        return {}
    steps = Steps(world, states, progress)
    found: dict[str, list[Ranks]] = {}
    for claim in claims:
        instances = claim.instances(WorldView(world, states[0]))
        good = (
            [bool(claim.claim(WorldView(world, values), *nodes)) for values in states]
            for nodes in instances
        )
        found[claim.name] = [steps.ranks(each) for each in good]
    return found
