"""Networks: what a channel may do with the messages it was given.

A network kind is three pure functions over a channel's value; `ChannelComponent` adds to each kind
the same losses, duplications and crashes.
"""

from abc import ABC, abstractmethod
from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from attrs import evolve, frozen

from coterie.checks.canonical import canonical
from coterie.checks.component import (
    Act,
    Channel,
    Close,
    CloseAll,
    Component,
    Delivered,
    Duplicated,
    IsDown,
    Lost,
    Put,
    Reaction,
    Spend,
    Unwanted,
    Wanted,
)
from coterie.model.machine import Receive


@frozen
class Network(ABC):
    """A kind of channel; its value is a tuple of the messages it holds.

    Attributes:
        capacity: how many messages a channel holds; None for no limit.
        full: what a full channel does with one more: `"drop"` it, or `"block"` the step that would
            send it. Part of the statement that is checked.
    """

    capacity: int | None = None
    full: Literal["drop", "block"] = "block"

    @abstractmethod
    def put(self, held: tuple[Any, ...], message: Any) -> tuple[Any, ...]:
        """Return the channel's value after taking `message` in."""

    @abstractmethod
    def taken(self, held: tuple[Any, ...]) -> Iterable[tuple[Any, tuple[Any, ...]]]:
        """Return each message that may come out next, and the value that is left behind."""

    def lost(self, held: tuple[Any, ...]) -> Iterable[tuple[Any, tuple[Any, ...]]]:
        """Return each message that may be lost, and the value that is left behind."""
        return ((m, left) for m, left in self.taken(held) if left != held)

    def __str__(self) -> str:
        limit = "" if self.capacity is None else f" of {self.capacity}, full ones {self.full}"
        return f"{type(self).__name__}{limit}"


class Bag(Network):
    """A multiset: messages arrive once each, in any order."""

    def put(self, held: tuple[Any, ...], message: Any) -> tuple[Any, ...]:
        """Insert `message` at its place in the canonical order."""
        messages = list(held)
        insort(messages, message, key=canonical)
        return tuple(messages)

    def taken(self, held: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        """Yield each distinct message."""
        for place, message in enumerate(held):
            if place == 0 or held[place - 1] != message:
                yield message, held[:place] + held[place + 1 :]


class Pool(Bag):
    """Sent messages stay: losing, repeating and reordering, all at once."""

    def put(self, held: tuple[Any, ...], message: Any) -> tuple[Any, ...]:
        """Insert `message` unless it is there."""
        return held if message in held else super().put(held, message)

    def taken(self, held: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        """Yield every message, and leave all behind."""
        return ((message, held) for message in held)


class Fifo(Network):
    """A queue: messages arrive once each, in the order of sending."""

    def put(self, held: tuple[Any, ...], message: Any) -> tuple[Any, ...]:
        """Append `message`."""
        return (*held, message)

    def taken(self, held: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        """Yield the oldest message."""
        if held:
            yield held[0], held[1:]

    def lost(self, held: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        """Yield every message, wherever it waits."""
        for place, message in enumerate(held):
            if place == 0 or held[place - 1] != message:
                yield message, held[:place] + held[place + 1 :]


def newest(older: Any, newer: Any) -> Any:
    """Return `newer`: a message replaces the one that waits before it."""
    del older
    return newer


@frozen
class Latest(Fifo):
    """A queue for news: a message may replace the one before it, while that one still waits.

    Rows of a shared table travel so: whoever reads late reads the newest row alone.

    Attributes:
        coalesced: what stands for two messages that wait next to one another, the older given
            first; None where both must arrive. Where a world drops what is over (see `closing`),
            it must be over only if both are.
    """

    coalesced: Callable[[Any, Any], Any | None] = newest

    def put(self, held: tuple[Any, ...], message: Any) -> tuple[Any, ...]:
        """Append `message`, or let it replace the last that waits."""
        both = self.coalesced(held[-1], message) if held else None
        return (*held, message) if both is None else (*held[:-1], both)

    def __str__(self) -> str:
        how = getattr(self.coalesced, "__name__", repr(self.coalesced))
        return super().__str__() + ("" if self.coalesced is newest else f" by {how}")


@frozen
class ChannelComponent(Component):
    """The channel `key` of a network of kind `network`.

    Attributes:
        losses: the keys of the budgets that a loss spends; None where none may be lost.
        duplications: likewise for a duplication.
        crashing: the ends that, while they are down, lose messages without a budget.
        topics: what a message is about, as its receiver says; None where messages stay though what
            they are about is over.
    """

    key: Channel
    network: Network
    losses: tuple[str, ...] | None = None
    duplications: tuple[str, ...] | None = None
    crashing: tuple[Any, ...] = ()
    topics: Callable[[Any], Iterable[Any]] | None = None

    def react(self, value: Any, stimulus: Any) -> Iterable[Reaction]:
        """Take a message in, or let one out."""
        match stimulus:
            case Put(message):
                return self._put(value, message)
            case Close(topics):
                return (self._dropped(value, topics),)
            case CloseAll():
                return (Reaction(()),)
            case Act():
                return [*self._arrivals(value), *self._losses(value)]
        return ()

    def _put(self, held: tuple[Any, ...], message: Any) -> Iterable[Reaction]:
        sender, receiver = self.key.sender, self.key.receiver
        kept = self._kept(held, message)
        if self.topics is None:
            return kept
        wanted, unwanted = Wanted(sender, message), Unwanted(sender, message)
        return (
            *(evolve(each, stimuli=((receiver, wanted),)) for each in kept),
            Reaction(held, ((receiver, unwanted),)),
        )

    def _kept(self, held: tuple[Any, ...], message: Any) -> tuple[Reaction, ...]:
        after = self.network.put(held, message)
        if self.network.capacity is None or len(after) <= self.network.capacity:
            return (Reaction(after),)
        return (Reaction(held),) if self.network.full == "drop" else ()

    def _dropped(self, held: tuple[Any, ...], topics: frozenset[Any]) -> Reaction:
        """Drop what is about `topics`; its receiver confirms that it changes nothing."""
        assert self.topics is not None
        over = [message for message in held if not topics.isdisjoint(self.topics(message))]
        left = tuple(message for message in held if message not in over)
        receiver, sender = self.key.receiver, self.key.sender
        return Reaction(left, tuple((receiver, Unwanted(sender, each)) for each in over))

    def _arrivals(self, held: tuple[Any, ...]) -> Iterator[Reaction]:
        sender, receiver = self.key.sender, self.key.receiver
        for message, left in self.network.taken(held):
            receipt = (receiver, Receive(sender, message))
            yield Reaction(left, (receipt,), (Delivered(sender, receiver, message),))
            if self.duplications is not None and left != held:
                spent = tuple((budget, Spend()) for budget in self.duplications)
                repeated = (Duplicated(sender, receiver, message),)
                yield Reaction(held, (receipt, *spent), repeated, fault=True)

    def _losses(self, held: tuple[Any, ...]) -> Iterator[Reaction]:
        sender, receiver = self.key.sender, self.key.receiver
        for message, left in self.network.lost(held):
            for node in self.crashing:
                gone = Lost(sender, receiver, message, f"{node} is down")
                yield Reaction(left, ((node, IsDown()),), (gone,), fault=True)
            if self.losses is not None:
                spent = tuple((budget, Spend()) for budget in self.losses)
                gone = Lost(sender, receiver, message, "the network is lossy")
                yield Reaction(left, spent, (gone,), fault=True)
