"""States made canonical, many at once: the kernel works, and Python answers what it asks."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from coterie.checks.engine.answers import Answers
from coterie.checks.engine.compiled import Ints, Words, kernel
from coterie.checks.engine.crew import Crew
from coterie.checks.engine.layout import Layout
from coterie.checks.engine.symmetry.canonical import (
    ASKED,
    CUT,
    RETRIES,
    TRIES_MOST,
    canonicalise,
    room,
)
from coterie.checks.engine.symmetry.tables import Book
from coterie.checks.world import World


class Orbits:
    """Says which of the states that differ only in names stands for them all.

    Attributes:
        cut: how many states had too many ties, so that not all renamings were tried; two states of
            one orbit may then both be kept, which makes the search longer, and wrong in nothing.
    """

    def __init__(self, world: World, answers: Answers, crew: Crew) -> None:
        self.book = Book(world, answers)
        self.cut = 0
        self._crew = crew
        self._slots = len(world.components)

    def canonicalise(self, parts: Sequence[Ints]) -> None:
        """Replace every state of `parts`, a row of numbers, by the one that stands for it.

        Effect: values that were never met before may have got numbers.
        """
        rooms = [room(self._slots, len(self.book), len(part)) for part in parts]
        todo = [np.arange(len(part)) for part in parts]
        while any(map(len, todo)):
            tables = self.book.tables()
            for each in rooms:
                each.counts[:] = 0
            self._crew.all(
                partial(canonicalise, part, rest, tables, at)
                for part, rest, at in zip(parts, todo, rooms, strict=True)
            )
            self.cut += sum(int(each.counts[CUT]) for each in rooms)
            todo = [each.retry[: each.counts[RETRIES]].copy() for each in rooms]
            asked = [each.questions[: each.counts[ASKED]] for each in rooms]
            self.book.answer(np.unique(np.concatenate(asked), axis=0))

    def __str__(self) -> str:
        blocks = (f"{len(block)} {block[0].role}s" for block in self.book.blocks)
        text = f"symmetry: states that differ only in who is who among {' and '.join(blocks)}"
        if self.cut:
            text += f" (in {self.cut:,} cases, after {TRIES_MOST} ways to name them)"
        return f"{text} are counted as one"


def numbers_in(rows: Words, layout: Layout) -> Ints:
    """Return the number in every slot of packed rows."""
    states: Ints = np.empty((len(rows), layout.word.size), np.int64)
    _unpack(rows, layout.word, layout.shift, layout.mask, states)
    return states


@kernel
def _unpack(rows: Words, word: Ints, shift: Words, mask: Words, states: Ints) -> None:
    """Write the number in every slot of each packed row."""
    for i in range(rows.shape[0]):
        for slot in range(word.size):
            states[i, slot] = np.int64((rows[i, word[slot]] >> shift[slot]) & mask[slot])
