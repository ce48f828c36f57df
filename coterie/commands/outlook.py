"""How an exploration goes on: what is known of the time that it will still take, and no more.

Nobody knows how many states there are before all are found, so there is no percentage. What can be
said is how long it takes to a limit at the rate so far; that what is found must still be expanded,
at no higher rate; and, while each level is smaller than the one before, where that would lead.
"""

from collections.abc import Mapping
from itertools import pairwise

from coterie.checks.result import Progress

_LEVELS = 3
_ALMOST = 0.98  # levels that shrink less than that may as well grow again


class Outlook:
    """What has been seen of one exploration, and what follows from it.

    Attributes:
        limits: `max_states` and `max_seconds`; None, or nothing, where there is none.
    """

    def __init__(self, limits: Mapping[str, float | None]) -> None:
        self.limits = limits
        self._levels: dict[int, int] = {}
        self._begun: dict[int, float] = {}

    def words(self, now: Progress) -> str:
        """Return what is to be expected after what is known `now`; nothing where nothing is."""
        self._levels[now.depth] = now.frontier
        self._begun.setdefault(now.depth, now.seconds)
        rate = now.states / now.seconds if now.seconds > 0 else 0.0
        if not rate:
            return ""
        to_limit, most = self._to_limit(now, rate), self._most(now, rate)
        if to_limit is not None and (most is None or to_limit < most):
            return f"at this rate {duration(to_limit)} to its limit"
        least = self._least(now, rate)
        return _at_least(least) if most is None else _between(min(least, most), most)

    def _to_limit(self, now: Progress, rate: float) -> float | None:
        """Return the seconds to the limit that comes first, if there is one."""
        states, seconds = self.limits.get("max_states"), self.limits.get("max_seconds")
        left = [(states - now.states) / rate] if states is not None else []
        left += [seconds - now.seconds] if seconds is not None else []
        return max(0.0, min(left)) if left else None

    def _least(self, now: Progress, rate: float) -> float:
        """Return the seconds that it takes to expand what is found, if all else led nowhere new."""
        expanded = (now.seconds - self._begun[now.depth]) * rate
        return (max(0.0, now.frontier - expanded) + now.beyond) / rate

    def _most(self, now: Progress, rate: float) -> float | None:
        """Return the seconds to the end, if levels went on shrinking as they do.

        None while they do not, so that there is nothing to go by.
        """
        levels = [self._levels.get(now.depth - back, 0) for back in range(_LEVELS)]
        if not all(levels):
            return None
        ratio = max(after / before for after, before in pairwise(levels))
        return now.frontier / (1 - ratio) / rate if ratio < _ALMOST else None


def duration(seconds: float) -> str:
    """Return a time as people say it, in no more digits than it deserves."""
    if seconds < 1:
        return "less than 1 s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.0f} h"


def _at_least(seconds: float) -> str:
    return "" if seconds < 1 else f"at least {duration(seconds)} more"


def _between(least: float, most: float) -> str:
    if duration(least) == duration(most):
        return f"about {duration(most)} more, if levels go on shrinking"
    low = "0" if least < 1 else duration(least).partition(" ")[0]
    unit = duration(most)
    same = duration(least).rpartition(" ")[2] == unit.rpartition(" ")[2]
    first = low if same else duration(least)
    return f"{first} to {unit} more, if levels go on shrinking"
