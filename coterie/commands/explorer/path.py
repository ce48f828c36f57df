"""A path through a world by the numbers of its steps: short enough to stand in an address.

A step's number is its place among `World.successors`, which always come in the same order. Since
the numbers alone would lead somewhere in another version of a model too, an address carries a seal
with them: two letters a step, made from what happens in it.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from attrs import evolve, field, frozen

STEPS_MOST = 2000
START_SEAL, STEP_SEAL = 4, 2
_SEAL = re.compile("[0-9a-f]*")


class NoPathError(Exception):
    """What stands in an address says no path at all."""


@frozen
class Path:
    """Steps from a start, and where on them one stands.

    Attributes:
        start: which of the starting states.
        steps: for each step its place among the steps that are possible there.
        at: how many of the steps were taken to where one stands; the others are ahead.
        loop: where the path goes on for ever, as in `Trace`; None where it just ends.
        seal: what tells this path from one with the same numbers in another world; empty where
            nobody has sealed it.
    """

    start: int = 0
    steps: tuple[int, ...] = ()
    at: int = field()
    loop: int | None = None
    seal: str = ""

    @at.default
    def _at_the_end(self) -> int:
        return len(self.steps)

    def to(self, at: int) -> "Path":
        """Return the same path, standing after so many steps."""
        return evolve(self, at=at)

    def then(self, number: int) -> "Path":
        """Return the path after one more step; what was ahead stays when it is the same."""
        if self.steps[self.at : self.at + 1] == (number,):
            return self.to(self.at + 1)
        return Path(self.start, (*self.steps[: self.at], number))

    def until(self, at: int) -> "Path":
        """Return the path that ends after so many steps."""
        return Path(self.start, self.steps[:at])

    @property
    def address(self) -> str:
        """The path as the query of an address."""
        parts = {
            "start": str(self.start) if self.start else "",
            "steps": ".".join(map(str, self.steps)),
            "at": str(self.at) if self.at < len(self.steps) else "",
            "loop": "" if self.loop is None else str(self.loop),
            "seal": self.seal,
        }
        return urlencode({name: text for name, text in parts.items() if text})


def parsed(query: Mapping[str, str]) -> Path:
    """Return the path that an address says.

    Raises: NoPathError.
    """
    steps = tuple(_number(each, "steps") for each in query.get("steps", "").split(".") if each)
    if len(steps) > STEPS_MOST:
        raise NoPathError(f"It has {len(steps):,} steps, and {STEPS_MOST:,} are the most.")
    at = _number(query["at"], "at") if query.get("at") else len(steps)
    loop = _number(query["loop"], "loop") if query.get("loop") else None
    if at > len(steps) or (loop or 0) > len(steps):
        raise NoPathError(f"It has {len(steps):,} steps, but names one that comes after them.")
    seal = query.get("seal", "")
    if not _SEAL.fullmatch(seal):
        raise NoPathError("Its seal is none: one has the digits 0 to 9 and the letters a to f.")
    return Path(_number(query.get("start") or "0", "start"), steps, at, loop, seal)


def _number(text: str, what: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise NoPathError(f"It says {what}={text[:40]}, where only numbers may stand.")
    return int(text)
