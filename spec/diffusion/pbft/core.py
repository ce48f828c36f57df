"""What the core of PBFT promises: agreement on one sequence number, whatever the view."""

from coterie.model.diffusion.pbft.core import NONE, Certificate, Core
from coterie.model.machine import Node
from coterie.spec.property import View, always, reachable, recoverable

REPLICAS = Node("replicas")


def committed(state: Core) -> frozenset[Certificate]:
    """Return the views and digests that are committed at some correct replica."""
    return state.committed


def certified(state: Core) -> frozenset[Certificate]:
    """Return the views and digests for which there can be a certificate."""
    return state.certified


def thinly_committed(state: Core) -> frozenset[Certificate]:
    """Return what is committed though fewer than f + 1 correct replicas have prepared it."""
    found = _prepared(state)
    return frozenset(one for one in state.committed if found.count(one) < state.f + 1)


def _prepared(state: Core) -> list[Certificate]:
    return [
        Certificate(view, sent.accepted)
        for replica in state.replicas
        for view, sent in enumerate(replica)
        if sent.prepared
    ]


def accepted(state: Core) -> frozenset[Certificate]:
    """Return the views and digests that some correct replica has accepted."""
    return frozenset(_accepted(state))


def thinly_certified(state: Core) -> frozenset[Certificate]:
    """Return what has a certificate though fewer than f + 1 correct replicas have accepted it."""
    found = _accepted(state)
    return frozenset(one for one in state.certified if found.count(one) < state.f + 1)


def _accepted(state: Core) -> list[Certificate]:
    return [
        Certificate(view, sent.accepted)
        for replica in state.replicas
        for view, sent in enumerate(replica)
        if sent.accepted != NONE
    ]


@always(
    broken_by=(
        "small_commit_quorum",
        "small_certificate",
        "small_view_change_quorum",
        "ignores_certificates",
        "any_certificate",
        "forgetful",
        "one_more_faulty",
        "one_replica_less",
    )
)
def one_digest_committed(world: View) -> bool:
    """No two correct replicas commit different requests with the same sequence number.

    In symbols: committed(v, d, i) and committed(w, e, j) implies d = e, for all views v and w.
    Why: this is the safety of the service: all execute the same requests in the same order. In one
    view two certificates have a correct replica in common; across views the certificate of what is
    committed is in every quorum of view changes, and no other has a higher view.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.5.1.
    """
    return len({one.digest for one in world.see(REPLICAS, committed)}) <= 1


@always(broken_by=("small_commit_quorum", "one_more_faulty"))
def committed_is_prepared_by_many(world: View) -> bool:
    """What is committed at a correct replica is prepared at f + 1 correct ones.

    In symbols: committed(v, d, i) implies |{j correct: prepared(v, d, j)}| >= f + 1.
    Why: f of the 2f + 1 commits may be lies; the f + 1 others are enough to be met by every quorum.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.2: the
    invariant of committed-local.
    """
    return not world.see(REPLICAS, thinly_committed)


@always(broken_by=("small_certificate", "one_more_faulty", "one_replica_less"))
def one_certificate_a_view(world: View) -> bool:
    """In one view at most one digest can be shown to be prepared.

    In symbols: prepared(v, d) and prepared(v, e) implies d = e.
    Why: two sets of 2f + 1 have f + 1 members in common, and a correct one accepts one proposal.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.2.
    """
    shown = world.see(REPLICAS, certified)
    return len(shown) == len({one.view for one in shown})


@always(broken_by=("small_certificate", "one_more_faulty"))
def no_certificate_from_nowhere(world: View) -> bool:
    """What can be shown to be prepared was accepted by f + 1 correct replicas.

    In symbols: prepared(v, d) implies |{j correct: j sent PREPARE or PRE-PREPARE(v, d)}| >= f + 1.
    Why: Byzantine replicas alone must not be able to make a certificate: it binds new views.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.2.
    """
    return not world.see(REPLICAS, thinly_certified)


def _contradicts(state: Core) -> bool:
    taken = accepted(state)
    return any(
        later.view > one.view and later.digest != one.digest
        for one in state.committed
        for later in taken
    )


@always(
    broken_by=(
        "small_commit_quorum",
        "small_certificate",
        "small_view_change_quorum",
        "ignores_certificates",
        "any_certificate",
        "forgetful",
    )
)
def new_views_build_on_what_is_committed(world: View) -> bool:
    """After the view in which a request is committed no correct replica accepts another.

    In symbols: committed(v, d) and w > v and accepted(w, e, j) implies d = e.
    Why: this is the induction behind `one_digest_committed`. The certificate of the highest view
    decides: any below it may be of a request that was prepared, yet never committed.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, sections 4.4, 4.5.1.
    """
    return not world.see(REPLICAS, _contradicts)


def _recommitted(state: Core) -> bool:
    return len({one.view for one in state.committed}) > 1


@reachable(broken_by="too_many_waited_for")
def committed_again(world: View) -> bool:
    """What is committed can be committed again in a later view.

    Why: whoever missed it has to learn of it; a new view proposes again what may be committed.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.4.
    """
    return world.see(REPLICAS, _recommitted)


def _overtaken(state: Core) -> bool:
    return any(
        old.view < new.view and old.digest != new.digest
        for old in _prepared(state)
        for new in state.committed
    )


@reachable(broken_by="all_waited_for")
def a_certificate_is_overtaken(world: View) -> bool:
    """A request that is prepared at a correct replica can lose against another of a later view.

    Why: its certificate need not be among those of the quorum that starts the later view. So there
    are certificates for different requests, and it matters which one is believed.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.4.
    """
    return world.see(REPLICAS, _overtaken)


@recoverable(broken_by="too_many_waited_for")
def a_request_can_be_committed(world: View) -> bool:
    """Whatever the Byzantine replicas have done, there is a way to commit a request.

    In symbols: AG EF committed(v, d).
    Why: a split vote must not be the end; the next view is free to settle it.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.5.2.
    """
    return bool(world.see(REPLICAS, committed))
