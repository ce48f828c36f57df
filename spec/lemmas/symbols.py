"""Numbers and truths that stand for all numbers and truths, and that nobody can guess.

A guard of the model is a plain function over numbers. Called with a `Number` it returns a `Truth`,
a formula: so what is proved is the very function that the protocol runs. That is so only as long as
the guard asks for nothing but +, −, × and comparisons, joined by & and |. A formula is neither true
nor false yet; `if`, `and`, `or`, `not`, `min` and `range` would silently take one of two ways, so
whoever asks for the truth of a symbol gets a `GuessError`.
"""

from typing import Any, Final, NoReturn

import z3


class GuessError(TypeError):
    """A guard has asked for what a symbol cannot tell; it is no guard that can be proved."""


class _Symbol:
    """A term of the solver.

    Attributes:
        term: what the solver calls it.
    """

    __slots__ = ("term",)
    __hash__ = None  # type: ignore[assignment]  # a set or a dictionary would compare symbols

    def __init__(self, term: Any) -> None:
        self.term: Final[Any] = term

    def __bool__(self) -> NoReturn:
        raise GuessError(
            f"{self.term} stands for many numbers, so it is neither true nor false. A guard that"
            " is to be proved is written with + - * and comparisons, joined by & and |; without"
            " if, and, or, not, min, max, range"
        )

    def __repr__(self) -> str:
        return str(self.term)


class Truth(_Symbol):
    """A formula: true of some numbers, perhaps, and false of others."""

    __slots__ = ()

    def __and__(self, other: "Truth | bool") -> "Truth":
        return Truth(z3.And(self.term, self._like(other)))

    def __or__(self, other: "Truth | bool") -> "Truth":
        return Truth(z3.Or(self.term, self._like(other)))

    __rand__, __ror__ = __and__, __or__

    def __invert__(self) -> "Truth":
        return Truth(z3.Not(self.term))

    def __eq__(self, other: object) -> NoReturn:
        raise GuessError("truths are joined by & and |, and not compared")

    __ne__ = __eq__
    __hash__ = None

    def _like(self, other: "Truth | bool") -> Any:
        match other:
            case Truth():
                return other.term
            case bool():
                return z3.BoolVal(other, self.term.ctx)
        raise GuessError(f"{other!r} is no truth")


class Number(_Symbol):
    """A whole number, whichever."""

    __slots__ = ()

    def __add__(self, other: "Number | int") -> "Number":
        return Number(self.term + self._like(other))

    def __sub__(self, other: "Number | int") -> "Number":
        return Number(self.term - self._like(other))

    def __rsub__(self, other: "Number | int") -> "Number":
        return Number(self._like(other) - self.term)

    def __mul__(self, other: "Number | int") -> "Number":
        """Return a multiple; a product of two symbols would be beyond what is decidable."""
        if isinstance(other, _Symbol):
            raise GuessError(f"{self.term} times {other} is a product of two unknowns")
        return Number(self.term * self._like(other))

    __radd__, __rmul__ = __add__, __mul__

    def _refused(self, *_: object) -> NoReturn:
        raise GuessError(f"a guard may add, subtract and multiply {self.term}, and no more")

    __floordiv__ = __rfloordiv__ = __truediv__ = __rtruediv__ = _refused
    __mod__ = __rmod__ = __pow__ = __rpow__ = __index__ = __abs__ = _refused

    def __eq__(self, other: object) -> Truth:  # type: ignore[override]
        return Truth(self.term == self._like(other))

    def __ne__(self, other: object) -> Truth:  # type: ignore[override]
        return Truth(self.term != self._like(other))

    __hash__ = None

    def __lt__(self, other: "Number | int") -> Truth:
        return Truth(self.term < self._like(other))

    def __le__(self, other: "Number | int") -> Truth:
        return Truth(self.term <= self._like(other))

    def __gt__(self, other: "Number | int") -> Truth:
        return Truth(self.term > self._like(other))

    def __ge__(self, other: "Number | int") -> Truth:
        return Truth(self.term >= self._like(other))

    def _like(self, other: object) -> Any:
        match other:
            case Number():
                return other.term
            case bool():
                pass
            case int():
                return z3.IntVal(other, self.term.ctx)
        raise GuessError(f"{other!r} is no whole number")


class Element(_Symbol):
    """A replica, a value, a view, whichever: all that can be asked is which one it is."""

    __slots__ = ()

    def __eq__(self, other: object) -> Truth:  # type: ignore[override]
        assert isinstance(other, Element)
        return Truth(self.term == other.term)

    def __ne__(self, other: object) -> Truth:  # type: ignore[override]
        assert isinstance(other, Element)
        return Truth(self.term != other.term)

    __hash__ = None


Said = Truth | bool
"""A claim: a formula about symbols, or the plain truth about plain numbers."""


def no(said: Said) -> Said:
    """Return the contrary; of a plain truth, too (`~True` is -2)."""
    return ~said if isinstance(said, Truth) else not said


def implies(premise: Said, conclusion: Said) -> Said:
    """Return whether the conclusion is true wherever the premise is."""
    return no(premise) | conclusion
