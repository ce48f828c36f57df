"""What is said when the model itself is wrong."""

import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from coterie.checks.canonical import canonical

_OURS = str(Path(__file__).resolve().parent)


class ModelError(Exception):
    """The model (not the protocol) is at fault: the machine, event, state and line are named.

    Attributes:
        problem: what is wrong, in a sentence.
        where: the user's file and line, or None when no code of theirs was running.
    """

    def __init__(
        self, problem: str, context: dict[str, Any] | None = None, cause: Exception | None = None
    ) -> None:
        self.problem = problem
        self.where = user_line(cause) if cause else None
        lines = [problem]
        lines += [f"  {name}: {_shown(value)}" for name, value in (context or {}).items()]
        lines += [f"  at: {self.where}"] if self.where else []
        super().__init__("\n".join(lines))


def _shown(value: Any) -> str:
    try:
        return value if isinstance(value, str) else canonical(value)
    except TypeError:
        written = repr(value)
        return type(value).__qualname__ if f"{id(value):x}" in written else written


def definition(function: Callable[..., Any]) -> str:
    """Return `file:line in name` where the user has defined `function`."""
    while isinstance(function, partial):
        function = function.func
    code = getattr(function, "__code__", None)
    if code is None:
        return str(function)
    return f"{code.co_filename}:{code.co_firstlineno} in {code.co_qualname}"


def user_line(error: BaseException) -> str | None:
    """Return `file:line: source` of the innermost frame outside the checker, if there is one."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if "attr" in Path(frame.filename).parts or frame.filename.startswith("<"):
            continue
        if (
            not str(Path(frame.filename).resolve()).startswith(_OURS)
            or "catalogue" in frame.filename
        ):
            return f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line}"
    return None
