"""The conversation of the naive policy, message by message."""

from typing import Any

import pytest
from attrs import evolve

from coterie.model.gossip.gdp.log import Log, log_of
from coterie.model.gossip.gdp.naive import Bringing, Holding, Lacking, NaiveReplica, Turn
from coterie.model.gossip.gdp.record import has_a_name, written
from coterie.model.gossip.gdp.replica import Heartbeat, Replication, talking
from coterie.model.machine import Node, Outcome, Receive, Record, Send

WRITER, A, B = Node("writer"), Node("replica", 0), Node("replica", 1)
ROOT = written(WRITER, "a")
MIDDLE = written(WRITER, "b", ROOT.name)
NAMES = frozenset({ROOT.name})

repaired = NaiveReplica(A, WRITER, (B,))
published = evolve(repaired, turns=True, accepts=has_a_name)


def at(log: Log, turn: Turn | None = None) -> Replication:
    return talking(Replication(log), B, turn)


def test_the_first_message_names_every_record() -> None:
    log = log_of([ROOT, MIDDLE])
    first = Send(B, Holding(frozenset({ROOT.name, MIDDLE.name})))

    assert repaired.step(at(log), Heartbeat(B)) == Outcome(at(log), (first,))
    assert published.step(at(log), Heartbeat(B)) == Outcome(at(log, Turn.SECOND), (first,))


@pytest.mark.parametrize("turn", [Turn.SECOND, Turn.THIRD])
def test_as_published_the_timer_does_not_look_at_the_state(turn: Turn) -> None:
    assert list(published.options(at(Log(), turn))) == [Heartbeat(B)]


def test_the_second_message_brings_what_the_initiator_lacks_and_asks_for_the_rest() -> None:
    outcome = repaired.step(at(log_of([MIDDLE])), Receive(B, Holding(NAMES)))

    second = Lacking(NAMES, frozenset({MIDDLE}))
    assert outcome == Outcome(at(log_of([MIDDLE])), (Send(B, second),))


def test_the_initiator_stores_and_brings_what_is_asked_for() -> None:
    second = Lacking(NAMES, frozenset({MIDDLE}))

    outcome = published.step(at(log_of([ROOT]), Turn.SECOND), Receive(B, second))

    third = Send(B, Bringing(frozenset({ROOT})))
    assert outcome == Outcome(at(log_of([ROOT, MIDDLE])), (Record(MIDDLE), third))


def test_the_responder_stores_and_rests() -> None:
    outcome = published.step(at(Log(), Turn.THIRD), Receive(B, Bringing(frozenset({ROOT}))))

    assert outcome == Outcome(at(log_of([ROOT])), (Record(ROOT),))


def test_what_is_asked_for_and_not_held_is_not_brought() -> None:
    outcome = repaired.step(at(Log()), Receive(B, Lacking(NAMES, frozenset())))

    assert outcome == Outcome(at(Log()), (Send(B, Bringing(frozenset())),))


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        (Turn.SECOND, Holding(NAMES)),
        (Turn.THIRD, Holding(NAMES)),
        (None, Lacking(NAMES, frozenset({ROOT}))),
        (Turn.THIRD, Lacking(NAMES, frozenset({ROOT}))),
        (None, Bringing(frozenset({ROOT}))),
        (Turn.SECOND, Bringing(frozenset({ROOT}))),
        (None, "something else"),
    ],
)
def test_as_published_a_message_out_of_turn_ends_the_exchange(
    turn: Turn | None, message: Any
) -> None:
    assert published.step(at(Log(), turn), Receive(B, message)) == Outcome(at(Log()))


def test_a_record_that_is_not_genuine_is_not_kept() -> None:
    lie = Bringing(frozenset({evolve(ROOT, value="lie")}))

    assert repaired.step(at(Log()), Receive(B, lie)) == Outcome(at(Log()))
