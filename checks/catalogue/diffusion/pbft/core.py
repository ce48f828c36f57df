"""The core of PBFT for one sequence number, with all that Byzantine replicas can do to it."""

from functools import partial
from typing import Any

from coterie.checks.check import Check, Mutant
from coterie.checks.world import World
from coterie.model.diffusion.pbft.core import NONE, PbftCore
from coterie.model.diffusion.pbft.quorums import replica_count
from coterie.spec.diffusion.pbft import core as spec


def world(f: int, views: int, *, missing: int = 0, excess: int = 0, **fields: Any) -> World:
    """Return the correct ones of 3f + 1 replicas, f of them Byzantine, in so many views.

    Attributes:
        missing: how many replicas there are less.
        excess: how many more than f are Byzantine.
    """
    machine = PbftCore(f, replica_count(f) - missing, f + excess, views, **fields)
    return World(machines={spec.REPLICAS: machine})


def committed_by_2f(commits: int, f: int) -> bool:
    """Mutant: 2f replicas commit."""
    return commits >= 2 * f


def prepared_by_f(prepares: int, f: int) -> bool:
    """Mutant: f backups prepare, so that f + 1 with the primary make a certificate."""
    return prepares >= f


def prepared_less(prepares: int, f: int) -> bool:
    """Mutant: 2f - 1 backups prepare, so that 2f with the primary make a certificate."""
    return prepares >= 2 * f - 1


def changed_by_2f(changes: int, f: int) -> bool:
    """Mutant: 2f view changes start a view."""
    return changes >= 2 * f


def changed_by_all(changes: int, f: int) -> bool:
    """Mutant: a new primary waits for all replicas, which leaves no certificate out."""
    return changes >= 3 * f + 1


def changed_by_more(changes: int, f: int) -> bool:
    """Mutant: a new primary waits for more replicas than there are."""
    return changes >= 3 * f + 2


def repeat_none(view: int, highest: int) -> bool:
    """Mutant: no certificate binds."""
    return (view > highest) & (view < highest)


def repeat_any(view: int, highest: int) -> bool:
    """Mutant: any certificate reported will do."""
    return view <= highest


def no_certificate(own: tuple[int, ...]) -> int:
    """Mutant: report none, though one has some."""
    del own
    return NONE


SAFETY = (
    spec.one_digest_committed,
    spec.committed_is_prepared_by_many,
    spec.one_certificate_a_view,
    spec.no_certificate_from_nowhere,
    spec.new_views_build_on_what_is_committed,
)

THREE_VIEWS = {"views": 3}

CHECK = Check(
    name="diffusion.pbft.core",
    about="PBFT's normal case and view changes for one sequence number, against any adversary.",
    world=world,
    properties=(
        *SAFETY,
        spec.committed_again,
        spec.a_certificate_is_overtaken,
        spec.a_request_can_be_committed,
    ),
    small={"f": 1, "views": 2},
    full=THREE_VIEWS,
    states=1_060,
    mutants={
        "small_commit_quorum": Mutant(
            partial(world, is_committed=committed_by_2f),
            {
                "one_digest_committed": 8,
                "committed_is_prepared_by_many": 3,
                "new_views_build_on_what_is_committed": 6,
            },
        ),
        "small_certificate": Mutant(
            partial(world, is_prepared=prepared_by_f),
            {
                "one_digest_committed": 11,
                "one_certificate_a_view": 2,
                "no_certificate_from_nowhere": 1,
                "new_views_build_on_what_is_committed": 8,
            },
        ),
        "small_view_change_quorum": Mutant(
            partial(world, is_view_change_quorum=changed_by_2f),
            {"one_digest_committed": 10, "new_views_build_on_what_is_committed": 6},
        ),
        "ignores_certificates": Mutant(
            partial(world, must_repeat=repeat_none),
            {"one_digest_committed": 10, "new_views_build_on_what_is_committed": 7},
        ),
        "any_certificate": Mutant(
            partial(world, must_repeat=repeat_any),
            {"one_digest_committed": 14, "new_views_build_on_what_is_committed": 11},
            THREE_VIEWS,
        ),
        "forgetful": Mutant(
            partial(world, reported=no_certificate),
            {"one_digest_committed": 10, "new_views_build_on_what_is_committed": 7},
        ),
        "one_more_faulty": Mutant(
            partial(world, excess=1),
            {
                "one_digest_committed": 4,
                "committed_is_prepared_by_many": 2,
                "one_certificate_a_view": 2,
                "no_certificate_from_nowhere": 1,
            },
        ),
        "one_replica_less": Mutant(
            partial(
                world,
                missing=1,
                is_prepared=prepared_less,
                is_committed=committed_by_2f,
                is_view_change_quorum=changed_by_2f,
            ),
            {"one_digest_committed": 4, "one_certificate_a_view": 2},
        ),
        "all_waited_for": Mutant(
            partial(world, is_view_change_quorum=changed_by_all),
            {"a_certificate_is_overtaken": None},
        ),
        "too_many_waited_for": Mutant(
            partial(world, is_view_change_quorum=changed_by_more),
            {"committed_again": None, "a_request_can_be_committed": 2},
        ),
    },
)
