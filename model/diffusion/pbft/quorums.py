"""The quorums of PBFT, as guards over plain numbers.

At most f of 3f + 1 replicas are Byzantine. Any two quorums of 2f + 1 have f + 1 replicas in common,
a correct one among them; and the 2f + 1 correct replicas are a quorum of their own.

`coterie.spec.lemmas` proves what they are for, for every f: so each is written with + − × and
comparisons alone, which a solver's numbers understand as well.

Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.
"""


def replica_count(f: int) -> int:
    """Return how many replicas withstand f Byzantine ones: 3f + 1 (section 3)."""
    return 3 * f + 1


def is_prepared(prepares: int, f: int) -> bool:
    """Return whether so many backups' prepares, beside the pre-prepare, are a certificate: 2f."""
    return prepares >= 2 * f


def is_committed(commits: int, f: int) -> bool:
    """Return whether so many replicas' commits, one's own included, are a quorum: 2f + 1."""
    return commits >= 2 * f + 1


def is_reply_certain(replies: int, f: int) -> bool:
    """Return whether so many equal replies include a correct replica's: f + 1 (section 4.1)."""
    return replies >= f + 1


def is_checkpoint_quorum(votes: int, f: int) -> bool:
    """Return whether a checkpoint with so many votes is stable: 2f + 1 (section 4.3)."""
    return votes >= 2 * f + 1


def is_view_change_quorum(changes: int, f: int) -> bool:
    """Return whether so many view changes, the new primary's included, start a view: 2f + 1."""
    return changes >= 2 * f + 1


def is_view_change_joined(changes: int, f: int) -> bool:
    """Return whether so many others' view changes include a correct replica's: f + 1.

    A replica then joins them, even if its own timer has not expired (section 4.5.2).
    """
    return changes >= f + 1
