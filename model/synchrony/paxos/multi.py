"""Multi-Paxos: replicas with a stable leader agree on one log of commands, slot by slot.

A leader has its ballot promised once, for all slots, and then needs one round trip a command. The
first leader needs no promises, since nobody can have voted in a lower ballot. A new leader proposes
again what is reported to it, and fills the gaps with commands that do nothing. A replica that joins
copies the log and replays it.

Source: Lamport, "Paxos Made Simple", ACM SIGACT News 2001, section 3; Jha, "Replication",
recitation of CS 5412 Cloud Computing, Cornell University, sections 2 to 4.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, frozen

from coterie.model.machine import (
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
    Timeout,
)
from coterie.model.oracles.paxos import NONE, is_majority, may_promise, may_vote, must_repeat
from coterie.model.smr.sequenced import as_asked, next_in_line
from coterie.model.smr.tickets import (
    Book,
    Execute,
    answer,
    applied,
    first_come,
    never_applied,
)
from coterie.model.synchrony.paxos.ballots import next_ballot
from coterie.model.synchrony.paxos.entries import (
    NOOP,
    Accepted,
    Applied,
    Ask,
    Decided,
    Entries,
    Fetch,
    Kept,
    Leading,
    Member,
    Promise,
    Promised,
    Propose,
    Request,
    Vote,
)

Result = tuple[Member, tuple[Effect, ...]]


@frozen(cache_hash=True)
class Lead(Timeout):
    """The leader seems to have failed: lead a higher ballot."""


@frozen(cache_hash=True)
class CatchUp(Timeout):
    """Ask `peer` for what is missing of the log."""

    peer: Node


@frozen(cache_hash=True)
class Remind(Timeout):
    """A customer waits for long: ask the leader again, who may be another one by now."""


def noop(command: Book | None) -> Book | None:
    """Return what a new leader proposes in a slot for which this was reported, or nothing."""
    return NOOP if command is None else command


def as_kept(kept: Kept) -> Kept:
    """Return what a replica knows that has started from this: all of it."""
    return kept


@frozen
class ReplicaNode(Machine[Member, Kept]):
    """One replica: acceptor, learner, and leader when it is its turn; or a joiner.

    Attributes:
        name: its own.
        members: all replicas that vote, two or more, in the order in which they own
            ballots; a joiner is none.
        learners: the joiners, which a leader tells what is chosen.
        sources: whom it may ask for what it misses of the log; for a joiner.
        limit: all ballots are below; None for no limit.
        quorum: the guard of leading, and of a choice, over the votes and the members.
        may_promise: the guard of 1b, over the ballot and what is promised.
        may_vote: the guard of 2b, over the same.
        must_repeat: which reported vote binds a slot, by its ballot and the highest reported there.
        filled: what a new leader proposes in a slot, of the command reported for it, or None.
        may_apply: the guard of applying, over the slot and how many are applied.
        is_new: the guard of a command's taking effect, over how often it did.
        cut: from which slot the log is sent to one who asks for it from a slot on.
        recalled: what is known after a restart, of what is on disk.
        execute: what a command does to the tickets.
    """

    name: Node
    members: tuple[Node, ...]
    learners: tuple[Node, ...] = ()
    sources: tuple[Node, ...] = ()
    limit: int | None = None
    quorum: Callable[[int, int], bool] = is_majority
    may_promise: Callable[[int, int], bool] = may_promise
    may_vote: Callable[[int, int], bool] = may_vote
    must_repeat: Callable[[int, int], bool] = must_repeat
    filled: Callable[[Book | None], Book | None] = noop
    may_apply: Callable[[int, int], bool] = next_in_line
    is_new: Callable[[int], bool] = never_applied
    cut: Callable[[int], int] = as_asked
    recalled: Callable[[Kept], Kept] = as_kept
    execute: Execute = first_come

    def start(self, memory: Kept | None) -> Outcome[Member]:
        """The first member leads ballot 0; who starts again replays its log, and follows."""
        if memory is None:
            first = Leading(0, elected=True) if self.name == self.members[0] else None
            promised = 0 if self.name in self.members else NONE
            return Outcome(Member(kept=Kept(promised), leading=first))
        kept = self.recalled(memory)
        state = Member(kept=evolve(kept, decisions=()))
        for command in kept.decisions:
            state, _ = self._applied(state, command)
        return Outcome(state)

    def options(self, state: Member) -> Iterable[Timeout]:
        """Lead; see to a customer who waits; catch up."""
        if self._may_lead(state):
            yield Lead()
        if state.waiting is not None and self._leader(state) != self.name:
            yield Remind()
        yield from map(CatchUp, self.sources)

    def step(self, state: Member, event: Event) -> Outcome[Member] | None:
        """Take commands; lead; vote; learn, and apply what is chosen."""
        match event:
            case Invoke(Book() as command) if state.waiting is None:
                return Outcome(*self._invoked(state, command))
            case Lead() if self._may_lead(state):
                return Outcome(*self._campaigned(state))
            case Remind() if state.waiting is not None and self._leader(state) != self.name:
                return Outcome(state, (Send(self._leader(state), Request(state.waiting)),))
            case CatchUp(peer) if peer in self.sources:
                return Outcome(state, (Send(peer, Fetch(len(state.kept.decisions))),))
            case Receive(sender, message):
                return Outcome(*self._received(state, sender, message))
        return None

    def _received(self, state: Member, sender: Node, message: Any) -> Result:
        match message:
            case Request(command):
                return self._ordered(state, command)
            case Ask(ballot) if self.may_promise(ballot, state.kept.promised):
                after, records = self._promised(state, ballot)
                votes = tuple(vote for _, vote in sorted(after.kept.votes.items()))
                return after, (*records, Send(sender, Promise(ballot, votes)))
            case Promise() if self._leads(state, message.ballot, elected=False):
                return self._counted(state, sender, message)
            case Propose(ballot, slot, command) if self.may_vote(ballot, state.kept.promised):
                joined, records = self._promised(state, ballot)
                after, more = self._accepted(joined, Accepted(slot, ballot, command))
                return after, (*records, *more, Send(sender, Vote(ballot, slot)))
            case Vote(ballot, slot) if self._leads(state, ballot, elected=True):
                return self._supported(state, sender, slot)
            case Decided(slot, command):
                return self._caught_up(state, [(slot, command)])
            case Fetch(first):
                commands = state.kept.decisions[self.cut(first) :]
                return state, (Send(sender, Entries(first, commands)),)
            case Entries(first, commands):
                return self._caught_up(state, enumerate(commands, start=first))
        return state, ()

    def _leads(self, state: Member, ballot: int, *, elected: bool) -> bool:
        own = state.leading
        return own is not None and own.ballot == ballot and own.elected == elected

    def _may_lead(self, state: Member) -> bool:
        """Return whether it may begin a ballot: not while it leads, but as often as it fails to."""
        own = state.leading
        if self.name not in self.members or (own is not None and own.elected):
            return False
        return self.limit is None or self._next(state) < self.limit

    def _next(self, state: Member) -> int:
        members = len(self.members)
        return next_ballot(state.kept.promised, self.members.index(self.name), members)

    def _invoked(self, state: Member, command: Book) -> Result:
        """Answer a customer, or let them wait, and see to it that the command is ordered."""
        if not self.is_new(state.log.count(command)):
            return state, (Return(answer(state, command)),)
        waiting = evolve(state, waiting=command)
        if self._leader(state) == self.name:
            return self._ordered(waiting, command)
        return waiting, (Send(self._leader(state), Request(command)),)

    def _leader(self, state: Member) -> Node:
        """Return whose ballot is the highest that this replica has heard of."""
        return self.members[state.kept.promised % len(self.members)]

    def _ordered(self, state: Member, command: Book) -> Result:
        """Propose a command in the next free slot, if this replica leads and has not done so."""
        own = state.leading
        if own is None or not own.elected:
            return state, ()
        known = (*state.log, *own.proposals.values())
        if not self.is_new(known.count(command)):
            return state, ()
        top = max((len(state.kept.decisions) - 1, *own.proposals.keys()))
        return self._proposed(state, top + 1, command)

    def _proposed(self, state: Member, slot: int, command: Book) -> Result:
        """Vote for a command in a slot, and ask the others to."""
        own = state.leading
        assert own is not None
        leading = evolve(own, proposals=own.proposals.set(slot, command))
        accepted = Accepted(slot, own.ballot, command)
        after, records = self._accepted(evolve(state, leading=leading), accepted)
        return after, (*records, *self._to_others(Propose(own.ballot, slot, command)))

    def _campaigned(self, state: Member) -> Result:
        ballot = self._next(state)
        after, records = self._promised(state, ballot)
        votes = tuple(vote for _, vote in sorted(state.kept.votes.items()))
        leading = Leading(ballot, frozenset({(self.name, Promise(ballot, votes))}))
        return evolve(after, leading=leading), (*records, *self._to_others(Ask(ballot)))

    def _promised(self, state: Member, ballot: int) -> Result:
        """Take part in `ballot`, and in none below it any more."""
        if ballot == state.kept.promised:
            return state, ()
        kept = evolve(state.kept, promised=ballot)
        return evolve(state, kept=kept, leading=None), (Record(Promised(ballot)),)

    def _accepted(self, state: Member, vote: Accepted) -> Result:
        kept = evolve(state.kept, votes=state.kept.votes.set(vote.slot, vote))
        return evolve(state, kept=kept), (Record(vote),)

    def _counted(self, state: Member, sender: Node, promise: Promise) -> Result:
        """Lead, if enough have promised: propose what they report, and fill the gaps."""
        assert state.leading is not None
        promises = state.leading.promises | {(sender, promise)}
        if not self.quorum(len({node for node, _ in promises}), len(self.members)):
            return evolve(state, leading=evolve(state.leading, promises=promises)), ()
        state = evolve(state, leading=Leading(promise.ballot, elected=True))
        reports = [vote for _, each in promises for vote in each.votes]
        top = max((vote.slot for vote in reports), default=NONE)
        effects: tuple[Effect, ...] = ()
        for slot in range(len(state.kept.decisions), top + 1):
            command = self.filled(self._bound([one for one in reports if one.slot == slot]))
            if command is not None:
                state, more = self._proposed(state, slot, command)
                effects += more
        if state.waiting is not None:
            state, more = self._ordered(state, state.waiting)
            effects += more
        return state, effects

    def _bound(self, votes: list[Accepted]) -> Book | None:
        """Return the command that a slot's reported votes leave; None where they leave all."""
        highest = max((vote.ballot for vote in votes), default=NONE)
        binding = [vote.command for vote in votes if self.must_repeat(vote.ballot, highest)]
        return min(binding, default=None)

    def _supported(self, state: Member, sender: Node, slot: int) -> Result:
        """Count a vote; with enough of them the slot is decided, and the others are told."""
        own = state.leading
        assert own is not None
        if slot not in own.proposals or slot < len(state.kept.decisions):
            return state, ()
        votes = own.votes | {(slot, sender)}
        after = evolve(state, leading=evolve(own, votes=votes))
        supporters = 1 + sum(at == slot for at, _ in votes)
        if not self.quorum(supporters, len(self.members)):
            return after, ()
        command = own.proposals[slot]
        learnt, effects = self._caught_up(after, [(slot, command)])
        return learnt, (*effects, *self._to_others(Decided(slot, command), *self.learners))

    def _caught_up(self, state: Member, chosen: Iterable[tuple[int, Book]]) -> Result:
        """Apply these commands and those that waited for them, each in its turn."""
        effects: tuple[Effect, ...] = ()
        late: set[tuple[int, Book]] = set()
        for slot, command in sorted(state.early | set(chosen)):
            if self.may_apply(slot, len(state.kept.decisions)):
                state, more = self._applied(state, command)
                effects += more
            elif slot > len(state.kept.decisions):
                late.add((slot, command))
        return evolve(state, early=frozenset(late)), effects

    def _applied(self, state: Member, command: Book) -> Result:
        """Apply the command of the next slot, unless it does nothing, or has had its effect."""
        kept = evolve(state.kept, decisions=(*state.kept.decisions, command))
        after = evolve(state, kept=kept)
        records: tuple[Effect, ...] = (Record(Applied(command)),)
        if command != NOOP and self.is_new(state.log.count(command)):
            after = applied(after, command, self.execute, self.name)
        if command != state.waiting:
            return after, records
        answered = evolve(after, waiting=None)
        return answered, (*records, Return(answer(answered, command)))

    def _to_others(self, message: Any, *more: Node) -> tuple[Effect, ...]:
        others = (node for node in (*self.members, *more) if node != self.name)
        return tuple(Send(node, message) for node in others)

    def memory(self, state: Member) -> Kept:
        """Promises, votes and the log; not what it leads, nor who waits."""
        return state.kept

    def recorded(self, memory: Kept | None, change: Any) -> Kept:
        """A record is a promise, a vote, or the command of the next slot."""
        kept = memory or Kept()
        match change:
            case Promised(ballot):
                return evolve(kept, promised=ballot)
            case Accepted(slot):
                return evolve(kept, votes=kept.votes.set(slot, change))
            case Applied(command):
                return evolve(kept, decisions=(*kept.decisions, command))
        raise TypeError(f"{change!r} is no record of {type(self).__name__}")
