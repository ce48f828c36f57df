"""What the register's replicas hold."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import combinations

from coterie.model.diffusion.quorums import node_size
from coterie.model.diffusion.register.client import candidates
from coterie.model.diffusion.register.messages import (
    INITIAL,
    TIMESTAMP_BITS,
    Update,
    is_newer,
)
from coterie.model.diffusion.register.replica import Holding
from coterie.model.machine import Node
from coterie.spec.history.observer import operations
from coterie.spec.property import Property, View, always, at_rest, reachable


def _tree_nodes(world: View) -> dict[str, tuple[Node, ...]]:
    """Return the correct replicas of each node of the tree."""
    roles = dict.fromkeys(node.role for node in world.nodes() if node.role != "client")
    return {role: world.nodes(role) for role in roles}


def _replicas(world: View) -> Iterator[Node]:
    for members in _tree_nodes(world).values():
        yield from members


def stored(state: Holding) -> Update:
    """Return what a replica stores."""
    return state.stored


def taken(state: Holding) -> frozenset[Update]:
    """Return the updates that a replica has been active for."""
    return frozenset(c.update for c, each in state.diffusions.items() if each.source is not None)


def _written(world: View) -> dict[object, Node]:
    """Return the values that clients have begun to write, each with its writer."""
    history = operations(world.observed("history"))
    return {each.call.value: each.process for each in history if each.call.f == "write"}


@always(broken_by=("few_echoes", "obeys_replicas"))
def nothing_is_forged(world: View) -> bool:
    """A correct replica takes in no update but what its client has written.

    In symbols: taken(r) contains u implies that client CID(u) has called write(u).
    Why: it takes an update from the client itself, or when b + 1 replicas pass it on.
    Source: Malkhi and Sella 2001, section 4, rules 2 and 3 of the write protocol.
    """
    written = _written(world)
    return all(
        update.value in written and written[update.value].index == update.writer
        for replica in _replicas(world)
        for update in world.see(replica, taken)
        if update != INITIAL
    )


@always(broken_by="keeps_the_largest")
def timestamps_are_bounded(world: View) -> bool:
    """No timestamp is greater than the number of writes that clients have begun.

    In symbols: TS(stored(r)) <= |writes begun|.
    Why: of 3b + 1 timestamps the b largest are dropped, so what is left is not above one that a
    correct replica has reported. So 64 bits are enough whatever the Byzantine replicas say.
    Source: Malkhi and Sella 2001, section 4: the note on time-stamps.
    """
    begun = len(_written(world))
    return all(world.see(replica, stored).timestamp <= begun for replica in _replicas(world))


@always(broken_by="one_name_for_two")
def an_identity_means_one_update(world: View) -> bool:
    """No two different updates have the same timestamp, writer and incarnation.

    In symbols: u != w implies (TS, CID, incarnation)(u) != (TS, CID, incarnation)(w).
    Why: replicas that hold two such updates take neither for the newer one, and keep whichever came
    first.
    Source: Malkhi and Sella 2001, section 2: each client has a unique ID; that it is not enough
    when a client starts again is ours.
    """
    updates = {u for replica in _replicas(world) for u in world.see(replica, taken)}
    names = Counter((u.timestamp, u.writer, u.incarnation) for u in updates)
    return max(names.values(), default=1) == 1


@cache
def a_finished_write_is_everywhere(b: int) -> Property:
    """Claim where an update is once its write has returned, when b replicas may be Byzantine."""

    @always(broken_by=("few_acks", "no_tie_break"))
    def a_finished_write_is_everywhere(world: View) -> bool:
        """Once a write has returned, 2b + 1 correct replicas of every node have it, or a newer one.

        In symbols: write(u) returned implies |{r correct in N : stored(r) >= u}| >= 2b + 1.
        Why: the client has 3b + 1 acknowledgements, 2b + 1 of them from correct replicas, and each
        of these had as many from every node further on, and so forth to the leaves.
        Source: Malkhi and Sella 2001, section 4, rules 4 to 7 of the write protocol.
        """
        return all(
            sum(not is_newer(update, world.see(each, stored)) for each in members) >= 2 * b + 1
            for update in _finished(world)
            for members in _tree_nodes(world).values()
        )

    return a_finished_write_is_everywhere


def _finished(world: View) -> set[Update]:
    """Return the updates whose writes have returned."""
    history = operations(world.observed("history"))
    values = {each.call.value for each in history if each.call.f == "write" and each.is_known}
    held = {update for each in _replicas(world) for update in world.see(each, taken)}
    return {update for update in held if update.value in values}


@cache
def what_is_quiet_can_be_read(b: int) -> Property:
    """Claim that reads succeed when nothing happens, when b replicas may be Byzantine."""

    @at_rest(broken_by="takes_at_once")
    def what_is_quiet_can_be_read(world: View) -> bool:
        """When nothing is left to happen, a read of any node succeeds, whatever b replicas say.

        In symbols: at rest, every 3b + 1 answers of a node's replicas have a candidate.
        Why: without a write under way all correct replicas of a node store the same. Published, a
        client that crashes leaves its update at some of them, and reads may then fail for ever: no
        write is under way, and yet no value has enough supporters.
        Source: Malkhi and Sella 2001, section 4: an error needs a read that overlaps some write;
        that a crashed writer makes an exception is ours.
        """
        return all(
            _can_be_read([world.see(replica, stored) for replica in members], b)
            for members in _tree_nodes(world).values()
        )

    return what_is_quiet_can_be_read


def _can_be_read(held: list[Update], b: int) -> bool:
    """Return whether any 3b + 1 answers of these and of Byzantine replicas have a candidate."""
    liars = node_size(b) - len(held)
    lies = [Update(timestamp, -1, 0, "lie") for timestamp in (0, (1 << TIMESTAMP_BITS) - 1)]
    asked = 3 * b + 1
    return all(
        candidates((*honest, *(lie,) * (asked - len(honest))), b)
        for heard in range(asked - liars, asked + 1)
        for honest in combinations(held, heard)
        for lie in lies
    )


@reachable(broken_by="one_at_a_time")
def two_updates_have_one_timestamp(world: View) -> bool:
    """Replicas can have taken two updates with the same timestamp.

    Why: writers that overlap, or one that starts again, read the same timestamps.
    Source: Malkhi and Sella 2001, section 4: newer is by timestamp, then by client.
    """
    updates = {u for replica in _replicas(world) for u in world.see(replica, taken)}
    return len(updates) > len({update.timestamp for update in updates})


@reachable(broken_by="steadfast")
def a_crashed_write_is_taken(world: View) -> bool:
    """The update of a client that has crashed can be taken in by every correct replica.

    Why: replicas that take nothing would agree as well, and so would those of a world in which no
    client crashes.
    Source: the witness to `what_is_quiet_can_be_read`.
    """
    down = not all(world.up(client) for client in world.nodes("client"))
    return down and all(world.see(replica, taken) for replica in _replicas(world))
