"""Recoveries in fair runs: what the paper's come to, and what the repaired ones rest on."""

import pytest

from coterie.checks.catalogue.gossip.store import progress
from coterie.checks.check import Check
from coterie.checks.component import Crashed
from coterie.checks.result import Trace
from coterie.checks.view import WorldView
from coterie.checks.world import World
from coterie.model.gossip.store.disk import Store
from coterie.model.machine import Node
from tests.gossip.fairness import both, needless, run

SERVERS = (Node("server", 0), Node("server", 1))


def world_of(check: Check) -> World:
    return check.world(**check.parameters())


def disks(check: Check, trace: Trace) -> list[Store]:
    view = WorldView(world_of(check), trace.states[-1])
    return [view.memory(server) for server in SERVERS]


def crashes(trace: Trace) -> int:
    return sum(isinstance(one, Crashed) for step in trace.steps for one in step.happenings)


def test_two_crashes_leave_a_hole_for_ever() -> None:
    trace = run(progress.TWICE, "holes_are_filled")

    assert trace.loop == len(trace.steps)
    assert sorted(store.lines for store in disks(progress.TWICE, trace)) == [(1, 2, 3), (1, 3)]
    assert crashes(trace) == 2


def test_a_request_that_finds_no_helper_is_never_answered() -> None:
    trace = run(progress.TWICE, "recoveries_end")

    view = WorldView(world_of(progress.TWICE), trace.states[-1])
    assert trace.loop == len(trace.steps)
    assert all(view.up(server) for server in SERVERS)
    assert any(view[server].unheard for server in SERVERS)


def test_a_lagging_helper_leaves_a_server_behind_for_ever() -> None:
    trace = run(progress.HELPER_LAG, "tables_become_equal")

    assert sorted(store.lines for store in disks(progress.HELPER_LAG, trace)) == [(1,), (1, 2)]
    assert crashes(trace) == 1


@pytest.mark.parametrize(
    "check",
    [progress.CONTROL, progress.REPAIRED_LOSSY, progress.READS],
    ids=lambda check: check.name,
)
def test_what_recoveries_rest_on_is_needed(check: Check) -> None:
    assert needless(check) == []


@pytest.mark.parametrize(
    ("check", "parameters"),
    [
        (progress.CONTROL, {"items": 1}),
        (progress.HELPER_LAG, {}),
        (progress.TWICE, {"items": 1}),
        (progress.REPAIRED_LOSSY, {"crashes": 0}),
    ],
    ids=lambda value: value.name if isinstance(value, Check) else None,
)
def test_the_plain_explorer_says_the_same(check: Check, parameters: dict[str, int]) -> None:
    engine, plain = both(check, **parameters)

    assert engine.summary() == plain.summary()
