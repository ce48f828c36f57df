"""The register with two Byzantine replicas a node, on trees, with all repairs: by random runs."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from coterie import machine_of
from coterie.checks.catalogue.diffusion.register.worlds import STAR, on_a_tree, one_node
from coterie.checks.simulation.walk import Plan, simulate
from coterie.checks.world import World
from coterie.spec.diffusion.register import history, replicas
from coterie.spec.property import Kind, Property, View, reachable

RUNS = Plan(seed=5, runs=2, steps=150, faults=0.05)
FEW = settings(max_examples=3, stateful_step_count=30, deadline=None, database=None)
ONE: Any = ((1,), (1,))
WORLDS = {
    "one node, b = 2": (one_node(*ONE, b=2, liars=2, agree=True), 2),
    "one node, b = 2, a crash": (one_node(*ONE, b=2, liars=2, agree=True, crashes=1), 2),
    "two nodes, b = 2": (on_a_tree(*ONE, "leaf", b=2, agree=True), 2),
    "a star, the liar in the middle": (on_a_tree(*ONE, "root", tree=STAR, agree=True), 1),
    "a star, as published": (
        on_a_tree(*ONE, "other", tree=STAR, writes_back=False, names_incarnation=False),
        1,
    ),
}


@reachable(broken_by="nothing")
def an_update_is_taken(world: View) -> bool:
    """Some replica takes an update in."""
    held = (world.see(node, replicas.taken) for node in world.nodes() if node.role != "client")
    return any(held)


def promises(b: int) -> tuple[Property, ...]:
    return (
        history.a_quiet_read_is_right,
        history.a_read_is_regular_or_fails,
        an_update_is_taken,
        replicas.nothing_is_forged,
        replicas.timestamps_are_bounded,
        replicas.an_identity_means_one_update,
        replicas.a_finished_write_is_everywhere(b),
    )


@pytest.mark.parametrize(("world", "b"), WORLDS.values(), ids=WORLDS)
def test_no_random_run_breaks_a_promise(world: World, b: int) -> None:
    found = simulate(world, promises(b), RUNS)

    assert found.runs == RUNS.runs
    assert an_update_is_taken in found.sightings


@pytest.mark.parametrize(("world", "b"), WORLDS.values(), ids=WORLDS)
def test_hypothesis_breaks_no_promise(world: World, b: int) -> None:
    claims = [each for each in promises(b) if each.kind is Kind.ALWAYS]

    run_state_machine_as_test(machine_of(world, claims), settings=FEW)


def test_repaired_readers_are_atomic_on_a_star() -> None:
    world, _ = WORLDS["a star, the liar in the middle"]

    assert simulate(world, [history.reads_are_atomic_or_fail], RUNS).runs == RUNS.runs
