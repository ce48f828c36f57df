"""Holding the model to its word: the same question has the same answer, and inputs stay unchanged.

A remembered answer is only right for a model that is a function. So some questions are asked twice
at once, the second time with copies that are equal but not identical, and some again at the end.
"""

import pickle
from collections.abc import Sequence
from typing import Any

from coterie.checks.canonical import canonical
from coterie.checks.component import Component, Reaction
from coterie.checks.errors import ModelError

FIRST = 64
EVERY = 16


class Audit:
    """Asks components, and asks a sample of the questions twice."""

    def __init__(self) -> None:
        self._asked = 0

    def reactions(self, component: Component, value: Any, stimulus: Any) -> Sequence[Reaction]:
        """Return the reactions of `component`; the first questions and every 16th are audited.

        Raises: ModelError where the model is wrong.
        """
        self._asked += 1
        if self._asked > FIRST and self._asked % EVERY:
            return tuple(component.react(value, stimulus))
        return self.compare(component, value, stimulus)

    def compare(self, component: Component, value: Any, stimulus: Any) -> Sequence[Reaction]:
        """Return the reactions, after asking twice and comparing.

        Raises: ModelError where the answers differ or the input was changed.
        """
        context = {"component": component, "value": value, "stimulus": stimulus}
        before = _text(value, stimulus)
        copies = _copied((value, stimulus))
        first = tuple(component.react(value, stimulus))
        if _text(value, stimulus) != before:
            raise ModelError("the model changed the state or the event that it was given", context)
        second = tuple(component.react(*copies))
        if first != second or _text(first) != _text(second):
            raise ModelError(
                "the model is not deterministic: asked twice, it gave two answers",
                {**context, "first answer": first, "second answer": second},
            )
        return first


def _text(*values: Any) -> str:
    try:
        return canonical(values)
    except TypeError as cause:
        raise ModelError(str(cause)) from cause


def _copied(values: tuple[Any, Any]) -> tuple[Any, Any]:
    """Return copies that are equal but not identical; the same where they cannot be made."""
    try:
        copies = pickle.loads(pickle.dumps(values))  # noqa: S301 (made in this very line)
    except Exception:  # noqa: BLE001 (whatever a user's class does when pickled)
        return values
    return copies if copies == values else values
