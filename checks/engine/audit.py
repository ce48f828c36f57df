"""Holding the model to its word: the same question has the same answer, and inputs stay unchanged.

A remembered answer is only right for a model that is a function. So some questions are asked twice
at once, the second time with copies that are equal but not identical, and some again at the end.
"""

import pickle
from collections.abc import Callable, Sequence
from typing import Any

from coterie.checks.canonical import canonical
from coterie.checks.component import Component, Reaction
from coterie.checks.errors import ModelError

Ask = Callable[[Component, Any, Any], Sequence[Reaction]]

FIRST, EVERY = 64, 16
LATER, SELDOM = 2048, 256


class Audit:
    """Says which questions are asked twice: the first ones, then every 16th, later every 256th."""

    def __init__(self) -> None:
        self._count = 0

    def sampled(self) -> Ask:
        """Return how to ask the next question: `compared` for a sample."""
        self._count += 1
        every = EVERY if self._count < LATER else SELDOM
        return plainly if self._count > FIRST and self._count % every else compared


def plainly(component: Component, value: Any, stimulus: Any) -> Sequence[Reaction]:
    """Return the reactions of `component`."""
    return tuple(component.react(value, stimulus))


def compared(component: Component, value: Any, stimulus: Any) -> Sequence[Reaction]:
    """Return the reactions, after asking twice and comparing.

    Raises: ModelError where the answers differ or the input was changed.
    """
    context = {"component": component, "value": value, "stimulus": stimulus}
    before = _text(value, stimulus)
    copies = _copied((value, stimulus))
    first = plainly(component, value, stimulus)
    if _text(value, stimulus) != before:
        raise ModelError("the model changed the state or the event that it was given", context)
    second = plainly(component, *copies)
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
