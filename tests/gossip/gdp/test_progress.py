"""Exchanges in fair runs: what the published ones come to, and what the repaired ones rest on."""

import pytest

from coterie.checks.catalogue.gossip.gdp import progress
from coterie.checks.check import Check
from coterie.checks.component import Delivered, Fired
from coterie.checks.result import Trace
from coterie.model.gossip.gdp.graph import First, Fourth, GiveUp, GraphReplica
from coterie.model.gossip.gdp.log import Log
from coterie.model.gossip.gdp.replica import Heartbeat
from coterie.model.machine import Node
from tests.gossip.fairness import both, causes, needless, run

REPLICAS = (Node("replica", 0), Node("replica", 1))


def arrivals(trace: Trace, message: type) -> int:
    """Return how many such messages arrive on the loop."""
    _, loop = causes(trace)
    return sum(isinstance(each, Delivered) and isinstance(each.message, message) for each in loop)


def logs(check: Check, trace: Trace) -> list[Log]:
    machine = GraphReplica(REPLICAS[0], REPLICAS[1])
    world = check.world(**check.parameters())
    places = [world.slots[node] for node in REPLICAS]
    return [machine.memory(trace.states[-1][place].state) for place in places]


def test_as_published_two_replicas_that_begin_at_once_put_each_other_off_for_ever() -> None:
    prefix, loop = causes(run(progress.PUBLISHED, "exchanges_go_on"))

    assert prefix == []
    assert [type(each.event) for each in loop if isinstance(each, Fired)] == [Heartbeat, Heartbeat]
    assert [type(each.message) for each in loop if isinstance(each, Delivered)] == [First, First]


def test_as_published_the_second_exchange_of_a_pair_is_never_answered() -> None:
    trace = run(progress.PUBLISHED_WAITING, "waiting_ends")
    prefix, loop = causes(trace)

    last = prefix[-1]
    assert isinstance(last, Delivered)
    assert isinstance(last.message, First)
    assert loop == []
    one, other = logs(progress.PUBLISHED_WAITING, trace)
    assert one == other


def test_the_published_walk_leaves_its_gap_though_exchanges_complete_for_ever() -> None:
    mutant = progress.RELIABLE.mutants["look_first"]
    world = mutant.world(**progress.RELIABLE.parameters(**mutant.parameters))
    check = Check("gap", "", lambda: world, progress.RELIABLE.properties)

    trace = run(check, "logs_become_equal")

    assert arrivals(trace, Fourth) == 1
    one, other = logs(check, trace)
    assert len(one.entries) == 2
    assert len(other.entries) == 3


def test_an_open_end_stops_a_pair_after_one_complete_exchange() -> None:
    mutant = progress.RELIABLE.mutants["stays_open"]
    world = mutant.world(**progress.RELIABLE.parameters(**mutant.parameters))
    check = Check("open", "", lambda: world, progress.RELIABLE.properties)

    trace = run(check, "exchanges_go_on")

    one, other = logs(check, trace)
    assert one == other
    assert arrivals(trace, Fourth) == 0


def test_a_time_out_that_comes_too_early_undoes_a_fair_schedule() -> None:
    trace = run(progress.IMPATIENT, "logs_become_equal")
    _, loop = causes(trace)

    given_up = {each.node for each in loop if isinstance(each, Fired) if each.event != Heartbeat}
    assert given_up == set(REPLICAS)
    assert any(isinstance(each, Fired) and isinstance(each.event, GiveUp) for each in loop)
    assert not any(step.fault for step in trace.steps)


@pytest.mark.parametrize(
    "check",
    [progress.RELIABLE, progress.WAITING, progress.TURNLESS, progress.NAIVE],
    ids=lambda check: check.name,
)
def test_what_the_repaired_exchanges_rest_on_is_needed(check: Check) -> None:
    assert needless(check) == []


@pytest.mark.parametrize(
    "check",
    [
        progress.PUBLISHED,
        progress.PUBLISHED_WAITING,
        progress.PUBLISHED_NAIVE,
        progress.WAITING,
        progress.IMPATIENT,
    ],
    ids=lambda check: check.name,
)
def test_the_plain_explorer_says_the_same(check: Check) -> None:
    engine, plain = both(check)

    assert engine.summary() == plain.summary()
