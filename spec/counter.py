"""What replicated counters promise, each by its key."""

from immutables import Map

from coterie.model.counter import Add
from coterie.model.keyed import At
from coterie.model.machine import Invoke, Node
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View, always, reachable, recoverable

SURVIVORS = {
    "What an addition returns is for its user alone; no replica sees it, no count hangs on it.": (
        "counter.Counter.step: without Return(state + amount)",
        "counter.Counter.step: state + amount → state #2",
        "counter.Counter.step: state + amount → amount #2",
    ),
}
Sums = Map[str, int]


def summed(so_far: Sums, node: Node, seen: Seen) -> Sums:
    """Return what all users together have added to each counter, after `seen`."""
    del node
    match seen:
        case Invoke(At(key, Add(amount))):
            return so_far.set(key, so_far.get(key, 0) + amount)
    return so_far


SUMS = Observer(Map(), summed)


def counts(world: View, node: Node) -> Sums:
    """Return what `node` holds in memory: a count for each key."""
    held: Sums = world.memory(node).above
    return held


def _all_know_all(world: View) -> bool:
    return all(counts(world, node) == world.observed("sums") for node in world.nodes())


@always(broken_by="no_dedupe")
def nothing_counts_twice(world: View) -> bool:
    """No replica counts more under a key than users have added under that key.

    In symbols: for all replicas r, keys k: count(r, k) is at most the sum added to k.
    Why: the link hands up each addition once, and each object sees what carries its key alone.
    Source: our own, for the operation-based counter of Shapiro et al., 2011.
    """
    sums = world.observed("sums")
    return all(
        count <= sums.get(key, 0)
        for node in world.nodes()
        for key, count in counts(world, node).items()
    )


@recoverable(broken_by="no_resend")
def all_count_the_same(world: View) -> bool:
    """All replicas can still come to the sum of what was added, under every key.

    In symbols: AG EF (for all replicas r, keys k: count(r, k) = the sum added to k).
    Why: additions commute, and the link loses none.
    Source: our own, for the operation-based counter of Shapiro et al., 2011.
    """
    return _all_know_all(world)


@reachable(broken_by="deaf")
def all_is_counted(world: View) -> bool:
    """Everything that users add is counted everywhere, after every crash that there may be.

    Why: replicas that never count would not count twice.
    Source: the witness to nothing_counts_twice.
    """
    done = all(world.left(node) == () for node in world.nodes())
    return done and world.left("crashes") == 0 and _all_know_all(world)
