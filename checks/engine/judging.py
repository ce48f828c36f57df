"""Judging states: the kernel walks the decision trees, and Python grows them where they end."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from coterie.checks.engine.compiled import Flags, Ints, Words
from coterie.checks.engine.forest import Forest
from coterie.checks.engine.space import Space
from coterie.checks.engine.trees import ASKED, judge
from coterie.spec.property import Kind, Property

Truth = NDArray[np.bool_]

CHUNK = 1 << 20
ASKED_MOST = 256


class Judge:
    """Says of which states (or steps) a claim is true."""

    def __init__(self, space: Space, claims: Sequence[Property]) -> None:
        self._space, self._claims = space, claims
        self._forest = Forest(space.world, claims, space.answers)

    @property
    def calls(self) -> int:
        """How often Python has evaluated a claim."""
        return self._forest.calls

    def range(self, claim: int, begin: int, end: int) -> Iterator[tuple[Ints, Truth]]:
        """Yield the states `begin` to `end`, in chunks, each with the truth of the claim there."""
        for first in range(begin, end, CHUNK):
            states = np.arange(first, min(end, first + CHUNK))
            yield states, self.states(claim, states)

    def states(self, claim: int, states: Ints, others: Words | None = None) -> Truth:
        """Return the truth of the claim at each state (of each step to the row in `others`)."""
        shards = self._space.store.shards
        rows = (
            np.empty((len(states), self._space.store.width), np.uint64)
            if others is None
            else others
        )
        truth: Flags = np.full(len(states), ASKED, np.uint8)
        parts = np.array_split(np.arange(len(states)), shards)
        spans = [slice(int(p[0]), int(p[-1]) + 1) for p in parts if len(p)]
        asked = [np.empty((ASKED_MOST, 2), np.int64) for _ in spans]
        while True:
            jobs = [
                partial(self._judge, claim, states[span], rows[span], truth[span], questions)
                for span, questions in zip(spans, asked, strict=True)
            ]
            counts = self._space.crew.all(jobs)
            if not any(counts):
                return np.asarray(truth == 1, np.bool_)
            for span, questions, count in zip(spans, asked, counts, strict=True):
                for place, instance in questions[:count].tolist():
                    self._ask(
                        instance,
                        states[span][place],
                        None if others is None else others[span][place],
                    )

    def _judge(self, claim: int, states: Ints, others: Words, truth: Flags, asked: Ints) -> int:
        store = self._space.store
        some = self._claims[claim].kind is Kind.REACHABLE
        trees, span = self._forest.trees(), self._forest.spans[claim]
        return judge(trees, *span, some, store.rows, states, others, store.layout, truth, asked)

    def _ask(self, instance: int, state: int, other: Words | None) -> None:
        space = self._space
        numbers = [space.numbers(state)]
        if other is not None:
            numbers.append(space.unpacked(other))
        self._forest.evaluate(instance, *numbers)
