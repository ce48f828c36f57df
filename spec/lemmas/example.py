"""An example: plain numbers, sets and relations, of which a lemma is true or not."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from attrs import field, frozen

from coterie.spec.lemmas.given import Given, Relation, Sort
from coterie.spec.lemmas.symbols import Said


class Group(frozenset[str]):
    """A set of replicas, or of other things, by their names."""

    __slots__ = ()

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self)

    def __and__(self, other: Iterable[object]) -> "Group":
        return Group(super().__and__(frozenset(other)))

    def __or__(self, other: Iterable[object]) -> "Group":
        return Group(super().__or__(frozenset(other)))  # type: ignore[arg-type]

    def __sub__(self, other: Iterable[object]) -> "Group":
        return Group(super().__sub__(frozenset(other)))


@frozen
class Example(Given):
    """What a counter-model says, and all that a lemma can ask for.

    Attributes:
        numbers: the numbers.
        groups: the sets, universes first.
        things: the things of each sort, in their order where they have one.
        elements: the things that have a name in the lemma.
        rows: what is in each relation.
    """

    numbers: Mapping[str, int] = field(factory=dict)
    groups: Mapping[str, Group] = field(factory=dict)
    things: Mapping[Sort, tuple[str, ...]] = field(factory=dict)
    elements: Mapping[str, str] = field(factory=dict)
    rows: Mapping[str, frozenset[tuple[str, ...]]] = field(factory=dict)

    def natural(self, name: str) -> int:
        """Return the number of that name."""
        return self.numbers[name]

    def sets(self, universe: str, size: int, *names: str, called: str = "r") -> tuple[Group, ...]:
        """Return the universe and its subsets.

        Raises: ValueError where the universe has another size, or a subset is none.
        """
        del called
        whole = self.groups[universe]
        found = tuple(self.groups[name] for name in names)
        if whole.size != size or not all(each <= whole for each in found):
            raise ValueError(f"{universe} is not {size} things, with these subsets")
        return (whole, *found)

    def element(self, name: str, sort: Sort) -> str:
        """Return the thing of that name."""
        del sort
        return self.elements[name]

    def relation(self, name: str, *sorts: Sort) -> Relation:
        """Return the relation of that name."""
        del sorts
        return Relation(lambda *row: row in self.rows[name])

    def order(self, name: str, sort: Sort) -> Relation:
        """Return the order in which the things of that sort are listed."""
        del name
        place = self.things[sort].index
        return Relation(lambda one, other: place(one) < place(other))

    def every(self, *sorts: Sort, have: Callable[..., Said]) -> bool:
        """Try all things of these sorts."""
        return all(bool(have(*row)) for row in product(*(self.things[sort] for sort in sorts)))

    def some(self, *sorts: Sort, have: Callable[..., Said]) -> bool:
        """Try all things of these sorts."""
        return any(bool(have(*row)) for row in product(*(self.things[sort] for sort in sorts)))

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield everything in words: the name, and what it is; relations only where not empty."""
        for name, number in self.numbers.items():
            yield name, str(number)
        for name, group in self.groups.items():
            yield name, _listed(sorted(group, key=_natural_order))
        for sort, things in self.things.items():
            yield f"{sort}s", _listed(things)
        yield from self.elements.items()
        for name, rows in self.rows.items():
            if rows:
                yield name, _listed(_row(row) for row in sorted(rows))

    def as_data(self) -> dict[str, Any]:
        """Return everything for a machine."""
        groups = {name: sorted(group, key=_natural_order) for name, group in self.groups.items()}
        rows = {name: sorted(map(list, rows)) for name, rows in self.rows.items()}
        things = {sort: list(things) for sort, things in self.things.items()}
        return {**self.numbers, **groups, **things, **self.elements, **rows}


def _row(row: tuple[str, ...]) -> str:
    return row[0] if len(row) == 1 else f"({', '.join(row)})"


def _listed(names: Iterable[str]) -> str:
    return f"{{{', '.join(names)}}}"


def _natural_order(name: str) -> tuple[int, str]:
    """Return what sorts r10 after r9."""
    return (len(name), name)
