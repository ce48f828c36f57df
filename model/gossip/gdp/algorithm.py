"""How two replicas find out from their digests which records the other lacks: pure functions.

An exchange has four messages, whose contents stand here; who sends them when stands in `graph`.

Source: Numamoto, "Replication for the Global Data Plane", 2019; the policy that views a log as a
graph of connected records.
"""

from collections.abc import Callable, Iterable
from functools import partial

from attrs import frozen

from coterie.model.gossip.gdp.log import (
    NONE,
    Describe,
    Digest,
    Log,
    added,
    by_name,
    children_held,
    digest_of,
    held,
    names_of,
    parents_held,
    records,
    with_missing,
)

Neighbours = Callable[[str], Iterable[str]]
Walk = Callable[[str, frozenset[str], Neighbours], frozenset[str]]


def step_first(start: str, stop: frozenset[str], neighbours: Neighbours) -> frozenset[str]:
    """Return all that is reached from `start` without passing a record of `stop`, both included.

    Why: the start is itself a begin or an end of the peer; to test it would end every walk into
    the gap beside a piece of a single record.
    """
    reached, todo = {start}, [start]
    while todo:
        for name in neighbours(todo.pop()):
            if name not in reached:
                reached.add(name)
                todo += [] if name in stop else [name]
    return frozenset(reached)


def look_first(start: str, stop: frozenset[str], neighbours: Neighbours) -> frozenset[str]:
    """Walk as published: the stop set is tested before the first step, so on the start as well."""
    return NONE if start in stop else step_first(start, stop, neighbours)


def ancestors(log: Log, name: str) -> frozenset[str]:
    """Return the record `name` and all that is held of what it rests on."""
    return step_first(name, NONE, partial(parents_held, log))


def descendants(log: Log, name: str) -> frozenset[str]:
    """Return the record `name` and all that is held of what rests on it."""
    return step_first(name, NONE, partial(children_held, log))


def component(log: Log, name: str) -> frozenset[str]:
    """Return the record `name` with all its held ancestors and descendants, but no other branch."""
    return ancestors(log, name) | descendants(log, name)


@frozen
class Algorithm:
    """What the four messages of an exchange contain.

    Attributes:
        walk: how far to go from a record that both hold.
        describe: how a digest describes a begin.
        connected: what is sent along with a record that the peer has no part of.
        climbs: whether a walk down goes up again to the other parents of what it meets. In a
            forest there are none; elsewhere an exchange without it may have to be repeated.
    """

    walk: Walk = step_first
    describe: Describe = with_missing
    connected: Callable[[Log, str], frozenset[str]] = component
    climbs: bool = True

    def digest(self, log: Log) -> Digest:
        """Return the first message's content."""
        return digest_of(log, self.describe)

    def reached(self, log: Log, theirs: Digest) -> frozenset[str]:
        """Return what the walks reach from their begins and ends that we hold, but not as such.

        Why: such a begin has parents here that they lack; such an end has children.
        """
        mine = self.digest(log)
        begins = names_of(theirs.begins)
        tops = held(log, names_of(theirs.begins - mine.begins))
        up = NONE.union(*(self._up(log, name, theirs.ends) for name in tops))
        bottoms = held(log, theirs.ends - mine.ends)
        children = partial(children_held, log)
        down = NONE.union(*(self.walk(name, begins, children) for name in bottoms))
        if not self.climbs:
            return up | down
        new = held(log, down - begins - theirs.ends)
        return up.union(down, *(self._up(log, name, begins | theirs.ends) for name in new))

    def _up(self, log: Log, name: str, stop: frozenset[str]) -> frozenset[str]:
        return self.walk(name, stop, partial(parents_held, log))

    def beside(self, log: Log, theirs: Digest) -> frozenset[str]:
        """Return the records that the walks reach: the second message's."""
        return self.reached(log, theirs) - names_of(theirs.begins) - theirs.ends

    def requests(self, log: Log, theirs: Digest) -> frozenset[str]:
        """Return their begins and ends that we do not hold: we ask for their components."""
        names = names_of(theirs.begins) | theirs.ends
        return names - set(held(log, names))

    def offered(self, log: Log, theirs: Digest) -> frozenset[str]:
        """Return the records to send once both digests are known: the third message's.

        What lies beside their begins and ends; and the component of every begin and end of ours
        that is not theirs and that no walk has reached.
        """
        mine = self.digest(log)
        reached = self.reached(log, theirs)
        apart = (names_of(mine.begins - theirs.begins) | (mine.ends - theirs.ends)) - reached
        new = reached - names_of(theirs.begins) - theirs.ends
        return new.union(*(self.connected(log, name) for name in apart))

    def granted(self, log: Log, requests: frozenset[str]) -> frozenset[str]:
        """Return what is sent for `requests`: the fourth message's records."""
        return NONE.union(*(self.connected(log, name) for name in held(log, requests)))


REPAIRED = Algorithm()
PUBLISHED = Algorithm(walk=look_first, describe=by_name, climbs=False)


@frozen
class Exchanged:
    """What a whole exchange leaves.

    Attributes:
        initiator: the log of the one who began it.
        responder: the other's.
        sent: how many records were sent, one way or the other.
    """

    initiator: Log
    responder: Log
    sent: int


def exchanged(algorithm: Algorithm, initiator: Log, responder: Log) -> Exchanged:
    """Return what an exchange does to two logs that nobody else changes meanwhile.

    Nobody sends back what the message before has brought.
    """
    second = algorithm.beside(responder, algorithm.digest(initiator))
    theirs = algorithm.digest(responder)
    updated = merged(initiator, responder, second)
    requests = algorithm.requests(updated, theirs)
    third = algorithm.offered(updated, theirs) - second
    fourth = algorithm.granted(responder, requests) - third
    return Exchanged(
        merged(updated, responder, fourth),
        merged(responder, updated, third),
        len(second) + len(third) + len(fourth),
    )


def merged(log: Log, source: Log, names: frozenset[str]) -> Log:
    """Return `log` with the records of these `names` from `source`."""
    for entry in sorted(records(source, names), key=lambda entry: entry.name):
        log = added(log, entry)
    return log
