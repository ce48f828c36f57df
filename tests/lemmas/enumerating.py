"""Small examples of whatever a lemma asks for, in plain Python numbers and sets."""

import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any

from attrs import define, field

from coterie.spec.lemmas.example import Group
from coterie.spec.lemmas.given import Given, Relation, Sort
from coterie.spec.lemmas.symbols import Said

Choose = Callable[[int], int]
Divide = Callable[[int, int], Sequence[int]]


@cache
def divisions(things: int, regions: int) -> tuple[tuple[int, ...], ...]:
    """Return every way to put so many things into so many regions."""
    if regions == 1:
        return ((things,),)
    return tuple(
        (first, *rest)
        for first in range(things + 1)
        for rest in divisions(things - first, regions - 1)
    )


@define
class Chosen(Given):
    """Numbers and sets of a size, as they are chosen; there are no relations.

    Attributes:
        choose: which of so many to take.
        divide: how many of so many things are in each of so many regions.
        most: the largest number.
        chosen: what was asked for so far.
    """

    choose: Choose
    divide: Divide
    most: int
    chosen: dict[str, Any] = field(factory=dict)

    def natural(self, name: str) -> int:
        if name not in self.chosen:
            self.chosen[name] = self.choose(self.most + 1)
        return int(self.chosen[name])

    def sets(self, universe: str, size: int, *names: str, called: str = "r") -> tuple[Any, ...]:
        if universe not in self.chosen:
            way = self.divide(max(size, 0), 2 ** len(names))
            self.chosen[universe] = _groups(way, len(names), called)
        return tuple(self.chosen[universe])

    def element(self, name: str, sort: Sort) -> Any:
        raise NotImplementedError

    def relation(self, name: str, *sorts: Sort) -> Relation:
        raise NotImplementedError

    def order(self, name: str, sort: Sort) -> Relation:
        raise NotImplementedError

    def every(self, *sorts: Sort, have: Callable[..., Said]) -> Said:
        raise NotImplementedError

    def some(self, *sorts: Sort, have: Callable[..., Said]) -> Said:
        raise NotImplementedError


def _groups(way: Sequence[int], count: int, called: str) -> list[Group]:
    regions = product((True, False), repeat=count)
    things = [region for region, many in zip(regions, way, strict=True) for _ in range(many)]
    names = [f"{called}{place}" for place in range(len(things))]
    subsets = [
        Group(name for name, thing in zip(names, things, strict=True) if thing[place])
        for place in range(count)
    ]
    return [Group(names), *subsets]


class _Odometer:
    """Makes choices one after the other, and the next time the next row of choices."""

    def __init__(self) -> None:
        self._row: list[tuple[int, int]] = []
        self._place = 0

    def choose(self, count: int) -> int:
        if self._place == len(self._row):
            self._row.append((0, count))
        self._place += 1
        return self._row[self._place - 1][0]

    def divide(self, things: int, regions: int) -> Sequence[int]:
        ways = divisions(things, regions)
        return ways[self.choose(len(ways))]

    def advance(self) -> bool:
        self._place = 0
        while self._row:
            choice, count = self._row.pop()
            if choice + 1 < count:
                self._row.append((choice + 1, count))
                return True
        return False


def every_example(most: int) -> Iterator[Chosen]:
    """Yield all examples; each is to be asked for everything before the next one."""
    odometer = _Odometer()
    while True:
        yield Chosen(odometer.choose, odometer.divide, most)
        if not odometer.advance():
            return


def some_examples(most: int, count: int, seed: int = 0) -> Iterator[Chosen]:
    """Yield that many examples at random."""
    drawn = random.Random(seed)

    def divide(things: int, regions: int) -> Sequence[int]:
        places = [drawn.randrange(regions) for _ in range(things)]
        return [places.count(region) for region in range(regions)]

    for _ in range(count):
        yield Chosen(drawn.randrange, divide, most)
