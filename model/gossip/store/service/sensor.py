"""The device of a serving store: it numbers what it measures, and knows what is safe.

The paper's device sends everything to every server and forgets it. Over a reliable link, whose
outbox keeps what a server has not taken, a server that is down for long would fill that without
bound. So this one sends to a server only while that one is not too far behind; one that is recovers
from the other servers, as the paper has it. And it measures no more while too many are behind.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", section II-C;
the acknowledgements and the window are ours.
"""

from collections.abc import Callable
from typing import Any

from attrs import evolve, frozen
from immutables import Map

from coterie.model.gossip.store.edge import Measure
from coterie.model.gossip.store.service.positions import (
    HowFar,
    Kept,
    Quorum,
    Resumes,
    held_by,
    majority,
)
from coterie.model.machine import (
    Deliver,
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Return,
    Send,
)


@frozen(cache_hash=True)
class Measured:
    """The device has measured `value` at `date`, after `number` other measurements."""

    date: int
    value: int
    number: int


@frozen(cache_hash=True)
class Taken:
    """What a `Measure` returns: it has that number, and is on its way."""

    number: int


@frozen(cache_hash=True)
class NotLater:
    """What a `Measure` returns instead: its date is not after `latest`, so it is not taken."""

    latest: int


@frozen(cache_hash=True)
class Safe:
    """The user is told that the first `count` measurements are each on enough servers' disks."""

    count: int


@frozen(cache_hash=True)
class Diary:
    """What the device has on disk.

    Attributes:
        safe: how many measurements are known to be safe.
        unsafe: those that it has taken after them, in their order.
        latest: the date of the last measurement of all; None before the first.
    """

    safe: int = 0
    unsafe: tuple[Measured, ...] = ()
    latest: int | None = None

    @property
    def count(self) -> int:
        """How many measurements it has taken."""
        return self.safe + len(self.unsafe)


@frozen(cache_hash=True)
class Noted:
    """A change of the diary: one more measurement is taken.

    Attributes:
        date: when it was measured.
        value: what was measured.
    """

    date: int
    value: int


@frozen(cache_hash=True)
class Crossed:
    """A change of the diary: so many are safe, and need not be kept here."""

    safe: int


def written(diary: Diary, change: Noted | Crossed) -> Diary:
    """Return the diary after one change."""
    match change:
        case Noted(date, value):
            taken = Measured(date, value, diary.count)
            return Diary(diary.safe, (*diary.unsafe, taken), date)
        case Crossed(safe):
            return evolve(diary, safe=safe, unsafe=diary.unsafe[safe - diary.safe :])


BLANK = Diary()
NOBODY: Map[Node, int] = Map()


@frozen(cache_hash=True)
class Sensing:
    """What the device knows.

    Attributes:
        diary: what is on its disk.
        kept: how many measurements each server has said that it has.
    """

    diary: Diary = BLANK
    kept: Map[Node, int] = NOBODY


def is_within(behind: int, window: int) -> bool:
    """Return whether one who is so far behind may be sent one more, or waited for."""
    return behind < window


@frozen
class Sensor(Machine[Sensing, Diary]):
    """The trusted source of the data; its dates are ascending, and its numbers without a gap.

    It is to stand over a link, or on channels, that lose messages in crashes alone. What is not
    safe is in its diary, and is sent again to a server that `Resumes`.

    Attributes:
        servers: to whom it sends.
        required: how many of them must have a measurement before it is safe, of how many.
        window: how many measurements one of the required may be behind. Who is farther behind is
            sent nothing until it has caught up; while too few are near, nothing is measured.
        is_near: the guard of that: how far behind, and the window.
    """

    servers: tuple[Node, ...]
    required: Quorum = majority
    window: int = 1_000
    is_near: Callable[[int, int], bool] = is_within

    def start(self, memory: Diary | None) -> Outcome[Sensing]:
        """Begin; or start again, tell the user what is safe, and ask servers how far they are."""
        if memory is None:
            return Outcome(Sensing())
        asked = (Send(server, HowFar()) for server in self.servers)
        return Outcome(Sensing(memory), (Deliver(Safe(memory.safe)), *asked))

    def step(self, state: Sensing, event: Event) -> Outcome[Sensing] | None:
        """Take a measurement, unless too few servers are near; take note of what one has kept."""
        match event:
            case Invoke(Measure(date, value)):
                return self._measured(state, date, value)
            case Receive(sender, Kept(count)) if sender in self.servers:
                return self._acknowledged(state, sender, count)
            case Receive(sender, Resumes(count)) if sender in self.servers:
                return self._resumed(state, sender, count)
            case Receive():
                return Outcome(state)
        return None

    def memory(self, state: Sensing) -> Diary | None:
        """Return the diary; None while it is empty."""
        return None if state.diary == BLANK else state.diary

    def recorded(self, memory: Diary | None, change: Any) -> Diary:
        """Return the diary after one change."""
        return written(memory or BLANK, change)

    def _measured(self, state: Sensing, date: int, value: int) -> Outcome[Sensing] | None:
        """Send a measurement to every server that is near.

        Guard: enough servers are near: for others it waits. Its date is later than the last one's:
            else a number would belong to no row, and no position get past it.
        """
        diary = state.diary
        if diary.latest is not None and date <= diary.latest:
            return Outcome(state, (Return(NotLater(diary.latest)),))
        near = [server for server in self.servers if self._is_near(state, server)]
        if len(near) < self.required(len(self.servers)):
            return None
        change = Noted(date, value)
        after = evolve(state, diary=written(diary, change))
        sends = (Send(server, Measured(date, value, diary.count)) for server in near)
        return Outcome(after, (Record(change), *sends, Return(Taken(diary.count))))

    def _is_near(self, state: Sensing, server: Node) -> bool:
        """Return whether a server is not too far behind, as far as it has said."""
        return self.is_near(state.diary.count - state.kept.get(server, 0), self.window)

    def _acknowledged(self, state: Sensing, server: Node, count: int) -> Outcome[Sensing]:
        """Take note, and tell the user where more is safe now."""
        kept = state.kept.set(server, max(count, state.kept.get(server, 0)))
        counts = (kept.get(each, 0) for each in self.servers)
        safe = held_by(counts, self.required(len(self.servers)))
        after = evolve(state, kept=kept)
        if safe <= state.diary.safe:
            return Outcome(after)
        change = Crossed(safe)
        after = evolve(after, diary=written(state.diary, change))
        return Outcome(after, (Record(change), Deliver(Safe(safe))))

    def _resumed(self, state: Sensing, server: Node, count: int) -> Outcome[Sensing]:
        """Take note, and send what is not safe and that server has not said to have.

        Why: that is a window at most, and nobody else may have it.
        """
        noted = self._acknowledged(state, server, count)
        again = (each for each in noted.state.diary.unsafe if each.number >= count)
        return evolve(noted, effects=(*noted.effects, *(Send(server, each) for each in again)))
