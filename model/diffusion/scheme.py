"""Replication by diffusion, in general: who hands what to whom, and when it is believed.

A client hands an update to a small entry set of replicas. They diffuse it among themselves, and a
replica accepts what the client itself, or enough distinct replicas, have told it. When a write set
has accepted it, the write is complete. A reader hears a read set, and takes the newest value that
enough replicas vouch for. Any read set and any write set meet in b + 1 correct replicas.

The register on a tree and Byzantine gossip are the two instances here: they differ in the sets and
in who tells whom, not in why they work.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 3; Malkhi,
Mansour and Reiter, Diffusion without False Rumors: On Propagating Updates in a Byzantine
Environment, Theoretical Computer Science 2003, for gossip.
"""

from collections.abc import Callable
from itertools import count

from attrs import frozen

from coterie.model.diffusion.quorums import (
    is_acknowledged,
    is_answered,
    is_copied,
    is_supported,
    node_size,
)

Guard = Callable[[int, int], bool]


def least(guard: Guard, b: int) -> int:
    """Return the smallest number that satisfies `guard` beside b."""
    return next(number for number in count() if guard(number, b))


@frozen
class Scheme:
    """The sets of one way to replicate by diffusion, by their sizes.

    The replicas are in groups of one size, and any set of the right size will do: an entry set lies
    in one group, a read set too, and a write set has so many replicas of every group.

    Attributes:
        b: how many replicas may be Byzantine.
        groups: how many groups there are.
        size: how many replicas a group has.
        entry: how many of them a client hands an update to.
        write: how many of each group have accepted it, or pretend so, when a write is complete.
        read: how many of a group a reader hears.
        senders: how many distinct replicas make another one accept what they say.
        support: how many replicas make a reader accept a value.
    """

    b: int
    groups: int
    size: int
    entry: int
    write: int
    read: int
    senders: int
    support: int


def tree(b: int, nodes: int) -> Scheme:
    """Return the register on a tree: a group is a tree node, and the client enters at all of it."""
    return Scheme(
        b=b,
        groups=nodes,
        size=node_size(b),
        entry=node_size(b),
        write=least(is_acknowledged, b),
        read=least(is_answered, b),
        senders=least(is_copied, b),
        support=least(is_supported, b),
    )


def entry_size(b: int) -> int:
    """Return how many replicas gossip is begun with: 2b + 1, of which b + 1 are correct."""
    return 2 * b + 1


def gossip(b: int) -> Scheme:
    """Return gossip among the fewest replicas that a reader can do with: one group, any entry."""
    return Scheme(
        b=b,
        groups=1,
        size=node_size(b),
        entry=entry_size(b),
        write=least(is_acknowledged, b),
        read=least(is_answered, b),
        senders=least(is_copied, b),
        support=least(is_supported, b),
    )


def enters(scheme: Scheme) -> bool:
    """Return whether an entry set has b + 1 correct replicas."""
    return scheme.entry >= 2 * scheme.b + 1


def meets(scheme: Scheme) -> bool:
    """Return whether every read set and every write set meet in b + 1 correct replicas."""
    return scheme.read + scheme.write >= scheme.size + 2 * scheme.b + 1


def is_available(scheme: Scheme) -> bool:
    """Return whether each set can be had of correct replicas alone, with b silent ones."""
    correct = scheme.size - scheme.b
    return (scheme.entry <= scheme.size) & (scheme.write <= correct) & (scheme.read <= correct)


def is_sound(scheme: Scheme) -> bool:
    """Return whether whoever convinces a replica or a reader includes a correct replica."""
    return (scheme.senders >= scheme.b + 1) & (scheme.support >= scheme.b + 1)


def is_live(scheme: Scheme) -> bool:
    """Return whether correct replicas suffice: those of an entry set, and where the sets meet."""
    entered = scheme.entry >= scheme.senders + scheme.b
    return entered & (scheme.read + scheme.write >= scheme.size + scheme.support + scheme.b)
