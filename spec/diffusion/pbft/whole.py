"""What the whole of PBFT promises: one order of execution, and results that can be believed."""

from typing import Any

from coterie.model.diffusion.pbft.client import Client
from coterie.model.diffusion.pbft.messages import Executed
from coterie.model.diffusion.pbft.state import Replica
from coterie.model.machine import Deliver, Node
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View, always, at_rest, each, pairs, reachable, step_always


def journal(state: Replica) -> tuple[Any, ...]:
    """Return the operations that a replica has executed, in order; the service is a journal."""
    value: tuple[Any, ...] = state.service.value
    return value


def _watched(executed: frozenset[Executed], _: Node, seen: Seen) -> frozenset[Executed]:
    match seen:
        case Deliver(Executed() as item):
            return executed | {item}
    return executed


EXECUTED = Observer(frozenset[Executed](), _watched)
"""What any correct replica has executed under which number."""


@always(broken_by="believes_the_primary")
def one_request_a_number(world: View) -> bool:
    """No two correct replicas execute different requests under one number, in whatever views.

    In symbols: committed-local(d, v, n, i) and committed-local(e, w, n, j) implies d = e.
    Why: this is the agreement that the quorums are for; the rest follows from it.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.5.1.
    """
    executed = world.observed("executed")
    return len(executed) == len({one.number for one in executed})


@always(
    broken_by=("any_checkpoint", "believes_the_primary"),
    each=pairs("replica"),
)
def one_order(world: View, one: Node, other: Node) -> bool:
    """What a correct replica has executed is a beginning of what another has, or the reverse.

    In symbols: journal(i) <= journal(j) or journal(j) <= journal(i), in the order of prefixes.
    Why: all replicas start alike and are deterministic, so they stay alike.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.5.1.
    """
    first, second = sorted((world.see(one, journal), world.see(other, journal)), key=len)
    return second[: len(first)] == first


@always(broken_by="executes_again", each=each("replica"))
def executed_once(world: View, replica: Node) -> bool:
    """A call is executed once, though its client may ask often, and primaries propose it again.

    In symbols: journal(i)[m] = journal(i)[n] implies m = n, where all operations differ.
    Why: an operation need not be idempotent; the timestamps tell what was executed.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.1.
    """
    executed = world.see(replica, journal)
    return len(executed) == len(set(executed))


def results(state: Client) -> tuple[Any, ...]:
    """Return the results that a client has accepted."""
    return state.results


def _is_held(world: View, client: Node, place: int, result: Any) -> bool:
    operation = (client.index, place)
    journals = (world.see(replica, journal) for replica in world.nodes("replica"))
    return any(
        isinstance(result, int) and executed[result : result + 1] == (operation,)
        for executed in journals
    )


@always(broken_by="any_reply", each=each("client"))
def results_are_true(world: View, client: Node) -> bool:
    """A result that a client accepts is the one with which a correct replica executed the call.

    In symbols: accepted(c, t, r) implies that some correct i has executed (c, t) with result r.
    Why: f + 1 equal replies include a correct replica's; together with `one_order` no other result
    of the call is ever given by a correct one.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.1.
    """
    accepted = enumerate(world.see(client, results))
    return all(_is_held(world, client, place, result) for place, result in accepted)


@always(broken_by="unsigned", each=each("replica"))
def only_what_was_asked(world: View, replica: Node) -> bool:
    """Only what a client has asked for is executed.

    In symbols: (c, k) in journal(i) implies that client c has made its call k.
    Why: a Byzantine primary must not act in a client's name; so clients sign.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, sections 3 and 4.2.
    """
    clients = {client.index: world.see(client, calls) for client in world.nodes("client")}
    return all(place < clients.get(c, 0) for c, place in world.see(replica, journal))


def calls(state: Client) -> int:
    """Return how many calls a client has made."""
    return state.timestamp


@step_always(broken_by="any_checkpoint", each=each("replica"))
def nothing_is_undone(before: View, after: View, replica: Node) -> bool:
    """What a correct replica has executed stays executed, and in its place.

    In symbols: journal(i) is a beginning of journal'(i).
    Why: clients have been told; a checkpoint taken over from others holds all of it.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.3.
    """
    was = before.see(replica, journal)
    return after.see(replica, journal)[: len(was)] == was


def is_asking(state: Client) -> bool:
    """Return whether a client waits for a result."""
    return state.asking is not None


@at_rest(broken_by="forgets_what_is_early", each=each("client"))
def answered_at_rest(world: View, client: Node) -> bool:
    """When nothing is left to do, no client waits; a silent primary is replaced.

    In symbols: at rest, asking(c) = none, where the primary of the last view is correct.
    Why: replicas that wait for a request suspect the primary; f + 1 of them take the others along,
    and the next primary begins with whatever waits.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.5.2.
    """
    return not world.see(client, is_asking)


@reachable(broken_by="never_certain")
def all_is_answered(world: View) -> bool:
    """All calls of all clients can be answered.

    Why: replicas that execute nothing would keep every promise above.
    Source: the witness to `one_order`.
    """
    clients = world.nodes("client")
    return all(not world.left(client) and not world.see(client, is_asking) for client in clients)


def _view(state: Replica) -> int:
    return state.view if state.is_active else 0


@reachable(broken_by="stays_in_its_view")
def executed_in_a_later_view(world: View) -> bool:
    """A replica can execute a request in a view after the first.

    Why: the promises across views are about something.
    Source: the witness to `answered_at_rest`.
    """
    return any(
        world.see(replica, _view) > 0 and world.see(replica, journal)
        for replica in world.nodes("replica")
    )


def _stable(state: Replica) -> int:
    return state.stable.number


@reachable(broken_by="never_stable")
def a_checkpoint_is_stable(world: View) -> bool:
    """A checkpoint can become stable.

    Why: without one the window of numbers is used up.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.3.
    """
    return any(world.see(replica, _stable) > 0 for replica in world.nodes("replica"))
