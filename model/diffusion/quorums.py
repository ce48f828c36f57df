"""The quorums of replication by diffusion, as guards over plain numbers.

At most b replicas are Byzantine, and nothing is signed. A tree node has 4b + 1 replicas; whoever
asks it waits for 3b + 1 answers, so that b may stay silent for ever.

`coterie.spec.lemmas` proves what they are for, for every b: so each is written with + − × and
comparisons alone, which a solver's numbers understand as well.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4.
"""


def node_size(b: int) -> int:
    """Return how many replicas a node of the tree has: 4b + 1."""
    return 4 * b + 1


def bounded_node_size(b: int) -> int:
    """Return how many it needs when channels are synchronous: 3b + 1 (the paper's footnote 1)."""
    return 3 * b + 1


def is_answered(answers: int, b: int) -> bool:
    """Return whether so many replicas of a node have answered a read: 3b + 1 or more."""
    return answers >= 3 * b + 1


def is_acknowledged(acks: int, b: int) -> bool:
    """Return whether so many replicas of a node have acknowledged an update: 3b + 1 or more."""
    return acks >= 3 * b + 1


def is_supported(votes: int, b: int) -> bool:
    """Return whether so many replicas that say the same include a correct one: b + 1 or more."""
    return votes >= b + 1


def is_outdated(newer: int, b: int) -> bool:
    """Return whether an answer beside so many newer ones is stale: b + 1, a correct one there."""
    return newer >= b + 1


def trusted_rank(b: int) -> int:
    """Return which of 3b + 1 sorted timestamps to build on: TS[2b], with the b largest dropped."""
    return 2 * b


def is_copied(copies: int, b: int) -> bool:
    """Return whether so many replicas of one node that pass an update on include a correct one."""
    return copies >= b + 1


def is_echoed(echoes: int, b: int) -> bool:
    """Return whether so many replicas that echo an update include a correct one: b + 1 or more."""
    return echoes >= b + 1


def is_agreed(echoes: int, b: int) -> bool:
    """Return whether so many echoes make every correct replica echo too: 2b + 1 or more.

    Why: b + 1 of them come from correct replicas, which echo to all.
    """
    return echoes >= 2 * b + 1
