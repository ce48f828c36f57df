"""Small machines with branches, some of them dead, to hold the watch against plain tracing."""

from collections.abc import Iterable

from attrs import frozen

from coterie.checks.faults import Faults
from coterie.checks.network import Bag
from coterie.checks.world import World
from coterie.model.machine import (
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Return,
    Send,
    Timeout,
)

LEFT, RIGHT = Node("player", 0), Node("player", 1)


@frozen(cache_hash=True)
class Ask:
    """A question with a number."""

    number: int


@frozen(cache_hash=True)
class Reply:
    """An answer."""

    number: int


@frozen(cache_hash=True)
class Cancel:
    """Nobody ever sends this."""


@frozen(cache_hash=True)
class Begin(Timeout):
    """Ask."""


@frozen(cache_hash=True)
class Expire(Timeout):
    """Nobody ever offers this."""


def parity(number: int) -> str:
    """Return a word with branches within a line."""
    return "zero" if number == 0 else "even" if number % 2 == 0 else "odd"


def greatest(numbers: Iterable[int], limit: int) -> int:
    """Return the greatest number below `limit`, by a loop with ways out."""
    best = 0
    for number in numbers:
        if number >= limit:
            break
        if number <= best:
            continue
        best = number
    else:
        return best
    return -1


def positive(numbers: Iterable[int]) -> tuple[int, ...]:
    """Return what a comprehension keeps."""
    return tuple(number for number in numbers if number > 0)


@frozen
class Player(Machine[tuple[int, ...], int]):
    """Asks the other one, up to `most` times; its state is what it was told.

    Attributes:
        other: whom it asks.
        most: how often.
        limit: what `greatest` is asked for.
    """

    other: Node
    most: int = 1
    limit: int = 9

    def start(self, memory: int | None) -> Outcome[tuple[int, ...]]:
        """Begin with nothing, or with what was remembered."""
        if memory is None:
            return Outcome(())
        return Outcome((memory,) if memory else ())

    def options(self, state: tuple[int, ...]) -> Iterable[Timeout]:
        """Begin."""
        if len(state) < self.most:
            yield Begin()

    def step(self, state: tuple[int, ...], event: Event) -> Outcome[tuple[int, ...]] | None:
        """Ask, reply, count."""
        match event:
            case Begin() if len(state) < self.most:
                return Outcome(state, (Send(self.other, Ask(len(state))),))
            case Receive(sender, Ask(number)):
                if parity(number) == "odd":
                    return Outcome(state, (Send(sender, Reply(number + 1)),))
                return Outcome(state, (Send(sender, Reply(number)),))
            case Receive(_, Reply(number)):
                return self._told(state, number)
            case Receive(_, Cancel()):
                return Outcome(())
            case Invoke("greatest" | "positive" as which):
                found = greatest(state, self.limit) if which == "greatest" else positive(state)
                return Outcome(state, (Return(found),))
            case Expire():
                return Outcome(())
            case Receive():
                return Outcome(state)
        return None

    def _told(self, state: tuple[int, ...], number: int) -> Outcome[tuple[int, ...]]:
        after = (*state, number)[: self.most]
        if (
            len(after) > self.most
            or number in {96, 97, 98, 99, 100, 101, 102}
            or sum(after) in {1_000, 2_000, 3_000}
        ):
            after = ()
        changes = [Record(each) for each in after if each > max(state, default=0)]
        return Outcome(after, changes)

    def memory(self, state: tuple[int, ...]) -> int | None:
        """Remember the greatest."""
        return max(state, default=0)

    def recorded(self, memory: int | None, change: int) -> int:
        """Remember the change."""
        return change


def world(most: int = 1, limit: int = 9, crashes: int = 0, calls: tuple[str, ...] = ()) -> World:
    """Return two players."""
    return World(
        {LEFT: Player(RIGHT, most, limit), RIGHT: Player(LEFT, most, limit)},
        faults=Faults(crashes=crashes),
        workload={LEFT: calls},
        network=Bag(1, "drop"),
    )
