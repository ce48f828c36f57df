"""Paxos: one value is chosen by a majority of acceptors, in numbered ballots.

Whoever leads a ballot asks for promises (1a), acceptors promise and report their last vote (1b),
the leader proposes a value that the reports permit (2a), acceptors vote for it (2b). Messages may
be lost, late, repeated and reordered: a message that was sent stays, and may be read at any time.
Leaders have no state: an action of theirs reads all messages sent so far, so one machine holds the
acceptors and the messages.

Source: Lamport, `Paxos`, in the TLA+ examples, after "Paxos Made Simple" (ACM SIGACT News 2001),
section 2; its granularity is kept, so that the published number of states comes out.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from attrs import frozen

from coterie.model.machine import Event, Machine, Outcome, Receive, Timeout

NONE = -1
"""The ballot, and the value, of who has promised or voted nothing yet."""


@frozen(cache_hash=True)
class Ask:
    """1a: the leader of `ballot` asks all acceptors for promises."""

    ballot: int


@frozen(cache_hash=True)
class Promise:
    """1b: an acceptor takes part in no ballot below `ballot` any more.

    Attributes:
        acceptor: its index.
        ballot: the ballot that it has promised.
        voted_ballot: the ballot of its last vote; NONE before the first.
        voted_value: the value of its last vote; NONE before the first.
    """

    acceptor: int
    ballot: int
    voted_ballot: int
    voted_value: int


@frozen(cache_hash=True)
class Propose:
    """2a: the leader of `ballot` asks all acceptors to vote for `value`."""

    ballot: int
    value: int


@frozen(cache_hash=True)
class Vote:
    """2b: an acceptor votes for `value` in `ballot`."""

    acceptor: int
    ballot: int
    value: int


Message = Ask | Promise | Propose | Vote


@frozen(cache_hash=True)
class Acceptor:
    """What one acceptor remembers.

    Attributes:
        promised: the highest ballot that it has taken part in; it only grows.
        voted_ballot: the highest ballot that it has voted in.
        voted_value: the value that it voted for there.
    """

    promised: int = NONE
    voted_ballot: int = NONE
    voted_value: int = NONE


@frozen(cache_hash=True)
class Synod:
    """All acceptors, and all messages sent so far; a message is never taken away."""

    acceptors: tuple[Acceptor, ...]
    sent: frozenset[Message] = frozenset()


@frozen(cache_hash=True)
class Phase1a(Timeout):
    """The leader of `ballot` asks for promises."""

    ballot: int


@frozen(cache_hash=True)
class Phase1b(Timeout):
    """An acceptor answers the question of `ballot`."""

    acceptor: int
    ballot: int


@frozen(cache_hash=True)
class Phase2a(Timeout):
    """The leader of `ballot` proposes `value`."""

    ballot: int
    value: int


@frozen(cache_hash=True)
class Phase2b(Timeout):
    """An acceptor votes for `value`, which was proposed in `ballot`."""

    acceptor: int
    ballot: int
    value: int


def is_majority(votes: int, acceptors: int) -> bool:
    """Return whether `votes` are more than half of all `acceptors`, so that any two such meet."""
    return 2 * votes > acceptors


def may_promise(ballot: int, promised: int) -> bool:
    """Return whether an acceptor that has `promised` may promise `ballot`: a higher one."""
    return ballot > promised


def may_vote(ballot: int, promised: int) -> bool:
    """Return whether an acceptor that has `promised` may vote in `ballot`: in none below."""
    return ballot >= promised


def may_propose(proposals: int) -> bool:
    """Return whether a leader that has made so many `proposals` may make one: only the first."""
    return proposals == 0


def must_repeat(voted_ballot: int, highest: int) -> bool:
    """Return whether a reported vote decides the proposal: that of the highest ballot reported."""
    return voted_ballot == highest


def as_proposed(value: int) -> int:
    """Return the value that an acceptor votes for when `value` is proposed: the same."""
    return value


@frozen
class Paxos(Machine[Synod, None]):
    """All leaders and acceptors.

    Attributes:
        acceptors: how many acceptors there are.
        values: how many values may be proposed: 0, 1, and so on.
        ballots: how many ballots there are: 0, 1, and so on.
        quorum: the guard of 2a, over two numbers: how many have promised, of how many.
        may_promise: the guard of 1b, over the ballot and what the acceptor has promised.
        may_vote: the guard of 2b, over the same.
        may_propose: the guard of 2a, over how many proposals its ballot has.
        must_repeat: which reported vote binds 2a, over its ballot and the highest reported.
        cast: the value that an acceptor votes for, of the one proposed.
    """

    acceptors: int
    values: int
    ballots: int
    quorum: Callable[[int, int], bool] = is_majority
    may_promise: Callable[[int, int], bool] = may_promise
    may_vote: Callable[[int, int], bool] = may_vote
    may_propose: Callable[[int], bool] = may_propose
    must_repeat: Callable[[int, int], bool] = must_repeat
    cast: Callable[[int], int] = as_proposed

    def start(self, memory: None) -> Outcome[Synod]:
        """Nobody has promised or voted, and nothing is sent."""
        del memory
        return Outcome(Synod((Acceptor(),) * self.acceptors))

    def options(self, state: Synod) -> Iterable[Timeout]:
        """Every phase of every ballot that may be done now, and changes something."""
        asked = {message.ballot for message in state.sent if isinstance(message, Ask)}
        proposed = sorted((m.ballot, m.value) for m in state.sent if isinstance(m, Propose))
        for ballot in range(self.ballots):
            if ballot not in asked:
                yield Phase1a(ballot)
            for value in self._proposable(state, ballot):
                yield Phase2a(ballot, value)
        for index, acceptor in enumerate(state.acceptors):
            for ballot in sorted(asked):
                if self.may_promise(ballot, acceptor.promised):
                    yield Phase1b(index, ballot)
            for ballot, value in proposed:
                if self.may_vote(ballot, acceptor.promised):
                    yield Phase2b(index, ballot, value)

    def step(self, state: Synod, event: Event) -> Outcome[Synod] | None:
        """Do one phase of one ballot."""
        match event:
            case Receive():
                return Outcome(state)
            case Phase1a(ballot):
                return Outcome(_sending(state, Ask(ballot)))
            case Phase1b(index, ballot) if Ask(ballot) in state.sent:
                if self.may_promise(ballot, state.acceptors[index].promised):
                    return Outcome(_promised(state, index, ballot))
            case Phase2a(ballot, value) if value in self._proposable(state, ballot):
                return Outcome(_sending(state, Propose(ballot, value)))
            case Phase2b(index, ballot, value) if Propose(ballot, value) in state.sent:
                if self.may_vote(ballot, state.acceptors[index].promised):
                    return Outcome(_voted(state, index, ballot, self.cast(value)))
        return None

    def _proposable(self, state: Synod, ballot: int) -> list[int]:
        """Return the values that the leader of `ballot` may propose, by any quorum of promises."""
        proposals = sum(isinstance(m, Propose) and m.ballot == ballot for m in state.sent)
        if not self.may_propose(proposals):
            return []
        permitted = {v for quorum in self._quorums(state, ballot) for v in self._permitted(quorum)}
        return sorted(permitted)

    def _quorums(self, state: Synod, ballot: int) -> Iterator[tuple[Promise, ...]]:
        """Yield the promises of every quorum for `ballot`; an acceptor makes each promise once."""
        promises = sorted(
            (m for m in state.sent if isinstance(m, Promise) and m.ballot == ballot),
            key=lambda promise: promise.acceptor,
        )
        for size in range(len(promises) + 1):
            if self.quorum(size, self.acceptors):
                yield from combinations(promises, size)

    def _permitted(self, quorum: tuple[Promise, ...]) -> Iterable[int]:
        """Return the values that the reports of `quorum` leave: all when nobody has voted."""
        votes = [promise for promise in quorum if promise.voted_ballot != NONE]
        highest = max((vote.voted_ballot for vote in votes), default=NONE)
        if highest == NONE:
            return range(self.values)
        return [v.voted_value for v in votes if self.must_repeat(v.voted_ballot, highest)]


def _sending(state: Synod, message: Message) -> Synod:
    return Synod(state.acceptors, state.sent | {message})


def _promised(state: Synod, index: int, ballot: int) -> Synod:
    before = state.acceptors[index]
    after = Acceptor(ballot, before.voted_ballot, before.voted_value)
    promise = Promise(index, ballot, before.voted_ballot, before.voted_value)
    return _answering(state, index, after, promise)


def _voted(state: Synod, index: int, ballot: int, value: int) -> Synod:
    return _answering(state, index, Acceptor(ballot, ballot, value), Vote(index, ballot, value))


def _answering(state: Synod, index: int, acceptor: Acceptor, message: Message) -> Synod:
    acceptors = (*state.acceptors[:index], acceptor, *state.acceptors[index + 1 :])
    return Synod(acceptors, state.sent | {message})
