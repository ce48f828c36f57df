"""Membership rule by rule, and views that form a chain."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from coterie.checks.catalogue.synchrony import membership
from coterie.checks.catalogue.synchrony.membership import (
    HEEDS_ANY_TRIM,
    Follower,
    LeaderOnce,
    anybody,
    world,
)
from coterie.checks.catalogue.synchrony.worlds import members
from coterie.checks.engine.explore import explore
from coterie.checks.result import Verdict
from coterie.model.detector import Suspect
from coterie.model.machine import Deliver, Halt, Node, Receive
from coterie.model.synchrony.member import Installed, Member
from coterie.model.synchrony.membership import Membership, has_majority
from coterie.model.synchrony.state import Inside, at_start, row_of, with_row
from coterie.model.synchrony.table import Push, Row, is_wedged
from coterie.model.synchrony.trim import Trim
from coterie.model.synchrony.view import Changes, View, first_view, successor
from coterie.spec.synchrony import membership as spec
from coterie.spec.synchrony import views
from coterie.spec.synchrony.views import is_chain

ZERO, ONE, TWO = NAMES = members(3)
JOINER = Node("joiner")
VIEW = first_view(*NAMES)
RULES = Membership()
EMPTY = Row((0, 0, 0))
LETS_IN = Changes(joining=(JOINER,))
REMOVES = Changes(frozenset({ZERO}))


def inside(name: Node, *rows: Row) -> Inside:
    """Return a member of the first view that has read these rows, by rank."""
    return evolve(at_start(name, VIEW, ()), rows=rows)


def suspecting(*suspected: Node, changes: Changes | None = None) -> Row:
    return evolve(EMPTY, suspected=frozenset(suspected), changes=changes)


def pushed(state: Inside, writer: Node, row: Row, rules: Trim | None = None) -> Inside:
    """Return the member after it has read a row, and all its rules have acted."""
    member = Member(state.name, VIEW, trim=rules or Trim())
    outcome = member.step(state, Receive(writer, Push(0, writer, row)))
    assert outcome is not None
    assert isinstance(outcome.state, Inside)
    return outcome.state


def test_a_leader_proposes_to_let_in_who_has_asked_anybody() -> None:
    state = inside(ZERO, EMPTY, EMPTY, evolve(EMPTY, joining=frozenset({JOINER})))

    assert row_of(RULES.proposed(state)).changes == LETS_IN


def test_nobody_else_proposes() -> None:
    state = inside(ONE, EMPTY, evolve(EMPTY, joining=frozenset({JOINER})), EMPTY)

    assert RULES.proposed(state) == state


def test_a_leader_without_a_reason_proposes_nothing() -> None:
    state = inside(ZERO, EMPTY, EMPTY, EMPTY)

    assert RULES.proposed(state) == state


def test_a_leader_proposes_once() -> None:
    asked = evolve(EMPTY, joining=frozenset({JOINER}))
    state = inside(ZERO, suspecting(changes=Changes()), asked, EMPTY)

    assert RULES.proposed(state) == state


def test_a_new_leader_waits_until_all_have_given_up_the_one_before() -> None:
    waiting = inside(ONE, EMPTY, suspecting(ZERO), EMPTY)
    ready = inside(ONE, EMPTY, suspecting(ZERO), suspecting(ZERO))

    assert RULES.proposed(waiting) == waiting
    assert row_of(RULES.proposed(ready)).changes == REMOVES


def test_a_new_leader_goes_on_with_the_batch_that_it_finds() -> None:
    state = inside(ONE, EMPTY, suspecting(ZERO), suspecting(ZERO, changes=LETS_IN))

    assert row_of(RULES.proposed(state)).changes == LETS_IN


def test_a_member_acknowledges_the_batch_of_its_leader_alone() -> None:
    of_the_leader = inside(TWO, suspecting(changes=LETS_IN), EMPTY, EMPTY)
    of_the_old_one = inside(TWO, suspecting(changes=LETS_IN), EMPTY, suspecting(ZERO))

    assert row_of(RULES.acknowledged(of_the_leader)).changes == LETS_IN
    assert RULES.acknowledged(of_the_old_one) == of_the_old_one


def test_to_acknowledge_is_to_wedge() -> None:
    state = RULES.acknowledged(inside(TWO, suspecting(changes=LETS_IN), EMPTY, EMPTY))

    assert is_wedged(row_of(state))


def test_suspicions_are_shared() -> None:
    state = RULES.read(inside(TWO, EMPTY, EMPTY, EMPTY), 1, Push(0, ONE, suspecting(ZERO)))

    assert row_of(state).suspected == {ZERO}


def test_a_member_that_reads_that_it_has_failed_stops() -> None:
    assert RULES.must_stop(inside(TWO, suspecting(TWO), EMPTY, EMPTY))


def test_what_the_suspected_say_of_a_member_does_not_stop_it() -> None:
    assert not RULES.must_stop(inside(TWO, suspecting(TWO), EMPTY, suspecting(ZERO)))


def test_a_minority_stops() -> None:
    assert not RULES.must_stop(inside(TWO, EMPTY, EMPTY, suspecting(ZERO)))
    assert RULES.must_stop(inside(TWO, EMPTY, EMPTY, suspecting(ZERO, ONE)))


def test_a_group_of_two_survives_no_failure() -> None:
    member = Member(ZERO, first_view(ZERO, ONE))

    outcome = member.step(member.start(None).state, Suspect(ONE))

    assert outcome is not None
    assert Halt() in outcome.effects


def test_the_application_is_told_of_a_new_view() -> None:
    ready = suspecting(ZERO, changes=REMOVES)
    before = inside(ONE, EMPTY, ready, suspecting(ZERO))
    echo = evolve(ready, trim=(0, 0, 0))

    outcome = Member(ONE, VIEW).step(before, Receive(TWO, Push(0, TWO, echo)))

    assert outcome is not None
    assert Deliver(Installed(successor(VIEW, REMOVES))) in outcome.effects


def test_who_stays_keeps_its_place_and_joiners_come_last() -> None:
    after = successor(VIEW, Changes(frozenset({ONE}), (JOINER,)))

    assert after == View(1, (ZERO, TWO, JOINER), (JOINER,))


def test_a_leader_proposes_no_view_that_is_too_small() -> None:
    rules = Membership(is_adequate=spec.is_provisioned)
    short = inside(ZERO, suspecting(TWO), suspecting(TWO), EMPTY)
    asked = with_row(short, 1, evolve(suspecting(TWO), joining=frozenset({JOINER})))

    assert rules.proposed(short) == short
    assert row_of(rules.proposed(asked)).changes == Changes(frozenset({TWO}), (JOINER,))


def led_by_zero(rules: Trim) -> Inside:
    """Return member 1 after all were wedged by the batch of member 0, which then fails."""
    batch = suspecting(changes=LETS_IN)
    wedged = pushed(inside(ONE, EMPTY, EMPTY, EMPTY), ZERO, batch, rules)
    all_wedged = pushed(wedged, TWO, batch, rules)
    return Membership().suspecting(all_wedged, {ZERO})


@pytest.mark.parametrize(
    ("founders", "leaving", "joiners", "crashes"),
    [(2, (0, 1), 0, 0), (2, (0, 1), 1, 0), (3, (0, 1, 2), 0, 1)],
)
def test_where_all_want_to_leave_one_stays_and_nobody_is_stuck(
    founders: int, leaving: tuple[int, ...], joiners: int, crashes: int
) -> None:
    made = membership.world(founders=founders, leaving=leaving, joiners=joiners, crashes=crashes)
    claims = [spec.views_form_one_chain, spec.one_batch_a_view, spec.no_view_change_is_stuck]

    found = explore(made, claims)

    assert [each.verdict for each in found.findings] == [Verdict.HOLDS] * 3


def test_a_new_leader_keeps_the_trim_that_another_has_repeated() -> None:
    echo = evolve(suspecting(ZERO, changes=LETS_IN), trim=(0, 0, 0))

    after = pushed(led_by_zero(Trim()), TWO, echo)

    assert after.view.number == 1


def test_who_was_led_once_waits_for_itself_even_where_another_has_the_trim() -> None:
    echo = evolve(suspecting(ZERO, changes=LETS_IN), trim=(0, 0, 0))

    after = pushed(led_by_zero(LeaderOnce()), TWO, echo, LeaderOnce())

    assert isinstance(after, Follower)
    assert after.view.number == 0
    assert row_of(after).trim is None
    assert RULES.leads(after)


def test_who_was_led_in_one_view_may_lead_in_the_next() -> None:
    after = pushed(
        pushed(led_by_zero(LeaderOnce()), TWO, suspecting(ZERO, changes=LETS_IN)),
        TWO,
        evolve(suspecting(ZERO, changes=LETS_IN), trim=(0, 0, 0)),
    )

    assert type(after) is Inside


def test_without_majorities_two_groups_go_on() -> None:
    wrong = world(suspicions=3, rules={"membership": {"has_majority": anybody}})

    trace = explore(wrong, [spec.views_form_one_chain])["views_form_one_chain"].trace

    assert trace is not None
    installed = trace.states[-1][wrong.slots[views.NAME]]
    assert {view.members for view in installed if view.number == 1} == {(ZERO, TWO)}
    assert {view.members for view in installed if view.number == 2} == {(ZERO,), (TWO,)}


def test_one_batch_a_view_is_enough_where_any_trim_is_heeded() -> None:
    # two defences: the same batch is found by every leader, and a view ends on one batch only
    check = membership.SUSPICION

    found = explore(check.world(**check.parameters(), rules=HEEDS_ANY_TRIM), check.properties)

    assert found.complete
    assert all(finding.verdict.value == "holds" for finding in found.findings)


VIEWS = st.builds(
    View, st.integers(0, 3), st.lists(st.sampled_from(NAMES), max_size=3).map(tuple), st.just(())
)


@given(st.frozensets(VIEWS, max_size=5))
def test_a_chain_has_one_successor_of_each_view(installed: frozenset[View]) -> None:
    numbers = {view.number for view in installed}
    has_gaps = any(number and number - 1 not in numbers for number in numbers)
    is_forked = any(v != w and v.number == w.number for v in installed for w in installed)

    assert is_chain(installed) == (not has_gaps and not is_forked)


@given(st.integers(1, 1_000), st.integers(0, 1_000), st.integers(0, 1_000))
def test_two_groups_that_share_nobody_have_no_two_majorities(
    size: int, one: int, other: int
) -> None:
    both = has_majority(one, size) and has_majority(other, size)

    assert not both or one + other > size
