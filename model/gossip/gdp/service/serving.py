"""A replica of the log as it serves for real.

It exchanges by the repaired graph policy, with messages of bounded size: when one was full, the
next exchange begins at once. The writer is told what is kept and what is refused. A reader that
follows is sent pages of what it has not had, in the order in which the records came, one page at a
time; where there is nothing new the replica remembers the reader, and sends when there is.

Source: Numamoto, "Replication for the Global Data Plane", 2019, for the exchanges, and for readers
that subscribe; what is said to the writer and to readers is ours.
"""

from collections.abc import Callable, Iterable, Sized
from typing import Any

from attrs import evolve, field, frozen
from immutables import Map

from coterie.model.gossip.gdp.algorithm import Algorithm
from coterie.model.gossip.gdp.graph import First, Fourth, GiveUp, GraphReplica, Second, Third
from coterie.model.gossip.gdp.log import Log
from coterie.model.gossip.gdp.record import Entry, has_its_hash
from coterie.model.gossip.gdp.replica import Append, Replication, in_order
from coterie.model.gossip.gdp.service import shelf
from coterie.model.gossip.gdp.service.messages import (
    Bring,
    Fetch,
    Fetched,
    Follow,
    Heads,
    Kept,
    Page,
    Refused,
    Resumed,
    Survey,
)
from coterie.model.gossip.gdp.service.paging import Paged, Room
from coterie.model.gossip.gdp.service.shelf import Shelf, shelved
from coterie.model.machine import (
    Effect,
    Event,
    Node,
    Outcome,
    Receive,
    Record,
    Send,
    Timeout,
)

NOBODY: Map[Node, str] = Map()
MOST_AT_ONCE = 1000
TOO_MANY = "there are too many records in one message"
NAMES_MOST = 1000
"""How many names an answer to a survey has at most, of each kind."""


@frozen(cache_hash=True)
class Serving(Replication):
    """The state of a serving replica.

    Attributes:
        log: the records that it holds, in their order; durable.
        readers: those that wait for something new, and after which record.
        full: the peers that have sent a message full of news in the exchange under way.
        refused: how many records it has refused since it started.
    """

    log: Shelf = field(factory=Shelf)
    readers: Map[Node, str] = NOBODY
    full: frozenset[Node] = frozenset()
    refused: int = 0


@frozen(cache_hash=True)
class StillHere(Timeout):
    """Show a reader that waits that this replica is there, though there is nothing new.

    Attributes:
        peer: the reader.
    """

    peer: Node


def why_not(entry: Entry, writer: Node) -> str:
    """Return what is wrong with a record that is not genuine."""
    if not has_its_hash(entry):
        return "its name is not the hash of what it says"
    return f"{writer} has not signed it"


def one_more(count: int) -> int:
    """Return how many were refused after one more."""
    return count + 1


def goes_on(news: bool, full: bool) -> bool:  # noqa: FBT001  two facts about one message
    """Return whether to begin the next exchange at once: there may be more where this came from."""
    return news and full


@frozen
class LogServer(GraphReplica):
    """A serving replica.

    It is to stand over a link, or on channels, that lose messages in crashes alone; where more may
    be lost, readers and the writer must ask again.

    Attributes:
        author: whom to tell that it has started; None for nobody.
        room: in a page for a reader.
        explains: what is wrong with a record that it does not accept.
        counted: how many were refused, after one more.
        eager: when to begin the next exchange at once: was there news in a message, was it full.
        ordered: in which order records are kept that come together.
        most: of more records than that in one message it looks at none; more than any page has.
    """

    algorithm: Algorithm = Paged()  # noqa: RUF009 (it cannot be changed)
    store: Callable[[Log, Entry], Log] = shelved
    gives_up: bool = True
    author: Node | None = None
    room: Room = Room()  # noqa: RUF009 (it cannot be changed)
    explains: Callable[[Entry, Node], str] = why_not
    counted: Callable[[int], int] = one_more
    eager: Callable[[bool, bool], bool] = goes_on
    ordered: Callable[[Iterable[Entry]], list[Entry]] = shelf.causal
    most: int = MOST_AT_ONCE

    def start(self, memory: Log | None) -> Outcome[Replication]:
        """Boot with what is on disk, and tell the writer, who may wait for an answer."""
        kept = memory if isinstance(memory, Shelf) else Shelf()
        return Outcome(Serving(log=kept), () if self.author is None else self._to_author(Resumed()))

    def _to_author(self, message: Any) -> tuple[Effect, ...]:
        assert self.author is not None
        return (Send(self.author, message),)

    def options(self, state: Replication) -> Iterable[Timeout]:
        """Do what every replica may do; show a reader that waits that this one is there."""
        assert isinstance(state, Serving)
        yield from super().options(state)
        yield from (StillHere(reader) for reader in sorted(state.readers))

    def step(self, state: Replication, event: Event) -> Outcome[Replication] | None:
        """Answer the writer and readers; or do what every replica does."""
        assert isinstance(state, Serving)
        match event:
            case Receive(sender, Append(entry)):
                return self._brought(state, sender, (entry,))
            case Receive(sender, Bring(entries)):
                if self._is_too_much(entries):
                    return self._refused(state, Send(sender, Refused("", TOO_MANY)))
                return self._brought(state, sender, entries)
            case Receive(sender, Follow(after)):
                return self._followed(state, sender, after)
            case Receive(sender, Fetch(name)):
                answer = Fetched(name, state.log.entries.get(name))
                return Outcome(state, (Send(sender, answer),))
            case Receive(sender, Survey()):
                return Outcome(state, (Send(sender, _heads(state.log)),))
            case StillHere(reader) if reader in state.readers:
                empty = Send(reader, Page(state.readers[reader], ()))
                return Outcome(_without(state, reader), (empty,))
            case GiveUp(peer):
                state = evolve(state, full=state.full - {peer})
        return super().step(state, event)

    # Keeping records.

    def keep(self, state: Replication, entries: Iterable[Entry]) -> Outcome[Replication]:
        """Store what is accepted and not yet held, parents first; count the rest; push the news."""
        assert isinstance(state, Serving)
        log, refused = state.log, state.refused
        news: dict[str, Entry] = {}
        for entry in in_order(entries):
            if not self.accepts(entry, self.writer):
                refused = self.counted(refused)
            elif entry.name not in log.entries:
                news.setdefault(entry.name, entry)
        effects = []
        for entry in self.ordered(news.values()):
            log = self._stored(log, entry)
            effects.append(Record(entry))
        after = evolve(state, log=log, refused=refused)
        pushed = self._pushed(after) if news else Outcome(after)
        return Outcome(pushed.state, (*effects, *pushed.effects))

    def _stored(self, log: Shelf, entry: Entry) -> Shelf:
        kept = self.store(log, entry)
        assert isinstance(kept, Shelf)
        return kept

    def _brought(
        self, state: Serving, sender: Node, entries: tuple[Entry, ...]
    ) -> Outcome[Replication]:
        """Keep records, and say so; refuse those that are not accepted, and say why."""
        kept = self.keep(state, entries)
        good = [each for each in entries if self.accepts(each, self.writer)]
        answers: list[Any] = [Kept(tuple(each.name for each in good))] if good else []
        answers += [
            Refused(each.name, self.explains(each, self.writer))
            for each in entries
            if not self.accepts(each, self.writer)
        ]
        return Outcome(kept.state, (*kept.effects, *(Send(sender, each) for each in answers)))

    def _is_too_much(self, entries: Sized) -> bool:
        """Return whether to look at none of these: to verify them all would take too long."""
        return len(entries) > self.most

    def _refused(self, state: Serving, *answers: Effect) -> Outcome[Replication]:
        return Outcome(evolve(state, refused=self.counted(state.refused)), answers)

    # Exchanging with peers.

    def hear(self, state: Replication, sender: Node, message: Any) -> Outcome[Replication]:
        """Go on with an exchange; after one that was full, begin the next at once."""
        assert isinstance(state, Serving)
        if sender not in self.peers or not isinstance(message, First | Second | Third | Fourth):
            return Outcome(state)
        if not isinstance(message, First) and self._is_too_much(message.records):
            return self._refused(state)
        heard = super().hear(state, sender, message)
        if isinstance(message, First):
            return heard
        after = heard.state
        assert isinstance(after, Serving)
        room = self.algorithm.room if isinstance(self.algorithm, Paged) else self.room
        more = self.eager(after.log is not state.log, room.is_full(message.records))
        full = after.full | {sender} if more else after.full
        if sender in after.talks or sender not in full:
            return Outcome(evolve(after, full=full), heard.effects)
        begun = self.begin(evolve(after, full=full - {sender}), sender)
        assert begun is not None
        return Outcome(begun.state, (*heard.effects, *begun.effects))

    # Telling readers.

    def _followed(self, state: Serving, reader: Node, after: str) -> Outcome[Replication]:
        """Send a reader what it has not had; where there is nothing, remember it."""
        return self._told(evolve(state, readers=state.readers.set(reader, after)), reader)

    def _pushed(self, state: Serving) -> Outcome[Replication]:
        """Send every reader that waits what is new for it."""
        effects: tuple[Effect, ...] = ()
        for reader in sorted(state.readers):
            told = self._told(state, reader)
            assert isinstance(told.state, Serving)
            state, effects = told.state, (*effects, *told.effects)
        return Outcome(state, effects)

    def _told(self, state: Serving, reader: Node) -> Outcome[Replication]:
        wanted = state.readers[reader]
        entries = self.room.page(shelf.after(state.log, wanted))
        if not entries:
            return Outcome(state)
        page = Page(wanted if wanted in state.log.places else "", entries)
        return Outcome(_without(state, reader), (Send(reader, page),))


def _without(state: Serving, reader: Node) -> Serving:
    return evolve(state, readers=state.readers.delete(reader))


def _heads(log: Shelf) -> Heads:
    absent = (x for begin in log.begins for x in log.entries[begin].parents)
    missing = sorted({name for name in absent if name not in log.entries})
    ends = sorted(log.ends)
    return Heads(len(log.entries), tuple(ends[:NAMES_MOST]), tuple(missing[:NAMES_MOST]))
