"""Where an exploration stands between two levels, as a record and as JSON."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from coterie.checks.engine.compiled import Ints
from coterie.checks.engine.extent import Extent

Evidence = Mapping[str, Any]
Bounds = Sequence[tuple[int, int]]


@frozen(eq=False)
class Point:
    """The moment after a level was finished: all that was known then is a beginning of what is now.

    Attributes:
        starts: the numbers of the starting states.
        levels: the finished levels, by shard; they may be more by now.
        finished: how many of these levels count.
        frontier: the level that comes next.
        transitions: the steps of the finished levels.
        steps: how many batches of steps were recorded.
        pace: how the work was cut into batches, so that it is cut the same way again.
        cut: how many states symmetry has cut short.
        notes: how many evaluations of claims were noted.
        extent: how far the answers had come.
        evidence: what each inquiry had found.
    """

    starts: Ints
    levels: Sequence[Bounds]
    finished: int
    frontier: Bounds
    transitions: int
    steps: int
    pace: tuple[int, int]
    cut: int
    notes: int
    extent: Extent
    evidence: tuple[Evidence, ...]

    def as_data(self) -> dict[str, Any]:
        """Return this as JSON data, without the steps and the questions."""
        return {
            "starts": _encoded(self.starts),
            "levels": [list(level) for level in self.levels[: self.finished]],
            "frontier": list(self.frontier),
            "transitions": self.transitions,
            "pace": list(self.pace),
            "cut": self.cut,
            "values": self.extent.values,
            "code": self.extent.code,
            "bits": self.extent.bits,
            "evidence": [
                {name: _encoded(value) for name, value in each.items()} for each in self.evidence
            ],
        }


@frozen(eq=False)
class Resumed:
    """Where an exploration goes on.

    Attributes:
        starts: the numbers of the starting states.
        levels: the levels that were finished.
        frontier: the level that comes next.
    """

    starts: Ints
    levels: list[Bounds]
    frontier: Bounds


def bounds(data: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Return a level that was written as JSON."""
    return [(int(begin), int(end)) for begin, end in data]


def evidence(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an inquiry had found, given how it was written as JSON."""
    return {name: decoded(value) for name, value in data.items()}


def _encoded(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [value.dtype.str, b64encode(np.ascontiguousarray(value).tobytes()).decode()]
    return value


def decoded(value: Any) -> Any:
    """Return a number, or the array that was written as its kind and its bytes."""
    if isinstance(value, list):
        kind, text = value
        return np.frombuffer(b64decode(text), kind).copy()
    return value
