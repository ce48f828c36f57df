"""What a client of the replicated store may rely on while it reads."""

from collections import Counter

from coterie.model.gossip.store.reads import Answer, Asking, Recovering
from coterie.model.gossip.store.server import Serving
from coterie.model.machine import Node
from coterie.spec.property import View, each, reachable, step_always


def _is_recovering(state: Serving) -> bool:
    return state.recovering


@reachable(broken_by="mute")
def a_read_finds(world: View) -> bool:
    """A client's first read can be answered with a value.

    Why: no read goes back where none is ever answered.
    Source: the witness to `no_read_goes_back`.
    """
    first = all(world.see(client, _finished) == 1 for client in world.nodes("client"))
    return first and len(world.observed("readings").found) > 0


@reachable(broken_by="never_gives_up")
def a_client_gives_up(world: View) -> bool:
    """A read can return though no server has answered, where the network keeps what is sent.

    Why: a client whose server is down must be free to turn to another.
    Source: section II-F, where a client whose server has failed waits no longer.
    """
    return any(
        world.see(client, _finished) > 0
        and not any(
            isinstance(message, Answer)
            for server in world.nodes("server")
            for message in world.in_flight(server, client)
        )
        for client in world.nodes("client")
    )


def _finished(state: Asking) -> int:
    return state.number


@step_always(broken_by="interrupted", each=each("client"))
def no_read_is_forgotten(before: View, after: View, client: Node) -> bool:
    """Every read that the user has called for is under way, or has returned, and is counted once.

    In symbols: number + |under way| + |still to be called| stays the same.
    Why: a client asks for one date at a time, and counts a read as it returns; that number tells
    late answers from the one that it waits for.
    Source: our own.
    """
    return _reads(before, client) == _reads(after, client)


def _reads(world: View, client: Node) -> int:
    state: Asking = world[client]
    return state.number + (state.read is not None) + len(world.left(client))


@step_always(broken_by="pretends", each=each("server"))
def says_that_it_recovers(before: View, after: View, server: Node) -> bool:
    """A server answers a read with "recovering" while it is, and with what it has when it is not.

    In symbols: Answer(r) sent by p implies (r = Recovering if and only if recovering(p)).
    Why: before it has caught up it cannot know whether a date that it lacks was stored.
    Source: section II-F; that it says so is ours.
    """
    if not before.up(server) or not after.up(server):
        return True
    recovering = before.see(server, _is_recovering)
    return all(
        (answer.result == Recovering()) == recovering
        for client in before.nodes("client")
        for answer in _sent(before, after, server, client)
    )


def _sent(before: View, after: View, sender: Node, receiver: Node) -> tuple[Answer, ...]:
    """Return the answers that are new on that channel."""
    were, are = (Counter(each.in_flight(sender, receiver)) for each in (before, after))
    return tuple(message for message in are - were if isinstance(message, Answer))
