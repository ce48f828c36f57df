"""What Paxos promises of one decision, where nodes crash, and messages are lost, late and repeated.

What was sent is read from channels that keep everything.
"""

from itertools import product

from coterie.model.machine import Node
from coterie.model.oracles.paxos import NONE, Acceptor, is_majority
from coterie.model.synchrony.paxos.messages import Promise, Propose, Vote
from coterie.model.synchrony.paxos.proposer import Proposing
from coterie.spec.property import View, always, each, reachable, recoverable
from coterie.spec.refinement import refines
from coterie.spec.smr.log import Log, ReplicatedLog


def learnt(state: Proposing) -> int:
    """Return the value that a proposer has learnt."""
    return state.learnt


def proposals(world: View) -> frozenset[Propose]:
    """Return the proposals made so far."""
    return frozenset(
        message
        for proposer, acceptor in product(world.nodes("proposer"), world.nodes("acceptor"))
        for message in world.in_flight(proposer, acceptor)
        if isinstance(message, Propose)
    )


def answers(world: View, acceptor: Node) -> list[Promise | Vote]:
    """Return what an acceptor has sent so far."""
    proposers = world.nodes("proposer")
    return [message for one in proposers for message in world.in_flight(acceptor, one)]


def votes(world: View, acceptor: Node) -> frozenset[Vote]:
    """Return the votes of an acceptor: all that it has sent, and the last on its disk.

    One that it had no time to send before a crash, and no reason to afterwards, counts no more once
    a later one is on disk: nobody will ever hear of it.
    """
    kept = world.memory(acceptor)
    assert isinstance(kept, Acceptor)
    sent = {message for message in answers(world, acceptor) if isinstance(message, Vote)}
    last = {Vote(kept.voted_ballot, kept.voted_value)} if kept.voted_ballot != NONE else set()
    return frozenset(sent | last)


def chosen(world: View) -> frozenset[Vote]:
    """Return the ballots and values for which a majority of the acceptors has voted."""
    acceptors = world.nodes("acceptor")
    cast = [vote for acceptor in acceptors for vote in votes(world, acceptor)]
    return frozenset(vote for vote in cast if is_majority(cast.count(vote), len(acceptors)))


def everything_learnt(world: View) -> set[int]:
    """Return what the proposers have learnt to be chosen."""
    found = {world.see(proposer, learnt) for proposer in world.nodes("proposer")}
    return found - {NONE}


@always(
    broken_by=(
        "small_quorum",
        "no_phase_1",
        "vote_below_promise",
        "amnesia",
        "votes_only",
    )
)
def one_value_chosen(world: View) -> bool:
    """At most one value is chosen.

    In symbols: chosen(b, v) and chosen(c, w) implies v = w.
    Why: two majorities have an acceptor in common, which remembers over crashes what it has
    promised and voted; so whoever leads a higher ballot hears of what may be chosen below.
    Source: Lamport, Paxos Made Simple, 2001, section 2.1.
    """
    return len({vote.value for vote in chosen(world)}) <= 1


@always(broken_by=("small_quorum", "any_vote"))
def learners_agree(world: View) -> bool:
    """No two proposers learn different values.

    In symbols: learnt(p) = v and learnt(q) = w implies v = w.
    Why: they learn only what is chosen, and that is one value.
    Source: Lamport, Paxos Made Simple, 2001, section 2.1.
    """
    return len(everything_learnt(world)) <= 1


@always(broken_by="garble")
def chosen_was_proposed(world: View) -> bool:
    """Only a value that was proposed is chosen, and in the ballot in which it was proposed.

    In symbols: chosen(b, v) implies that 2a(b, v) was sent.
    Why: acceptors vote for nothing of their own.
    Source: Lamport, Paxos Made Simple, 2001, section 2.1.
    """
    return {Propose(one.ballot, one.value) for one in chosen(world)} <= proposals(world)


@always(broken_by="shared_ballot")
def one_proposal_a_ballot(world: View) -> bool:
    """In each ballot at most one value is proposed.

    In symbols: 2a(b, v) and 2a(b, w) implies v = w.
    Why: each ballot has one proposer, which proposes once in it, and begins none twice.
    Source: Lamport, Paxos Made Simple, 2001, section 2.5: disjoint sets of numbers.
    """
    made = proposals(world)
    return len({one.ballot for one in made}) == len(made)


@always(broken_by=("promises_again", "votes_only"), each=each("acceptor"))
def one_promise_a_ballot(world: View, acceptor: Node) -> bool:
    """An acceptor makes at most one promise in each ballot.

    In symbols: 1b(a, b, v) and 1b(a, b, w) implies v = w.
    Why: it promises only more than before, and the promise is on its disk before it is sent.
    Source: Lamport, Paxos Made Simple, 2001, section 2.5: it remembers even if it fails.
    """
    made = [one for one in answers(world, acceptor) if isinstance(one, Promise)]
    return len({one.ballot for one in made}) == len(made)


@always(broken_by="hasty_learner")
def learnt_is_chosen(world: View) -> bool:
    """A proposer learns only what is chosen.

    In symbols: learnt(p) = v implies chosen(b, v) for some b.
    Why: it has heard the votes of a majority, or of somebody who has.
    Source: Lamport, Paxos Made Simple, 2001, section 2.1: unless it actually has been.
    """
    found = everything_learnt(world)
    return not found or found <= {vote.value for vote in chosen(world)}


def log_of_one(world: View) -> ReplicatedLog:
    """Return the abstract log that as many nodes apply as the world has proposers."""
    proposers = len(world.nodes("proposer"))
    return ReplicatedLog(proposers, tuple(range(proposers)))


@refines(log_of_one, within=2, broken_by=("small_quorum", "hasty_learner"))
def is_a_log_of_one_command(world: View) -> Log | None:
    """The value that is learnt is the one command of a replicated log.

    In symbols: each step is a stutter, or: the value is chosen and applied by who learns it first,
    or: another proposer applies it.
    Why: one value is chosen, and nobody learns anything else.
    Source: Lamport, Paxos Made Simple, 2001, section 3: an instance a command; Schneider, The State
    Machine Approach, 1990.
    """
    found = everything_learnt(world)
    known = [world.see(proposer, learnt) for proposer in world.nodes("proposer")]
    if len(found) > 1:
        return None
    return Log(tuple(found), tuple(int(value != NONE) for value in known))


@recoverable(broken_by=("demanding", "deaf"))
def can_still_be_decided(world: View) -> bool:
    """From wherever it has come to, all proposers can still learn a value.

    In symbols: AG EF (for all proposers p: learnt(p) != none).
    Why: what leads the highest ballot may go on, with a majority that is or comes up.
    Source: Lamport, Paxos Made Simple, 2001, section 2.4.
    """
    return NONE not in {world.see(proposer, learnt) for proposer in world.nodes("proposer")}


@reachable(broken_by="demanding")
def learnt_without_a_minority(world: View) -> bool:
    """A value can be learnt while an acceptor is down that has never answered anything.

    Why: the witness that a majority suffices.
    Source: Lamport, Paxos Made Simple, 2001, section 2.4: enough of the system is working.
    """
    if not everything_learnt(world):
        return False
    down = [acceptor for acceptor in world.nodes("acceptor") if not world.up(acceptor)]
    return any(world.memory(acceptor) == Acceptor() for acceptor in down)


@reachable(broken_by="stubborn")
def chosen_again(world: View) -> bool:
    """The proposer of a later ballot can have the value chosen that is chosen already.

    Why: whoever did not learn of the choice may try again, and must be able to finish.
    Source: Lamport, Paxos Made Simple, 2001, section 2.2, P2c.
    """
    values = [vote.value for vote in chosen(world)]
    return len(set(values)) < len(values)
