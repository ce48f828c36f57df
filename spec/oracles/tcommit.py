"""What transaction commit promises."""

from coterie.model.machine import Node
from coterie.model.oracles.two_phase import Stage
from coterie.spec.property import View, always, reachable

MANAGERS = Node("managers")


@always(broken_by=("commit_early", "abort_late"))
def consistent(world: View) -> bool:
    """No resource manager has committed while another has aborted.

    In symbols: there are no r, s with stage(r) = COMMITTED and stage(s) = ABORTED.
    Why: the first to commit sees all prepared, so nobody has aborted; from then on somebody has
    committed, so nobody may abort.
    Source: TCConsistent, Gray and Lamport, Consensus on Transaction Commit, 2006, section 2.
    """
    stages = world[MANAGERS]
    return not (Stage.COMMITTED in stages and Stage.ABORTED in stages)


@reachable(broken_by="never_commit")
def all_commit(world: View) -> bool:
    """The transaction can be committed everywhere.

    Why: a specification that only ever aborts would be consistent as well.
    Source: the witness to TCConsistent.
    """
    return all(stage is Stage.COMMITTED for stage in world[MANAGERS])
