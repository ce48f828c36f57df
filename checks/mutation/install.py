"""Making a change live: the code of one function is exchanged, so every reference sees it."""

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from attrs import evolve, field, frozen

from coterie.checks.mutation.operators import Change
from coterie.checks.mutation.source import Function
from coterie.checks.world import World
from coterie.model.machine import Event, Machine, Outcome, Timeout

SECONDS_A_CALL = 2.0


class EndlessError(Exception):
    """A changed function does not come back."""


@frozen(eq=False)
class Mutant:
    """A function with one change.

    Attributes:
        function: the function.
        change: the change.
    """

    function: Function
    change: Change
    _code: CodeType = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Compile it."""
        object.__setattr__(self, "_code", self.function.compiled(self.change))

    @property
    def name(self) -> str:
        """The function and the change."""
        return f"{self.function.name}: {self.change.text}"

    @contextmanager
    def live(self) -> Iterator[None]:
        """Have the change made while this lasts; after it, come what may, all is as before."""
        function, before = self.function.live, self.function.live.__code__
        function.__code__ = self._code
        try:
            yield
        finally:
            function.__code__ = before

    def within(self, world: World) -> World:
        """Return `world` with machines that run the changed code.

        The world itself, its observers and its properties go on with the code as it was written.
        """
        return evolve(
            world,
            machines={node: Mutated(machine, self) for node, machine in world.machines.items()},
        )


@frozen(eq=False)
class Mutated(Machine[Any, Any]):
    """A machine that runs the code of a mutant.

    Attributes:
        machine: the machine.
        mutant: the change that is made while it runs.
    """

    machine: Machine[Any, Any]
    mutant: Mutant

    def start(self, memory: Any) -> Outcome[Any]:
        """Start the machine."""
        with self.mutant.live(), ending():
            return self.machine.start(memory)

    def options(self, state: Any) -> Iterable[Timeout]:
        """Return the machine's options."""
        with self.mutant.live(), ending():
            return tuple(self.machine.options(state))

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        """Let the machine take its step."""
        with self.mutant.live(), ending():
            return self.machine.step(state, event)

    def memory(self, state: Any) -> Any:
        """Return the machine's durable memory."""
        with self.mutant.live(), ending():
            return self.machine.memory(state)

    def recorded(self, memory: Any, change: Any) -> Any:
        """Let the machine write its memory."""
        with self.mutant.live(), ending():
            return self.machine.recorded(memory, change)


def _endless(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise EndlessError(f"it has run for {SECONDS_A_CALL:g} seconds of the processor's time")


@contextmanager
def ending() -> Iterator[None]:
    """Raise EndlessError where what is called takes more than two seconds, in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _endless)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS_A_CALL)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
