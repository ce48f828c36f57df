"""A machine at work: its state, and the turns in which it takes steps.

A turn takes what has arrived, in order, one step each, and lets the options act whose time has
come. What the steps record becomes durable together, before anything that they send leaves: one
commit a turn, however many steps it has. Nothing here waits, reads a clock or touches a disk;
whoever drives a core does that, be it the real node or a simulated one.
"""

from collections.abc import Iterable
from typing import Any

from attrs import define, frozen

from coterie.model.machine import Effect, Event, Halt, Machine, Record, Timeout


@frozen
class Boot:
    """A machine has started, as a step of its own.

    Attributes:
        memory: what it has found on its disk; None at the first start.
    """

    memory: Any


@frozen
class Step:
    """One step, as it was taken.

    Attributes:
        cause: the event, or the start.
        effects: what the step asked for, in order.
    """

    cause: Event | Boot
    effects: tuple[Effect, ...]


@define
class Core:
    """A machine and its present state.

    Attributes:
        machine: whose steps are taken.
        state: the present one; None before `boot`.
        halted: whether the machine has asked to be stopped; then it takes no more steps.
    """

    machine: Machine[Any, Any]
    state: Any = None
    halted: bool = False

    def boot(self, memory: Any) -> Step:
        """Start, for the first time or from what is on the disk."""
        outcome = self.machine.start(memory)
        self.state, self.halted = outcome.state, False
        return self._taken(Boot(memory), outcome.effects)

    def step(self, event: Event) -> Step | None:
        """Take one step; None where the machine says "not now", or has halted."""
        outcome = None if self.halted else self.machine.step(self.state, event)
        if outcome is None:
            return None
        self.state = outcome.state
        return self._taken(event, outcome.effects)

    def turn(self, events: Iterable[Event]) -> list[Step]:
        """Take a step for each event that the machine does not refuse."""
        steps = map(self.step, events)
        return [step for step in steps if step is not None]

    def options(self) -> Iterable[Timeout]:
        """Return what may happen by itself now."""
        return () if self.halted else self.machine.options(self.state)

    def _taken(self, cause: Event | Boot, effects: tuple[Effect, ...]) -> Step:
        self.halted = any(isinstance(effect, Halt) for effect in effects)
        return Step(cause, effects)


def changes(steps: Iterable[Step]) -> list[Any]:
    """Return what these steps record, in order."""
    return [
        effect.change for step in steps for effect in step.effects if isinstance(effect, Record)
    ]


def others(steps: Iterable[Step]) -> list[Effect]:
    """Return what these steps ask for besides, in order: it waits until the records are durable."""
    return [effect for step in steps for effect in step.effects if not isinstance(effect, Record)]
