"""Where a run is not one of the model's, and why: data, which others put into words or JSON."""

from pathlib import Path
from typing import Any

from attrs import frozen

from coterie.impl.replay.differences import Difference

BROKEN = "the journal is not what a node has written"
MEMORY = "the memory found is not what the journal says was committed"
EVENT = "the event cannot happen in this state"
EFFECTS = "the model gives other effects"
UNSENT = "nobody sent this message"
REPEATED = "this message arrives twice, or out of order"
CYCLE = "messages were received before they can have been sent"
CLAIM = "a property does not hold"
ANSWERS = "one call was answered in two ways"


@frozen
class Place:
    """A line of a journal.

    Attributes:
        path: the file.
        line: which one, from 1.
    """

    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@frozen
class Side:
    """One of two things to be held against each other.

    Attributes:
        title: what it is, as `in the journal`.
        lines: what there is, a line each, of any length.
    """

    title: str
    lines: tuple[str, ...]


@frozen
class Divergence:
    """What is wrong, and where.

    Attributes:
        kind: one of the sentences above.
        node: whose journal tells of it.
        place: the line.
        cause: what happened there; empty where that cannot be read.
        difference: the first place where journal and model differ, if that is the matter.
        sides: what is to be compared.
        notes: what else is known, a sentence or more each.
    """

    kind: str
    node: str
    place: Place
    cause: str = ""
    difference: Difference | None = None
    sides: tuple[Side, ...] = ()
    notes: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return it as lists and scalars."""
        difference = self.difference
        return {
            "kind": self.kind,
            "node": self.node,
            "file": str(self.place.path),
            "line": self.place.line,
            "cause": self.cause,
            "difference": difference
            and {"path": difference.path, "journal": difference.one, "model": difference.other},
            "sides": {side.title: list(side.lines) for side in self.sides},
            "notes": list(self.notes),
        }


class DivergenceError(Exception):
    """A run is not one of the model's.

    Attributes:
        divergence: why not.
    """

    def __init__(self, divergence: Divergence) -> None:
        super().__init__(f"{divergence.place}: {divergence.kind}")
        self.divergence = divergence


class ReplayError(Exception):
    """A run cannot be held against the model at all; the text says why."""
