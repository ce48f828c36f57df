"""When Paxos comes to a decision, and when it need not.

Whether it does rests on who begins ballots when, and no condition of fairness on the network and
the timers helps two proposers that are in each other's way.
"""

from coterie.model.synchrony.paxos.proposer import Proposing
from coterie.spec.property import View, eventually, reachable, recoverable
from coterie.spec.synchrony.paxos.single import everything_learnt


def ballot(state: Proposing) -> int:
    """Return the last ballot that a proposer has begun."""
    return state.ballot


@eventually(broken_by=("duelling", "impatient"))
def decided_in_the_end(world: View) -> bool:
    """Sooner or later some proposer learns a value.

    In symbols: <> (learnt(p) = v for some p and v), if each message arrives and each proposer that
    may begin a ballot does.
    Why: one distinguished proposer begins ballots until none is refused, and the others give way.
    Where two go on, each can have its promises before the other has its votes, for ever.
    Source: Lamport, Paxos Made Simple, 2001, section 2.4: to guarantee progress, a distinguished
    proposer must be selected; two proposers may go on with no proposal ever chosen.
    """
    return bool(everything_learnt(world))


@recoverable(broken_by="deaf")
def can_still_be_decided(world: View) -> bool:
    """At any time, some schedule lets a value be learnt.

    In symbols: AG EF (learnt(p) = v for some p and v).
    Why: if one proposer goes on and the other waits, the one succeeds.
    Source: Lamport, Paxos Made Simple, 2001, section 2.4.
    """
    return bool(everything_learnt(world))


@reachable(broken_by="deaf")
def a_value_is_learnt(world: View) -> bool:
    """Some proposer can learn a value.

    Why: the witness to the properties above.
    Source: Lamport, Paxos Made Simple, 2001, section 2.4.
    """
    return bool(everything_learnt(world))


@reachable(broken_by="alone")
def all_begin_again(world: View) -> bool:
    """Every proposer can have to begin a second ballot.

    In symbols: EF (for all proposers p of n: ballot(p) >= n).
    Why: the witness that they get in each other's way.
    Source: Lamport, Paxos Made Simple, 2001, section 2.4.
    """
    proposers = world.nodes("proposer")
    return all(world.see(proposer, ballot) >= len(proposers) for proposer in proposers)
