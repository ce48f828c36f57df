"""The kernel: what a protocol is made of.

A protocol's role is a `Machine`: frozen parameters and five pure functions. What happens to a
node is an `Event`, what the node asks for is an `Effect`, and one `step` turns the first into the
second. Nothing here knows of sockets, clocks, disks or random numbers, so the very same step can be
explored exhaustively, fuzzed, simulated and run.

A machine keeps these laws; `coterie.checks.laws` tests them on every machine of the catalogue:

* deterministic: the same state and event give the same outcome;
* pure: the inputs are unchanged, and there is no I/O;
* canonical: equal states are written alike, so nothing hides from `==` or hangs on a set's order;
* recorded: folding a step's `Record`s over the memory before it gives the memory after it;
* closed: what is over stays over, and a message about it changes nothing.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from attrs import field, frozen

State = TypeVar("State")
Memory = TypeVar("Memory")


@frozen(order=True, cache_hash=True)
class Node:
    """A participant's name: its role in the protocol, and which of that role, counted from 0."""

    role: str
    index: int = 0

    def __str__(self) -> str:
        return f"{self.role}{self.index}"


@frozen(cache_hash=True)
class Receive:
    """A message has arrived from `sender`; channels are authenticated, so that is true."""

    sender: Node
    message: Any


@frozen(cache_hash=True)
class Invoke:
    """A user of this node calls an operation."""

    operation: Any


@frozen(cache_hash=True)
class Timeout:
    """A timer, or any other spontaneous choice: subclass it, and put the choice into the fields."""


Event = Receive | Invoke | Timeout


@frozen(cache_hash=True)
class Send:
    """Ask the network to carry `message` to node `to`."""

    to: Node
    message: Any


@frozen(cache_hash=True)
class Return:
    """Complete the `Invoke` that is under way with `result`."""

    result: Any


@frozen(cache_hash=True)
class Deliver:
    """Hand `item` to the application above this node."""

    item: Any


@frozen(cache_hash=True)
class Record:
    """Change durable memory: a row inserted, a log entry appended."""

    change: Any


@frozen(cache_hash=True)
class Halt:
    """Stop this node: it is down from now on, with its durable memory, as after a crash."""


Effect = Send | Return | Deliver | Record | Halt


def _in_order(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    return tuple(effects)


@frozen
class Outcome(Generic[State]):
    """The next state and, in order, what the node asks for; records are durable before the rest."""

    state: State
    effects: tuple[Effect, ...] = field(default=(), converter=_in_order)


class Machine(ABC, Generic[State, Memory]):
    """One role of a protocol: frozen parameters and five pure functions."""

    @abstractmethod
    def start(self, memory: Memory | None) -> Outcome[State]:
        """Boot: for the first time when `memory` is None, else recover from durable memory."""

    def options(self, state: State) -> Iterable[Timeout]:
        """Return the spontaneous events that may happen now, always in the same order."""
        del state
        return ()

    @abstractmethod
    def step(self, state: State, event: Event) -> Outcome[State] | None:
        """Return what `event` does to `state`, or None for "not now".

        Guard: total on `Receive`, for a socket cannot take a message back: an unwanted one is
            consumed and changes nothing. None answers only an `Invoke` or a `Timeout`.
        """

    def closed(self, state: State) -> frozenset[Any]:
        """Return the topics that are over: messages on them change nothing, ever after."""
        del state
        return frozenset()

    def topics(self, message: Any) -> Iterable[Any]:
        """Return what `message` is about: it is over once one of these is."""
        return (message,)

    def memory(self, state: State) -> Memory | None:
        """Return the part of `state` that survives a crash; None when nothing does."""
        del state
        return None

    def recorded(self, memory: Memory | None, change: Any) -> Memory | None:
        """Return the durable memory after one `Record(change)`."""
        machine = type(self).__name__
        raise TypeError(f"{machine} records {change!r} over {memory!r}, but defines no `recorded`")
