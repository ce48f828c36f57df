"""A reader of a serving log: it follows one replica at a time, and believes none of them.

Every record proves itself, or is passed over, and the replica with it. For each replica the reader
remembers the last record that it was told, so when it moves on to another one, for the first does
not answer, it misses nothing; what it is told twice it hands to its application once.

Source: Numamoto, "Replication for the Global Data Plane", 2019: readers authenticate what they
read, and subscribe. That they move on is ours.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, field, frozen
from immutables import Map

from coterie.model.gossip.gdp.log import Log, added
from coterie.model.gossip.gdp.record import Entry, is_genuine
from coterie.model.gossip.gdp.service.messages import (
    Fetch,
    Fetched,
    Follow,
    Heads,
    Page,
    Survey,
)
from coterie.model.machine import (
    Deliver,
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Return,
    Send,
    Timeout,
)

NOWHERE: Map[Node, str] = Map()


@frozen(cache_hash=True)
class Watch:
    """The user's operation: subscribe; each record is delivered as a `New`.

    Attributes:
        after: the record to begin after; `""` for the beginning.
    """

    after: str = ""


@frozen(cache_hash=True)
class Watching:
    """What a `Watch` returns: from now on records are delivered."""


@frozen(cache_hash=True)
class New:
    """A record that the reader did not have is handed to its application."""

    entry: Entry


@frozen(cache_hash=True)
class UpToDate:
    """The application is told that a replica has nothing that it has not told."""

    replica: Node


@frozen(cache_hash=True)
class Ask(Timeout):
    """Ask for what is next."""


@frozen(cache_hash=True)
class MoveOn(Timeout):
    """No answer has come from this replica for too long: ask the next one."""

    replica: Node


@frozen(cache_hash=True)
class Reading:
    """What the reader knows.

    Attributes:
        log: the records that it has.
        at: the index of the replica that it asks.
        after: the record that it was told to begin after; None while it does not follow.
        told: the last record that each replica has told.
        waits: whether a page is owed.
        question: what the user has asked, and waits for.
        refused: how many records it was told that were not genuine.
    """

    log: Log = field(factory=Log)
    at: int = 0
    after: str | None = None
    told: Map[Node, str] = NOWHERE
    waits: bool = False
    question: Fetch | Survey | None = None
    refused: int = 0


def one_more(count: int) -> int:
    """Return how many were refused after one more."""
    return count + 1


def is_news(held: bool) -> bool:  # noqa: FBT001  one fact about a record
    """Return whether a record is handed to the application: when it is not held already."""
    return not held


@frozen
class Reader(Machine[Reading, None]):
    """A reader; it has no disk.

    Attributes:
        replicas: whom it may ask.
        writer: whose log it is.
        accepts: which records it believes in.
        hands_over: which of them it delivers: whether it had the record before.
        counted: how many were refused, after one more.
    """

    replicas: tuple[Node, ...]
    writer: Node
    accepts: Callable[[Entry, Node], bool] = is_genuine
    hands_over: Callable[[bool], bool] = is_news
    counted: Callable[[int], int] = one_more

    def start(self, memory: None) -> Outcome[Reading]:
        """Begin with nothing."""
        del memory
        return Outcome(Reading())

    def options(self, state: Reading) -> Iterable[Timeout]:
        """Ask for what is next; move on from a replica that owes an answer."""
        if state.after is not None and not state.waits:
            yield Ask()
        if state.waits or state.question is not None:
            yield MoveOn(self.replicas[state.at])

    def step(self, state: Reading, event: Event) -> Outcome[Reading] | None:
        """Follow; ask; take in what a replica tells; move on."""
        match event:
            case Invoke(Watch(after)) if state.after is None:
                return Outcome(evolve(state, after=after), (Return(Watching()),))
            case Invoke(Fetch() | Survey() as question) if state.question is None:
                asked = Send(self.replicas[state.at], question)
                return Outcome(evolve(state, question=question), (asked,))
            case Ask() if state.after is not None and not state.waits:
                return self._asked(evolve(state, waits=True))
            case MoveOn(replica) if state.waits or state.question is not None:
                return self._moved_on(state) if replica == self.replicas[state.at] else None
            case Receive(sender, message) if sender in self.replicas:
                return self._told(state, sender, message)
            case Receive():
                return Outcome(state)
        return None

    def _asked(self, state: Reading) -> Outcome[Reading]:
        replica = self.replicas[state.at]
        return Outcome(state, (Send(replica, Follow(self._after(state, replica))),))

    def _after(self, state: Reading, replica: Node) -> str:
        return state.told.get(replica, state.after or "")

    def _moved_on(self, state: Reading) -> Outcome[Reading]:
        """Ask the next replica everything that this one has not answered."""
        moved = evolve(state, at=(state.at + 1) % len(self.replicas))
        asked = self._asked(moved) if state.waits else Outcome(moved)
        if state.question is None:
            return asked
        question = Send(self.replicas[moved.at], state.question)
        return Outcome(moved, (*asked.effects, question))

    def _told(self, state: Reading, replica: Node, message: Any) -> Outcome[Reading]:
        """Take an answer in, also a late one, of a replica that was moved on from.

        Why: a reader that moves on too early, again and again, would never be told anything.
        """
        match message:
            case Page(after, entries) if state.after is not None and after in {
                "",
                self._after(state, replica),
            }:
                waits = state.waits and replica != self.replicas[state.at]
                return self._page(evolve(state, waits=waits), replica, entries)
            case Fetched(name, entry) if state.question == Fetch(name):
                if entry is not None and not self._believes(entry, name):
                    return self._lied_to(state, replica)
                return Outcome(evolve(state, question=None), (Return(message),))
            case Heads() if isinstance(state.question, Survey):
                return Outcome(evolve(state, question=None), (Return(message),))
        return Outcome(state)

    def _lied_to(self, state: Reading, replica: Node) -> Outcome[Reading]:
        counted = evolve(state, refused=self.counted(state.refused))
        if replica != self.replicas[state.at]:
            return Outcome(counted)
        return self._moved_on(counted)

    def _believes(self, entry: Entry, name: str) -> bool:
        return entry.name == name and self.accepts(entry, self.writer)

    def _page(self, state: Reading, replica: Node, entries: tuple[Entry, ...]) -> Outcome[Reading]:
        """Deliver what is new; leave a replica that tells lies."""
        if not entries:
            return Outcome(state, (Deliver(UpToDate(replica)),))
        log, effects, refused = state.log, [], state.refused
        for entry in entries:
            if not self.accepts(entry, self.writer):
                refused = self.counted(refused)
            elif self.hands_over(entry.name in log.entries):
                log = added(log, entry)
                effects.append(Deliver(New(entry)))
        after = evolve(state, log=log, told=state.told.set(replica, entries[-1].name))
        if refused > state.refused:
            left = replica == self.replicas[state.at]
            at = (state.at + left) % len(self.replicas)
            after = evolve(after, refused=refused, at=at)
        return Outcome(after, effects)
