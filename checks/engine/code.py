"""The growing arrays in which answers stand."""

from collections.abc import Sequence

import numpy as np

from coterie.checks.component import Happening, Reaction
from coterie.checks.engine.buffers import IGNORED, REFUSED
from coterie.checks.engine.compiled import Codes

IGNORED_CODE = (-1,)


def _with_room(array: Codes, end: int) -> Codes:
    """Return `array`, twice as long or longer where it does not reach to `end`."""
    if end <= array.size:
        return array
    return np.concatenate([array, np.zeros(end, np.int32)])


class Code:
    """A growing array of answers; REFUSED and IGNORED are the places of two special ones."""

    def __init__(self) -> None:
        self.array: Codes = np.zeros(1 << 12, np.int32)
        self._end = IGNORED + 1
        self._known: dict[tuple[int, ...], int] = {(0,): REFUSED, IGNORED_CODE: IGNORED}

    @property
    def end(self) -> int:
        """How many numbers are in use."""
        return self._end

    def add(self, code: tuple[int, ...]) -> int:
        """Return where `code` stands, after adding it if it is new."""
        place = self._known.setdefault(code, self._end)
        if place == self._end:
            end = self._end + len(code)
            self.array = _with_room(self.array, end)
            self.array[self._end : end] = code
            self._end = end
        return place


class Labels:
    """What the reactions to `ACT` are called: for each, the number of its cause.

    Attributes:
        array: the numbers, those of one answer after the other.
        causes: what a number stands for.
    """

    def __init__(self) -> None:
        self.array: Codes = np.zeros(1 << 10, np.int32)
        self._end = 0
        self.causes: list[Happening | None] = []
        self._numbers: dict[Happening | None, int] = {}

    def add(self, reactions: Sequence[Reaction]) -> int:
        """Add the labels of an answer; return where they end."""
        end = self._end + len(reactions)
        self.array = _with_room(self.array, end)
        self.array[self._end : end] = [self.number(_cause(reaction)) for reaction in reactions]
        self._end = end
        return end

    def number(self, cause: Happening | None) -> int:
        """Return the number of a cause, a new one if it is new."""
        number = self._numbers.setdefault(cause, len(self.causes))
        if number == len(self.causes):
            self.causes.append(cause)
        return number


def _cause(reaction: Reaction) -> Happening | None:
    return reaction.happenings[0] if reaction.happenings else None
