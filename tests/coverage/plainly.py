"""What the watch must find, by the plainest means: every step of every state, traced."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from attrs import evolve, field, fields, frozen
from hypothesis import assume

from coterie.checks.coverage.events import Kind, of_event
from coterie.checks.world import Values, World
from coterie.model.machine import Event, Machine, Outcome
from tests.strategies import Table


def every_state(world: World, most: int) -> set[Values]:
    """Return all reachable states, after every step of each of them."""
    found: set[Values] = set(world.initial())
    agenda = list(found)
    while agenda:
        for step in list(world.successors(agenda.pop())):
            if step.values not in found:
                found.add(step.values)
                agenda.append(step.values)
        assume(len(found) <= most)
    return found


@contextmanager
def lines_of(file: str) -> Iterator[set[tuple[str, int, int]]]:
    """Gather (function, line, next line) of everything that is executed in a file."""
    found: set[tuple[str, int, int]] = set()
    last: dict[FrameType, int] = {}

    def follow(frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        if frame.f_code.co_filename != file:
            return None
        if event == "line":
            if frame in last:
                found.add((frame.f_code.co_qualname, last[frame], frame.f_lineno))
            last[frame] = frame.f_lineno
        return follow

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        yield found
    finally:
        sys.settrace(before)


@frozen
class Logged(Table):
    """A table that writes down what it is asked.

    Attributes:
        log: for each kind of event whether anything ever came of it.
    """

    log: dict[Kind, bool] = field(kw_only=True, factory=dict, eq=False)

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        outcome = super().step(state, event)
        did = outcome is not None and outcome != Outcome(state)
        self.log[of_event(event)] = self.log.get(of_event(event), False) or did
        return outcome


def logged(world: World) -> tuple[World, dict[Kind, bool]]:
    """Return the world with machines that write into one log, and the log."""
    log: dict[Kind, bool] = {}
    names = [each.name for each in fields(Table)]
    machines: dict[Any, Machine[Any, Any]] = {
        node: Logged(**{name: getattr(machine, name) for name in names}, log=log)
        for node, machine in world.machines.items()
    }
    return evolve(world, machines=machines), log
