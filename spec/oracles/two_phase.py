"""What two-phase commit promises."""

from coterie.model.oracles.two_phase import Stage
from coterie.spec.property import View, always, reachable


@always(broken_by="commit_early")
def consistent(world: View) -> bool:
    """No resource manager has committed while another has aborted.

    In symbols: there are no r, s with stage(r) = COMMITTED and stage(s) = ABORTED.
    Why: a manager commits only when told, and it is told only after all were prepared; a prepared
    manager no longer aborts by itself.
    Source: TCConsistent, Gray and Lamport, Consensus on Transaction Commit, 2006.
    """
    stages = [world[node] for node in world.nodes("manager")]
    return not (Stage.COMMITTED in stages and Stage.ABORTED in stages)


@reachable(broken_by="never_commit")
def all_commit(world: View) -> bool:
    """The transaction can be committed everywhere.

    Why: a protocol that always aborts would be consistent as well.
    Source: the witness to TCConsistent.
    """
    return all(world[node] is Stage.COMMITTED for node in world.nodes("manager"))
