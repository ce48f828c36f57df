"""What state machine replication promises, and naive replication does not keep."""

from coterie.model.machine import Node, Return
from coterie.model.smr.tickets import Book, Booked, Copy, Tickets, first_come
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View, always, at_rest, each, pairs, reachable


def log(copy: Copy) -> tuple[Book, ...]:
    """Return the commands that a replica has applied, in that order."""
    return copy.log


def tickets(copy: Copy) -> Tickets:
    """Return what a replica takes the tickets for."""
    return copy.tickets


def sold(sales: frozenset[Booked], node: Node, seen: Seen) -> frozenset[Booked]:
    """Return what customers have been told to be theirs by now."""
    del node
    if isinstance(seen, Return) and isinstance(seen.result, Booked):
        return sales | {seen.result}
    return sales


SALES = Observer(initial=frozenset(), observe=sold)


@always(broken_by="hasty", each=pairs("replica"))
def same_order(world: View, one: Node, other: Node) -> bool:
    """Of any two replicas, one has applied a prefix of what the other has applied.

    In symbols: log(r) is a prefix of log(s), or log(s) of log(r).
    Why: replicas that start alike and run the same commands in the same order go through the same
    states, if every command has one result in every state. Naive replication lacks it.
    Source: Jha, Replication, sections 1 and 2: replicas run the operations in the same order.
    """
    first, second = world.see(one, log), world.see(other, log)
    shared = min(len(first), len(second))
    return first[:shared] == second[:shared]


@always(broken_by="local_clock", each=each("replica"))
def state_is_replayed_log(world: View, replica: Node) -> bool:
    """What a replica takes the tickets for is what replaying its log gives.

    In symbols: tickets(r) = execute(... execute(free, log(r)[0]) ..., log(r)[last]).
    Why: only if a command's result hangs on the state and the command alone does the same order
    give the same state, and can a joiner replay the log instead of copying the state.
    Source: Jha, Replication, section 2: every command in every state leads to a unique next state.
    """
    replayed = Copy().tickets
    for command in world.see(replica, log):
        replayed = first_come(replayed, command, replica)
    return replayed == world.see(replica, tickets)


@always(broken_by="no_dedupe", each=each("replica"))
def applied_once(world: View, replica: Node) -> bool:
    """No replica applies a command twice.

    In symbols: i != j implies log(r)[i] != log(r)[j].
    Why: a customer who hears nothing tries again, maybe at another replica, and both tries are one
    command: they bear the same number.
    Source: Schneider, The State Machine Approach, 1990.
    """
    commands = world.see(replica, log)
    return len(set(commands)) == len(commands)


@always(broken_by="hasty", each=pairs("replica"))
def same_commands_same_state(world: View, one: Node, other: Node) -> bool:
    """Replicas that have applied the same commands take the tickets for the same.

    In symbols: {log(r)} = {log(s)} implies tickets(r) = tickets(s).
    Why: it follows from `same_order` and `state_is_replayed_log`. Naive replication diverges here:
    each replica has sold the ticket to its own customer and rejects the other's.
    Source: Jha, Replication, section 1.
    """
    same = set(world.see(one, log)) == set(world.see(other, log))
    return not same or world.see(one, tickets) == world.see(other, tickets)


@at_rest(broken_by="hasty", each=pairs("replica"))
def agree_at_rest(world: View, one: Node, other: Node) -> bool:
    """When all is done, all replicas take the tickets for the same.

    In symbols: at rest, tickets(r) = tickets(s).
    Why: every command has reached every replica by then, in the same order.
    Source: Jha, Replication, section 1: to store the same state is the main task of replicas.
    """
    return world.see(one, tickets) == world.see(other, tickets)


@always(broken_by="hasty")
def sold_once(world: View) -> bool:
    """No two customers are told that they have booked the same ticket.

    In symbols: Booked(t, c) and Booked(t, d) in sales implies c = d.
    Why: a customer is answered from the state after the command, and that state is agreed. Even
    where replicas may differ for a while, this is what must not happen.
    Source: Jha, Replication, section 5: selling the same ticket to two customers is not desirable.
    """
    sales = world.observed("sales")
    return len({sale.ticket for sale in sales}) == len(sales)


@reachable(broken_by="deaf")
def everything_is_applied_everywhere(world: View) -> bool:
    """All replicas can apply all commands.

    Why: the witness that commands are handed on; replicas that do nothing would agree as well.
    Source: the witness to the properties above.
    """
    replicas = world.nodes("replica")
    commands = {command for replica in replicas for command in world.see(replica, log)}
    done = not any(world.left(replica) for replica in replicas)
    return done and all(set(world.see(replica, log)) == commands for replica in replicas)
