"""What a group needs to go on, and how it stops where leading is settled once."""

import pytest

from coterie.checks.catalogue.synchrony.membership import Follower
from coterie.checks.catalogue.synchrony.progress import CRASH, LEADER_ONCE, leader_once, world
from coterie.checks.catalogue.synchrony.worlds import members
from coterie.checks.engine.explore import explore
from coterie.checks.fairness import Fairness, weak
from coterie.checks.result import Verdict
from coterie.model.machine import Invoke, Node
from coterie.model.synchrony.member import Leave, Tell
from coterie.model.synchrony.state import row_of
from coterie.spec.synchrony.progress import (
    every_view_change_ends,
    the_living_agree_on_who_lives,
)
from coterie.spec.synchrony.told import OBSERVER
from coterie.spec.synchrony.views import waits

ZERO, ONE, TWO = members(3)


def test_where_leading_is_settled_once_a_view_never_ends() -> None:
    stuck = LEADER_ONCE.world(**LEADER_ONCE.parameters())

    trace = explore(stuck, [every_view_change_ends])["every_view_change_ends"].trace

    assert trace is not None
    values = dict(zip(stuck.components, trace.states[-1], strict=True))
    assert waits(values[ONE].state)
    assert isinstance(values[ONE].state, Follower)
    assert row_of(values[ONE].state).suspected == {ZERO}
    assert row_of(values[ONE].state).trim is None


def test_the_same_group_goes_on_where_whoever_leads_now_decides() -> None:
    sound = world(**LEADER_ONCE.parameters())

    found = explore(sound, LEADER_ONCE.properties)

    assert {finding.verdict for finding in found.findings} == {Verdict.HOLDS}


def test_where_only_the_leaders_own_failure_ends_a_view_nobody_was_led_before() -> None:
    found = explore(leader_once(crashes=1), [every_view_change_ends])

    assert found["every_view_change_ends"].verdict is Verdict.HOLDS


@pytest.mark.parametrize("fairness", [(weak("deliveries"),), (weak("timers"),)])
def test_each_fairness_is_needed(fairness: tuple[Fairness, ...]) -> None:
    found = explore(world(crashes=1, fairness=fairness), [the_living_agree_on_who_lives])

    assert found["the_living_agree_on_who_lives"].verdict is Verdict.VIOLATED


def test_two_failures_of_three_leave_nobody_who_does_wrong() -> None:
    found = explore(world(crashes=2), CRASH.properties[:1])

    assert found["every_view_change_ends"].verdict is Verdict.HOLDS


def test_the_ghost_remembers_what_users_have_said() -> None:
    seen = [(ZERO, Invoke(Tell(("a",)))), (ZERO, Invoke(Leave())), (ZERO, Invoke(Tell(("b", "c"))))]
    told = OBSERVER.initial
    for node, what in seen:
        told = OBSERVER.observe(told, node, what)

    assert dict(told) == {ZERO: ("a", "b", "c")}
    assert Node("stranger") not in told
