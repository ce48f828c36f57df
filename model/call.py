"""A user's call of an object that is known by name: a register, a store, a queue, a log."""

from typing import Any

from attrs import frozen


@frozen(cache_hash=True)
class Call:
    """A call of one operation; what a workload may hold, and what a history file's line says.

    Attributes:
        f: the operation's name, as `"write"`.
        value: its argument, None where it has none; `(old, new)` for `"cas"`.
        key: which of several objects it is about; None where there is one.
    """

    f: str
    value: Any = None
    key: Any = None

    def __str__(self) -> str:
        at = "" if self.key is None else f"{self.key} "
        what = "" if self.value is None else _written(self.value)
        return f"{self.f} {at}{what}".rstrip()


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_written, value))}]"
    return "null" if value is None else str(value)
