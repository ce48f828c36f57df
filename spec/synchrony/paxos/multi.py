"""What Multi-Paxos promises: one log, over changes of the leader, crashes, and joiners.

What was decided is read from the disks, of replicas that are down, too.
"""

from functools import reduce

from coterie.model.machine import Node
from coterie.model.smr.tickets import (
    Book,
    Booked,
    Copy,
    Taken,
    Tickets,
    answer,
    applied,
    first_come,
)
from coterie.model.synchrony.paxos.entries import NOOP, Kept, Leading, Member
from coterie.spec.history.objects import SequentialObject
from coterie.spec.property import View, always, each, pairs, reachable, recoverable
from coterie.spec.refinement import refines
from coterie.spec.smr.log import Log
from coterie.spec.smr.refined import CUSTOMERS_MOST, abstract_log, seen_from_above

NOBODY = Node("nobody")


def _sold(tickets: Tickets, command: Book) -> tuple[Tickets, Booked | Taken]:
    after = first_come(tickets, command, NOBODY)
    return after, answer(Copy(after), command)


TICKETS = SequentialObject("airline", Copy().tickets, _sold)
"""The airline that sells each ticket once, and answers whether it is the customer's."""


def decisions(world: View, replica: Node) -> tuple[Book, ...]:
    """Return the commands by slot that a replica has on disk as chosen."""
    kept = world.memory(replica)
    assert isinstance(kept, Kept)
    return kept.decisions


def effective(commands: tuple[Book, ...]) -> tuple[Book, ...]:
    """Return those commands that have an effect: no fillers, and each command once."""
    return tuple(dict.fromkeys(command for command in commands if command != NOOP))


def leading(state: Member) -> Leading | None:
    """Return the ballot that a replica leads."""
    return state.leading


def member(state: Member) -> Member:
    """Return all that a replica holds."""
    return state


@always(
    broken_by=("forgetful", "amnesia", "vote_below_promise", "wrong_offset"), each=pairs("replica")
)
def one_log(world: View, one: Node, other: Node) -> bool:
    """Of any two replicas, one knows a prefix of the decisions that the other knows.

    In symbols: decisions(r) is a prefix of decisions(s), or decisions(s) of decisions(r).
    Why: each slot is an instance of Paxos, in which one value is chosen; they are applied in the
    order of the slots, and what is applied is on disk.
    Source: Lamport, Paxos Made Simple, 2001, section 3.
    """
    first, second = decisions(world, one), decisions(world, other)
    shared = min(len(first), len(second))
    return first[:shared] == second[:shared]


@always(broken_by="no_dedupe", each=each("replica"))
def copy_is_replayed_log(world: View, replica: Node) -> bool:
    """What a replica holds is what replaying its decisions gives, each command once.

    In symbols: tickets(r) and log(r) are the fold of decisions(r) without fillers and repetitions.
    Why: it replays them after a crash, and a joiner does after it has copied them.
    Source: Jha, Replication, sections 2 and 4; Lamport, Paxos Made Simple, 2001, section 3.
    """
    if not world.up(replica):
        return True
    state = world.see(replica, member)

    def run(copy: Copy, command: Book) -> Copy:
        return applied(copy, command, first_come, replica)

    replayed = reduce(run, effective(state.kept.decisions), Copy())
    return (state.tickets, state.log) == (replayed.tickets, replayed.log)


@refines(abstract_log, within=CUSTOMERS_MOST, broken_by="forgetful")
def is_a_replicated_log(world: View) -> Log | None:
    """The decisions on the replicas' disks are one replicated log.

    In symbols: each step of the world is a stutter, or some steps Append and Apply of the log,
    where chosen = the longest decisions(r) without fillers and repetitions.
    Why: the first replica that learns of a decision appends it, and every replica applies it in its
    turn; a crash takes nothing back.
    Source: Schneider, The State Machine Approach, 1990; Lamport, Paxos Made Simple, section 3.
    """
    logs = [decisions(world, replica) for replica in world.nodes("replica")]
    if seen_from_above(logs) is None:
        return None
    return seen_from_above([effective(each) for each in logs])


@recoverable(broken_by="skips_gaps")
def everything_can_be_decided(world: View) -> bool:
    """All replicas can still know the same decisions, and no customer wait in vain.

    In symbols: AG EF (for all replicas r, s: up(r), decisions(r) = decisions(s), nobody waits, and
    nothing waits for a gap to be filled).
    Why: whoever leads the highest ballot proposes again what may have been chosen, and fills the
    slots between that it hears nothing of.
    Source: Lamport, Paxos Made Simple, 2001, section 3: the gap is filled with "no-op" commands.
    """
    replicas = world.nodes("replica")
    if len({decisions(world, replica) for replica in replicas}) > 1:
        return False
    return all(world.up(replica) and world.see(replica, _is_done) for replica in replicas)


def _is_done(state: Member) -> bool:
    return state.waiting is None and not state.early and bool(state.kept.decisions)


@recoverable(broken_by="wrong_offset")
def joiners_catch_up(world: View) -> bool:
    """Every replica can still come to know a decision, and the same as all others.

    In symbols: AG EF (for all replicas r, s: decisions(r) = decisions(s) is not empty).
    Why: a joiner asks for the log from where its own ends, and replays what it is sent; decisions
    that it hears of early are kept until then.
    Source: Jha, Replication, section 4: a joining replica copies the log and replays it.
    """
    known = {decisions(world, replica) for replica in world.nodes("replica")}
    return len(known) == 1 and known != {()}


@reachable(broken_by="skips_gaps")
def a_gap_is_filled(world: View) -> bool:
    """A command that does nothing can be decided, and one after it.

    Why: the witness that a new leader meets gaps.
    Source: Lamport, Paxos Made Simple, 2001, section 3.
    """
    return any(NOOP in decisions(world, replica)[:-1] for replica in world.nodes("replica"))


def _decided_later(state: Member) -> bool:
    own = state.leading
    return own is not None and own.elected and own.ballot > 0 and bool(state.kept.decisions)


@reachable(broken_by="deaf")
def a_new_leader_decides(world: View) -> bool:
    """Somebody can lead a later ballot, and have a command chosen.

    Why: the witness that the leader can be replaced.
    Source: Lamport, Paxos Made Simple, 2001, section 3.
    """
    replicas = world.nodes("replica")
    return any(world.up(each) and world.see(each, _decided_later) for each in replicas)


@reachable(broken_by="deaf")
def all_know_two_commands(world: View) -> bool:
    """All replicas can come to know two commands that take effect.

    Why: the witness that the log grows.
    Source: the witness to the properties above.
    """
    replicas = world.nodes("replica")
    return all(len(effective(decisions(world, replica))) > 1 for replica in replicas)


@reachable(broken_by="deaf")
def all_know_a_command(world: View) -> bool:
    """All replicas, joiners among them, can come to know a command that takes effect.

    Why: the witness that there is something to copy.
    Source: the witness to `joiners_catch_up`.
    """
    return all(effective(decisions(world, replica)) for replica in world.nodes("replica"))
