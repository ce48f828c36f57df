"""A file of one's own, as a user would write it: a counter, and checks with every answer."""

from typing import Any

from attrs import frozen

from coterie import (
    Check,
    Event,
    Machine,
    Node,
    Outcome,
    Receive,
    Timeout,
    View,
    World,
    always,
    reachable,
)

COUNTER = Node("counter")


@frozen(cache_hash=True)
class Tick(Timeout):
    """The counter counts."""


@frozen(cache_hash=True)
class Count:
    """How often it has ticked."""

    ticks: int = 0


@frozen
class Counter(Machine[Count, None]):
    """It counts up to a limit.

    Attributes:
        limit: where it ends; below zero where it never does.
        breaks: after how many ticks the model itself goes wrong.
    """

    limit: int
    breaks: int = -1

    def start(self, _: None) -> Outcome[Count]:
        return Outcome(Count())

    def options(self, state: Count) -> list[Timeout]:
        return [] if state.ticks == self.limit else [Tick()]

    def step(self, state: Count, event: Event) -> Outcome[Count] | None:
        if isinstance(event, Receive):
            return Outcome(state)
        if state.ticks == self.breaks:
            raise ValueError("the counter has jammed")
        return Outcome(Count(state.ticks + 1))


@always
def below_three(world: View) -> bool:
    """The counter stays below three.

    In symbols: ticks < 3.
    Why: it need not, which is the point.
    """
    return bool(world[COUNTER].ticks < 3)


@reachable
def two(world: View) -> bool:
    """The counter can show two."""
    return bool(world[COUNTER].ticks == 2)


def world(limit: int, **fields: Any) -> World:
    """Return a world with nothing but the counter."""
    return World({COUNTER: Counter(limit, **fields)})


BOTH = (below_three, two)
SOUND = Check("counters.sound", "It ends at two.", world, BOTH, {"limit": 2}, states=3)
WRONG = Check("counters.wrong", "It ends at four.", world, BOTH, {"limit": 4})
BROKEN = Check(
    "counters.broken",
    "It is known to be broken.",
    world,
    BOTH,
    small={"limit": 4},
    full={"limit": 9},
    refuted={"below_three": 3},
)
MENDED = Check(
    "counters.mended",
    "It should be broken.",
    world,
    BOTH,
    small={"limit": 2},
    refuted={"below_three": 3},
)
SHORT = Check("counters.short", "It cannot show two.", world, BOTH, {"limit": 1})
ENDLESS = Check("counters.endless", "It has no end.", world, (two, below_three), {"limit": -2})
JAMMED = Check("counters.jammed", "It jams.", world, BOTH, {"limit": 2, "breaks": 1})
PINNED = Check("counters.pinned", "Its pin is wrong.", world, BOTH, {"limit": 2}, states=7)
