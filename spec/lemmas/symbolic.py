"""What a lemma speaks of, as terms of the solver.

Sets of any size are the regions of their Venn diagram: for k sets there are 2**k regions, and all
that matters of a region is how many things are in it, a number. A set is some of the regions, and
its size is a sum. So what guards say of sizes is linear arithmetic, which is decidable.

Replicas, values and views without numbers are sorts of which nothing is known but relations. What
is said of them stays in a fragment with finite models, where a solver finds an answer, too.
"""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import z3
from attrs import Factory, define, frozen

from coterie.spec.lemmas.example import Example, Group
from coterie.spec.lemmas.given import Given, Relation, Sort
from coterie.spec.lemmas.symbols import Element, Number, Said, Truth, implies, no

Region = tuple[bool, ...]
"""For each subset of a universe, whether the region is inside."""


@frozen(eq=False)
class Venn:
    """A set: some regions of a diagram.

    Attributes:
        counts: how many things each region of the diagram has.
        regions: the regions of the set.
    """

    counts: Mapping[Region, Number]
    regions: frozenset[Region]

    @property
    def size(self) -> Any:
        """How many things are in it."""
        return sum((self.counts[region] for region in sorted(self.regions)), start=0)

    def __and__(self, other: "Venn") -> "Venn":
        return Venn(self.counts, self.regions & other.regions)

    def __or__(self, other: "Venn") -> "Venn":
        return Venn(self.counts, self.regions | other.regions)

    def __sub__(self, other: "Venn") -> "Venn":
        return Venn(self.counts, self.regions - other.regions)


@frozen
class _Universe:
    """A set with its subsets, and what its things are called."""

    counts: Mapping[Region, Number]
    names: tuple[str, ...]
    called: str
    whole: Venn
    subsets: tuple[Venn, ...]


@define
class Symbolic(Given):
    """All that a lemma has asked for, as terms of one context of the solver.

    Attributes:
        context: the solver's; a proof has its own, so that it does not depend on the others.
        definitions: what is true of the terms, whatever the lemma says.
    """

    context: Any = Factory(z3.Context)
    definitions: list[Truth] = Factory(list)
    _numbers: dict[str, Number] = Factory(dict)
    _universes: dict[str, _Universe] = Factory(dict)
    _sorts: dict[Sort, Any] = Factory(dict)
    _elements: dict[str, Element] = Factory(dict)
    _tables: dict[str, Any] = Factory(dict)
    _orders: dict[Sort, Any] = Factory(dict)

    def natural(self, name: str) -> Number:
        """Return a symbol for a number from 0 on."""
        if name not in self._numbers:
            self._numbers[name] = self._count(name)
        return self._numbers[name]

    def _count(self, name: str) -> Number:
        number = Number(z3.Int(name, self.context))
        self.definitions.append(number >= 0)
        return number

    def sets(self, universe: str, size: Any, *names: str, called: str = "r") -> tuple[Venn, ...]:
        """Return a set of `size` things, then its subsets: regions of one diagram."""
        if universe not in self._universes:
            self._universes[universe] = made = self._universe(universe, names, called)
            self.definitions.append(made.whole.size == size)
        found = self._universes[universe]
        return (found.whole, *found.subsets)

    def _universe(self, universe: str, names: tuple[str, ...], called: str) -> _Universe:
        regions = sorted(product((True, False), repeat=len(names)), reverse=True)
        counts = {region: self._count(f"{universe} {_marks(region)}") for region in regions}
        whole = Venn(counts, frozenset(regions))
        subsets = tuple(
            Venn(counts, frozenset(region for region in regions if region[place]))
            for place in range(len(names))
        )
        return _Universe(counts, names, called, whole, subsets)

    def element(self, name: str, sort: Sort) -> Element:
        """Return a symbol for something of that sort."""
        if name not in self._elements:
            self._elements[name] = Element(z3.Const(name, self._sort(sort)))
        return self._elements[name]

    def _sort(self, sort: Sort) -> Any:
        if sort not in self._sorts:
            self._sorts[sort] = z3.DeclareSort(sort, self.context)
        return self._sorts[sort]

    def relation(self, name: str, *sorts: Sort) -> Relation:
        """Return an uninterpreted relation."""
        if name not in self._tables:
            domain = (self._sort(sort) for sort in sorts)
            self._tables[name] = z3.Function(name, *domain, z3.BoolSort(self.context))
        table = self._tables[name]
        return Relation(lambda *row: Truth(table(*(each.term for each in row))))

    def order(self, name: str, sort: Sort) -> Relation:
        """Return an uninterpreted relation that is a total order."""
        before = self.relation(name, sort, sort)
        if sort not in self._orders:
            self._orders[sort] = self._tables.pop(name)
            self.definitions += [
                self.every(sort, have=lambda a: no(before(a, a))),
                self.every(sort, sort, have=lambda a, b: before(a, b) | before(b, a) | (a == b)),
                self.every(
                    sort,
                    sort,
                    sort,
                    have=lambda a, b, c: implies(before(a, b) & before(b, c), before(a, c)),
                ),
            ]
        return before

    def every(self, *sorts: Sort, have: Callable[..., Said]) -> Truth:
        """Return a formula with a universal quantifier."""
        return self._quantified(z3.ForAll, sorts, have)

    def some(self, *sorts: Sort, have: Callable[..., Said]) -> Truth:
        """Return a formula with an existential quantifier."""
        return self._quantified(z3.Exists, sorts, have)

    def _quantified(
        self, quantifier: Any, sorts: tuple[Sort, ...], have: Callable[..., Said]
    ) -> Truth:
        names = [z3.FreshConst(self._sort(sort), sort) for sort in sorts]
        return Truth(quantifier(names, self.truth(have(*map(Element, names))).term))

    def truth(self, said: Said) -> Truth:
        """Return a formula, also where something is plainly true or false."""
        return said if isinstance(said, Truth) else Truth(z3.BoolVal(said, self.context))

    def within(self, most: int) -> list[Truth]:
        """Return what makes an example small: no number, nor any sort, has more than `most`."""
        counts = [n for universe in self._universes.values() for n in universe.counts.values()]
        numbers = [*self._numbers.values(), *counts]
        return [*(each <= most for each in numbers), *map(self._few(most), self._sorts)]

    def _few(self, most: int) -> Callable[[Sort], Truth]:
        def few(sort: Sort) -> Truth:
            some = [Element(z3.FreshConst(self._sort(sort), sort)) for _ in range(most)]
            return self.every(
                sort, have=lambda it: Truth(z3.Or([(it == one).term for one in some]))
            )

        return few

    def positive(self) -> list[Truth]:
        """Return what makes an example telling: that no number is 0."""
        return [each >= 1 for each in self._numbers.values()]

    def example(self, model: Any) -> Example:
        """Return in plain numbers and names what the solver has found."""
        named = {sort: self._names(model, sort) for sort in self._sorts}
        called = {str(term): name for names in named.values() for name, term in names.items()}

        def value(term: Any) -> Any:
            return model.eval(term, model_completion=True)

        return Example(
            {name: value(number.term).as_long() for name, number in self._numbers.items()},
            {k: v for each in self._universes.items() for k, v in _groups(*each, value).items()},
            {sort: tuple(names) for sort, names in named.items()},
            {name: called[str(value(each.term))] for name, each in self._elements.items()},
            {name: _rows(table, named, value) for name, table in self._tables.items()},
        )

    def _names(self, model: Any, sort: Sort) -> dict[str, Any]:
        """Return the things of a sort in a model, by names of ours, in their order."""
        found = model.get_universe(self._sort(sort))
        every = found or [model.eval(z3.Const("any", self._sort(sort)), model_completion=True)]
        things = sorted(every, key=str)
        if sort in self._orders:
            before = self._orders[sort]
            things = sorted(
                things, key=lambda it: sum(z3.is_true(model.eval(before(o, it))) for o in things)
            )
        return {f"{sort[0]}{place}": thing for place, thing in enumerate(things)}


def _marks(region: Region) -> str:
    return "".join("+" if inside else "-" for inside in region)


def _groups(name: str, universe: _Universe, value: Callable[[Any], Any]) -> dict[str, Group]:
    """Return the sets of a universe: region by region its things get their names."""
    things: list[tuple[str, Region]] = []
    for region, count in universe.counts.items():
        for _ in range(value(count.term).as_long()):
            things.append((f"{universe.called}{len(things)}", region))
    groups = {name: Group(thing for thing, _ in things)}
    for place, subset in enumerate(universe.names):
        groups[subset] = Group(thing for thing, region in things if region[place])
    return groups


def _rows(
    table: Any, named: Mapping[Sort, Mapping[str, Any]], value: Callable[[Any], Any]
) -> frozenset[tuple[str, ...]]:
    columns = [named[str(table.domain(place))] for place in range(table.arity())]
    return frozenset(
        row
        for row in product(*columns)
        if z3.is_true(value(table(*(names[n] for names, n in zip(columns, row, strict=True)))))
    )
