"""A reliable link over a network that loses, repeats and reorders, between nodes that crash.

Each node numbers what it sends to a peer, keeps it in an outbox until the peer has acknowledged it,
and sends it again whenever a timer says so. It hands up what it receives in the order of the
numbers, each once. An acknowledgement says how many have been handed up so far. Outbox and counters
are durable memory, so the promise outlives crashes of either end, provided that what is handed up
is taken in by the same step: that is what `stacked` does.

Source: Stenning, A data transfer protocol, Computer Networks 1, 1976; what must survive a crash:
Lampson, Reliable messages and connection establishment, in Mullender, Distributed Systems, 1993.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, frozen
from immutables import Map

from coterie.model.machine import (
    Deliver,
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Send,
    Timeout,
)


@frozen(cache_hash=True)
class Numbered:
    """A message on its way.

    Attributes:
        number: how many were sent before it to the same peer.
        message: what is carried.
    """

    number: int
    message: Any


@frozen(cache_hash=True)
class Acknowledged:
    """The sender of this has handed up so many of its peer's messages.

    Attributes:
        count: how many, since the link began.
    """

    count: int


@frozen(cache_hash=True)
class Resend(Timeout):
    """Send again to `peer` what it has not acknowledged.

    Attributes:
        peer: the other end.
        first: the number of the first message that is not acknowledged; a timer that has seen it
            grow starts anew, for it need not send again what is only just under way.
    """

    peer: Node
    first: int


@frozen(cache_hash=True)
class Queued:
    """A change of memory: `message` joins the outbox to `peer`."""

    peer: Node
    message: Any


@frozen(cache_hash=True)
class Dropped:
    """A change of memory: `peer` has acknowledged `count` messages in all."""

    peer: Node
    count: int


@frozen(cache_hash=True)
class HandedUp:
    """A change of memory: `count` messages from `peer` have been handed up in all."""

    peer: Node
    count: int


@frozen(cache_hash=True)
class Line:
    """What a node remembers of one peer.

    Attributes:
        acknowledged: how many messages the peer has acknowledged; it only ever grows.
        outbox: the messages sent after those, oldest first.
        received: how many of the peer's messages have been handed up; it only ever grows.
    """

    acknowledged: int = 0
    outbox: tuple[Any, ...] = ()
    received: int = 0


Lines = Map[Node, Line]
UNUSED = Line()


def line(lines: Lines, peer: Node) -> Line:
    """Return the line to `peer`, unused so far when it is not in `lines`."""
    return lines.get(peer, UNUSED)


def is_next(number: int, received: int) -> bool:
    """Return whether the message of that number is handed up now: when it is next in order."""
    return number == received


def is_waiting(unacknowledged: int) -> bool:
    """Return whether to send again: while anything is not acknowledged."""
    return unacknowledged > 0


def everything(lines: Lines) -> Lines:
    """Return what survives a crash: all of it."""
    return lines


@frozen
class Link(Machine[Lines, Lines]):
    """One end of the links to every peer; `Invoke(Send(to, message))` asks it to carry a message.

    Attributes:
        may_hand_up: the guard of handing up, over the message's number and how many were before.
        may_resend: the guard of sending again, over how many are not acknowledged.
        keeps: the part of the state that survives a crash.
    """

    may_hand_up: Callable[[int, int], bool] = is_next
    may_resend: Callable[[int], bool] = is_waiting
    keeps: Callable[[Lines], Lines] = everything

    def start(self, memory: Lines | None) -> Outcome[Lines]:
        """Go on where memory ends; the timers will send again what was under way."""
        return Outcome(Map() if memory is None else memory)

    def options(self, state: Lines) -> Iterable[Timeout]:
        """Send again to any peer that has not acknowledged everything."""
        for peer in sorted(state):
            if self.may_resend(len(state[peer].outbox)):
                yield Resend(peer, state[peer].acknowledged)

    def step(self, state: Lines, event: Event) -> Outcome[Lines] | None:
        """Carry a message; hand one up; drop what is acknowledged; send again."""
        match event:
            case Invoke(Send(to, message)):
                return self._carry(state, to, message)
            case Receive(sender, Numbered(number, message)):
                return self._arrived(state, sender, number, message)
            case Receive(sender, Acknowledged(count)):
                return self._acknowledged(state, sender, count)
            case Receive():
                return Outcome(state)
            case Resend(peer, first) if first == line(state, peer).acknowledged:
                return self._again(state, peer)
        return None

    def memory(self, state: Lines) -> Lines:
        """Return outboxes and counters."""
        return self.keeps(state)

    def recorded(self, memory: Lines | None, change: Any) -> Lines:
        """Return outboxes and counters after one change."""
        lines: Lines = Map() if memory is None else memory
        before = line(lines, change.peer)
        match change:
            case Queued(peer, message):
                after = evolve(before, outbox=(*before.outbox, message))
            case Dropped(peer, count):
                outbox = before.outbox[count - before.acknowledged :]
                after = evolve(before, acknowledged=count, outbox=outbox)
            case HandedUp(peer, count):
                after = evolve(before, received=count)
        return lines.set(peer, after)

    def _changed(self, state: Lines, change: Any, *then: Send | Deliver) -> Outcome[Lines]:
        return Outcome(self.recorded(state, change), (Record(change), *then))

    def _carry(self, state: Lines, to: Node, message: Any) -> Outcome[Lines]:
        before = line(state, to)
        number = before.acknowledged + len(before.outbox)
        return self._changed(state, Queued(to, message), Send(to, Numbered(number, message)))

    def _again(self, state: Lines, peer: Node) -> Outcome[Lines] | None:
        before = line(state, peer)
        if not self.may_resend(len(before.outbox)):
            return None
        return Outcome(state, _waiting(before, peer))

    def _arrived(self, state: Lines, sender: Node, number: int, message: Any) -> Outcome[Lines]:
        """Hand up what is next; acknowledge in any case, for an acknowledgement may be lost too."""
        received = line(state, sender).received
        if not self.may_hand_up(number, received):
            return Outcome(state, (Send(sender, Acknowledged(received)),))
        count = max(received, number + 1)
        up, back = Deliver(Receive(sender, message)), Send(sender, Acknowledged(count))
        return self._changed(state, HandedUp(sender, count), up, back)

    def _acknowledged(self, state: Lines, sender: Node, count: int) -> Outcome[Lines]:
        """Drop what is acknowledged; old acknowledgements and impossible ones change nothing."""
        before = line(state, sender)
        if before.acknowledged < count <= before.acknowledged + len(before.outbox):
            return self._changed(state, Dropped(sender, count))
        return Outcome(state)


def _waiting(before: Line, peer: Node) -> tuple[Send, ...]:
    numbered = enumerate(before.outbox, before.acknowledged)
    return tuple(Send(peer, Numbered(number, message)) for number, message in numbered)
