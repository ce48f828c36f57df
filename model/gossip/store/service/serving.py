"""A server of the store as it serves for real.

It keeps the promises of the repaired server, with other messages: it compares fingerprints where
that one lists its whole table, and does a bounded piece of work in every step. It tells the others
how far it is, so that an answer can say what is agreed; and it answers for many rows as for one.

Every server asks every other one, from time to time; who lacks something gets it by asking, so that
nobody need be told to ask back.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", sections II-E
and III; section I-A for what is agreed, and section VI for queries. The rest is ours.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, frozen
from immutables import Map

from coterie.model.gossip.store import recovery
from coterie.model.gossip.store.reads import Answer, Get, Recovering
from coterie.model.gossip.store.server import Data, Restarted, Stored, Sync
from coterie.model.gossip.store.service import comparing, positions, shelf
from coterie.model.gossip.store.service.answers import answer, value_at
from coterie.model.gossip.store.service.comparing import (
    ALWAYS,
    IDLE,
    Catching,
    Compare,
    Compared,
    Sizes,
)
from coterie.model.gossip.store.service.index import (
    CALENDAR,
    UNNUMBERED,
    Calendar,
    Row,
    row_of,
)
from coterie.model.gossip.store.service.positions import HowFar, Kept, Progress, Resumes
from coterie.model.gossip.store.service.queries import Query, Replied, What
from coterie.model.gossip.store.service.sensor import Measured
from coterie.model.gossip.store.service.shelf import (
    BLANK,
    Agreed,
    Change,
    Inserted,
    Shelf,
    Started,
)
from coterie.model.machine import (
    Deliver,
    Effect,
    Event,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Send,
    Timeout,
)

SIZES = Sizes()
NO_CATCHING: Map[Node, Catching] = Map()
NOTHING_TOLD: Map[Node, int] = Map()
EVERYTHING = Catching(asked=(ALWAYS,))


@frozen(cache_hash=True)
class Keeping:
    """What a serving server knows.

    Attributes:
        shelf: what is on its disk.
        position: how many of the device's measurements are on the disk, without a gap.
        catching: what it still has to hear from each peer that it has asked.
        told: how far each peer has said that it is, in whole batches.
        boots: how often each peer had started again when it last asked.
        unheard: the peers that have not told all since it started again.
        recovering: whether reads must wait; True from a restart until enough were heard.
    """

    shelf: Shelf = BLANK
    position: int = 0
    catching: Map[Node, Catching] = NO_CATCHING
    told: Map[Node, int] = NOTHING_TOLD
    boots: Map[Node, int] = NOTHING_TOLD
    unheard: frozenset[Node] = frozenset()
    recovering: bool = False


# When a server asks a peer, and when it has heard it.


def when_idle(asked: int) -> bool:
    """Ask from the beginning only when nothing is asked of that peer.

    Why: over links that lose messages in crashes alone an answer comes, or the peer starts again.
    """
    return asked == 0


def at_any_time(asked: int) -> bool:
    """Ask from the beginning, though so much is asked of that peer: an answer may be lost.

    Why: what has come is kept, so the pieces that it was about differ no more. Yet who does so
    before an answer can come, again and again, need never get to the bottom.
    """
    return asked >= 0


def is_later(boot: int, known: int) -> bool:
    """Return whether a peer has started again since it was last heard: what it owed is lost."""
    return boot > known


def is_all(left: int) -> bool:
    """Return whether a peer is heard when so many ranges are still to be heard."""
    return left == 0


def most_heard(heard: int, peers: int) -> bool:
    """Return whether the peers that were heard, and the server itself, are a majority.

    Why: what is safe, or agreed, is on the disks of a majority, and two of them have a server in
    common; so it is known now, though one peer may be down for good. What fewer servers have, and
    the others were not told yet, is not.
    """
    return 2 * (heard + 1) > peers + 1


@frozen
class StoreServer(Machine[Keeping, Shelf]):
    """A serving server.

    Attributes:
        peers: the other servers.
        device: whom it tells what it has kept; None for nobody.
        sources: whose measurements it inserts; None for anybody's.
        calendar: how dates are indexed.
        sizes: how large its messages are, and how many are under way.
        page: how many rows an answer to a client has at most.
        every: how many measurements a batch has.
        quorum: how many servers must have a batch before it is agreed, of how many.
        says: the position that its answers state: of the true one, and what is agreed.
        merge: how two rows of one date become one.
        asks_anew: when it asks a peer from the beginning: how many ranges are asked of it.
        has_restarted: when a peer that asks owes no answer any more: its boot, and the last known.
        is_heard: when a peer has told all: how many ranges of it are left.
        has_caught_up: the guard of reads: how many peers were heard, of how many.
        is_fresh: which answers count: the boot of the question, and the boots so far.
    """

    peers: tuple[Node, ...] = ()
    device: Node | None = None
    sources: frozenset[Node] | None = None
    calendar: Calendar = CALENDAR
    sizes: Sizes = SIZES
    page: int = 500
    every: int = 10
    quorum: positions.Quorum = positions.majority
    says: Callable[[int, int], int] = positions.truly
    merge: shelf.Merge = shelf.greatest
    asks_anew: Callable[[int], bool] = when_idle
    has_restarted: Callable[[int, int], bool] = is_later
    is_heard: Callable[[int], bool] = is_all
    has_caught_up: Callable[[int, int], bool] = recovery.all_heard
    is_fresh: Callable[[int, int], bool] = recovery.is_of_this_boot

    def start(self, memory: Shelf | None) -> Outcome[Keeping]:
        """Begin with an empty disk; or start again, and ask every peer, and tell the device."""
        if memory is None:
            return Outcome(Keeping())
        state = Keeping(
            self.recorded(memory, Started()),
            positions.position(memory.index, 0),
            unheard=frozenset(self.peers),
            recovering=not self.has_caught_up(0, len(self.peers)),
        )
        effects: tuple[Effect, ...] = (Record(Started()), Deliver(Restarted()))
        for peer in self.peers:
            asked = self._asked_anew(state, peer)
            state, effects = asked.state, (*effects, *asked.effects)
        return Outcome(state, (*effects, *self._resuming(state)))

    def _resuming(self, state: Keeping) -> tuple[Effect, ...]:
        return () if self.device is None else (Send(self.device, Resumes(state.position)),)

    def options(self, state: Keeping) -> Iterable[Timeout]:
        """Ask a peer."""
        return (Sync(peer) for peer in self.peers if self._may_ask(state, peer))

    def step(self, state: Keeping, event: Event) -> Outcome[Keeping] | None:
        """Insert, answer, help, ask, or take note of how far another is."""
        match event:
            case Receive(sender, message):
                return self._received(state, sender, message)
            case Sync(peer) if self._may_ask(state, peer):
                return self._asked_anew(state, peer)
        return None

    def memory(self, state: Keeping) -> Shelf:
        """Return the disk."""
        return state.shelf

    def recorded(self, memory: Shelf | None, change: Change) -> Shelf:
        """Return the disk after one change."""
        return shelf.changed(memory or BLANK, change, self.calendar)

    def _received(self, state: Keeping, sender: Node, message: Any) -> Outcome[Keeping]:
        match message:
            case Measured(date, value, number) if self._believes(sender):
                return self._inserted(state, (Row(date, value, number),))
            case Data(date, value) if self._believes(sender):
                return self._inserted(state, (Row(date, value, UNNUMBERED),))
            case Query(number, what):
                return Outcome(state, (Send(sender, self._reply(state, number, what)),))
            case Get(number, date):
                result = Recovering() if state.recovering else value_at(state.shelf.index, date)
                return Outcome(state, (Send(sender, Answer(number, result)),))
            case HowFar():
                return Outcome(state, (Send(sender, Resumes(state.position)),))
            case _ if sender in self.peers:
                return self._advised(state, sender, message)
        return Outcome(state)

    def _advised(self, state: Keeping, peer: Node, message: Any) -> Outcome[Keeping]:
        """Help another server, or be helped."""
        match message:
            case Compare():
                return self._helped(state, peer, message)
            case Compared():
                return self._compared(state, peer, message)
            case Progress(whole):
                return self._agreed(self._told(state, peer, whole))
        return Outcome(state)

    def _helped(self, state: Keeping, peer: Node, compare: Compare) -> Outcome[Keeping]:
        """Answer a question; ask the peer anew where it has started again, and owes an answer."""
        whole = positions.whole_batches(state.position, self.every)
        index = state.shelf.index
        told = comparing.answered(self.calendar, index, self.sizes, compare, whole)
        answered = Outcome(state, (Send(peer, told),))
        if not self.has_restarted(compare.boot, state.boots.get(peer, 0)):
            return answered
        after = evolve(state, boots=state.boots.set(peer, compare.boot))
        if peer not in after.catching:
            return evolve(answered, state=after)
        asked = self._asked_anew(after, peer)
        return Outcome(asked.state, (*answered.effects, *asked.effects))

    def _reply(self, state: Keeping, number: int, what: What) -> Replied:
        """Return the answer to a query; "recovering" until enough peers were heard."""
        kept = state.shelf
        result = Recovering() if state.recovering else answer(kept.index, what, self.page)
        return Replied(number, result, self.says(state.position, kept.agreed), kept.agreed)

    def _believes(self, sender: Node) -> bool:
        return self.sources is None or sender in self.sources

    # Inserting rows.

    def _inserted(self, state: Keeping, arrived: Iterable[Row]) -> Outcome[Keeping]:
        """Insert rows; tell the device and the peers how far that gets this server.

        Why: what says nothing new changes nothing, and costs no commit.
        """
        rows = self._news(state, arrived)
        if not rows:
            return Outcome(state)
        change = Inserted(rows)
        kept = self.recorded(state.shelf, change)
        position = positions.position(kept.index, state.position)
        after = evolve(state, shelf=kept, position=position)
        stored = (Deliver(Stored(row.date, row.value)) for row in rows)
        agreed = self._agreed(after)
        return Outcome(
            agreed.state, (Record(change), *agreed.effects, *stored, *self._telling(state, after))
        )

    def _news(self, state: Keeping, arrived: Iterable[Row]) -> tuple[Row, ...]:
        """Return the rows that the table will have and has not, ascending by date."""
        news: dict[int, Row] = {}
        for row in arrived:
            held = news.get(row.date) or row_of(state.shelf.index, row.date)
            kept = row if held is None else self.merge(held, row)
            if kept != held:
                news[row.date] = kept
        return tuple(news[date] for date in sorted(news))

    def _telling(self, before: Keeping, after: Keeping) -> Iterable[Effect]:
        """Yield what to tell of how far this server has come: the device all, peers each batch."""
        if self.device is not None and after.position > before.position:
            yield Send(self.device, Kept(after.position))
        whole = positions.whole_batches(after.position, self.every)
        if whole > positions.whole_batches(before.position, self.every):
            yield from (Send(peer, Progress(whole)) for peer in self.peers)

    # What is agreed.

    def _told(self, state: Keeping, peer: Node, whole: int) -> Keeping:
        return evolve(state, told=state.told.set(peer, max(whole, state.told.get(peer, 0))))

    def _agreed(self, state: Keeping) -> Outcome[Keeping]:
        """Agree on the batches that enough servers have, this one among them or not."""
        own = positions.whole_batches(state.position, self.every)
        wholes = (own, *(state.told.get(peer, 0) for peer in self.peers))
        count = positions.held_by(wholes, self.quorum(len(wholes)))
        if count <= state.shelf.agreed:
            return Outcome(state)
        change = Agreed(count)
        return Outcome(evolve(state, shelf=self.recorded(state.shelf, change)), (Record(change),))

    # Asking the others.

    def _asked_anew(self, state: Keeping, peer: Node) -> Outcome[Keeping]:
        """Ask a peer from the beginning, and forget what is asked of it."""
        mine = comparing.piece(self.calendar, state.shelf.index, ALWAYS)
        after = evolve(state, catching=state.catching.set(peer, EVERYTHING))
        return Outcome(after, (Send(peer, Compare(mine, state.shelf.boots)),))

    def _may_ask(self, state: Keeping, peer: Node) -> bool:
        catching = state.catching.get(peer, IDLE)
        return peer in self.peers and self.asks_anew(len(catching.asked))

    def _compared(self, state: Keeping, peer: Node, told: Compared) -> Outcome[Keeping]:
        """Insert what comes; ask on where that peer has something else."""
        inserted = self._inserted(state, told.rows)
        agreed = self._agreed(self._told(inserted.state, peer, told.whole))
        asked = self._asked_on(agreed.state, peer, told)
        effects = (*inserted.effects, *agreed.effects, *asked.effects)
        return Outcome(asked.state, effects)

    def _asked_on(self, state: Keeping, peer: Node, told: Compared) -> Outcome[Keeping]:
        """Take note of what was heard, and ask for what is next.

        Guard: the answer is to a question since the latest start, and not heard already.
        """
        catching = state.catching.get(peer, IDLE)
        boots, dates = state.shelf.boots, (told.first, told.last)
        if not self.is_fresh(told.boot, boots) or dates not in catching.asked:
            return Outcome(state)
        backwards = self.peers.index(peer) % 2 == 1
        heard = comparing.heard(catching, told, backwards=backwards)
        left, mine = comparing.next_asked(heard, self.calendar, state.shelf.index, self.sizes)
        after = evolve(state, catching=_with_catching(state.catching, peer, left))
        asks = (Send(peer, Compare(each, boots)) for each in mine)
        if self.is_heard(len(left.asked) + len(left.waiting)):
            after = self._heard(after, peer)
        return Outcome(after, asks)

    def _heard(self, state: Keeping, peer: Node) -> Keeping:
        unheard = state.unheard - {peer}
        heard, peers = len(self.peers) - len(unheard), len(self.peers)
        recovering = state.recovering and not self.has_caught_up(heard, peers)
        return evolve(state, unheard=unheard, recovering=recovering)


def _with_catching(
    catching: Map[Node, Catching], peer: Node, left: Catching
) -> Map[Node, Catching]:
    """Return what is left to hear; a peer of whom nothing is left is not named."""
    if not left.is_over:
        return catching.set(peer, left)
    return catching.delete(peer) if peer in catching else catching
