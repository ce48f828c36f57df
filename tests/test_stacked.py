"""A stack steps as its layers would step by hand."""

from collections.abc import Iterable
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from coterie.checks.laws import check_laws
from coterie.model.link import Acknowledged, HandedUp, Line, Link, Numbered, Queued, Resend
from coterie.model.machine import (
    Deliver,
    Effect,
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Return,
    Send,
    Timeout,
)
from coterie.model.postbox import Heard, Postbox, Say
from coterie.model.stacked import Above, Below, Stack, stacked

PEER = Node("end", 1)
POST = stacked(Postbox(), Link())
FRESH = Stack((), Map())


def test_what_the_upper_machine_sends_the_lower_one_carries() -> None:
    outcome = POST.step(FRESH, Invoke(Say(PEER, "a")))

    assert outcome == Outcome(
        Stack((), Map({PEER: Line(0, ("a",))})),
        (Record(Below(Queued(PEER, "a"))), Send(PEER, Numbered(0, "a"))),
    )


def test_what_the_lower_machine_hands_up_the_upper_one_receives_in_the_same_step() -> None:
    outcome = POST.step(FRESH, Receive(PEER, Numbered(0, "a")))

    assert outcome == Outcome(
        Stack((Heard(PEER, "a"),), Map({PEER: Line(received=1)})),
        (
            Record(Below(HandedUp(PEER, 1))),
            Send(PEER, Acknowledged(1)),
            Record(Above(Heard(PEER, "a"))),
        ),
    )


def test_a_timeout_says_whose_it_is() -> None:
    waiting = Stack((), Map({PEER: Line(0, ("a",))}))

    outcome = POST.step(waiting, Below(Resend(PEER, 0)))

    assert list(POST.options(waiting)) == [Below(Resend(PEER, 0))]
    assert outcome == Outcome(waiting, (Send(PEER, Numbered(0, "a")),))
    assert POST.step(waiting, Above(Resend(PEER, 0))) is None
    assert POST.step(waiting, Resend(PEER, 0)) is None


def test_a_machine_without_a_user_refuses_users() -> None:
    assert POST.step(FRESH, Invoke("whatever")) is None


def test_a_restart_gives_each_layer_its_memory() -> None:
    state = Stack((Heard(PEER, "a"),), Map({PEER: Line(0, ("b",), 1)}))

    assert POST.start(POST.memory(state)) == Outcome(state)
    assert POST.start(None) == Outcome(FRESH)


def test_a_record_of_neither_layer_is_an_error() -> None:
    with pytest.raises(TypeError, match="neither layer"):
        POST.recorded(None, Queued(PEER, "a"))


@frozen(cache_hash=True)
class Ring(Timeout):
    """A bell that anybody may ring."""


@frozen
class Loud(Machine[int, None]):
    """Sends when it starts, and for every ring and every message below three."""

    def start(self, memory: None) -> Outcome[int]:
        return Outcome(0, (Send(PEER, 0), Deliver("ready")))

    def options(self, state: int) -> Iterable[Timeout]:
        return (Ring(),)

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        match event:
            case Receive(_, int() as number) if number < 3:
                return Outcome(state + 1, (Send(PEER, number + 1), Deliver(number)))
            case Receive():
                return Outcome(state)
            case Ring():
                return Outcome(state, (Send(PEER, 1), Return("rung"), Send(PEER, 2)))
        return None


@frozen
class Mirror(Machine[tuple[Any, ...], None]):
    """Hands up at once whatever it is asked to carry, and keeps the order of asking."""

    def start(self, memory: None) -> Outcome[tuple[Any, ...]]:
        return Outcome(())

    def step(self, state: tuple[Any, ...], event: Event) -> Outcome[tuple[Any, ...]] | None:
        match event:
            case Invoke(Send(to, message)):
                return Outcome((*state, message), (Deliver(Receive(to, message)),))
            case Receive():
                return Outcome(state)
        return None


def test_the_layers_talk_until_nothing_is_left_first_come_first_served() -> None:
    outcome = stacked(Loud(), Mirror()).step(Stack(0, ()), Above(Ring()))

    assert outcome == Outcome(
        Stack(3, (1, 2, 2, 3, 3)), (Return("rung"), Deliver(1), Deliver(2), Deliver(2))
    )


def test_what_a_start_asks_for_is_done_as_well() -> None:
    outcome = stacked(Loud(), Mirror()).start(None)

    assert outcome == Outcome(
        Stack(3, (0, 1, 2, 3)), (Deliver("ready"), Deliver(0), Deliver(1), Deliver(2))
    )


def test_layers_without_memory_make_a_stack_without_memory() -> None:
    assert stacked(Loud(), Mirror()).memory(Stack(3, (0,))) is None


def test_a_lower_machine_that_will_not_carry_is_an_error() -> None:
    with pytest.raises(ValueError, match="below refuses"):
        stacked(Loud(), Loud()).start(None)


EVENTS = st.one_of(
    st.builds(lambda word: Invoke(Say(PEER, word)), st.sampled_from("abc")),
    st.builds(
        lambda number, word: Receive(PEER, Numbered(number, word)),
        st.integers(0, 3),
        st.sampled_from("xyz"),
    ),
    st.builds(lambda count: Receive(PEER, Acknowledged(count)), st.integers(0, 4)),
    st.just(Below(Resend(PEER, 0))),
)


def by_hand(state: Stack, event: Event) -> tuple[Stack, list[Effect]] | None:
    """Step the postbox and the link one after the other, knowing what each of them does."""
    post, link = Postbox(), Link()
    match event:
        case Invoke(Say(to, word)):
            below = link.step(state.below, Invoke(Send(to, word)))
        case Below(inner):
            below = link.step(state.below, inner)
        case _:
            below = link.step(state.below, event)
    if below is None:
        return None
    above, effects, later = state.above, list[Effect](), list[Effect]()
    for effect in below.effects:
        match effect:
            case Deliver(Receive() as receipt):
                heard = post.step(above, receipt)
                assert heard is not None
                above = heard.state
                later += [Record(Above(e.change)) for e in heard.effects if isinstance(e, Record)]
            case Record(change):
                effects.append(Record(Below(change)))
            case _:
                effects.append(effect)
    return Stack(above, below.state), effects + later


@given(st.lists(EVENTS, max_size=12))
def test_stepping_the_stack_is_stepping_the_layers_by_hand(events: list[Event]) -> None:
    state = FRESH
    for event in events:
        outcome, expected = POST.step(state, event), by_hand(state, event)

        assert (outcome and (outcome.state, list(outcome.effects))) == expected
        state = outcome.state if outcome else state


@given(st.lists(EVENTS, max_size=8))
def test_a_stack_keeps_the_laws(events: list[Event]) -> None:
    state = FRESH
    for event in events:
        check_laws(POST, state, event)
        check_laws(POST, state)
        state = (POST.step(state, event) or Outcome(state)).state
