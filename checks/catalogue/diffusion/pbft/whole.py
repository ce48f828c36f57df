"""The whole of PBFT: each message is one, and each replica has its log.

The small world is as large as can be explored: a primary that is silent, and a view change because
of it. What takes two clients, or a Byzantine replica that talks, is simulated with larger
parameters: `coterie simulate diffusion.pbft.whole` with `clients`, `calls`, `views` and `lies`.
"""

from functools import partial
from typing import Any

from coterie.checks.catalogue.diffusion.pbft.worlds import world
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.model.diffusion.pbft.ordering import is_call
from coterie.model.diffusion.pbft.replica import PbftReplica
from coterie.spec.diffusion.pbft import whole as spec


def of_one(votes: int, f: int) -> bool:
    """Mutant: one vote is enough."""
    return (votes >= 1) & (f >= 0)


def of_none(votes: int, f: int) -> bool:
    """Mutant: no vote is needed."""
    return (votes >= 0) & (f >= 0)


def of_more(votes: int, f: int) -> bool:
    """Mutant: more votes than there are replicas."""
    return votes >= 3 * f + 2


def repeat_none(view: int, highest: int) -> bool:
    """Mutant: no certificate binds."""
    return (view > highest) & (view < highest)


def any_number(accepted: int) -> bool:
    """Mutant: accept every proposal, though there is one with that number."""
    return accepted >= 0


def any_later(number: int, executed: int) -> bool:
    """Mutant: leave numbers out that are not committed yet."""
    return number > executed


def always_new(timestamp: int, last: int) -> bool:
    """Mutant: execute a call, whatever was executed.

    The catalogue shows it in a group that believes its primary, where it takes few steps.
    """
    return (timestamp > last) | (timestamp <= last)


def group(**fields: Any) -> partial[Any]:
    """Return the maker of worlds whose group has these fields."""
    return partial(world, group=fields)


TALKING = {"views": 1, "faulty": 3}

CHECK = Check(
    name="diffusion.pbft.whole",
    about="PBFT at the level of its messages: a call is executed although the primary is silent.",
    world=world,
    properties=(
        spec.one_request_a_number,
        spec.one_order,
        spec.executed_once,
        spec.results_are_true,
        spec.only_what_was_asked,
        spec.nothing_is_undone,
        spec.answered_at_rest,
        spec.all_is_answered,
        spec.executed_in_a_later_view,
        spec.a_checkpoint_is_stable,
    ),
    small={"clients": 1, "calls": 1, "views": 2, "period": 1, "faulty": 0, "lies": ""},
    states=60_602,
    mutants={
        "believes_the_primary": Mutant(
            group(is_prepared=of_none, is_committed=of_one),
            {"one_request_a_number": 4, "one_order": 4},
            {"clients": 2, "views": 1, "lies": "PrePrepare"},
        ),
        "executes_again": Mutant(
            partial(group(is_prepared=of_none, is_committed=of_one), is_new=always_new),
            {"executed_once": 3},
            {"views": 1, "lies": "PrePrepare"},
        ),
        "any_checkpoint": Mutant(
            group(is_checkpoint_quorum=of_one),
            {"one_order": 2, "nothing_is_undone": 11},
            {**TALKING, "lies": "Checkpoint"},
        ),
        "any_reply": Mutant(
            group(is_reply_certain=of_one), {"results_are_true": 2}, {**TALKING, "lies": "Reply"}
        ),
        "unsigned": Mutant(
            changed(
                world,
                is_call,
                "isinstance(signature.content, Call) …e.signer == signature.content.client"
                " → isinstance(signature.content, Call)",
            ),
            {"only_what_was_asked": 8},
            {"views": 1, "lies": "PrePrepare"},
        ),
        "forgets_what_is_early": Mutant(
            changed(
                world,
                PbftReplica._kept,  # noqa: SLF001
                "evolve(state) without early=(*state.early, early)",
            ),
            {"answered_at_rest": 17},
        ),
        "never_certain": Mutant(group(is_reply_certain=of_more), {"all_is_answered": None}),
        "never_stable": Mutant(
            group(is_checkpoint_quorum=of_more), {"a_checkpoint_is_stable": None}
        ),
        "stays_in_its_view": Mutant(
            group(is_view_change_quorum=of_more), {"executed_in_a_later_view": None}
        ),
    },
)
