"""The whole of PBFT in random runs: what holds, and the mutants that runs find."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from coterie import machine_of
from coterie.checks.catalogue.diffusion.pbft.whole import (
    always_new,
    any_later,
    any_number,
    group,
    of_none,
    of_one,
    repeat_none,
)
from coterie.checks.catalogue.diffusion.pbft.worlds import EVERYTHING, world
from coterie.checks.component import Delivered, Fired, Happening
from coterie.checks.engine.explore import explore
from coterie.checks.hypothesis import ViolatedError
from coterie.checks.mutation.named import changed
from coterie.checks.result import Verdict
from coterie.checks.simulation.steps import Steps
from coterie.checks.simulation.walk import Plan, Simulation, simulate
from coterie.checks.world import Step, World
from coterie.model.diffusion.pbft.group import Group
from coterie.model.diffusion.pbft.views import on_new_view
from coterie.spec.diffusion.pbft import whole as spec
from coterie.spec.property import Kind, Property

SAFETY = (
    spec.one_request_a_number,
    spec.one_order,
    spec.executed_once,
    spec.results_are_true,
    spec.only_what_was_asked,
    spec.nothing_is_undone,
)
ALONE = {"faulty": None}
PRIMARY_LIES = {"faulty": 0, "lies": "PrePrepare+Commit"}
FEW = settings(
    max_examples=10, stateful_step_count=30, deadline=None, database=None, derandomize=True
)


def committed_by_2f(commits: int, f: int) -> bool:
    """A mutant: 2f replicas commit."""
    return commits >= 2 * f


def changed_by_2f(changes: int, f: int) -> bool:
    """A mutant: 2f view changes start a view."""
    return changes >= 2 * f


UNVERIFIED = changed(
    world,
    on_new_view,
    "is_open and sender == member.group.p…nued(message.view, message.changes))"
    " → is_open and sender == member.group.p…_view(message.view, message.changes)",
)
GULLIBLE = changed(
    world,
    Group._belongs,
    "if not self.is_certificate(certificate) → if False",
)

Wrong = tuple[Callable[..., World], dict[str, Any], Property, int]
WRONG: dict[str, Wrong] = {
    "ignores_certificates": (
        group(must_repeat=repeat_none),
        {"clients": 2, "views": 2, **ALONE},
        spec.one_request_a_number,
        1,
    ),
    "two_proposals": (
        partial(world, is_first=any_number),
        {"clients": 2, "views": 1, **PRIMARY_LIES},
        spec.one_request_a_number,
        5,
    ),
    "out_of_order": (
        partial(world, is_next=any_later),
        {"clients": 2, "views": 1, **ALONE},
        spec.one_order,
        5,
    ),
    "executes_again": (
        partial(world, is_new=always_new),
        {"clients": 1, "views": 1, **PRIMARY_LIES},
        spec.executed_once,
        1,
    ),
    "believes_the_new_primary": (
        UNVERIFIED,
        {"clients": 1, "views": 2, "faulty": 1, "lies": "NewView+ViewChange"},
        spec.only_what_was_asked,
        50,
    ),
    "believes_any_certificate": (
        GULLIBLE,
        {"clients": 1, "views": 2, "faulty": 0, "lies": "ViewChange"},
        spec.only_what_was_asked,
        10,
    ),
    "small_commit_quorum": (
        group(is_committed=committed_by_2f),
        {"clients": 2, "views": 2, "faulty": 3, "lies": "ViewChange+Commit"},
        spec.one_request_a_number,
        20,
    ),
    "small_view_change_quorum": (
        group(is_view_change_quorum=changed_by_2f),
        {"clients": 2, "views": 2, "faulty": 3, "lies": "ViewChange+Commit"},
        spec.one_request_a_number,
        100,
    ),
}
SLOW = {"small_commit_quorum", "small_view_change_quorum", "believes_the_new_primary"}


def violated(found: Simulation) -> set[str]:
    return {claim.name for claim in found.sightings if claim.kind is not Kind.REACHABLE}


def reached(found: Simulation) -> set[str]:
    return {claim.name for claim in found.sightings if claim.kind is Kind.REACHABLE}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in SLOW else ()) for n in WRONG]
)
def test_random_runs_find_what_is_wrong(name: str) -> None:
    made, parameters, claim, runs = WRONG[name]
    plan = Plan(seed=0, runs=runs, steps=120)

    found = simulate(made(calls=1, **parameters), [claim], plan, fatal=[claim.name])

    assert violated(found) == {claim.name}


@pytest.mark.parametrize("name", WRONG)
def test_the_same_runs_find_nothing_wrong_with_the_protocol(name: str) -> None:
    _, parameters, claim, _ = WRONG[name]

    found = simulate(world(calls=1, **parameters), [claim], Plan(seed=0, runs=5, steps=120))

    assert not violated(found)


@pytest.mark.slow
@pytest.mark.parametrize("faulty", [None, 0, 1, 2, 3])
def test_a_byzantine_replica_that_says_anything_does_no_harm(faulty: int | None) -> None:
    made = world(clients=2, calls=2, views=3, period=1, faulty=faulty, lies=EVERYTHING)

    found = simulate(made, SAFETY, Plan(seed=1, runs=5, steps=200))

    assert not violated(found)


def test_a_request_costs_as_many_messages_as_the_phases_add_up_to() -> None:
    n = 4
    steps = Steps(world(clients=1, calls=1, views=1, faulty=None))
    values, delivered = steps.starts[0], 0

    while patient := [one for one in steps.of(values) if not isinstance(cause(one), Fired)]:
        delivered += isinstance(cause(patient[0]), Delivered)
        values = patient[0].values

    request, pre_prepare, prepare, commit, reply = 1, n - 1, (n - 1) ** 2, n * (n - 1), n
    assert delivered == request + pre_prepare + prepare + commit + reply == 29


def cause(step: Step) -> Happening:
    return step.happenings[0]


def test_clients_are_answered_over_several_views_and_checkpoints() -> None:
    claims = [
        *SAFETY,
        spec.answered_at_rest,
        spec.all_is_answered,
        spec.a_checkpoint_is_stable,
        spec.executed_in_a_later_view,
    ]

    found = simulate(
        world(clients=2, calls=2, views=3, faulty=None), claims, Plan(seed=0, runs=3, steps=600)
    )

    assert not violated(found)
    assert reached(found) == {
        "all_is_answered",
        "a_checkpoint_is_stable",
        "executed_in_a_later_view",
    }


def test_hypothesis_finds_nothing_wrong() -> None:
    for faulty in (0, 3):
        made = world(clients=2, calls=1, views=2, faulty=faulty)
        run_state_machine_as_test(machine_of(made, SAFETY), settings=FEW)


def test_hypothesis_finds_a_client_that_believes_anybody() -> None:
    wrong = group(is_reply_certain=of_one)(clients=1, calls=1, views=1, faulty=3, lies="Reply")

    with pytest.raises(ViolatedError) as caught:
        run_state_machine_as_test(machine_of(wrong, [spec.results_are_true]), settings=FEW)

    assert len(caught.value.minimal) == 2


@pytest.mark.slow
def test_hypothesis_finds_replicas_that_believe_the_primary() -> None:
    wrong = group(is_prepared=of_none, is_committed=of_one)(
        clients=2, calls=1, views=1, faulty=0, lies="PrePrepare"
    )

    with pytest.raises(ViolatedError) as caught:
        run_state_machine_as_test(
            machine_of(wrong, [spec.one_request_a_number]),
            settings=settings(FEW, max_examples=200),
        )

    assert len(caught.value.minimal) == 4


@pytest.mark.parametrize(("lies", "states"), [("", 7_845), ("Reply", 33_960)])
def test_one_call_in_one_view_is_explored(lies: str, states: int) -> None:
    found = explore(world(clients=1, calls=1, views=1, faulty=3, lies=lies), SAFETY)

    assert {each.verdict for each in found.findings} == {Verdict.HOLDS}
    assert found.states == states
