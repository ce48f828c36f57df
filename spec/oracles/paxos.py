"""What Paxos promises."""

from coterie.model.machine import Node
from coterie.model.oracles.paxos import Acceptor, Promise, Propose, Synod, Vote, is_majority
from coterie.spec.property import View, always, reachable

SYNOD = Node("synod")


def proposed(state: Synod) -> frozenset[Propose]:
    """Return the proposals made so far."""
    return frozenset(message for message in state.sent if isinstance(message, Propose))


def voted(state: Synod) -> frozenset[Vote]:
    """Return the votes cast so far."""
    return frozenset(message for message in state.sent if isinstance(message, Vote))


def promised(state: Synod) -> frozenset[Promise]:
    """Return the promises made so far."""
    return frozenset(message for message in state.sent if isinstance(message, Promise))


def chosen(state: Synod) -> frozenset[Propose]:
    """Return the ballots and values for which a majority of the acceptors has voted."""
    cast = [Propose(vote.ballot, vote.value) for vote in voted(state)]
    return frozenset(one for one in cast if is_majority(cast.count(one), len(state.acceptors)))


def is_settled(state: Synod, ballot: int, value: int) -> bool:
    """Return whether nothing but `value` was, or can ever be, chosen in `ballot`.

    A majority has voted for `value` there, or did not vote there and no longer can.
    """
    votes = voted(state)
    agreeing = sum(
        Vote(index, ballot, value) in votes or _abstained(acceptor, index, ballot, votes)
        for index, acceptor in enumerate(state.acceptors)
    )
    return is_majority(agreeing, len(state.acceptors))


def _abstained(acceptor: Acceptor, index: int, ballot: int, votes: frozenset[Vote]) -> bool:
    has_voted = any((vote.acceptor, vote.ballot) == (index, ballot) for vote in votes)
    return acceptor.promised > ballot and not has_voted


def unsafe_votes(state: Synod) -> frozenset[Vote]:
    """Return the votes below whose ballot another value was, or may yet be, chosen."""
    return frozenset(
        vote
        for vote in voted(state)
        if not all(is_settled(state, below, vote.value) for below in range(vote.ballot))
    )


@always(broken_by=("small_quorum", "no_phase_1", "vote_below_promise", "shared_ballot"))
def one_value_chosen(world: View) -> bool:
    """At most one value is chosen.

    In symbols: chosen(v) and chosen(w) implies v = w.
    Why: two majorities have an acceptor in common, so the leader of a higher ballot hears of a
    value that was, or may yet be, chosen below, and proposes no other.
    Source: Lamport, Paxos Made Simple, 2001, section 2.1.
    """
    return len({one.value for one in world.see(SYNOD, chosen)}) <= 1


@always(broken_by="garble")
def chosen_was_proposed(world: View) -> bool:
    """Only a value that was proposed is chosen, and in the ballot in which it was proposed.

    In symbols: chosen(b, v) implies that 2a(b, v) was sent.
    Why: acceptors vote for nothing of their own.
    Source: Lamport, Paxos Made Simple, 2001, section 2.1.
    """
    return world.see(SYNOD, chosen) <= world.see(SYNOD, proposed)


@always(broken_by="shared_ballot")
def one_proposal_a_ballot(world: View) -> bool:
    """In each ballot at most one value is proposed.

    In symbols: 2a(b, v) and 2a(b, w) implies v = w.
    Why: a ballot has one leader, which proposes once.
    Source: Lamport, Paxos Made Simple, 2001, section 2.2.
    """
    ballots = [one.ballot for one in world.see(SYNOD, proposed)]
    return len(ballots) == len(set(ballots))


@always(broken_by="shared_ballot")
def one_value_a_ballot(world: View) -> bool:
    """No two votes in the same ballot are for different values.

    In symbols: 2b(a, b, v) and 2b(c, b, w) implies v = w.
    Why: acceptors vote for what is proposed, and that is one value a ballot.
    Source: OneValuePerBallot in Lamport's TLA+ specification Voting.
    """
    choices = {(vote.ballot, vote.value) for vote in world.see(SYNOD, voted)}
    return len(choices) == len({ballot for ballot, _ in choices})


@always(broken_by=("small_quorum", "no_phase_1", "vote_below_promise"))
def votes_are_safe(world: View) -> bool:
    """A vote is cast only for a value beside which no other can be chosen in a lower ballot.

    In symbols: 2b(a, b, v) implies for all c < b that a majority has, each of its acceptors, voted
    for v in c, or promised more than c without having voted in c.
    Why: this is the induction behind `one_value_chosen`. Promises freeze the ballots below, and of
    the votes reported from there the one of the highest ballot is itself safe.
    Source: VotesSafe and SafeAt in Lamport's TLA+ specification Voting.
    """
    return not world.see(SYNOD, unsafe_votes)


@always(broken_by="promises_again")
def one_promise_a_ballot(world: View) -> bool:
    """An acceptor makes at most one promise in each ballot.

    In symbols: 1b(a, b, v) and 1b(a, b, w) implies v = w.
    Why: it promises only more than before; a second promise could report a vote of that very
    ballot, and a leader would count one acceptor twice.
    Source: Lamport, Paxos Made Simple, 2001, section 2.2: a number greater than any before.
    """
    made = [(one.acceptor, one.ballot) for one in world.see(SYNOD, promised)]
    return len(made) == len(set(made))


@reachable(broken_by="never_repeats")
def chosen_again(world: View) -> bool:
    """The leader of a later ballot can have the value chosen that is chosen already.

    Why: whoever did not learn of the choice may try again, and must be able to finish.
    Source: the witness to votes_are_safe: Lamport, Paxos Made Simple, 2001, section 2.2, P2c.
    """
    return len({one.ballot for one in world.see(SYNOD, chosen)}) > 1


def _promised_by_few(state: Synod) -> bool:
    acceptors = len(state.acceptors)
    ballots = [one.ballot for one in promised(state)]
    counts = [ballots.count(one.ballot) for one in proposed(state)]
    return any(not is_majority(count - 1, acceptors) for count in counts)


@reachable(broken_by="demanding")
def a_bare_majority_suffices(world: View) -> bool:
    """A leader can propose when no more than a majority has promised.

    Why: a minority of the acceptors may be down for ever.
    Source: Lamport, Paxos Made Simple, 2001, section 2.2.
    """
    return world.see(SYNOD, _promised_by_few)


@reachable(broken_by="never_propose")
def a_value_is_chosen(world: View) -> bool:
    """A value can be chosen.

    Why: acceptors that never voted would keep every promise above.
    Source: the witness to `one_value_chosen`.
    """
    return bool(world.see(SYNOD, chosen))
