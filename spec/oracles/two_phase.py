"""What two-phase commit promises."""

from coterie.model.machine import Node
from coterie.model.oracles.tcommit import Stages, TransactionCommit
from coterie.model.oracles.two_phase import Stage
from coterie.spec.property import View, always, each, leads_to, reachable, step_always
from coterie.spec.refinement import refines

COORDINATOR = Node("coordinator")


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


def decision(world: View) -> Stage:
    """Return what the transaction manager has decided; WORKING while it has not."""
    stage: Stage = world[COORDINATOR].stage
    return stage


@always(each=each("manager"), broken_by=("commit_early", "committed_in_name"))
def follows_the_coordinator(world: View, manager: Node) -> bool:
    """No resource manager has done the contrary of what the transaction manager has decided.

    In symbols: stage(r) = COMMITTED implies tmState = COMMITTED, and that implies that
    stage(r) differs from ABORTED.
    Why: only the transaction manager's message makes a manager commit, and all get the same one.
    Source: Gray and Lamport, Consensus on Transaction Commit, 2006, section 3.
    """
    wrong = Stage.ABORTED if decision(world) is Stage.COMMITTED else Stage.COMMITTED
    return world[manager] is not wrong


@step_always(broken_by="counts_late_votes")
def decides_once(before: View, after: View) -> bool:
    """Once the transaction manager has decided, what it knows changes no more.

    In symbols: tmState in {COMMITTED, ABORTED} implies tmState' = tmState and
    tmPrepared' = tmPrepared.
    Why: it decides and counts only while it is working.
    Source: Gray and Lamport, Consensus on Transaction Commit, 2006, section 3.
    """
    return decision(before) is Stage.WORKING or before[COORDINATOR] == after[COORDINATOR]


@reachable(broken_by="no_abort_by_itself")
def a_manager_aborts_by_itself(world: View) -> bool:
    """A resource manager can abort before anything is decided.

    Why: a participant that cannot do its part must be free to say no.
    Source: Gray and Lamport, Consensus on Transaction Commit, 2006, section 3.
    """
    undecided = decision(world) is Stage.WORKING
    return undecided and any(world[node] is Stage.ABORTED for node in world.nodes("manager"))


@reachable(broken_by="no_abort")
def all_abort(world: View) -> bool:
    """The transaction can be aborted by the transaction manager, and with it everywhere.

    Why: it need not wait for ever for the managers that are not prepared.
    Source: Gray and Lamport, Consensus on Transaction Commit, 2006, section 3.
    """
    decided = decision(world) is Stage.ABORTED
    return decided and all(world[node] is Stage.ABORTED for node in world.nodes("manager"))


@reachable(broken_by="never_commit")
def all_commit(world: View) -> bool:
    """The transaction can be committed everywhere.

    Why: a protocol that always aborts would be consistent as well.
    Source: the witness to TCConsistent.
    """
    return all(world[node] is Stage.COMMITTED for node in world.nodes("manager"))


def transaction_commit(world: View) -> TransactionCommit:
    """Return transaction commit for as many managers as this world has."""
    return TransactionCommit(len(world.nodes("manager")))


@refines(transaction_commit, broken_by="commit_early")
def commits_a_transaction(world: View) -> Stages:
    """Two-phase commit implements transaction commit: managers change stage only as that allows.

    In symbols: TPSpec implies TC!TCSpec, where TC's stages are those of the managers.
    Why: a message from the transaction manager makes a manager do what it then may do by itself.
    Source: the theorem at the end of Lamport's TLA+ module TwoPhase.
    """
    return tuple(world[node] for node in world.nodes("manager"))


def is_decided(world: View, manager: Node) -> bool:
    """Return whether the transaction manager has decided, whatever `manager` knows."""
    del manager
    return decision(world) is not Stage.WORKING


@leads_to(is_decided, broken_by="keeps_it_secret", each=each("manager"))
def decisions_arrive(world: View, manager: Node) -> bool:
    """Once the transaction manager has decided, every manager decides.

    In symbols: tmState in {COMMITTED, ABORTED} leads to stage(r) in {COMMITTED, ABORTED}.
    Why: the decision is sent to all, and what is sent is delivered in the end: that much fairness
    of deliveries is assumed, and no more.
    Source: the non-blocking case of Gray and Lamport, Consensus on Transaction Commit, section 3.
    """
    return world[manager] in {Stage.COMMITTED, Stage.ABORTED}
