"""What state machine replication over ordered multicast promises its clients."""

from attrs import field, frozen
from immutables import Map

from coterie.model.call import Call
from coterie.model.machine import Invoke, Node, Return
from coterie.model.synchrony.multicast import frontier
from coterie.model.synchrony.replica import (
    Applied,
    Command,
    Glance,
    Query,
    Serving,
    applied,
    executed,
)
from coterie.model.synchrony.state import Inside, row_of
from coterie.spec.history.conditions import is_linearizable, is_sequential
from coterie.spec.history.objects import REGISTER
from coterie.spec.history.observer import Recorded, operations, recorded
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View, always, at_rest, each, pairs, reachable, step_always
from coterie.spec.refinement import refines
from coterie.spec.smr.log import Log, ReplicatedLog
from coterie.spec.smr.refined import seen_from_above
from coterie.spec.synchrony import deliveries
from coterie.spec.synchrony.deliveries import is_prefix

HISTORY = "history"


@frozen(cache_hash=True)
class Clients:
    """What clients have called and been answered, each as a process of its own.

    Attributes:
        history: their operations; a call that is repeated elsewhere is the same operation.
        at: for whom each replica works, or has worked last.
    """

    history: Recorded = field(factory=Map)
    at: Map[Node, Node] = field(factory=Map)


def served(clients: Clients, node: Node, seen: Seen) -> Clients:
    """Return what has been called and answered, after `seen`."""
    match seen:
        case Invoke(Command(client, call=call)):
            return _called(clients, node, Node(client), call)
        case Invoke(Query() | Glance()):
            return _called(clients, node, Node("guest", node.index), Call("read"))
        case Return() if _is_open(clients, clients.at[node]):
            history = recorded(clients.history, clients.at[node], seen)
            return Clients(history, clients.at)
    return clients


def _called(clients: Clients, node: Node, client: Node, call: Call) -> Clients:
    """Return `clients` after a call; a command that its client has called before is that one."""
    at = clients.at.set(node, client)
    if client.role != "guest" and (client, 0) in clients.history:
        return Clients(clients.history, at)
    return Clients(recorded(clients.history, client, Invoke(call)), at)


def _is_open(clients: Clients, client: Node) -> bool:
    times = [each.returned for (who, _), each in clients.history.items() if who == client]
    return None in times


SERVED = Observer(Clients(), served)


def replicated(state: Serving) -> Applied:
    """Return the replicated state as a replica has it."""
    return applied(state)


def log(state: Serving) -> tuple[Command, ...]:
    """Return the commands that a replica has applied, the oldest first."""
    return applied(state).log


def _running(world: View) -> list[Node]:
    return [node for node in world.nodes() if world.up(node)]


@always(broken_by="own_turn", each=pairs("member"))
def same_order(world: View, one: Node, other: Node) -> bool:
    """Of any two replicas, one has applied a prefix of what the other has applied.

    In symbols: log(r) is a prefix of log(s), or log(s) of log(r).
    Why: delivery is in one order, and what is delivered is applied at once. R1.
    Source: Schneider, The State Machine Approach, 1990; Jha, Replication, section 2.
    """
    if not (world.up(one) and world.up(other)):
        return True
    first, second = sorted((world.see(one, log), world.see(other, log)), key=len)
    return is_prefix(first, second)


@always(broken_by="local_clock", each=each("member"))
def state_is_replayed_log(world: View, replica: Node) -> bool:
    """A replica's state is what its log gives, run from the beginning.

    In symbols: value(r) = execute(... execute(None, log(r)[0]) ..., log(r)[last]).
    Why: a command's result hangs on the state and the command alone. R2.
    Source: Jha, Replication, section 2.
    """
    if not world.up(replica):
        return True
    value = None
    for command in world.see(replica, log):
        value, _ = executed(value, command.call)
    return bool(value == world.see(replica, replicated).value)


@always(broken_by="no_dedupe", each=each("member"))
def applied_once(world: View, replica: Node) -> bool:
    """No replica applies a command twice, however often its client calls it.

    In symbols: i != j implies log(r)[i] != log(r)[j].
    Why: the number that each client has reached is part of the state, and moves with it to
    joiners. R3.
    Source: Schneider, The State Machine Approach, 1990.
    """
    if not world.up(replica):
        return True
    commands = world.see(replica, log)
    return len(set(commands)) == len(commands)


@always(broken_by=("own_turn", "answers_early"))
def linearizable(world: View) -> bool:
    """Clients of the replicated register cannot tell it from one that acts at an instant.

    In symbols: some order of the operations, in which whatever was answered before another call
    comes first, gives the answers when a register runs them one at a time.
    Why: a command is answered where it was called, after its turn in the one order; so whatever
    is called later comes later in that order. Local reads and reads at a stable prefix lack it. R4.
    Source: Herlihy and Wing, Linearizability, TOPLAS 1990.
    """
    return is_linearizable(operations(world.observed(HISTORY).history), REGISTER)


@always(broken_by="own_turn")
def sequential(world: View) -> bool:
    """Clients who know only what they are answered see one order of all operations.

    In symbols: some order of the operations, in which those of each client are in the order of its
    calls, gives the answers when a register runs them one at a time.
    Why: each replica goes through the same states in the same order, be it late. That is what is
    left where reads are local.
    Source: Lamport, How to Make a Multiprocessor Computer That Correctly Executes, 1979.
    """
    return is_sequential(operations(world.observed(HISTORY).history), REGISTER)


def _where(state: Serving) -> tuple[int, int, int]:
    """Return a replica's view, how many slots it has delivered, and up to where it has all."""
    inside = state.member
    if not isinstance(inside, Inside):
        return -1, 0, 0
    return inside.view.number, inside.delivered, frontier(row_of(inside).received)


@always(broken_by="unstable", each=pairs("member"))
def a_glance_misses_only_what_is_here(world: View, one: Node, other: Node) -> bool:
    """A member that reads its own state misses nothing of its view but what it has in hand.

    In symbols: same view implies delivered(s) <= frontier(r).
    Why: delivery waits until all members have received. So a local read is stale by no more than
    what is received and not yet delivered: by a sender's window for each member, at most.
    Source: Jha, Replication, section 5: weak consistency allows for a controlled divergence.
    """
    if not (world.up(one) and world.up(other)):
        return True
    (mine, done, here), (its, done_there, there) = (
        world.see(node, _where) for node in (one, other)
    )
    return mine != its or (done <= there and done_there <= here)


@step_always(broken_by="forgets", each=each("member"))
def what_is_read_is_never_taken_back(before: View, after: View, replica: Node) -> bool:
    """A replica's log only grows: whoever reads there twice never sees an older state.

    In symbols: log(r) is a prefix of log(r)'.
    Why: what is delivered is stable, or in the trim, and neither is ever undone.
    Source: Jha et al., Derecho, 2019, section 2.
    """
    if not (before.up(replica) and after.up(replica)):
        return True
    return is_prefix(before.see(replica, log), after.see(replica, log))


@at_rest(broken_by="mute")
def everyone_who_lives_is_answered(world: View) -> bool:
    """When all is done, no live replica owes an answer.

    In symbols: at rest, waiting(r) is empty for all r that are up.
    Why: what it has told the group is delivered, in this view or, told again, in a later one.
    Source: Jha, Replication, section 2.
    """
    states = [world.see(node, _owed) for node in _running(world)]
    return not any(states)


def _owed(state: Serving) -> bool:
    return state.waiting is not None or state.reading is not None


@reachable(broken_by="mute")
def a_write_is_read_elsewhere(world: View) -> bool:
    """A client can read at one replica what another has written through another.

    Why: the witness that anything is replicated.
    Source: the witness to the claims above.
    """
    history = world.observed(HISTORY).history
    return any(each.call.f == "read" and each.result is not None for each in history.values())


COMMANDS = (
    Command("client0", 1, Call("write", 0)),
    Command("client1", 1, Call("write", 1)),
    Command("reader", 1, Call("read")),
)
"""What clients may want; a world with other commands stands for no log of these."""


def replicated_log(world: View) -> ReplicatedLog:
    """Return the abstract log of as many nodes as this world has replicas."""
    return ReplicatedLog(len(world.nodes()), COMMANDS)


def _applied_by(world: View, node: Node) -> tuple[Command, ...]:
    """Return what a replica has applied, even if it is down by now: each command once."""
    if world.up(node):
        return world.see(node, log)
    items = world.observed(deliveries.NAME).get(node, ())
    return tuple(dict.fromkeys(item.payload for item in items))


@refines(replicated_log, within=2 * len(COMMANDS), broken_by=("own_turn", "no_dedupe"))
def is_a_replicated_log(world: View) -> Log | None:
    """The replicas are one replicated log: the longest that a replica has is what is chosen.

    In symbols: each step of the world is a stutter, or some steps Append and Apply of the log.
    Why: what the first replica delivers is chosen by that; the others deliver the same in their
    turn, several at once where a trim ends a view.
    Source: Jha et al., Derecho, 2019, section 3: each view is a Paxos without failures, and the
    change of views is the consensus.
    """
    return seen_from_above([_applied_by(world, node) for node in world.nodes()])
