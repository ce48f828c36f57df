"""What the replicas of a log owe in the end: exchanges go on, waiting ends, logs become equal.

These claims are about whole runs, and so rest on the fairness that the checked world declares.
"""

from coterie.model.gossip.gdp.replica import Replication
from coterie.model.machine import Node
from coterie.spec.gossip.gdp.graph import initiator_and_responder, last_messages
from coterie.spec.property import View, eventually_always, leads_to, pairs


def at_any_time(world: View, *nodes: Node) -> bool:
    """Return True: what this leads to comes true again and again, without end."""
    del world, nodes
    return True


@leads_to(at_any_time, broken_by=("nobody_yields", "stays_open"), each=pairs("replica"))
def exchanges_go_on(world: View, one: Node, other: Node) -> bool:
    """Each pair of replicas completes one exchange after another, without end.

    In symbols: for all replicas r, s: []<> (the fourth message that r awaits from s, or s from r,
    is in flight), which is false again as soon as it has arrived.
    Why: whoever is idle begins; of two first messages that cross, the lower one's is answered; the
    responder forgets the exchange with its last message, and so is free for the next. Rests on
    weak fairness of timers and deliveries, and on a network that loses nothing.
    Source: as published it fails without any fault, however fair the schedule: two replicas that
    begin at once put each other off, then do the same again; and a responder that stays in "third
    message received" answers no second exchange (Numamoto, 2019, and its program).
    """
    return any(last_messages(world, *pair) for pair in ((one, other), (other, one)))


def has_talk(world: View, initiator: Node, responder: Node) -> bool:
    """Return whether an exchange with `responder` is under way at `initiator`."""

    def talks(state: Replication) -> bool:
        return responder in state.talks

    return world.up(initiator) and world.see(initiator, talks)


@leads_to(has_talk, broken_by=("no_time_out", "nobody_yields"), each=initiator_and_responder)
def waiting_ends(world: View, initiator: Node, responder: Node) -> bool:
    """A replica that has an exchange under way is rid of it at some time.

    In symbols: for all replicas r, s: s in talks(r) leads to s not in talks(r).
    Why: over a reliable network each message is answered: that rests on weak fairness of timers and
    deliveries. Where one may be lost, or the peer has forgotten the exchange in a crash, the
    time-out ends the waiting: that rests on weak fairness of timers alone.
    Source: the published replica has no time-out, and waits for ever.
    """
    return not has_talk(world, initiator, responder)


@eventually_always(broken_by=("look_first", "turns", "deaf"))
def logs_become_equal(world: View) -> bool:
    """Once the writer stops, the replicas hold the same records in the end, and for ever.

    In symbols: <>[] (log(r) = log(s) for all r, s), where the writer has finitely many records.
    Why: a complete exchange leaves two logs equal, and another one always completes. Where
    messages may be lost, only strong fairness of deliveries says that some get through; and a
    time-out that may come too early then undoes it, unless no message depends on its turn.
    Source: "until all peers contain the change", Numamoto 2019.
    """
    first, *rest = (world.memory(node) for node in world.nodes("replica"))
    return all(log == first for log in rest)
