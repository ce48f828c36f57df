"""One user's operation, from the call to the answer."""

from enum import Enum
from typing import Any

from attrs import field, frozen


@frozen(cache_hash=True)
class Operation:
    """An operation of a history.

    Attributes:
        process: who called it; a process calls one after the other.
        call: what was called, as a `Call` or whatever the object's step function takes.
        invoked: when, on any scale on which later is greater.
        returned: when it was answered; None if it never was. Then its outcome is unknown: it may
            have taken effect at any time since, may do so for ever after, or never.
        result: what the answer said; it means nothing without an answer.
        source: where it was read, for people.
    """

    process: Any
    call: Any
    invoked: float
    returned: float | None = None
    result: Any = None
    source: str = field(default="", eq=False)

    @property
    def is_known(self) -> bool:
        """Whether it was answered, so that its effect is certain and its result binds."""
        return self.returned is not None

    def precedes(self, other: "Operation") -> bool:
        """Return whether it was answered before `other` was called."""
        return self.returned is not None and self.returned < other.invoked


class Mark(Enum):
    """What stands where a result or a state is expected, and is none."""

    DONE = "done"
    REFUSED = "refused"


DONE = Mark.DONE
"""The answer that tells nothing: a write's."""

REFUSED = Mark.REFUSED
"""The state after an operation that cannot have had its result."""


def agrees(result: Any, seen: Any) -> bool:
    """Return whether an object that answers `result` may have been seen to answer `seen`.

    1 and True are two answers.
    """
    if result is DONE:
        return True
    same_type = isinstance(result, bool) is isinstance(seen, bool)
    return bool(same_type and result == seen)
