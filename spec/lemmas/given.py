"""What a lemma speaks of: numbers, sets of replicas, and relations between things.

A lemma is a function of a `Given`, and asks it for all that it is about. Asked of symbols, it gives
formulas about all numbers and sets; asked of an example, it says whether it is true of that. So an
example that refutes a lemma can be looked at without the solver, by the lemma itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from attrs import frozen

from coterie.spec.lemmas.symbols import Said

Guard = Callable[..., Any]
"""A function of the model over plain numbers: a threshold, or a condition."""

Sort = str
"""A kind of things: replicas, values, views."""


@frozen
class Relation:
    """What is true of some tuples of things: a table that any row may be looked up in.

    Attributes:
        holds: whether a row is in it.
    """

    holds: Callable[..., Said]

    def __call__(self, *row: Any) -> Said:
        """Return whether the row is in it."""
        return self.holds(*row)

    def adding(self, *new: Any) -> "Relation":
        """Return this relation with one row more."""
        return self.adding_where(lambda *row: all_of(a == b for a, b in zip(row, new, strict=True)))

    def adding_where(self, test: Callable[..., Said]) -> "Relation":
        """Return this relation with all the rows more of which `test` is true."""
        return Relation(lambda *row: self(*row) | test(*row))


NOTHING = Relation(lambda *_: False)


def all_of(said: Any) -> Said:
    """Return whether each is true."""
    together: Said = True
    for each in said:
        together = together & each
    return together


class Given(ABC):
    """Whatever a lemma asks for exists under that name; asked twice, it is the same."""

    @abstractmethod
    def natural(self, name: str) -> Any:
        """Return a number from 0 on."""

    @abstractmethod
    def sets(self, universe: str, size: Any, *names: str, called: str = "r") -> tuple[Any, ...]:
        """Return a set of `size` things, then subsets of it, each with its `size` and & | -.

        Attributes:
            universe: the name of the whole set.
            size: how many things there are.
            names: the names of the subsets, which may overlap in any way.
            called: what to call the things in an example: r0, r1, and so on.
        """

    @abstractmethod
    def element(self, name: str, sort: Sort) -> Any:
        """Return something of that sort."""

    @abstractmethod
    def relation(self, name: str, *sorts: Sort) -> Relation:
        """Return a relation between things of these sorts, whichever."""

    @abstractmethod
    def order(self, name: str, sort: Sort) -> Relation:
        """Return a total order: which thing is before which."""

    @abstractmethod
    def every(self, *sorts: Sort, have: Callable[..., Said]) -> Said:
        """Return whether all things of these sorts have what is said."""

    @abstractmethod
    def some(self, *sorts: Sort, have: Callable[..., Said]) -> Said:
        """Return whether some things of these sorts have what is said."""
