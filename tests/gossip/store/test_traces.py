"""The shortest runs in which the paper's recovery fails, and what they look like at the end."""

import pytest

from coterie.checks.catalogue.gossip.store import published
from coterie.checks.check import Check
from coterie.checks.component import Crashed, Happening
from coterie.checks.engine.reference import explore
from coterie.checks.result import Trace
from coterie.checks.view import WorldView
from coterie.model.gossip.store.disk import Store
from coterie.model.machine import Node

SERVERS = (Node("server", 0), Node("server", 1))


def shortest(check: Check, name: str, **parameters: int) -> tuple[Trace, list[Store]]:
    """Return the shortest run that violates the property `name`, and the disks at its end."""
    world = check.world(**check.parameters(**parameters))
    claim = next(claim for claim in check.properties if claim.name == name)
    trace = explore(world, [claim]).findings[0].trace
    assert trace is not None
    view = WorldView(world, trace.states[-1])
    return trace, [view.memory(server) for server in SERVERS]


def crashes(trace: Trace) -> int:
    happenings: list[Happening] = [one for step in trace.steps for one in step.happenings]
    return sum(isinstance(happening, Crashed) for happening in happenings)


def test_a_lagging_helper_leaves_a_server_without_the_newest_date() -> None:
    trace, disks = shortest(published.HELPER_LAG, "complete_at_rest")

    assert sorted(store.lines for store in disks) == [(1,), (1, 2)]
    assert crashes(trace) == 1


def test_the_code_loses_all_though_one_server_is_alive_at_every_moment() -> None:
    trace, disks = shortest(published.TOTAL_LOSS, "nothing_is_lost")

    assert disks == [Store(), Store()]
    assert crashes(trace) == 2


def test_doing_nothing_on_a_conflict_leaves_two_values_for_one_date_for_ever() -> None:
    trace, disks = shortest(published.COLLISION, "agree_at_rest")

    assert sorted(store.table[1] for store in disks) == [10, 20]
    assert crashes(trace) == 0


@pytest.mark.slow
def test_two_crashes_leave_a_hole_in_the_middle() -> None:
    trace, disks = shortest(published.HOLE, "no_hole_at_rest")

    assert sorted(store.lines for store in disks) == [(1, 2, 3), (1, 3)]
    assert crashes(trace) == 2
