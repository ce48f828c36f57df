"""A server of the store: it keeps what the device measures, answers reads, and recovers.

The server of the paper, the one that was published as code, and the repaired one are one machine
with other fields: `PAPER`, `CODE` and `REPAIRED` at the end.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", sections II-E
and III. The paper leaves consistent reads during the recovery to future work; the repair is ours.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, frozen

from coterie.model.gossip.store import disk, recovery
from coterie.model.gossip.store.disk import (
    BLANK,
    Booted,
    Change,
    Commit,
    Item,
    Row,
    Sorted,
    Store,
    Wiped,
)
from coterie.model.gossip.store.reads import Absent, Answer, Found, Get, Recovering
from coterie.model.gossip.store.recovery import Done, Request, Rows
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


@frozen(cache_hash=True)
class Data:
    """The device has measured `value` at `date`."""

    date: int
    value: int


@frozen(cache_hash=True)
class Sync(Timeout):
    """It is time to ask `peer` for what this server lacks."""

    peer: Node


@frozen(cache_hash=True)
class Write(Timeout):
    """Make the second commit of an insertion that takes two."""


@frozen(cache_hash=True)
class Stored:
    """The application is told that `date` is in the table, with `value`."""

    date: int
    value: int


@frozen(cache_hash=True)
class Restarted:
    """The application is told that the server has started again."""


@frozen(cache_hash=True)
class Serving:
    """What a server knows.

    Attributes:
        store: what is on its disk.
        unwritten: the second commit of the latest insertion, still to be made.
        unasked: the peers that it has not asked since it started again.
        unheard: the peers that have not answered in full since it started again.
        recovering: whether reads must wait; True from a restart until enough were heard.
        listening: whether it still takes rows from the other servers.
    """

    store: Store = BLANK
    unwritten: tuple[Change, ...] = ()
    unasked: frozenset[Node] = frozenset()
    unheard: frozenset[Node] = frozenset()
    recovering: bool = False
    listening: bool = True


@frozen
class Server(Machine[Serving, Store]):
    """A server; by default the paper's.

    Attributes:
        peers: the other servers.
        partners: those of them whom it asks at any time, where `asking` does; of two servers it
            suffices that one has the other as its partner.
        batch: how many rows fit into a message.
        setup: what a start again changes on the disk.
        at_start: whether it asks within the start, or at some time after it.
        describe: what it says it has when it asks.
        unbounded: whether a request of one who has nothing is answered with everything.
        merge: how two values of one date become one.
        split: what of an insertion is one commit.
        sorting: when the log is sorted.
        asking: whom it asks again.
        two_way: whether a helper asks back when it learns that it lacks something itself.
        has_caught_up: the guard of reads: how many peers were heard, of how many.
        is_fresh: which answers count: the boot of the request, and the boots so far.
        is_complete: which answers count: of how many parts.
        done: whether a helper says `Done`, and the first one it hears ends the asker's recovery.
    """

    peers: tuple[Node, ...]
    partners: frozenset[Node] = frozenset()
    batch: int = 100
    setup: tuple[Change, ...] = ()
    at_start: bool = True
    describe: recovery.Describe = recovery.first_and_last
    unbounded: bool = True
    merge: disk.Merge = disk.keep_first
    split: disk.Split = disk.together
    sorting: disk.Sorting = disk.once_recovered
    asking: recovery.Asking = recovery.never
    two_way: bool = False
    has_caught_up: Callable[[int, int], bool] = recovery.at_once
    is_fresh: Callable[[int, int], bool] = recovery.is_of_this_boot
    is_complete: Callable[[int], bool] = recovery.is_whole
    done: bool = False

    def start(self, memory: Store | None) -> Outcome[Serving]:
        """Begin with an empty disk; or start again, and ask every peer.

        Sends: where `at_start`, one request to each peer, in their order.
        Source: section III, steps 1 and 2.
        """
        if memory is None:
            return Outcome(Serving())
        everybody = frozenset(self.peers)
        state, commit = _committed(Serving(memory), self.setup)
        state = evolve(state, unasked=everybody, unheard=everybody)
        state = evolve(state, recovering=not self.has_caught_up(0, len(self.peers)))
        effects: tuple[Effect, ...] = (*commit, Deliver(Restarted()))
        if not self.at_start:
            return Outcome(state, effects)
        requests = (Send(peer, self._request(state)) for peer in self.peers)
        return Outcome(evolve(state, unasked=frozenset()), (*effects, *requests))

    def options(self, state: Serving) -> Iterable[Timeout]:
        """Finish an insertion; ask a peer."""
        if state.unwritten:
            yield Write()
        yield from (Sync(peer) for peer in self.peers if peer in self._asked(state))

    def step(self, state: Serving, event: Event) -> Outcome[Serving] | None:
        """Finish the insertion before, if need be; then insert, answer, help, or ask.

        Why: a server does one thing after another. Only a crash, or the `Write` by itself, can
        come between the two commits of an insertion.
        """
        finished, commit = _committed(evolve(state, unwritten=()), state.unwritten)
        match event:
            case Receive(sender, message):
                outcome = self._received(finished, sender, message)
            case Sync(peer) if peer in self._asked(state):
                asked = evolve(finished, unasked=finished.unasked - {peer})
                outcome = Outcome(asked, (Send(peer, self._request(finished)),))
            case Write() if state.unwritten:
                outcome = Outcome(finished)
            case _:
                return None
        return evolve(outcome, effects=(*commit, *outcome.effects))

    def memory(self, state: Serving) -> Store:
        """Return the disk."""
        return state.store

    def recorded(self, memory: Store | None, change: Any) -> Store:
        """Return the disk after a `Commit`."""
        assert isinstance(change, Commit)
        return disk.committed(memory or BLANK, change.changes)

    def _received(self, state: Serving, sender: Node, message: Any) -> Outcome[Serving]:
        match message:
            case Data(date, value):
                return self._inserted(state, ((date, value),), recovered=False)
            case Get(number, date):
                return Outcome(state, (Send(sender, Answer(number, _looked_up(state, date))),))
            case Request():
                return Outcome(state, self._help(state, sender, message))
            case Rows(items) if state.listening:
                outcome = self._inserted(state, items, recovered=True)
                return evolve(outcome, state=self._heard(outcome.state, sender, message))
            case Done() if self.done:
                return Outcome(evolve(state, listening=False))
        return Outcome(state)

    def _inserted(
        self, state: Serving, items: tuple[Item, ...], *, recovered: bool
    ) -> Outcome[Serving]:
        """Insert `items`; a row that says nothing new changes nothing.

        Source: section II-E for what the device sends, section III, steps 4 and 5 for the rest.
        """
        changes = disk.insertion(state.store, items, self.merge)
        if self.sorting(recovered, disk.is_late(state.store, changes)) and not disk.is_sorted(
            disk.committed(state.store, changes)
        ):
            changes = (*changes, Sorted())
        first, second = self.split(changes)
        state, effects = _committed(state, first)
        return Outcome(evolve(state, unwritten=second), effects)

    def _help(self, state: Serving, asker: Node, request: Request) -> tuple[Effect, ...]:
        """Send what the asker lacks; ask back for what it has and this server has not.

        Source: section III, step 3.
        """
        known = request.known
        items = recovery.lacked(state.store, known, self.merge, unbounded=self.unbounded)
        answer: tuple[Any, ...] = recovery.answer(items, self.batch, request.boot)
        if self.done:
            answer = (*answer, Done())
        if self.two_way and recovery.lacks(state.store, known, self.merge):
            answer = (*answer, self._request(state))
        return tuple(Send(asker, message) for message in answer)

    def _heard(self, state: Serving, sender: Node, rows: Rows) -> Serving:
        if not (self.is_fresh(rows.boot, state.store.boots) & self.is_complete(rows.parts)):
            return state
        unheard = state.unheard - {sender}
        heard, peers = len(self.peers) - len(unheard), len(self.peers)
        recovering = state.recovering and not self.has_caught_up(heard, peers)
        return evolve(state, unheard=unheard, recovering=recovering)

    def _request(self, state: Serving) -> Request:
        return Request(self.describe(state.store), state.store.boots)

    def _asked(self, state: Serving) -> frozenset[Node]:
        return state.unasked | self.asking(state.unheard, self.partners)


def _committed(state: Serving, changes: tuple[Change, ...]) -> tuple[Serving, tuple[Effect, ...]]:
    """Make `changes` in one commit, and tell of each row."""
    if not changes:
        return state, ()
    rows = (change for change in changes if isinstance(change, Row))
    stored = (Deliver(Stored(row.date, row.value)) for row in rows)
    store = disk.committed(state.store, changes)
    return evolve(state, store=store), (Record(Commit(changes)), *stored)


def _looked_up(state: Serving, date: int) -> Found | Absent | Recovering:
    """Return the answer to a read.

    Source: section II-E; "recovering" is ours.
    """
    if state.recovering:
        return Recovering()
    value = state.store.table.get(date)
    return Absent() if value is None else Found(value)


PAPER = Server(())
"""The server as the paper describes it."""

CODE = Server((), setup=(Wiped(),), sorting=disk.unsorted, done=True)
"""The server as its published code has it: a start wipes the disk, and nothing is sorted."""

REPAIRED = Server(
    (),
    setup=(Booted(),),
    describe=recovery.every_date,
    merge=disk.keep_greatest,
    sorting=disk.when_late,
    asking=recovery.for_ever,
    two_way=True,
    has_caught_up=recovery.all_heard,
)
"""The server that keeps asking, in both directions, and reads only when it has caught up."""
