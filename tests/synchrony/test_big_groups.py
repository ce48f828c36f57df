"""Groups of five to nine, with several crashes, joins and false suspicions: by random runs.

What is explored of groups of two and three is held here against runs of groups that are too big to
explore, with the same properties.
"""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from attrs import evolve
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from coterie import machine_of
from coterie.checks.catalogue.synchrony import transfer as mutants
from coterie.checks.catalogue.synchrony import twins
from coterie.checks.catalogue.synchrony.transfer import group
from coterie.checks.catalogue.synchrony.worlds import words
from coterie.checks.hypothesis import ViolatedError
from coterie.checks.simulation.walk import Plan, Simulation, simulate
from coterie.checks.world import World
from coterie.model.synchrony.view import first_view
from coterie.spec.property import Kind, Property
from coterie.spec.synchrony import deliveries, membership, multicast, told, transfer, trim, views

STEADY = ("total_order", "sender_order")
"""What multicast promises also where members fail."""
RIGHTLY = ("only_the_failed_are_removed", "who_asks_is_let_in")
"""What holds as long as nobody is suspected wrongly."""
ELSEWHERE = {
    "survivors_are_the_view": "of groups that nobody joins; see `all_are_in_one_view`",
    "a_leaver_stays_to_the_end": "of groups in which nobody fails",
    "every_view_is_adequate": "of groups that ask for more than a member",
    "who_is_removed_never_returns": "where a joiner asks once; its second wish may come late",
    "nobody_speaks_before_the_joiners_are_in": "of groups that no joiner is removed from",
}


def claims_in(module: ModuleType) -> Iterator[Property]:
    """Yield the claims of a spec that a run can violate."""
    for value in vars(module).values():
        if isinstance(value, Property) and not (
            value.kind is Kind.REACHABLE or value.kind.is_temporal or value.name in ELSEWHERE
        ):
            yield value


RIGHT = [
    *(claim for claim in claims_in(multicast) if claim.name in STEADY),
    *claims_in(membership),
    *claims_in(trim),
    *claims_in(transfer),
]
CLAIMS = [claim for claim in RIGHT if claim.name not in RIGHTLY]


def big(made: Callable[..., World] = group, **parameters: Any) -> World:
    """Return a group that every spec can look at; its joiners multicast as well."""
    world = made(**parameters)
    members = (node for node in world.machines if node.role == "member")
    joiners = {node: words(node, 1) for node in world.machines if node.role == "joiner"}
    ghosts = {
        deliveries.NAME: deliveries.DELIVERIES,
        views.NAME: views.views_from(first_view(*members)),
        told.TOLD: told.OBSERVER,
    }
    return evolve(
        world,
        workload={**world.workload, **joiners},
        observers={**world.observers, **ghosts},
    )


FIVE = {"size": 5, "told": (1, 0, 1, 0, 1), "joiners": 2}
SEVEN = {"size": 7, "told": (1, 0, 1, 0, 1, 0, 1), "joiners": 2}
NINE = {"size": 9, "told": (0, 1, 0, 1), "joiners": 1}
WRONGLY = {**FIVE, "crashes": 1, "suspicions": 2}
WITNESSES = (transfer.a_joiner_hears_before_it_is_in, transfer.a_joiner_delivers)


def judged(world: World, claims: list[Property], plan: Plan) -> Simulation:
    """Return what those runs say; the first that violates a claim is the last."""
    return simulate(world, [*claims, *WITNESSES], plan, fatal=[claim.name for claim in claims])


RUNS = Plan(seed=2, runs=1, steps=1000, faults=0.03)


@pytest.mark.parametrize(
    ("parameters", "claims", "plan"),
    [
        pytest.param(WRONGLY, CLAIMS, RUNS, id="five, suspected wrongly"),
        pytest.param({**SEVEN, "crashes": 3}, RIGHT, evolve(RUNS, schedule="pct"), id="seven"),
        pytest.param({**NINE, "crashes": 4}, RIGHT, RUNS, id="nine"),
    ],
)
def test_no_random_run_breaks_a_promise(
    parameters: dict[str, Any], claims: list[Property], plan: Plan
) -> None:
    found = judged(big(**parameters), claims, plan)

    assert found.stopped == ""
    assert found.runs == plan.runs
    assert found.taken < plan.runs * plan.steps, "each run has come to rest"
    assert set(found.sightings) == set(WITNESSES)


SPLIT = (
    mutants.ruled(membership={"has_majority": twins.anybody}),
    {"size": 5, "told": (1,), "joiners": 1, "contacts": (0,), "suspicions": 3},
    membership.a_majority_goes_on,
)
STATELESS = (
    mutants.ruled(transfer={"given": mutants.nothing}),
    {"size": 5, "told": (1,), "joiners": 1, "contacts": (0,)},
    transfer.joins_with_the_state_of_its_view,
)
FORGETFUL = (
    mutants.ruled(transfer={"resent": twins.none}),
    {**FIVE, "crashes": 2},
    transfer.who_stays_is_heard,
)
ONE_HOST = (
    mutants.CHECK.mutants["one_host"].world,
    {**FIVE, "told": (), "joiners": 1, "crashes": 2},
    transfer.all_are_in_one_view,
)
Killed = tuple[Callable[..., World], dict[str, Any], Property]


@pytest.mark.parametrize(
    "killed",
    [SPLIT, STATELESS, FORGETFUL, ONE_HOST],
    ids=["split brain", "no state", "nothing again", "one host"],
)
def test_random_runs_find_the_bug_of_a_mutant(killed: Killed) -> None:
    made, parameters, claim = killed
    plan = Plan(seed=1, runs=20, steps=400, schedule="pct", faults=0.03)

    found = simulate(big(made, **parameters), [claim], plan, fatal=[claim.name])

    assert found.stopped == f"{claim.name} is violated"


FEW = settings(
    max_examples=3, stateful_step_count=40, deadline=None, database=None, derandomize=True
)
FINDING = settings(
    max_examples=100,
    stateful_step_count=60,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
)


@pytest.mark.parametrize(
    ("parameters", "claims"),
    [
        pytest.param(WRONGLY, CLAIMS, id="five, suspected wrongly"),
        pytest.param({**NINE, "crashes": 4}, RIGHT, id="nine"),
    ],
)
def test_hypothesis_breaks_no_promise(parameters: dict[str, Any], claims: list[Property]) -> None:
    run_state_machine_as_test(machine_of(big(**parameters), claims), settings=FEW)


@pytest.mark.parametrize("killed", [SPLIT, STATELESS], ids=["split brain", "no state"])
def test_hypothesis_finds_the_bug_of_a_mutant(killed: Killed) -> None:
    made, parameters, claim = killed

    with pytest.raises(ViolatedError) as caught:
        run_state_machine_as_test(machine_of(big(made, **parameters), [claim]), settings=FINDING)

    assert caught.value.claim == claim
    assert len(caught.value.minimal) < len(caught.value.trace)
