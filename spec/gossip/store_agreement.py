"""What the serving store promises of positions: what is agreed is there, and who lags says so."""

from collections import Counter
from collections.abc import Callable

from coterie.model.gossip.store.service.positions import majority
from coterie.model.gossip.store.service.queries import Replied
from coterie.model.gossip.store.service.sensor import Measured, Safe, Sensing
from coterie.model.gossip.store.service.serving import Keeping
from coterie.model.machine import Deliver, Node
from coterie.spec.gossip.store_service import shelf_of, table_of
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View, always, each, reachable, recoverable, step_always


def held_without_gap(world: View, server: Node) -> int:
    """Return how many of the device's measurements are on that disk, from its first."""
    numbers = {row.number for row in table_of(world, server).values()}
    return next(number for number in range(len(numbers) + 1) if number not in numbers)


def _having(world: View, count: int) -> int:
    """Return how many servers have the device's first `count` measurements on disk."""
    return sum(held_without_gap(world, server) >= count for server in world.nodes("server"))


def _position(state: Keeping) -> int:
    return state.position


@always(broken_by="gaps", each=each("server"))
def positions_are_true(world: View, server: Node) -> bool:
    """A server's position is how many of the device's measurements it has on disk, without a gap.

    In symbols: for all servers p that are up: position(p) = min(naturals − numbers(table(p))).
    Why: dates ascend with numbers, so a row that has as many rows before it as its number says has
    all the measurements before it.
    Source: Shadmon and Srivastav, Replicated and Consistent Distributed Data Storage, section I-A:
    a client is to see which node is significantly behind; the measure is ours.
    """
    if not world.up(server):
        return True
    return world.see(server, _position) == held_without_gap(world, server)


@always(broken_by=("alone", "gaps"), each=each("server"))
def what_is_agreed_is_held(world: View, server: Node) -> bool:
    """What a server takes for agreed is on the disks of a majority of the servers, all of it.

    In symbols: for all servers p, up or down: |{q: held(q) ≥ agreed(p)}| > n / 2.
    Why: servers tell of batches that are on their disks, and lose nothing; what a server was told
    of another is therefore still true, however late it hears it.
    Source: section I-A: nodes agree to commit every 10 pieces of data received.
    """
    servers = world.nodes("server")
    return _having(world, shelf_of(world, server).agreed) >= majority(len(servers))


@step_always(broken_by="forgets", each=each("server"))
def what_is_agreed_stays_so(before: View, after: View, server: Node) -> bool:
    """What a server takes for agreed never becomes less, not even by a crash.

    In symbols: for all servers p: agreed(p) ≤ agreed(p)'.
    Why: it is on disk. What the server was told by others is not; until it is told again it may
    learn of no more, but it does not forget.
    Source: our own; who has been told that a batch is agreed may rely on it.
    """
    return shelf_of(before, server).agreed <= shelf_of(after, server).agreed


def _stated(state: Keeping) -> tuple[int, int]:
    return state.position, state.shelf.agreed


@step_always(broken_by="boasts", each=each("server"))
def who_lags_says_so(before: View, after: View, server: Node) -> bool:
    """Every answer states the server's own position and what is agreed, so a lag is seen in it.

    In symbols: Replied(r, p, a) sent by s implies p = position(s) and a = agreed(s).
    Why: an honest server has no reason to hide that it lags, and says it "recovering" or not.
    Source: section I-A: a client determines which nodes do not abide by the agreement.
    """
    if not before.up(server) or not after.up(server):
        return True
    stated = before.see(server, _stated)
    return all(
        (answer.position, answer.agreed) == stated
        for client in before.nodes("client")
        for answer in _sent(before, after, server, client)
    )


def _sent(before: View, after: View, sender: Node, receiver: Node) -> tuple[Replied, ...]:
    """Return the answers that are new on that channel."""
    were, are = (Counter(each.in_flight(sender, receiver)) for each in (before, after))
    return tuple(message for message in are - were if isinstance(message, Replied))


@reachable(broken_by="untold")
def a_laggard_is_seen(world: View) -> bool:
    """A server that lacks what is agreed can come to answer, and the answer shows it.

    Why: the others tell it of their batches, and that is how it knows.
    Source: the witness to `who_lags_says_so`.
    """
    return any(
        isinstance(message, Replied) and message.position < message.agreed
        for server in world.nodes("server")
        for client in world.nodes("client")
        for message in world.in_flight(server, client)
    )


def _agreed(state: Keeping) -> int:
    return state.shelf.agreed


@recoverable(broken_by=("tells_nothing", "asks_once"))
def all_comes_to_be_agreed(world: View) -> bool:
    """Whatever has happened, all servers can still come to agree on whole batches they all have.

    In symbols: AG EF (for all servers p: up(p) and agreed(p) = whole(held(p)) = max over q of
    whole(held(q))), with batches of one measurement.
    Why: how far a server is stands in every answer to another that compares, so it is told again
    though its announcement was lost, or forgotten in a crash.
    Source: our own.
    """
    servers = world.nodes("server")
    most = max(held_without_gap(world, server) for server in servers)
    return all(world.up(p) and world.see(p, _agreed) == most for p in servers)


@reachable(broken_by="untold")
def a_batch_is_agreed(world: View) -> bool:
    """Every server can come to take something for agreed.

    Why: servers that agree on nothing would never be wrong about it.
    Source: the witness to `what_is_agreed_is_held`.
    """
    return all(shelf_of(world, server).agreed > 0 for server in world.nodes("server"))


# The device: what it tells its user, and how far it runs ahead.


def _told_safe(count: int, node: Node, seen: Seen) -> int:
    del node
    match seen:
        case Deliver(Safe(more)):
            return max(count, more)
    return count


SAFE = Observer(0, _told_safe)
"""How many measurements the device's user was told to be safe: a ghost."""


@always(broken_by="trusts_one")
def what_is_safe_is_held(world: View) -> bool:
    """What the device's user is told to be safe is on the disks of a majority of the servers.

    In symbols: Safe(k) told implies |{q: held(q) ≥ k}| > n / 2, ever after.
    Why: a server says what it has `Kept` after its commit, and loses nothing.
    Source: our own; the paper's device is told nothing.
    """
    return _having(world, world.observed("safe")) >= majority(len(world.nodes("server")))


def _ahead(state: Sensing) -> int:
    return len(state.diary.unsafe)


@always(broken_by="no_window", each=each("device"))
def the_window_is_kept(world: View, device: Node) -> bool:
    """The device is never more than its window ahead of what is safe.

    In symbols: count − safe ≤ window, with a window of one measurement here.
    Why: it takes one more only while a majority is less than a window behind; so an outbox to a
    server holds no more than that, and what is not safe yet is bounded.
    Source: our own.
    """
    return not world.up(device) or world.see(device, _ahead) <= 1


def _is_safe(state: Sensing) -> int:
    return state.diary.safe


@recoverable(broken_by=("never_kept", "never_told"))
def all_comes_to_be_safe(world: View) -> bool:
    """Whatever has happened, all can still be measured, come to be safe, and the user be told so.

    In symbols: AG EF (no measurement is left and safe = count = the greatest Safe that was told).
    Why: a majority takes what it is sent, and says so; a device that starts again says again what
    is safe, for it may have gone down before it did.
    Source: our own.
    """
    return all(
        world.up(device)
        and not world.left(device)
        and world.see(device, _ahead) == 0
        and world.see(device, _is_safe) == world.observed("safe")
        for device in world.nodes("device")
    )


@reachable(broken_by="never_crossed")
def everything_is_safe(world: View) -> bool:
    """All that was to be measured can come to be safe.

    Why: nothing that is safe is ever missing where nothing is.
    Source: the witness to `what_is_safe_is_held`.
    """
    (device,) = world.nodes("device")
    return world.up(device) and not world.left(device) and not world.see(device, _ahead)


def _kept_by(server: Node) -> Callable[[Sensing], bool]:
    return lambda state: state.kept.get(server, 0) == state.diary.count


@recoverable(broken_by=("asks_once", "never_again"))
def nobody_stays_behind(world: View) -> bool:
    """Whatever has happened, every server can still come to have all, and the device to know it.

    In symbols: AG EF (no measurement is left and, for all servers p, kept(p) = count).
    Why: a server that was left behind gets what it was not sent from the others, says so to the
    device, and is then sent what comes next.
    Source: our own; the paper's server recovers so after a crash.
    """
    (device,) = world.nodes("device")
    done = world.up(device) and not world.left(device)
    return done and all(world.see(device, _kept_by(server)) for server in world.nodes("server"))


@reachable(broken_by="no_window")
def a_server_is_left_behind(world: View) -> bool:
    """A server can lack what is safe, and not be sent it by the device.

    Why: with a window that nobody ever leaves, no server would need the others.
    Source: the witness to `nobody_stays_behind`.
    """
    (device,) = world.nodes("device")
    if not world.up(device):
        return False
    safe = range(world.see(device, _is_safe))
    return any(
        number not in (_numbers(world, server) | _on_their_way(world, device, server))
        for server in world.nodes("server")
        for number in safe
    )


def _numbers(world: View, server: Node) -> set[int]:
    return {row.number for row in table_of(world, server).values()}


def _on_their_way(world: View, device: Node, server: Node) -> set[int]:
    messages = world.in_flight(device, server)
    return {message.number for message in messages if isinstance(message, Measured)}
