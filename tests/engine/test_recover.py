"""Backward search over stored steps."""

from collections.abc import Iterable

import pytest
from attrs import frozen

from coterie.checks.engine import reference
from coterie.checks.engine.explore import explore
from coterie.checks.world import World
from coterie.model.machine import Event, Machine, Node, Outcome, Timeout
from coterie.spec.property import View, recoverable

NODE = Node("walker")


@frozen(cache_hash=True)
class Way(Timeout):
    """One of many ways to the same place."""

    number: int


@frozen
class Walker(Machine[int, None]):
    """Goes from 0 to 1 by so many ways."""

    ways: int

    def start(self, memory: None) -> Outcome[int]:
        return Outcome(0)

    def options(self, state: int) -> Iterable[Timeout]:
        return map(Way, range(self.ways)) if state == 0 else ()

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        return Outcome(1)


@recoverable
def arrives(world: View) -> bool:
    """The walker can arrive."""
    return bool(world[NODE] == 1)


@pytest.mark.parametrize("ways", [1, 255, 256, 257, 512])
def test_parallel_steps_do_not_cancel_each_other(ways: int) -> None:
    world = World({NODE: Walker(ways)})

    found = explore(world, [arrives])

    assert found.summary() == reference.explore(world, [arrives]).summary()
    assert found["arrives"].violations == 0
