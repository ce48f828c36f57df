"""What the sets of replication by diffusion are for, said of the sets themselves.

`coterie.model.diffusion.scheme` says the same of their sizes; here each claim is asked of every
set there is, so that a test can compare the two.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 3.
"""

from collections.abc import Iterator
from itertools import chain, combinations, product

from coterie.model.diffusion.scheme import Scheme

Replica = tuple[int, int]
"""A replica, by its group and its place there."""

Replicas = frozenset[Replica]


def groups(scheme: Scheme) -> tuple[tuple[Replica, ...], ...]:
    """Return the replicas of each group."""
    return tuple(
        tuple((group, place) for place in range(scheme.size)) for group in range(scheme.groups)
    )


def everybody(scheme: Scheme) -> tuple[Replica, ...]:
    """Return all replicas."""
    return tuple(chain.from_iterable(groups(scheme)))


def entry_sets(scheme: Scheme) -> Iterator[Replicas]:
    """Yield the sets that a client may hand an update to: of one group each."""
    return _within_a_group(scheme, scheme.entry)


def read_sets(scheme: Scheme) -> Iterator[Replicas]:
    """Yield the sets that a reader may hear: of one group each."""
    return _within_a_group(scheme, scheme.read)


def write_sets(scheme: Scheme) -> Iterator[Replicas]:
    """Yield the least sets that have accepted an update when its write is complete."""
    parts = (combinations(group, scheme.write) for group in groups(scheme))
    return (frozenset(chain.from_iterable(chosen)) for chosen in product(*parts))


def byzantine_sets(scheme: Scheme) -> Iterator[Replicas]:
    """Yield the sets of replicas that may all be Byzantine: b of them, or as many as there are."""
    replicas = everybody(scheme)
    return map(frozenset, combinations(replicas, min(scheme.b, len(replicas))))


def _within_a_group(scheme: Scheme, count: int) -> Iterator[Replicas]:
    for group in groups(scheme):
        yield from map(frozenset, combinations(group, count))


def enters(scheme: Scheme) -> bool:
    """Whatever the entry set, and whoever is Byzantine: b + 1 correct replicas are in it.

    In symbols: for all entry sets E, Byzantine sets B: |E - B| >= b + 1.
    """
    return all(
        len(entry - liars) >= scheme.b + 1
        for entry in entry_sets(scheme)
        for liars in byzantine_sets(scheme)
    )


def meets(scheme: Scheme) -> bool:
    """Whoever is Byzantine, any read set and any write set have b + 1 correct replicas in common.

    In symbols: for all read sets R, write sets W, Byzantine sets B: |(R & W) - B| >= b + 1.
    """
    return _meet_in(scheme, scheme.b + 1)


def is_available(scheme: Scheme) -> bool:
    """Whoever is Byzantine, correct replicas alone make a write set, and in any group a read set.

    In symbols: for all Byzantine sets B there is a write set W with W & B empty, and in every group
    G a read set R, a part of G, with R & B empty; entry sets exist.
    """
    return any(True for _ in entry_sets(scheme)) and all(
        any(not write & liars for write in write_sets(scheme))
        and all(
            any(not liars.intersection(read) for read in combinations(group, scheme.read))
            for group in groups(scheme)
        )
        for liars in byzantine_sets(scheme)
    )


def is_sound(scheme: Scheme) -> bool:
    """Byzantine replicas are too few to be believed, by a replica or by a reader.

    In symbols: for all Byzantine sets B: |B| < senders and |B| < support.
    """
    return all(
        len(liars) < scheme.senders and len(liars) < scheme.support
        for liars in byzantine_sets(scheme)
    )


def is_live(scheme: Scheme) -> bool:
    """Correct replicas are enough to be believed: those of an entry set, and where sets meet.

    In symbols: for all entry sets E, read sets R, write sets W, Byzantine sets B:
    |E - B| >= senders and |(R & W) - B| >= support.
    """
    return all(
        len(entry - liars) >= scheme.senders
        for entry in entry_sets(scheme)
        for liars in byzantine_sets(scheme)
    ) and _meet_in(scheme, scheme.support)


def _meet_in(scheme: Scheme, count: int) -> bool:
    return all(
        len((read & write) - liars) >= count
        for read in read_sets(scheme)
        for write in write_sets(scheme)
        for liars in byzantine_sets(scheme)
    )
