"""The core of PBFT: one sequence number, several views, and Byzantine replicas without a state.

In each view the primary proposes a digest, backups prepare it and commit it once it is prepared;
whoever gives up a view reports its newest certificate to the next, whose primary has to build on
the reports of a quorum.

What was sent stays, and may be read at any time. A Byzantine replica can have sent anything at all
to anybody, so it has no state: a guard over the senders of equal messages counts the correct ones
that sent it, and all Byzantine ones. Every primary may be Byzantine: it may propose as many digests
as backups find permitted, each to other backups. So it does not matter which of the replicas are
Byzantine, and correct ones differ only in what they sent: they are kept in sorted order, and an
event names a replica by its place there.

A primary that is free may as well choose the null request, so null is one of the digests.

Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, sections 4.2 and 4.4.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from attrs import evolve, frozen

from coterie.model.diffusion.pbft.quorums import (
    is_committed,
    is_prepared,
    is_view_change_quorum,
)
from coterie.model.machine import Event, Machine, Outcome, Receive, Timeout

NONE = -1
"""No digest; and the view of no certificate."""

UNSENT = -2
"""No report: the replica has sent no view change for this view."""


@frozen(cache_hash=True)
class Round:
    """What one replica has sent in one view.

    Attributes:
        reported: the view of the certificate in its VIEW-CHANGE for this view; NONE where it had
            no certificate, UNSENT where it sent no such message.
        accepted: the digest for which it sent its PREPARE (or its PRE-PREPARE); NONE before.
        prepared: whether it had a certificate for that digest, and so sent its COMMIT.
    """

    reported: int = UNSENT
    accepted: int = NONE
    prepared: bool = False


Replica = tuple[Round, ...]
"""What one correct replica has sent, one `Round` for each view."""


@frozen(order=True, cache_hash=True)
class Certificate:
    """A digest for which a quorum has sent the same message in `view`."""

    view: int
    digest: int


NO_CERTIFICATE = Certificate(NONE, NONE)


@frozen(cache_hash=True)
class Core:
    """All correct replicas.

    Attributes:
        f: how many Byzantine replicas the quorums are made for.
        replicas: what each has sent, in sorted order.
        certified: what can be shown to be prepared, with the help of all Byzantine replicas.
        committed: what is committed at some correct replica that reads everything.
    """

    f: int
    replicas: tuple[Replica, ...]
    certified: frozenset[Certificate] = frozenset()
    committed: frozenset[Certificate] = frozenset()


@frozen(cache_hash=True)
class Accept(Timeout):
    """A replica accepts the proposal of `digest` in its view, and sends its PREPARE."""

    replica: int
    digest: int


@frozen(cache_hash=True)
class Commit(Timeout):
    """A replica sees that what it accepted in its view is prepared, and sends its COMMIT."""

    replica: int


@frozen(cache_hash=True)
class ChangeView(Timeout):
    """A replica gives up its view, and sends its VIEW-CHANGE for the next one."""

    replica: int


def must_repeat(view: int, highest: int) -> bool:
    """Return whether a reported certificate decides the proposal: that of the highest view."""
    return view == highest


def newest(own: tuple[int, ...]) -> int:
    """Return which of its `own` certificates, named by ascending views, a replica reports."""
    return own[-1]


def sorted_replicas(replicas: Iterable[Replica]) -> tuple[Replica, ...]:
    """Return the replicas in sorted order: who is who does not matter."""
    return tuple(sorted(replicas, key=_order))


def _order(replica: Replica) -> list[tuple[int, int, bool]]:
    return [(sent.reported, sent.accepted, sent.prepared) for sent in replica]


def view_of(replica: Replica) -> int:
    """Return the view that `replica` is in: the highest for which it sent a view change."""
    return sum(sent.reported != UNSENT for sent in replica)


@frozen
class PbftCore(Machine[Core, None]):
    """All correct replicas, and what all primaries and Byzantine replicas can do to them.

    Attributes:
        f: how many Byzantine replicas the quorums are made for.
        replicas: how many replicas there are, with the Byzantine ones.
        faulty: how many of them are Byzantine.
        views: how many views there are: 0, 1, and so on.
        digests: how many digests there are: 0, 1, and so on.
        is_prepared: the guard of a certificate, over the prepares beside the pre-prepare, and f.
        is_committed: the guard of the local commit, over the commits, and f.
        is_view_change_quorum: the guard of a new view, over the view changes, and f.
        must_repeat: which reported certificate binds a new view, by its view and the highest one.
        reported: which of its own certificates a replica reports.
        in_order: the order in which replicas are kept.
    """

    f: int
    replicas: int
    faulty: int
    views: int
    digests: int = 2
    is_prepared: Callable[[int, int], bool] = is_prepared
    is_committed: Callable[[int, int], bool] = is_committed
    is_view_change_quorum: Callable[[int, int], bool] = is_view_change_quorum
    must_repeat: Callable[[int, int], bool] = must_repeat
    reported: Callable[[tuple[int, ...]], int] = newest
    in_order: Callable[[Iterable[Replica]], tuple[Replica, ...]] = sorted_replicas

    def start(self, memory: None) -> Outcome[Core]:
        """Nobody has sent anything."""
        del memory
        silent = (Round(),) * self.views
        return Outcome(Core(self.f, (silent,) * (self.replicas - self.faulty)))

    def options(self, state: Core) -> Iterable[Timeout]:
        """What each replica can do; equal replicas can do the same, so the first of them does."""
        for index, replica in enumerate(state.replicas):
            if index == 0 or replica != state.replicas[index - 1]:
                yield from self._options(state, index)

    def _options(self, state: Core, index: int) -> Iterator[Timeout]:
        replica = state.replicas[index]
        view = view_of(replica)
        if replica[view].accepted == NONE:
            yield from (Accept(index, digest) for digest in self.permitted(state, view))
        if self._may_commit(state, replica):
            yield Commit(index)
        if view + 1 < self.views:
            yield ChangeView(index)

    def step(self, state: Core, event: Event) -> Outcome[Core] | None:
        """Send one message of one replica."""
        match event:
            case Receive():
                return Outcome(state)
            case Accept(index, digest):
                replica = state.replicas[index]
                view = view_of(replica)
                is_open = replica[view].accepted == NONE
                if is_open and digest in self.permitted(state, view):
                    return self._sent(state, index, view, evolve(replica[view], accepted=digest))
            case Commit(index) if self._may_commit(state, state.replicas[index]):
                replica = state.replicas[index]
                view = view_of(replica)
                return self._sent(state, index, view, evolve(replica[view], prepared=True))
            case ChangeView(index):
                replica = state.replicas[index]
                view = view_of(replica) + 1
                if view < self.views:
                    return self._sent(state, index, view, Round(self._report(replica)))
        return None

    def _may_commit(self, state: Core, replica: Replica) -> bool:
        view = view_of(replica)
        sent = replica[view]
        return not sent.prepared and Certificate(view, sent.accepted) in state.certified

    def _report(self, replica: Replica) -> int:
        """Return the view of the certificate that `replica` reports."""
        own = tuple(view for view, sent in enumerate(replica) if sent.prepared)
        return self.reported(own) if own else NONE

    def permitted(self, state: Core, view: int) -> tuple[int, ...]:
        """Return the digests that a primary can show to be permitted in `view`.

        It chooses a quorum among the view changes. A Byzantine replica's may report any certificate
        that can be made, or none; one such report does as much as several.
        """
        used = {sent.accepted for replica in state.replicas for sent in replica} - {NONE}
        everything = tuple(range(min(len(used) + 1, self.digests)))
        if view == 0:
            return everything
        found: set[int] = set()
        forged = [one for one in state.certified if one.view < view]
        for reports in self._quorums(state, view):
            for reported in ({*reports}, *({*reports, one} for one in forged)):
                found.update(self._bound(reported - {NO_CERTIFICATE}) or everything)
        return tuple(sorted(found))

    def _quorums(self, state: Core, view: int) -> Iterator[tuple[Certificate, ...]]:
        """Yield what correct replicas report in each quorum that the Byzantine ones complete."""
        reports = [_certificate(one, view) for one in state.replicas if one[view].reported > UNSENT]
        for size in range(len(reports) + 1):
            if self.is_view_change_quorum(size + self.faulty, self.f):
                yield from set(combinations(sorted(reports), size))

    def _bound(self, reported: set[Certificate]) -> list[int]:
        """Return the digests that these certificates leave; none where there are none."""
        highest = max((one.view for one in reported), default=NONE)
        return [one.digest for one in reported if self.must_repeat(one.view, highest)]

    def _sent(self, state: Core, index: int, view: int, sent: Round) -> Outcome[Core]:
        """Return the state in which this is what a replica has sent in `view`."""
        before = state.replicas[index]
        after = (*before[:view], sent, *before[view + 1 :])
        replicas = (*state.replicas[:index], after, *state.replicas[index + 1 :])
        return Outcome(
            Core(
                self.f,
                self.in_order(replicas),
                frozenset(self._certified(replicas)),
                frozenset(self._committed(replicas)),
            )
        )

    def _certified(self, replicas: tuple[Replica, ...]) -> Iterator[Certificate]:
        """Yield what is prepared: the primary, be it Byzantine, sends no PREPARE."""
        for view in range(self.views):
            accepted = [replica[view].accepted for replica in replicas]
            for digest in range(self.digests):
                prepares = accepted.count(digest) + self.faulty - 1
                if digest in accepted and self.is_prepared(prepares, self.f):
                    yield Certificate(view, digest)

    def _committed(self, replicas: tuple[Replica, ...]) -> Iterator[Certificate]:
        """Yield what is committed at a replica that is prepared itself."""
        for view in range(self.views):
            prepared = [one[view].accepted for one in replicas if one[view].prepared]
            for digest in set(prepared):
                if self.is_committed(prepared.count(digest) + self.faulty, self.f):
                    yield Certificate(view, digest)


def _certificate(replica: Replica, view: int) -> Certificate:
    """Return the certificate that `replica` reported for `view`."""
    reported = replica[view].reported
    return NO_CERTIFICATE if reported == NONE else Certificate(reported, replica[reported].accepted)
