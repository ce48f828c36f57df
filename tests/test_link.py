"""The reliable link, rule by rule, and against a network that does what it likes."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from coterie.checks.catalogue.link import LEFT, RELIABLE, RIGHT
from coterie.checks.component import Crashed
from coterie.checks.engine.reference import explore
from coterie.model.link import (
    Acknowledged,
    Dropped,
    HandedUp,
    Line,
    Lines,
    Link,
    Numbered,
    Queued,
    Resend,
    is_next,
)
from coterie.model.machine import Deliver, Effect, Event, Invoke, Outcome, Receive, Record, Send
from coterie.spec.link import everything_can_be_heard

LINK = Link()
FRESH: Lines = Map()


def stepped(lines: Lines, event: Event) -> Outcome[Lines]:
    outcome = LINK.step(lines, event)
    assert outcome is not None
    return outcome


def to_right(line: Line) -> Lines:
    return Map({RIGHT: line})


def test_a_message_is_numbered_kept_and_sent() -> None:
    outcome = stepped(to_right(Line(3, ("d",))), Invoke(Send(RIGHT, "e")))

    assert outcome.state == to_right(Line(3, ("d", "e")))
    assert outcome.effects == (Record(Queued(RIGHT, "e")), Send(RIGHT, Numbered(4, "e")))


def test_the_next_message_is_handed_up_and_acknowledged() -> None:
    outcome = stepped(to_right(Line(received=1)), Receive(RIGHT, Numbered(1, "b")))

    assert outcome.state == to_right(Line(received=2))
    assert outcome.effects == (
        Record(HandedUp(RIGHT, 2)),
        Deliver(Receive(RIGHT, "b")),
        Send(RIGHT, Acknowledged(2)),
    )


@pytest.mark.parametrize("number", [0, 2])
def test_an_old_message_and_one_that_is_too_early_are_only_answered(number: int) -> None:
    lines = to_right(Line(received=1))

    outcome = stepped(lines, Receive(RIGHT, Numbered(number, "?")))

    assert outcome == Outcome(lines, (Send(RIGHT, Acknowledged(1)),))


def test_an_acknowledgement_is_of_everything_before_it() -> None:
    outcome = stepped(to_right(Line(3, ("d", "e", "f"))), Receive(RIGHT, Acknowledged(5)))

    assert outcome.state == to_right(Line(5, ("f",)))
    assert outcome.effects == (Record(Dropped(RIGHT, 5)),)


@pytest.mark.parametrize("count", [0, 3, 5])
def test_an_old_acknowledgement_and_one_of_what_was_never_sent_change_nothing(count: int) -> None:
    lines = to_right(Line(3, ("d",)))

    assert stepped(lines, Receive(RIGHT, Acknowledged(count))) == Outcome(lines)


def test_what_is_not_acknowledged_is_sent_again_under_the_same_numbers() -> None:
    lines = to_right(Line(3, ("d", "e")))

    outcome = stepped(lines, Resend(RIGHT, 3))

    assert list(LINK.options(lines)) == [Resend(RIGHT, 3)]
    assert outcome == Outcome(lines, (Send(RIGHT, Numbered(3, "d")), Send(RIGHT, Numbered(4, "e"))))


def test_nothing_is_sent_again_when_all_is_acknowledged() -> None:
    lines = to_right(Line(3))

    assert list(LINK.options(lines)) == []
    assert LINK.step(lines, Resend(RIGHT, 3)) is None


def test_a_timer_for_what_is_acknowledged_by_now_is_refused() -> None:
    assert LINK.step(to_right(Line(3, ("d",))), Resend(RIGHT, 2)) is None


def test_peers_are_counted_apart() -> None:
    lines = stepped(FRESH, Invoke(Send(RIGHT, "a"))).state

    outcome = stepped(lines, Invoke(Send(LEFT, "b")))

    assert outcome.state == Map({RIGHT: Line(0, ("a",)), LEFT: Line(0, ("b",))})
    assert Send(LEFT, Numbered(0, "b")) in outcome.effects


def test_a_stranger_to_the_protocol_changes_nothing() -> None:
    assert stepped(FRESH, Receive(RIGHT, "hello")) == Outcome(FRESH)
    assert LINK.step(FRESH, Invoke("hello")) is None


def test_a_restart_goes_on_where_the_memory_ends() -> None:
    lines = to_right(Line(3, ("d",), 2))

    assert LINK.start(LINK.memory(lines)) == Outcome(lines)
    assert LINK.start(None) == Outcome(FRESH)


@given(st.integers(0, 9), st.integers(0, 9))
def test_one_number_alone_is_next(number: int, received: int) -> None:
    nexts = [candidate for candidate in range(10) if is_next(candidate, received)]

    assert nexts == [received]
    assert is_next(number, received) == (number in nexts)


def handed_up(effects: tuple[Effect, ...]) -> list[str]:
    return [each.item.message for each in effects if isinstance(each, Deliver)]


@given(st.lists(st.sampled_from("abc"), max_size=5), st.data())
def test_whatever_the_network_does_a_prefix_is_handed_up_and_a_resend_completes_it(
    words: list[str], data: st.DataObject
) -> None:
    sender = FRESH
    for word in words:
        sender = stepped(sender, Invoke(Send(RIGHT, word))).state
    numbered = [Numbered(number, word) for number, word in enumerate(words)]
    arrivals = data.draw(st.lists(st.sampled_from(numbered), max_size=12)) if words else []

    receiver, up = FRESH, list[str]()
    for message in arrivals:
        outcome = stepped(receiver, Receive(LEFT, message))
        receiver, up = outcome.state, up + handed_up(outcome.effects)
    some = list(up)
    again = (LINK.step(sender, Resend(RIGHT, 0)) or Outcome(sender)).effects
    for message in chain(each.message for each in again if isinstance(each, Send)):
        outcome = stepped(receiver, Receive(LEFT, message))
        receiver, up = outcome.state, up + handed_up(outcome.effects)

    assert some == words[: len(some)]
    assert up == words


def test_without_an_outbox_that_survives_a_crash_a_word_can_be_lost_for_ever() -> None:
    mutant = RELIABLE.mutants["lost_outbox"]
    parameters = RELIABLE.parameters(words=1, answers=0, capacity=1)

    (finding,) = explore(mutant.world(**parameters), [everything_can_be_heard]).findings

    assert finding.trace is not None
    assert any(
        isinstance(happening, Crashed) and happening.node == LEFT
        for step in finding.trace.steps
        for happening in step.happenings
    )
