"""A proposer: it leads ballots of its own until a value is chosen, and learns which.

It is the distinguished learner of its ballots, too: acceptors send it their votes, and it tells
the other proposers what is chosen.

Source: Lamport, "Paxos Made Simple", ACM SIGACT News 2001, sections 2.2 to 2.5.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, frozen

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
from coterie.model.oracles.paxos import NONE, is_majority, must_repeat
from coterie.model.synchrony.paxos.ballots import next_ballot
from coterie.model.synchrony.paxos.messages import (
    Ask,
    Decided,
    Promise,
    Propose,
    Refused,
    Vote,
)


@frozen(cache_hash=True)
class Proposing:
    """What a proposer knows.

    Attributes:
        ballot: the last ballot that it has begun; NONE before the first. It only grows.
        promises: who has promised this ballot, and what they report.
        proposed: the value that it has proposed in this ballot; NONE before.
        votes: who has voted in this ballot.
        refused: the ballot for the sake of which it was refused this one, and has abandoned it;
            NONE if it was not.
        learnt: the value that it knows to be chosen; NONE before.
    """

    ballot: int = NONE
    promises: frozenset[tuple[Node, Promise]] = frozenset()
    proposed: int = NONE
    votes: frozenset[Node] = frozenset()
    refused: int = NONE
    learnt: int = NONE


@frozen(cache_hash=True)
class Attempt(Timeout):
    """The proposer begins a ballot: its first, or a higher one since it has heard nothing."""


def whenever(ballot: int, refused: int) -> bool:
    """Return whether a proposer may begin another ballot: always, for it cannot know why."""
    return (ballot >= NONE) & (refused >= NONE)


def once_refused(ballot: int, refused: int) -> bool:
    """Return whether a proposer may begin another ballot: the first, or if the last was refused.

    This is for networks that lose nothing.
    """
    return (ballot == NONE) | (refused != NONE)


def first_only(ballot: int, refused: int) -> bool:
    """Return whether a proposer may begin another ballot: only the first; then it gives way."""
    return (ballot == NONE) & (refused >= NONE)


def bound(
    reports: Iterable[Promise], own: int, must_repeat: Callable[[int, int], bool] = must_repeat
) -> int:
    """Return the value that these `reports` leave to propose: the highest vote's, or its `own`.

    The reported votes of the highest ballot are for one value.
    """
    votes = [report for report in reports if report.voted_ballot != NONE]
    highest = max((vote.voted_ballot for vote in votes), default=NONE)
    binding = [vote.voted_value for vote in votes if must_repeat(vote.voted_ballot, highest)]
    return min(binding, default=own)


@frozen
class ProposerNode(Machine[Proposing, int]):
    """One proposer.

    Attributes:
        index: which of the proposers it is.
        value: what it proposes where it is free to.
        acceptors: whom it asks.
        others: the other proposers, whom it tells what is chosen.
        limit: all its ballots are below; None for no limit.
        next_ballot: the ballot after another, over that one, its index, and how many proposers.
        may_attempt: the guard of another ballot, over the last one and the highest that it was
            refused for.
        is_promised: the guard of 2a, over how many have promised, of how many acceptors.
        is_chosen: the guard of learning, over how many have voted, of how many acceptors.
        must_repeat: which reported vote binds 2a, over its ballot and the highest reported.
    """

    index: int
    value: int
    acceptors: tuple[Node, ...]
    others: tuple[Node, ...] = ()
    limit: int | None = None
    next_ballot: Callable[[int, int, int], int] = next_ballot
    may_attempt: Callable[[int, int], bool] = whenever
    is_promised: Callable[[int, int], bool] = is_majority
    is_chosen: Callable[[int, int], bool] = is_majority
    must_repeat: Callable[[int, int], bool] = must_repeat

    def start(self, memory: int | None) -> Outcome[Proposing]:
        """It knows nothing but the last ballot that it has begun."""
        return Outcome(Proposing() if memory is None else Proposing(memory))

    def options(self, state: Proposing) -> Iterable[Timeout]:
        """Begin another ballot, until a value is learnt."""
        return (Attempt(),) if self._may_attempt(state) else ()

    def step(self, state: Proposing, event: Event) -> Outcome[Proposing] | None:
        """Begin a ballot; gather promises, propose, gather votes, learn."""
        match event:
            case Attempt() if self._may_attempt(state):
                return self._attempted(state)
            case Receive(sender, Promise(ballot) as promise) if self._awaits(state, ballot):
                promises = state.promises | {(sender, promise)}
                return self._proposed(evolve(state, promises=promises))
            case Receive(sender, Vote(ballot)) if self._leads(state, ballot):
                return self._voted(evolve(state, votes=state.votes | {sender}))
            case Receive(_, Refused(ballot, promised)) if self._leads(state, ballot):
                return Outcome(Proposing(ballot, refused=promised))
            case Receive(_, Decided(value)) if state.learnt == NONE:
                return self._learnt(state, value)
            case Receive():
                return Outcome(state)
        return None

    def _may_attempt(self, state: Proposing) -> bool:
        within = self.limit is None or self._next(state) < self.limit
        may = self.may_attempt(state.ballot, state.refused)
        return state.learnt == NONE and within and may

    def _next(self, state: Proposing) -> int:
        above = state.ballot if state.refused == NONE else state.refused
        return self.next_ballot(above, self.index, len(self.others) + 1)

    def _leads(self, state: Proposing, ballot: int) -> bool:
        """Return whether `ballot` is its own, and was neither abandoned nor successful."""
        return state.learnt == NONE and state.ballot == ballot and state.refused == NONE

    def _awaits(self, state: Proposing, ballot: int) -> bool:
        """Return whether a promise of `ballot` is still of use."""
        return self._leads(state, ballot) and state.proposed == NONE

    def _attempted(self, state: Proposing) -> Outcome[Proposing]:
        ballot = self._next(state)
        asked = self._to_all(Ask(ballot))
        after = self._proposed(Proposing(ballot))
        return Outcome(after.state, (Record(ballot), *asked, *after.effects))

    def _proposed(self, state: Proposing) -> Outcome[Proposing]:
        """Propose, if enough have promised."""
        promised = {acceptor for acceptor, _ in state.promises}
        if not self.is_promised(len(promised), len(self.acceptors)):
            return Outcome(state)
        reports = [report for _, report in state.promises]
        value = bound(reports, self.value, self.must_repeat)
        after = evolve(state, promises=frozenset(), proposed=value)
        return Outcome(after, self._to_all(Propose(state.ballot, value)))

    def _voted(self, state: Proposing) -> Outcome[Proposing]:
        """Learn, if enough have voted."""
        if not self.is_chosen(len(state.votes), len(self.acceptors)):
            return Outcome(state)
        told = tuple(Send(other, Decided(state.proposed)) for other in self.others)
        learnt = self._learnt(state, state.proposed)
        return Outcome(learnt.state, (*learnt.effects, *told))

    def _learnt(self, state: Proposing, value: int) -> Outcome[Proposing]:
        return Outcome(Proposing(state.ballot, learnt=value), (Deliver(value),))

    def _to_all(self, message: Any) -> tuple[Effect, ...]:
        return tuple(Send(acceptor, message) for acceptor in self.acceptors)

    def memory(self, state: Proposing) -> int:
        """The last ballot, which is never begun again."""
        return state.ballot

    def recorded(self, memory: int | None, change: int) -> int:
        """A record is the ballot that begins."""
        del memory
        return change
