"""The writer of a serving log: it knows its last record, and how much of what it wrote is safe.

It sends each record to every replica that is near: that has answered for most of what it was sent.
One that is not gets the rest from the other replicas. A record that enough replicas have on disk is
safe, and forgotten here but for its name. What is not safe is on the writer's own disk, and is sent
again to a replica that has started again, and to all when the writer has. That is harmless: the
same record has the same name.

Source: Numamoto, "Replication for the Global Data Plane", 2019, for the writer; that it waits for
replicas, and for how many, is ours.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, frozen
from immutables import Map

from coterie.model.gossip.gdp.record import Entry, written
from coterie.model.gossip.gdp.service.messages import Bring, Kept, Refused, Resumed
from coterie.model.gossip.gdp.service.paging import Room
from coterie.model.gossip.gdp.service.shelf import causal
from coterie.model.machine import (
    Deliver,
    Effect,
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

Names = frozenset[str]
NO_NAMES: Names = frozenset()


@frozen(cache_hash=True)
class Add:
    """The user's operation: add to the log, each record pointing at the one before.

    Attributes:
        values: what to write, a record for each.
        parents: the records that the first points at; None for the writer's last one.
    """

    values: tuple[str, ...]
    parents: tuple[str, ...] | None = None


@frozen(cache_hash=True)
class Added:
    """What an `Add` returns: the records have these names, and are on their way."""

    names: tuple[str, ...]


@frozen(cache_hash=True)
class Safe:
    """The user is told that the record of that name is on enough replicas' disks."""

    name: str


@frozen(cache_hash=True)
class Rejected:
    """The user is told that a replica has refused a record, and why: they know another writer."""

    replica: Node
    name: str
    why: str


@frozen(cache_hash=True)
class Diary:
    """What the writer has on disk.

    Attributes:
        last: the name of its last record; `""` before the first.
        count: how many records it has made.
        unsafe: by name, those of its records that are not known to be safe.
    """

    last: str = ""
    count: int = 0
    unsafe: Map[str, Entry] = Map()  # noqa: RUF009 (it cannot be changed)


@frozen(cache_hash=True)
class Noted:
    """A change of the diary: one more record is made."""

    entry: Entry


@frozen(cache_hash=True)
class Crossed:
    """A change of the diary: the record of that name is safe, and need not be kept here."""

    name: str


def noted(diary: Diary, change: Noted | Crossed) -> Diary:
    """Return the diary after one change."""
    match change:
        case Noted(entry):
            unsafe = diary.unsafe.set(entry.name, entry)
            return Diary(entry.name, diary.count + 1, unsafe)
        case Crossed(name):
            return evolve(diary, unsafe=diary.unsafe.delete(name))


BLANK = Diary()


@frozen(cache_hash=True)
class Writing:
    """What the writer knows.

    Attributes:
        diary: what is on its disk.
        kept: for each record that is not safe, which replicas have said that they have it.
        asked: for each replica, the names that it was sent and has not answered for.
    """

    diary: Diary = BLANK
    kept: Map[str, frozenset[Node]] = Map()  # noqa: RUF009 (it cannot be changed)
    asked: Map[Node, Map[str, None]] = Map()  # noqa: RUF009 (it cannot be changed)


def majority(replicas: int) -> int:
    """Return how many of so many replicas are a majority."""
    return replicas // 2 + 1


def is_within(behind: int, window: int) -> bool:
    """Return whether one who has so much to answer for may be sent one more."""
    return behind < window


@frozen
class Scribe(Machine[Writing, Diary]):
    """The writer, over a link, or channels, that lose messages in crashes alone.

    Attributes:
        name: whose signature stands under the records.
        replicas: to whom it sends.
        required: how many of them must have a record before it is safe, of how many.
        window: how many records a replica may have to answer for, and how many may be unsafe.
        is_near: the guard of that: how many, and the window.
        make: makes and signs a record: the writer, a value, and parents.
        room: in a message.
    """

    name: Node
    replicas: tuple[Node, ...]
    required: Callable[[int], int] = majority
    window: int = 500
    is_near: Callable[[int, int], bool] = is_within
    make: Callable[..., Entry] = written
    room: Room = Room()  # noqa: RUF009 (it cannot be changed)

    def start(self, memory: Diary | None) -> Outcome[Writing]:
        """Begin; or start again, and send everywhere what is not safe."""
        return self._sent_again(Writing(memory or BLANK), self.replicas)

    def step(self, state: Writing, event: Event) -> Outcome[Writing] | None:
        """Make a record; take note of what a replica has kept, or refused; send again."""
        match event:
            case Invoke(Add(values, parents)):
                return self._added(state, values, parents)
            case Receive(sender, message) if sender in self.replicas:
                return self._heard(state, sender, message)
            case Receive():
                return Outcome(state)
        return None

    def memory(self, state: Writing) -> Diary | None:
        """Return the diary; None while it is empty."""
        return None if state.diary == BLANK else state.diary

    def recorded(self, memory: Diary | None, change: Any) -> Diary:
        """Return the diary after one change."""
        return noted(memory or BLANK, change)

    def _heard(self, state: Writing, replica: Node, message: Any) -> Outcome[Writing]:
        match message:
            case Kept(names):
                return self._kept(state, replica, names)
            case Refused(name, why):
                told = (Deliver(Rejected(replica, name, why)),)
                return Outcome(state, told if name in state.diary.unsafe else ())
            case Resumed():
                forgotten = evolve(state, asked=state.asked.set(replica, Map()))
                return self._sent_again(forgotten, (replica,))
        return Outcome(state)

    def _added(
        self, state: Writing, values: tuple[str, ...], parents: tuple[str, ...] | None
    ) -> Outcome[Writing] | None:
        """Make records, and send them to every replica that is near.

        Guard: enough replicas are near, and not too much is unsafe: else it waits.
        """
        near = [each for each in self.replicas if self._is_near(state, each)]
        unsafe = len(state.diary.unsafe)
        enough = self.required(len(self.replicas))
        if len(near) < enough or not self.is_near(unsafe, self.window):
            return None
        last = (state.diary.last,) if state.diary.last else ()
        made = self._made(values, last if parents is None else parents)
        diary, kept = state.diary, state.kept
        for entry in made:
            diary, kept = noted(diary, Noted(entry)), kept.set(entry.name, frozenset())
        sent = self._sent(evolve(state, diary=diary, kept=kept), near, made)
        records = (Record(Noted(entry)) for entry in made)
        told = Return(Added(tuple(entry.name for entry in made)))
        return Outcome(sent.state, (*records, *sent.effects, told))

    def _made(self, values: tuple[str, ...], parents: tuple[str, ...]) -> tuple[Entry, ...]:
        """Make a chain of records."""
        made: list[Entry] = []
        for value in values:
            made.append(self.make(self.name, value, *parents))
            parents = (made[-1].name,)
        return tuple(made)

    def _is_near(self, state: Writing, replica: Node) -> bool:
        return self.is_near(len(state.asked.get(replica, ())), self.window)

    def _sent(
        self, state: Writing, replicas: Iterable[Node], entries: Iterable[Entry]
    ) -> Outcome[Writing]:
        """Send records, a page in each message, and take note that answers are owed."""
        asked, entries, effects = state.asked, tuple(entries), []
        pages = [Bring(page) for page in self.room.pages(entries)]
        for replica in replicas:
            owed = asked.get(replica, Map())
            owed = owed.update({entry.name: None for entry in entries})
            asked = asked.set(replica, owed)
            effects += [Send(replica, page) for page in pages]
        return Outcome(evolve(state, asked=asked), effects)

    def _sent_again(self, state: Writing, replicas: Iterable[Node]) -> Outcome[Writing]:
        """Send each replica what is not safe, and it has not answered for, nor is to."""
        effects: tuple[Effect, ...] = ()
        for replica in replicas:
            owed = state.asked.get(replica, Map())
            lacking = [
                entry
                for entry in state.diary.unsafe.values()
                if entry.name not in owed and replica not in state.kept.get(entry.name, ())
            ]
            sent = self._sent(state, (replica,), causal(lacking))
            state, effects = sent.state, (*effects, *sent.effects)
        return Outcome(state, effects)

    def _kept(self, state: Writing, replica: Node, names: tuple[str, ...]) -> Outcome[Writing]:
        """Take note; tell the user what that makes safe.

        Sends: when a replica has answered for everything, what it was not sent while it was far.
        """
        effects: tuple[Effect, ...] = ()
        owed = state.asked.get(replica, Map())
        for name in names:
            owed = owed.delete(name) if name in owed else owed
            if name in state.diary.unsafe:
                state, safe = self._noted(state, replica, name)
                effects += safe
        state = evolve(state, asked=state.asked.set(replica, owed))
        if owed:
            return Outcome(state, effects)
        again = self._sent_again(state, (replica,))
        return Outcome(again.state, (*effects, *again.effects))

    def _noted(
        self, state: Writing, replica: Node, name: str
    ) -> tuple[Writing, tuple[Effect, ...]]:
        who = state.kept.get(name, frozenset()) | {replica}
        if len(who) < self.required(len(self.replicas)):
            return evolve(state, kept=state.kept.set(name, who)), ()
        change = Crossed(name)
        kept = state.kept.delete(name) if name in state.kept else state.kept
        after = evolve(state, diary=noted(state.diary, change), kept=kept)
        return after, (Record(change), Deliver(Safe(name)))
