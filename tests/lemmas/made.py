"""Lemmas made for tests: good, wrong, empty, undecidable, and one that needs too much."""

from coterie.spec.lemmas.given import Given, Guard
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import Number, Truth


def is_enough(votes: int, b: int) -> bool:
    """Return whether b + 1 votes or more are there."""
    return votes >= b + 1


def is_guessed(votes: int, b: int) -> bool:
    """Return the same, in a way that cannot be proved."""
    return votes == max(votes, b + 1)


def _genuine(given: Given, is_enough: Guard, bound: int) -> Goal:
    b = given.natural("b")
    _, byzantine, votes = given.sets("node", 4 * b + 1, "Byzantine", "votes")
    return Goal(
        needs={
            "at most b are Byzantine": byzantine.size <= b,
            "enough vote": is_enough(votes.size, b),
        },
        claim=(votes - byzantine).size >= bound,
    )


@lemma(broken_by={"b votes": {"is_enough": lambda votes, b: votes >= b}})
def good(given: Given, is_enough: Guard = is_enough) -> Goal:
    """Enough votes include a correct one.

    Why: b of b + 1 may be Byzantine.
    """
    return _genuine(given, is_enough, 1)


@lemma()
def wrong(given: Given, is_enough: Guard = is_enough) -> Goal:
    """Enough votes include two correct ones."""
    return _genuine(given, is_enough, 2)


@lemma()
def guessed(given: Given, is_enough: Guard = is_guessed) -> Goal:
    """Enough votes include a correct one, by a guard that guesses."""
    return _genuine(given, is_enough, 1)


@lemma()
def demanding(given: Given) -> Goal:
    """What is more than 2 is more than 1, and it does not matter that it is odd."""
    n = given.natural("n")
    return Goal(needs={"n is large": n > 2, "n is not 4": n != 4}, claim=n > 1)


@lemma()
def empty(given: Given) -> Goal:
    """Where a number is less than itself, everything is true."""
    n = given.natural("n")
    return Goal(needs={"n is less than n": n < n - 1}, claim=n > 5)


@lemma()
def unknown(given: Given) -> Goal:
    """No two cubes add up to a third, as Euler showed: this is beyond the solver."""
    a, b, c = (given.natural(name) for name in "abc")
    assert isinstance(a, Number)
    cubes = Truth(a.term**3 + b.term**3 != c.term**3)
    return Goal(needs={"they are large": (a > 2) & (b > 2) & (c > 2)}, claim=cubes)
