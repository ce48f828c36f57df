"""The messages of an exchange, cut into pages: each holds so many records at most.

What does not fit is left out, and the next exchange goes on. That is safe, for a record that is
lacking stays lacking and is found again. It also gets on, whoever is cut and however short:

* What a page of the second message has first are records that the initiator surely lacks: the
  parents that its begins miss, then the children of its ends. What the fourth has first are the
  very records that were asked for.
* Let the responder hold a record that the initiator lacks. Go from there to the responder's ends.
  Either the initiator lacks that end; then it asks for it, as digests name all ends. Or on the way
  there is a record that it lacks, with a child that it holds: a begin that misses a parent.

So each exchange that is not interrupted brings its initiator at least one record while the
responder has any for it; and every replica is an initiator. Nothing of this is in the source.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from enum import Enum

from attrs import frozen

from coterie.model.gossip.gdp.algorithm import Algorithm
from coterie.model.gossip.gdp.log import (
    Digest,
    Log,
    children_held,
    held,
    names_of,
    parents_held,
)
from coterie.model.gossip.gdp.record import Entry

Order = Callable[[Log, Iterable[str]], Iterator[str]]


class Way(Enum):
    """Where a walk goes on to from a record."""

    UP = "to its parents"
    DOWN = "to its children, and from what is new to the peer up again"
    AGAIN = "to its parents, as far as something that the peer has told of"
    HEIRS = "to its children alone"


Place = tuple[str, Way]


@frozen
class Room:
    """How much a message holds.

    Attributes:
        records: how many at most.
        letters: how many letters of values, beyond the first record.
    """

    records: int = 500
    letters: int = 500_000

    def page(self, entries: Iterable[Entry]) -> tuple[Entry, ...]:
        """Return as many as there is room for; one at least, where there is any."""
        chosen: list[Entry] = []
        letters = 0
        for entry in entries:
            letters += len(entry.value)
            if chosen and (letters > self.letters or len(chosen) >= self.records):
                break
            chosen.append(entry)
        return tuple(chosen)

    def pages(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, ...]]:
        """Yield all of them, a page at a time."""
        rest = tuple(entries)
        while rest:
            page = self.page(rest)
            yield page
            rest = rest[len(page) :]

    def is_full(self, entries: Iterable[Entry]) -> bool:
        """Return whether these may have been cut: hardly another would fit."""
        held = list(entries)
        letters = sum(len(entry.value) for entry in held)
        return len(held) >= self.records or 2 * letters >= self.letters


def nearest_first(log: Log, starts: Iterable[str]) -> Iterator[str]:
    """Yield these records, then all their ancestors and descendants, the nearest first."""
    places = [(name, way) for name in starts for way in (Way.UP, Way.HEIRS)]
    return _walked(log, places, frozenset(), frozenset())


@frozen
class Paged(Algorithm):
    """What the four messages contain, of which none holds more than a page.

    Attributes:
        room: in a message.
        order: in which records that are connected with some are sent.
    """

    room: Room = Room()
    order: Order = nearest_first

    def beside(self, log: Log, theirs: Digest) -> frozenset[str]:
        """Return the first page of what the walks reach: the second message's records."""
        return self._page(log, self._beside(log, theirs))

    def offered(self, log: Log, theirs: Digest) -> frozenset[str]:
        """Return the first page of what the peer lacks: the third message's records."""
        return self._page(log, self._all_offered(log, theirs))

    def granted(self, log: Log, requests: frozenset[str]) -> frozenset[str]:
        """Return the first page of what was asked for: the fourth message's records."""
        return self._page(log, self.order(log, held(log, requests)))

    def _page(self, log: Log, names: Iterable[str]) -> frozenset[str]:
        return frozenset(each.name for each in self.room.page(log.entries[x] for x in names))

    def _all_offered(self, log: Log, theirs: Digest) -> Iterator[str]:
        """Yield what the walks reach; then what is connected with what they have not reached."""
        mine = self.digest(log)
        known = names_of(theirs.begins) | theirs.ends
        reached = set()
        for name in self._reached(log, theirs):
            reached.add(name)
            if name not in known:
                yield name
        apart = names_of(mine.begins - theirs.begins) | (mine.ends - theirs.ends)
        rest = self.order(log, sorted(apart - reached))
        yield from (name for name in rest if name not in reached or name in known)

    def _beside(self, log: Log, theirs: Digest) -> Iterator[str]:
        known = names_of(theirs.begins) | theirs.ends
        return (name for name in self._reached(log, theirs) if name not in known)

    def _reached(self, log: Log, theirs: Digest) -> Iterator[str]:
        """Yield what the walks reach: first what the peer surely lacks, then on in breadth."""
        mine = self.digest(log)
        new = [begin for begin in theirs.begins - mine.begins if begin.name in log.entries]
        tops = sorted(begin.name for begin in new)
        bottoms = held(log, theirs.ends - mine.ends)
        missing = {name for begin in new for name in begin.missing}
        places = [
            *((name, Way.UP) for name in held(log, missing)),
            *((name, Way.DOWN) for bottom in bottoms for name in children_held(log, bottom)),
            *((name, Way.UP) for top in tops for name in parents_held(log, top)),
        ]
        yield from _walked(log, places, names_of(theirs.begins), theirs.ends)
        yield from (*tops, *bottoms)


def _walked(
    log: Log, places: Iterable[Place], begins: frozenset[str], ends: frozenset[str]
) -> Iterator[str]:
    """Yield each record that is walked over, once, in the order of a search in breadth."""
    todo = deque(places)
    been: set[Place] = set()
    told: set[str] = set()
    while todo:
        place = todo.popleft()
        if place in been:
            continue
        been.add(place)
        if place[0] not in told:
            told.add(place[0])
            yield place[0]
        todo.extend(_onward(log, *place, begins, ends))


def _onward(
    log: Log, name: str, way: Way, begins: frozenset[str], ends: frozenset[str]
) -> Iterator[Place]:
    """Yield where to go on: up as far as the peer's ends, down as far as its begins."""
    if way is Way.UP and name not in ends:
        yield from ((each, Way.UP) for each in parents_held(log, name))
    if way is Way.HEIRS:
        yield from ((each, Way.HEIRS) for each in children_held(log, name))
    if way is Way.DOWN and name not in begins:
        yield from ((each, Way.DOWN) for each in children_held(log, name))
    if way in {Way.DOWN, Way.AGAIN} and name not in begins | ends:
        yield from ((each, Way.AGAIN) for each in parents_held(log, name))
