"""Joining, and going from view to view: the rules one by one, and worlds beyond the catalogue's."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from coterie.checks.catalogue.synchrony.transfer import CHECK, as_it_is, group
from coterie.checks.engine.explore import explore
from coterie.checks.result import Exploration, Verdict
from coterie.model.detector import Suspect
from coterie.model.machine import Deliver, Event, Invoke, Node, Outcome, Receive, Return, Send
from coterie.model.synchrony.member import Installed, Join, Member, State, Tell
from coterie.model.synchrony.membership import has_majority, let_in
from coterie.model.synchrony.state import Inside, Item, Outside, at_start, row_of, writing
from coterie.model.synchrony.table import Push, Row, empty_row
from coterie.model.synchrony.transfer import Ask, Transfer, Welcome
from coterie.model.synchrony.view import Changes, View, first_view
from coterie.spec.observer import Seen
from coterie.spec.property import Kind
from coterie.spec.synchrony import pasts
from coterie.spec.synchrony import transfer as spec

M0, M1, M2 = (Node("member", index) for index in range(3))
J0, J1 = (Node("joiner", index) for index in range(2))
FIRST = first_view(M0, M1)
SECOND = View(1, (M0, M1, J0), (J0,))
TRANSFER = Transfer()
ITEM = Item(0, M0, "hello")
STATE = (ITEM,)


def member(name: Node) -> Member:
    return Member(name, FIRST)


def after(name: Node, state: State, event: Event) -> Outcome[State]:
    """Return what `event` does to that process."""
    outcome = member(name).step(state, event)
    assert outcome is not None
    return outcome


def inside(name: Node, view: View = FIRST, application: Any = STATE) -> Inside:
    return at_start(name, view, application)


def welcomes(outcome: Outcome[State]) -> list[Send]:
    sends = [effect for effect in outcome.effects if isinstance(effect, Send)]
    return [send for send in sends if isinstance(send.message, Welcome)]


def test_a_process_outside_asks_each_contact_once() -> None:
    state: State = Outside()
    assert list(member(J0).options(state)) == [Join(M0), Join(M1)]

    outcome = after(J0, state, Join(M0))

    assert outcome.effects == (Send(M0, Ask()),)
    assert list(member(J0).options(outcome.state)) == [Join(M1)]
    assert member(J0).step(outcome.state, Join(M0)) is None


def test_a_joiner_may_know_of_some_members_only() -> None:
    assert list(evolve(member(J0), contacts=(M1,)).options(Outside())) == [Join(M1)]


def test_a_wish_to_join_goes_into_the_row_where_the_leader_reads_it() -> None:
    outcome = after(M1, inside(M1), Receive(J0, Ask()))

    assert isinstance(outcome.state, Inside)
    assert row_of(outcome.state).joining == {J0}
    (push,) = outcome.effects
    assert push == Send(M0, Push(0, M1, row_of(outcome.state)))


@pytest.mark.parametrize("process", [M0, M1])
def test_a_member_needs_not_be_let_in(process: Node) -> None:
    assert TRANSFER.asked(inside(M1), process) == inside(M1)


def test_the_first_of_the_old_members_tells_the_joiners() -> None:
    told, words = TRANSFER.welcomed(inside(M0, SECOND))

    assert words == (Send(J0, Welcome(SECOND, STATE)),)
    assert TRANSFER.welcomed(told) == (told, ())
    for name in (M1, J0):
        assert TRANSFER.welcomed(inside(name, SECOND))[1] == ()


def test_the_members_of_the_first_view_are_told_nothing() -> None:
    assert TRANSFER.welcomed(inside(M0))[1] == ()


def test_the_next_host_tells_the_joiners_when_the_first_has_failed() -> None:
    outcome = after(M1, inside(M1, SECOND), Suspect(M0))

    assert welcomes(outcome) == [Send(J0, Welcome(SECOND, STATE))]


def test_a_joiner_never_tells_another() -> None:
    view = View(1, (M0, J0, J1), (J0, J1))

    outcome = after(J0, inside(J0, view), Suspect(M0))

    assert welcomes(outcome) == []


def test_a_joiner_is_given_the_state_of_the_start_of_its_view() -> None:
    later = evolve(inside(M0, SECOND), application=(ITEM, Item(1, M1, "later")))

    ((word,), mutant) = (
        TRANSFER.welcomed(later)[1],
        Transfer(given=as_it_is).welcomed(later)[1],
    )

    assert word == Send(J0, Welcome(SECOND, STATE))
    assert mutant == (Send(J0, Welcome(SECOND, later.application)),)


def test_a_joiner_enters_with_the_state_and_installs_its_view() -> None:
    outcome = after(J0, Outside(), Receive(M0, Welcome(SECOND, STATE)))

    assert isinstance(outcome.state, Inside)
    assert (outcome.state.view, outcome.state.application) == (SECOND, STATE)
    assert outcome.effects == (Deliver(Installed(SECOND)),)


def test_who_is_inside_does_not_care_for_a_second_welcome() -> None:
    state = inside(J0, SECOND)

    assert after(J0, state, Receive(M1, Welcome(SECOND, ()))) == Outcome(state)


def test_what_others_say_before_a_joiner_is_told_is_read_when_it_is() -> None:
    push = Push(1, M1, Row((0, 1, 0)), 0, ("early",))

    waiting = after(J0, Outside(), Receive(M1, push))
    assert waiting == Outcome(Outside(early=(push,)))
    entered = after(J0, waiting.state, Receive(M0, Welcome(SECOND, STATE))).state

    assert isinstance(entered, Inside)
    assert entered.held[1] == ("early",)
    assert entered.early == ()


def test_early_pushes_of_one_member_are_told_together() -> None:
    one = Push(1, M1, Row((0, 1, 0)), 0, ("one",))
    two = Push(1, M1, Row((0, 2, 0)), 1, ("two",))

    state = after(J0, Outside(), Receive(M1, one)).state
    state = after(J0, state, Receive(M1, two)).state

    assert state == Outside(early=(Push(1, M1, Row((0, 2, 0)), 0, ("one", "two")),))


def test_early_pushes_between_which_one_is_lost_are_not_told_together() -> None:
    first, third = Push(1, M1, Row((0, 1, 0)), 0, ("one",)), Push(1, M1, Row((0, 3, 0)), 2, ("3",))
    state = after(J0, Outside(), Receive(M1, first)).state
    state = after(J0, state, Receive(M1, third)).state

    entered = after(J0, state, Receive(M0, Welcome(SECOND, STATE))).state

    assert isinstance(entered, Inside)
    assert row_of(entered).received[1] == 0


def test_a_member_keeps_what_is_said_in_the_next_view() -> None:
    push = Push(1, M0, empty_row(3), 0)

    state = after(M1, inside(M1), Receive(M0, push)).state

    assert isinstance(state, Inside)
    assert state.early == (push,)


def test_a_member_takes_along_whom_it_suspects_and_who_wants_to_join() -> None:
    before = writing(inside(M0), suspected=frozenset({M1, M2}), joining=frozenset({J0, J1}))

    state = TRANSFER.installed(before, SECOND, ("again",))

    assert row_of(state).suspected == {M1}
    assert row_of(state).joining == {J1}
    assert (state.queue, state.application, state.snapshot) == (("again",), STATE, STATE)


@given(st.integers(1, 50), st.integers(0, 50))
def test_joiners_alone_are_never_a_majority(staying: int, waiting: int) -> None:
    joined = let_in(waiting, staying)

    assert not has_majority(joined, joined + staying)
    assert joined in (waiting, staying)


# Worlds beside the catalogue's.


def explored(**parameters: Any) -> Exploration:
    claims = [claim for claim in CHECK.properties if claim.kind is not Kind.REACHABLE]
    return explore(group(**CHECK.parameters(**parameters)), claims)


def holds(found: Exploration) -> bool:
    return {finding.verdict for finding in found.findings} == {Verdict.HOLDS}


def test_two_joiners_enter_though_a_member_fails() -> None:
    assert holds(explored(told=(), joiners=2, contacts=(0,)))


def test_a_joiner_that_fails_blocks_nobody() -> None:
    assert holds(explored(told=(0, 1), crashing=("joiner",)))


def test_a_joiner_that_multicasts_is_heard() -> None:
    world = group(**CHECK.parameters(told=(), crashes=0))
    claims = [spec.who_stays_is_heard, spec.one_history, spec.a_joiner_delivers]

    found = explore(evolve(world, workload={J0: (Tell(("mine",)),)}), claims)

    assert holds(found)


def test_the_state_of_now_is_that_of_the_start_where_delivery_waits_for_the_joiners() -> None:
    assert holds(explored(rules={"transfer": {"given": as_it_is}}))


def test_two_who_join_at_once_with_one_member_are_let_in_one_after_the_other() -> None:
    view = first_view(M0)
    asked = writing(inside(M0, view), joining=frozenset({J0, J1}))

    proposed = member(M0).membership.proposed(asked)

    assert row_of(proposed).changes == Changes(joining=(J0,))


# The ghost, against one that looks at everything again.

SEEN = st.one_of(
    st.builds(lambda words: Invoke(Tell(words)), st.tuples(st.text(max_size=2))),
    st.builds(lambda number: Deliver(Item(number, M0, "word")), st.integers(0, 2)),
    st.builds(lambda number: Deliver(Installed(View(number, (M0,)))), st.integers(1, 2)),
    st.builds(Return, st.none()),
)


@given(st.lists(st.tuples(st.sampled_from([M0, M1]), SEEN), max_size=12))
def test_the_ghost_keeps_what_a_user_told_and_heard(seen: list[tuple[Node, Seen]]) -> None:
    kept = pasts.PASTS.initial
    for node, what in seen:
        kept = pasts.noted(kept, node, what)

    for node in (M0, M1):
        own = [what for other, what in seen if other == node]
        items = [it.item for it in own if isinstance(it, Deliver)]
        heard = tuple(it.view if isinstance(it, Installed) else it for it in items)
        calls = [it.operation.payloads for it in own if isinstance(it, Invoke)]
        told = tuple(word for words in calls for word in words)
        assert kept.get(node, pasts.Past()) == pasts.Past(told, heard)
