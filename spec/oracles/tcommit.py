"""What transaction commit promises."""

from coterie.model.machine import Node
from coterie.model.oracles.two_phase import Stage
from coterie.spec.property import View, always, reachable, step_always

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


@always(broken_by=("commit_early", "commit_alone"))
def commits_when_all_are_prepared(world: View) -> bool:
    """Once a resource manager has committed, none is still working.

    In symbols: stage(r) = COMMITTED implies for all s: stage(s) is PREPARED or COMMITTED.
    Why: a commit is permitted only when all are prepared or have committed.
    Source: canCommit, Gray and Lamport, Consensus on Transaction Commit, 2006, section 2.
    """
    stages = world[MANAGERS]
    return Stage.COMMITTED not in stages or set(stages) <= {Stage.PREPARED, Stage.COMMITTED}


@step_always(broken_by="prepare_again")
def decisions_are_final(before: View, after: View) -> bool:
    """A resource manager that has committed, or aborted, stays so.

    In symbols: stage(r) in {COMMITTED, ABORTED} implies stage'(r) = stage(r).
    Why: nothing is on offer to a manager that has decided.
    Source: Gray and Lamport, Consensus on Transaction Commit, 2006, section 2.
    """
    pairs = zip(before[MANAGERS], after[MANAGERS], strict=True)
    return all(one is other or one in {Stage.WORKING, Stage.PREPARED} for one, other in pairs)


@reachable(broken_by="never_abort")
def all_abort(world: View) -> bool:
    """The transaction can be aborted everywhere.

    Why: managers that could not abort would have to commit what they cannot.
    Source: Gray and Lamport, Consensus on Transaction Commit, 2006, section 2.
    """
    return all(stage is Stage.ABORTED for stage in world[MANAGERS])


@reachable(broken_by="never_commit")
def all_commit(world: View) -> bool:
    """The transaction can be committed everywhere.

    Why: a specification that only ever aborts would be consistent as well.
    Source: the witness to TCConsistent.
    """
    return all(stage is Stage.COMMITTED for stage in world[MANAGERS])
