"""What the serving replicas of a log promise one another: pages, and records that spread; forks."""

from typing import Any

from coterie.model.gossip.gdp.graph import Fourth, Second, Third
from coterie.model.gossip.gdp.log import Log
from coterie.model.gossip.gdp.service.forks import Fork, forks
from coterie.model.machine import Node
from coterie.spec.property import (
    View,
    always,
    each,
    eventually_always,
    reachable,
    recoverable,
    step_always,
)


def names_of(world: View, node: Node) -> frozenset[str]:
    """Return the names of the records on the disk of a replica, be it up or down."""
    log: Log = world.memory(node)
    return frozenset(log.entries)


def _same(world: View) -> bool:
    first, *rest = (names_of(world, node) for node in world.nodes("replica"))
    return all(names == first for names in rest)


@recoverable(broken_by=("roots_first", "deaf"))
def records_can_spread(world: View) -> bool:
    """Whatever has happened, the replicas can still come to hold the same records.

    In symbols: AG EF (names(log(r)) = names(log(s)) for all r, s).
    Why: in an exchange that is not interrupted the initiator gets one record that it lacks, however
    small a page is: what its begins miss is sent first, and the very records that it asks for.
    Source: our own; the policy is of Numamoto, Replication for the Global Data Plane, 2019, where a
    message holds everything.
    """
    return _same(world)


@eventually_always(broken_by=("roots_first", "deaf"))
def records_spread(world: View) -> bool:
    """Once the writer stops, the replicas hold the same records in the end, and for ever.

    In symbols: <>[] (names(log(r)) = names(log(s)) for all r, s).
    Why: both begin exchanges without end, and each brings its initiator on. Rests on weak fairness
    of timers and deliveries, and on links that lose nothing.
    Source: "until all peers contain the change", Numamoto, 2019; that it may be in parts is ours.
    """
    return _same(world)


@reachable(broken_by="deaf")
def all_is_everywhere(world: View) -> bool:
    """Replicas that began with different records can come to hold the same ones.

    Why: records that never move would be small messages, and integral, as well.
    Source: the witness to `records_can_spread`.
    """
    return _same(world) and bool(names_of(world, world.nodes("replica")[0]))


@always(broken_by="all_at_once", each=each("replica"))
def pages_are_small(world: View, replica: Node) -> bool:
    """No message of an exchange has more records than a page.

    In symbols: a message m from r in flight implies |records(m)| ≤ 1, in these worlds, whose pages
    hold no more.
    Why: what does not fit is left for the next exchange; so nobody's step, nor anybody's memory,
    grows with what is lacking.
    Source: our own.
    """
    return all(
        len(message.records) <= 1
        for peer in world.nodes("replica")
        if peer != replica
        for message in world.in_flight(replica, peer)
        if isinstance(message, Second | Third | Fourth)
    )


def forks_at(world: View, replica: Node) -> frozenset[Fork]:
    """Return the forks that a replica can prove, be it up or down."""
    log: Any = world.memory(replica)
    return forks(log)


@step_always(broken_by="last_of_a_place", each=each("replica"))
def forks_are_never_forgotten(before: View, after: View, replica: Node) -> bool:
    """A fork that a replica has seen it can prove for ever.

    In symbols: for every step and replica r: forks(log(r)) is a subset of forks(log'(r)).
    Why: both records are genuine, and records stay.
    Source: our own; a branch in the log is Numamoto's, 2019, who does not ask whether the writer
    has meant it.
    """
    return forks_at(before, replica) <= forks_at(after, replica)


@eventually_always(broken_by="first_of_a_place")
def forks_reach_all(world: View) -> bool:
    """Once the writer stops, each replica can prove every fork that there is.

    In symbols: <>[] (for all r: forks(log(r)) = forks(the union of all logs)).
    Why: a replica keeps both records, as it keeps any other, and all of them spread.
    Source: our own.
    """
    nodes = world.nodes("replica")
    logs = [world.memory(node) for node in nodes]
    every = {name: entry for log in logs for name, entry in log.entries.items()}
    there = {(x.name, y.name) for x in every.values() for y in every.values() if _forks(x, y)}
    return all(
        {(fork.one.name, fork.other.name) for fork in forks_at(world, node)} == there
        for node in nodes
    )


def _forks(one: Any, other: Any) -> bool:
    """Return whether two records go on from one place: plainly, without an index."""
    if one.name >= other.name:
        return False
    both_begin = not one.parents and not other.parents
    return both_begin or bool(set(one.parents) & set(other.parents))


@reachable(broken_by="first_of_a_place")
def a_fork_is_everywhere(world: View) -> bool:
    """All replicas can come to prove a fork of which each had one record.

    Why: a log without forks would forget none.
    Source: the witness to `forks_are_never_forgotten`.
    """
    return all(forks_at(world, node) for node in world.nodes("replica"))
