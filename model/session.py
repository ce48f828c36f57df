"""A reliable link between the incarnations of nodes, which keeps one number alone on disk.

A node's incarnation is the count of its starts: that is all the durable memory. Outboxes and
counters are lost in a crash, so nothing is committed before a message leaves. A message says which
incarnation sends it and which one it is meant for, so what comes late, from an incarnation that is
gone or for one, is never taken for something new.

Who does not know its peer's incarnation yet sends a notice and keeps its messages until the answer
is there. When a peer turns out to have started again, what it had not acknowledged goes to the new
incarnation under new numbers: it may be handed up twice in all, by two incarnations of the peer.
Between one incarnation and another a prefix of what was sent is handed up, in order, each once.
When the sender crashes, the rest of what it has sent is lost.

An acknowledgement is of everything before it, and travels on whatever goes the other way.

Guard: a node's count of starts never goes back; who has lost that needs a new name.
Source: Belsnes, Single-message communication, IEEE Trans. Communications 24, 1976, on what a crash
    makes of old messages; Lampson, Reliable messages and connection establishment, in Mullender,
    Distributed Systems, 1993, on incarnations that are never used twice.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen
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
class Parcel:
    """A message on its way.

    Attributes:
        own: the sender's incarnation.
        yours: the receiver's incarnation, as the sender knows it.
        received: how many messages of `yours` the sender has handed up: an acknowledgement.
        number: how many were sent before it by `own` to `yours`.
        message: what is carried.
    """

    own: int
    yours: int
    received: int
    number: int
    message: Any


@frozen(cache_hash=True)
class Notice:
    """A parcel with nothing in it: an acknowledgement, a question who is there, or its answer.

    Attributes:
        own: the sender's incarnation.
        yours: the receiver's incarnation as the sender knows it, 0 before it has heard any.
        received: how many messages of `yours` the sender has handed up.
    """

    own: int
    yours: int
    received: int


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
class Acknowledge(Timeout):
    """Send `peer` the notice that is owed, since nothing else has gone there in the meantime."""

    peer: Node


@frozen(cache_hash=True)
class Started:
    """A change of memory: the node has started so many times."""

    count: int


Outbox = Map[int, Any]


@frozen(cache_hash=True)
class Line:
    """What an incarnation knows of one peer.

    Attributes:
        incarnation: the peer's newest that was heard of, 0 for none; it only ever grows.
        acknowledged: how many messages that incarnation has acknowledged.
        outbox: the messages after those, by number.
        received: how many messages of that incarnation have been handed up.
        owes: whether the peer waits for an acknowledgement, or to hear which incarnation this is.
    """

    incarnation: int = 0
    acknowledged: int = 0
    outbox: Outbox = Map()  # noqa: RUF009 (it cannot be changed)
    received: int = 0
    owes: bool = False


Lines = Map[Node, Line]
UNUSED = Line()


@frozen(cache_hash=True)
class Sessions:
    """What a node knows of itself and its peers.

    Attributes:
        incarnation: how many times it has started; from 1.
        lines: what it knows of each peer that it has heard of or wants to talk to.
    """

    incarnation: int
    lines: Lines = Map()  # noqa: RUF009 (it cannot be changed)


def line(state: Sessions, peer: Node) -> Line:
    """Return the line to `peer`, unused so far when there is none."""
    return state.lines.get(peer, UNUSED)


def is_mine(yours: int, incarnation: int) -> bool:
    """Return whether a message for `yours` is for this incarnation: when they are the same."""
    return yours == incarnation


def is_gone(own: int, known: int) -> bool:
    """Return whether the sender of a message is gone: when a newer incarnation was heard."""
    return own < known


def is_next(number: int, received: int) -> bool:
    """Return whether the message of that number is handed up now: when it is next in order."""
    return number == received


def is_waiting(unacknowledged: int) -> bool:
    """Return whether to send again: while anything is not acknowledged."""
    return unacknowledged > 0


def renumbered(outbox: Outbox) -> Outbox:
    """Return what goes to a peer's next incarnation: everything, in order, numbered from 0."""
    return Map(enumerate(outbox[number] for number in sorted(outbox)))


def the_count(starts: int) -> int:
    """Return what survives a crash: how many times the node has started."""
    return starts


@frozen
class Session(Machine[Sessions, int]):
    """One end of the links to every peer; `Invoke(Send(to, message))` asks it to carry a message.

    Attributes:
        may_take_in: the guard of taking a message in, over whom it is for and who this is.
        must_refuse: the guard of refusing a sender, over its incarnation and the newest one known.
        may_hand_up: the guard of handing up, over the message's number and how many were before.
        may_resend: the guard of sending again, over how many are not acknowledged.
        readdressed: what becomes of an outbox when the peer has started again.
        keeps: what is left of the count of starts after a crash.
    """

    may_take_in: Callable[[int, int], bool] = is_mine
    must_refuse: Callable[[int, int], bool] = is_gone
    may_hand_up: Callable[[int, int], bool] = is_next
    may_resend: Callable[[int], bool] = is_waiting
    readdressed: Callable[[Outbox], Outbox] = renumbered
    keeps: Callable[[int], int] = the_count

    def start(self, memory: int | None) -> Outcome[Sessions]:
        """Begin a new incarnation, which knows of no peer."""
        count = (memory or 0) + 1
        return Outcome(Sessions(count), (Record(Started(count)),))

    def options(self, state: Sessions) -> Iterable[Timeout]:
        """Acknowledge what is owed, and send again what is not acknowledged."""
        for peer in sorted(state.lines):
            known = state.lines[peer]
            if known.owes:
                yield Acknowledge(peer)
            if self.may_resend(len(known.outbox)):
                yield Resend(peer, known.acknowledged)

    def step(self, state: Sessions, event: Event) -> Outcome[Sessions] | None:
        """Carry a message; take one in; acknowledge; send again."""
        match event:
            case Invoke(Send(to, message)):
                return self._carry(state, to, message)
            case Receive(sender, Parcel() | Notice() as arrived):
                return self._arrived(state, sender, arrived)
            case Receive():
                return Outcome(state)
            case Acknowledge(peer) if line(state, peer).owes:
                known = line(state, peer)
                return _sent(state, peer, known, (_notice(state, known),))
            case Resend(peer, first) if first == line(state, peer).acknowledged:
                return self._again(state, peer)
        return None

    def memory(self, state: Sessions) -> int:
        """Return how many times the node has started."""
        return self.keeps(state.incarnation)

    def recorded(self, memory: int | None, change: Any) -> int:
        """Return the count of starts after one more."""
        del memory
        return self.keeps(change.count)

    def _carry(self, state: Sessions, to: Node, message: Any) -> Outcome[Sessions]:
        """Send a message; to a peer that is yet unknown, a notice for the first of them instead."""
        before = line(state, to)
        number = before.acknowledged + len(before.outbox)
        after = _with(before, outbox=before.outbox.set(number, message))
        if after.incarnation:
            return _sent(state, to, after, (_parcel(state, after, number),))
        return _sent(state, to, after, () if before.outbox else (_notice(state, after),))

    def _again(self, state: Sessions, peer: Node) -> Outcome[Sessions] | None:
        """Send everything that waits again, or ask again who is there."""
        known = line(state, peer)
        if not self.may_resend(len(known.outbox)):
            return None
        parcels = _waiting(state, known) if known.incarnation else (_notice(state, known),)
        return _sent(state, peer, known, parcels)

    def _arrived(
        self, state: Sessions, sender: Node, arrived: Parcel | Notice
    ) -> Outcome[Sessions]:
        """Take note of who sends; of what is for this incarnation, take in the rest as well.

        Sends: everything in the outbox, at once, to an incarnation that is heard the first time.
        """
        before = line(state, sender)
        if self.must_refuse(arrived.own, before.incarnation):
            return Outcome(state)
        is_new = arrived.own > before.incarnation
        known = self._renewed(before, arrived.own) if is_new else before
        up: tuple[Deliver, ...] = ()
        if self.may_take_in(arrived.yours, state.incarnation):
            known, up = self._taken(_dropped(known, arrived.received), sender, arrived)
        else:
            known = _with(known, owes=True)
        return _sent(state, sender, known, _waiting(state, known) if is_new else (), up)

    def _renewed(self, before: Line, incarnation: int) -> Line:
        """Return the line to a peer that has started again, or is heard for the first time."""
        return Line(incarnation, outbox=self.readdressed(before.outbox))

    def _taken(
        self, known: Line, sender: Node, arrived: Parcel | Notice
    ) -> tuple[Line, tuple[Deliver, ...]]:
        """Hand up what is next; owe an acknowledgement in any case, for one may have been lost."""
        if isinstance(arrived, Notice):
            return known, ()
        if not self.may_hand_up(arrived.number, known.received):
            return _with(known, owes=True), ()
        received = max(known.received, arrived.number + 1)
        after = _with(known, received=received, owes=True)
        return after, (Deliver(Receive(sender, arrived.message)),)


def _dropped(known: Line, count: int) -> Line:
    """Drop what is acknowledged; old acknowledgements and impossible ones change nothing."""
    if not known.acknowledged < count <= known.acknowledged + len(known.outbox):
        return known
    outbox = known.outbox.mutate()
    for number in range(known.acknowledged, count):
        del outbox[number]
    return _with(known, acknowledged=count, outbox=outbox.finish())


def _sent(
    state: Sessions,
    peer: Node,
    after: Line,
    parcels: tuple[Parcel | Notice, ...],
    up: tuple[Deliver, ...] = (),
) -> Outcome[Sessions]:
    """Return the outcome in which `parcels` leave; each of them pays what is owed."""
    paid = _with(after, owes=False) if parcels else after
    lines = state.lines.set(peer, paid)
    sends = tuple(Send(peer, parcel) for parcel in parcels)
    return Outcome(Sessions(state.incarnation, lines), (*up, *sends))


def _with(
    known: Line,
    acknowledged: int | None = None,
    outbox: Outbox | None = None,
    received: int | None = None,
    *,
    owes: bool | None = None,
) -> Line:
    """Return `known` with some of it changed: `evolve` spelt out, as every step calls it."""
    return Line(
        known.incarnation,
        known.acknowledged if acknowledged is None else acknowledged,
        known.outbox if outbox is None else outbox,
        known.received if received is None else received,
        known.owes if owes is None else owes,
    )


def _notice(state: Sessions, known: Line) -> Notice:
    return Notice(state.incarnation, known.incarnation, known.received)


def _parcel(state: Sessions, known: Line, number: int) -> Parcel:
    own, message = state.incarnation, known.outbox[number]
    return Parcel(own, known.incarnation, known.received, number, message)


def _waiting(state: Sessions, known: Line) -> tuple[Parcel, ...]:
    return tuple(_parcel(state, known, number) for number in sorted(known.outbox))
