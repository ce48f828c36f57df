"""Judging states: the kernel walks the decision trees, and Python grows them where they end."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from coterie.checks.engine.compiled import Flags, Ints, Words
from coterie.checks.engine.forest import Forest
from coterie.checks.engine.space import Space
from coterie.checks.engine.symmetry.truths import Evaluated
from coterie.checks.engine.trees import ASKED, judge
from coterie.spec.property import Kind, Property

Truth = NDArray[np.bool_]

CHUNK = 1 << 20
ASKED_MOST = 256


@frozen
class Question:
    """What is asked of states: a claim, as trees that say it of one tuple of nodes each.

    Attributes:
        first: the first of the trees.
        last: one more than the last of them.
        any_suffices: whether the claim is true where one tree says so, not only where all do.
    """

    first: int
    last: int
    any_suffices: bool = False

    def each(self) -> list["Question"]:
        """Return the question for every tree on its own."""
        return [Question(tree, tree + 1) for tree in range(self.first, self.last)]


def chunks(begin: int, end: int) -> Iterator[Ints]:
    """Yield the states from `begin` to `end`, in chunks to be judged at once."""
    for first in range(begin, end, CHUNK):
        yield np.arange(first, min(end, first + CHUNK))


class Judge:
    """Says of which states (or steps) a claim is true.

    Attributes:
        questions: one for each claim.
    """

    def __init__(self, space: Space, claims: Sequence[Property]) -> None:
        self._space = space
        self._evaluated: list[tuple[int, list[list[int]]]] = []
        self._forest = Forest(space.world, claims, space.answers)
        self.questions = [
            Question(*span, claim.kind is Kind.REACHABLE)
            for span, claim in zip(self._forest.spans, claims, strict=True)
        ]

    @property
    def calls(self) -> int:
        """How often Python has evaluated a claim."""
        return self._forest.calls

    def is_constant(self, question: Question) -> bool:
        """Return whether the answer is known without reading anything of a state."""
        return self._forest.is_constant(question.first, question.last)

    def states(self, question: Question, states: Ints, others: Words | None = None) -> Truth:
        """Return the answer at each state (or for each step to the row in `others`)."""
        rows = np.empty((0, self._space.store.width), np.uint64) if others is None else others
        truth: Flags = np.full(len(states), ASKED, np.uint8)
        size = -(-len(states) // self._space.store.shards) or 1
        spans = [slice(first, first + size) for first in range(0, len(states), size)]
        asked = [np.empty((ASKED_MOST, 2), np.int64) for _ in spans]
        while True:
            jobs = [
                partial(self._judge, question, states[span], rows[span], truth[span], open_)
                for span, open_ in zip(spans, asked, strict=True)
            ]
            counts = self._space.crew.all(jobs)
            if not any(counts):
                return np.asarray(truth == 1, np.bool_)
            for span, open_, count in zip(spans, asked, counts, strict=True):
                for place, tree in open_[:count].tolist():
                    self._grow(tree, states[span][place], rows[span][place : place + 1])

    def _judge(
        self, question: Question, states: Ints, others: Words, truth: Flags, asked: Ints
    ) -> int:
        store, trees = self._space.store, self._forest.trees()
        span = (question.first, question.last, question.any_suffices)
        return judge(trees, *span, store.rows, states, others, store.layout, truth, asked)

    def _grow(self, tree: int, state: int, others: Words) -> None:
        rows = [self._space.store.rows[state], *others]
        states = [self._space.unpacked(row) for row in rows]
        self._forest.evaluate(tree, *states)
        if self._space.orbits:
            self._evaluated.append((tree, states))

    @property
    def notes(self) -> Sequence[tuple[int, list[list[int]]]]:
        """The trees and the states that were noted, as numbers; nobody changes what is in it."""
        return self._evaluated

    def evaluate_again(self, notes: Iterable[tuple[int, list[list[int]]]]) -> None:
        """Evaluate claims where they were evaluated before."""
        for tree, states in notes:
            self._forest.evaluate(tree, *states)
            self._evaluated.append((tree, states))

    def evaluated(self) -> Iterator[Evaluated]:
        """Yield what the claims were evaluated for; noted only where there is symmetry."""
        for tree, states in self._evaluated:
            values = tuple(map(self._space.answers.values, states))
            yield Evaluated(*self._forest.instance(tree), values)
