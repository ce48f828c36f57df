"""A restart from an older image of the disk: which promises hold, and which need a durable memory.

With the count of starts kept, one server that is put back costs nothing: what it has forgotten it
learns from the others. What does not hold:

* with the count forgotten too, a number of starts is used twice, which is what a session forbids;
  the others take the server for one that is gone, or for the one before, and it stays outside;
* a group whose view has shrunk to two, one of whom is put back to an image of the view before, can
  lose what it has answered: that image and the server outside are a majority of the older view;
* what a store's server has said to be agreed, and forgets, it may state as less.
"""

from typing import Any

import pytest
from attrs import evolve

from coterie.impl.simulation.plan import Fault, Kind, Plan
from coterie.impl.simulation.run import Run, planned, simulated
from coterie.model.machine import Node

SERVERS = [Node("server", index) for index in range(3)]
SERVICES = ("group", "store")


def plan_of(seed: int, heals: float, *faults: tuple[float, float, Kind, int]) -> Plan:
    """Return the plan of these faults: at, for how long, what, and whom."""
    made = (Fault(at, lasts, kind, (SERVERS[i],), 1.0) for at, lasts, kind, i in faults)
    return Plan(seed, (Kind.CRASH, Kind.ROLLBACK), tuple(made), heals)


def lived_twice(service: str, seed: int, **more: Any) -> Run:
    """Run with a server that starts again, and is then put back to its first life."""
    faults = ((0.5, 0.5, Kind.CRASH, 0), (2.5, 0.3, Kind.ROLLBACK, 0))
    return simulated(service, plan_of(seed, 4.0, *faults), **more)


@pytest.mark.parametrize("service", SERVICES)
def test_one_server_may_be_put_back_at_any_time(service: str) -> None:
    for seed in range(4):
        fault = (0.5 + 0.5 * seed, 0.3 + 0.2 * seed, Kind.ROLLBACK, seed % 3)
        run = simulated(service, plan_of(seed, 4.0, fault))
        assert not run.failure, run


def test_a_store_heals_whichever_servers_are_put_back_one_by_one() -> None:
    for seed in range(6):
        run = simulated("store", planned("store", seed, [Kind.ROLLBACK], all_of=True))
        assert not run.failure, run


@pytest.mark.parametrize("service", SERVICES)
def test_a_server_that_is_put_back_to_an_earlier_life_comes_back_if_it_counts_on(
    service: str,
) -> None:
    run = lived_twice(service, 1)
    assert not run.failure, run


@pytest.mark.parametrize("service", SERVICES)
def test_a_server_that_uses_a_number_of_starts_twice_stays_outside(service: str) -> None:
    run = lived_twice(service, 1, keeps_count=False, healed_seconds=10.0)
    assert "not all is well" in run.failure


def test_a_group_of_two_of_whom_one_is_put_back_can_lose_what_it_has_answered() -> None:
    faults = (
        (1.0, 2.7, Kind.ROLLBACK, 0),
        (3.0, 0.5, Kind.ROLLBACK, 1),
        (3.2, 3.8, Kind.CRASH, 2),
    )
    plan = plan_of(0, 7.0, *faults)
    assert "has reported another log" in simulated("group", plan).failure

    crashes = tuple(evolve(fault, kind=Kind.CRASH) for fault in plan.faults)
    run = simulated("group", evolve(plan, faults=crashes))
    assert not run.failure, run
