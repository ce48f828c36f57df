"""Symbols stand for numbers: they mean what numbers mean, and cannot be guessed."""

from collections.abc import Callable
from typing import Any

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.spec.lemmas.symbolic import Symbolic
from coterie.spec.lemmas.symbols import Element, GuessError, Number, Truth, implies, no

A, B = Number(z3.Int("a")), Number(z3.Int("b"))
small = st.integers(-9, 9)
Binary = Callable[[Any, Any], Any]
NUMBERS: list[Binary] = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: 3 * x + y * 2 - 1,
    lambda x, y: 4 - x + (5 + y),
]
TRUTHS: list[Binary] = [
    lambda x, y: x < y,
    lambda x, y: x <= y,
    lambda x, y: x > y,
    lambda x, y: x >= y,
    lambda x, y: x == y,
    lambda x, y: x != y,
    lambda x, y: x < 3,
    lambda x, y: (x < y) & (y < 3),
    lambda x, y: (x < y) | (y == 2),
    lambda x, y: True & (x < y),
    lambda x, y: (x < y) | False,
    lambda x, y: no(x < y),
    lambda x, y: implies(x < y, x < 2),
]


def value(symbol: Any, a: int, b: int) -> Any:
    """Return what a symbol comes to when a and b are these numbers."""
    found = z3.simplify(z3.substitute(symbol.term, (A.term, z3.IntVal(a)), (B.term, z3.IntVal(b))))
    return found.as_long() if isinstance(symbol, Number) else z3.is_true(found)


@given(st.sampled_from(NUMBERS + TRUTHS), small, small)
def test_a_symbol_comes_to_what_plain_numbers_come_to(function: Binary, a: int, b: int) -> None:
    assert value(function(A, B), a, b) == function(a, b)


GUESSES: dict[str, Callable[[Any], Any]] = {
    "if": lambda n: 1 if n > 2 else 0,
    "and": lambda n: n > 2 and n < 5,
    "or": lambda n: n > 2 or n < 5,
    "not": lambda n: not n > 2,
    "chained": lambda n: 2 < n < 5,
    "bool": bool,
    "min": lambda n: min(n, 3),
    "max": lambda n: max(3, n),
    "in": lambda n: n in (1, 2),
    "sorted": lambda n: sorted([n, 3]),
    "floor": lambda n: n // 2,
    "floor of": lambda n: 7 // n,
    "remainder": lambda n: n % 2,
    "quotient": lambda n: n / 2,
    "power": lambda n: n**2,
    "abs": abs,
    "range": range,
    "int": int,
    "a product of unknowns": lambda n: n * n,
    "a fraction": lambda n: n + 0.5,
    "a truth as a number": lambda n: n + True,
    "a comparison of truths": lambda n: (n > 2) == (n > 3),
    "a truth and a number": lambda n: (n > 2) & 1,
    "match": lambda n: [_matched(n)],
    "a set": lambda n: {n},
}


def _matched(number: Any) -> str:
    match number:
        case 0:
            return "none"
        case _:
            return "some"


@pytest.mark.parametrize("guess", GUESSES.values(), ids=GUESSES)
def test_whoever_guesses_is_told(guess: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError):
        guess(A)


@pytest.mark.parametrize("symbol", [A, A > 1, Element(z3.Const("e", z3.DeclareSort("sort")))])
def test_the_truth_of_a_symbol_is_not_to_be_had(symbol: Any) -> None:
    with pytest.raises(GuessError, match="neither true nor false"):
        bool(symbol)


def test_the_error_says_how_a_guard_is_written() -> None:
    with pytest.raises(GuessError, match=r"joined by & and \|"):
        min(A, B)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.booleans()] * 3), max_size=9))
def test_regions_are_counted_like_things(things: list[tuple[bool, ...]]) -> None:
    symbolic = Symbolic()
    whole, *sets = symbolic.sets("all", len(things), "one", "two", "three")
    one, two, three = sets
    plain = [{place for place, thing in enumerate(things) if thing[k]} for k in range(3)]
    solver = z3.Solver(ctx=symbolic.context)
    solver.add(*(each.term for each in symbolic.definitions))
    for region, count in whole.counts.items():
        solver.add((count == things.count(region)).term)

    expected = [
        (whole.size, len(things)),
        ((one & two).size, len(plain[0] & plain[1])),
        ((one | three).size, len(plain[0] | plain[2])),
        ((whole - two - one).size, len(things) - len(plain[0] | plain[1])),
        ((one & two - three).size, len(plain[0] & plain[1] - plain[2])),
    ]

    solver.add(z3.Or([(Truth((found != plainly).term)).term for found, plainly in expected]))
    assert solver.check() == z3.unsat
