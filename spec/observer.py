"""Observers: ghost variables that see what users and applications see."""

from collections.abc import Callable
from typing import Any

from attrs import frozen

from coterie.model.machine import Deliver, Invoke, Node, Return

Seen = Invoke | Return | Deliver


@frozen
class Observer:
    """A value that no node can read, kept for the argument's sake.

    Attributes:
        initial: the value at the start, hashable.
        observe: the next value, after `node` was called (`Invoke`), answered (`Return`) or handed
            something to its application (`Deliver`); a pure function.
    """

    initial: Any
    observe: Callable[[Any, Node, Seen], Any]
