"""When the options of a machine happen."""

import pytest
from attrs import frozen

from coterie.impl.timers import Detector, Paces, Timers, innermost
from coterie.model.detector import Suspect
from coterie.model.machine import Node, Timeout
from coterie.model.stacked import Above

PEER = Node("server", 1)


@frozen
class Tick(Timeout):
    number: int = 0


@frozen
class AtOnce(Timeout):
    pass


@frozen
class Call(Timeout):
    peer: Node


def timers(patience: float = 1.0) -> Timers:
    paces = Paces({Tick: 2.0, AtOnce: 0.0, Call: 1.0, Suspect: "detected"})
    return Timers(paces, Detector(patience), jitter=lambda: 0.0)


def test_an_option_happens_when_it_was_possible_for_its_pace() -> None:
    at = timers()
    at.offered([Tick()], 10.0)

    assert at.next() == 12.0
    assert at.due(11.9) == []
    assert at.due(12.0) == [Tick()]


def test_an_option_that_stays_possible_happens_again_after_its_pace() -> None:
    at = timers()
    at.offered([Tick()], 10.0)
    at.due(12.0)
    at.offered([Tick()], 12.0)

    assert at.next() == 14.0


def test_an_option_that_was_impossible_for_a_while_waits_anew() -> None:
    at = timers()
    at.offered([Tick()], 10.0)
    at.offered([], 11.0)
    at.offered([Tick()], 11.5)

    assert at.next() == 13.5


def test_options_of_one_kind_wait_each_for_itself() -> None:
    at = timers()
    at.offered([Tick(1)], 10.0)
    at.offered([Tick(1), Tick(2)], 11.0)

    assert at.due(12.0) == [Tick(1)]
    assert at.due(13.0) == [Tick(2)]


def test_a_pace_of_nothing_is_at_once() -> None:
    at = timers()
    at.offered([AtOnce()], 10.0)

    assert at.due(10.0) == [AtOnce()]


def test_what_happens_keeps_the_order_of_the_machine() -> None:
    at = timers()
    at.offered([Tick(2), AtOnce(), Tick(1)], 0.0)

    assert at.due(5.0) == [Tick(2), AtOnce(), Tick(1)]


def test_jitter_makes_a_pace_up_to_a_fifth_longer() -> None:
    at = Timers(Paces({Tick: 10.0}), Detector(1.0), jitter=lambda: 1.0)
    at.offered([Tick()], 0.0)

    assert at.next() == 12.0


def test_a_timeout_without_a_pace_is_a_mistake() -> None:
    with pytest.raises(LookupError, match="no pace is given for the timeout Timeout"):
        timers().offered([Timeout()], 0.0)


def test_a_pace_is_that_of_the_timeout_inside() -> None:
    assert innermost(Above(Above(Tick(3)))) == Tick(3)
    at = timers()
    at.offered([Above(Tick())], 0.0)
    assert at.next() == 2.0


def test_what_needs_a_connection_waits_for_it_and_then_happens_at_once() -> None:
    at = timers()
    at.hastened = (Call,)
    at.offered([Above(Call(PEER)), Tick()], 0.0)
    assert at.next() == 2.0
    assert at.due(9.0) == [Tick()]

    at.detector.connected(PEER, 9.5, anew=False)
    at.connected(PEER, 9.5)
    assert at.due(9.5) == [Above(Call(PEER))]
    assert at.next() == 10.5


def test_nobody_is_suspected_while_a_connection_stands() -> None:
    at = timers()
    at.offered([Suspect(PEER)], 0.0)
    at.detector.connected(PEER, 1.0, anew=False)

    assert at.next() is None
    assert at.due(1e9) == []


def test_who_never_comes_is_suspected_after_much_patience() -> None:
    at = timers(patience=1.5)
    at.offered([Suspect(PEER)], 2.0)

    assert at.next() == 17.0


def test_who_is_away_for_as_long_as_patience_lasts_is_suspected() -> None:
    at = timers(patience=1.5)
    at.offered([Suspect(PEER)], 0.0)
    at.detector.disconnected(PEER, 4.0)

    assert at.due(5.4) == []
    assert at.due(5.5) == [Suspect(PEER)]


def test_who_comes_back_in_time_is_not_suspected() -> None:
    at = timers(patience=1.5)
    at.offered([Suspect(PEER)], 0.0)
    at.detector.disconnected(PEER, 4.0)
    at.detector.connected(PEER, 5.0, anew=False)

    assert at.next() is None


def test_who_comes_back_as_another_incarnation_is_suspected_at_once() -> None:
    at = timers(patience=9.0)
    at.offered([Suspect(PEER)], 0.0)
    at.detector.disconnected(PEER, 4.0)
    at.detector.connected(PEER, 5.0, anew=True)

    assert at.due(5.0) == [Suspect(PEER)]


def test_a_new_incarnation_that_was_let_in_meanwhile_is_not_suspected() -> None:
    at = timers(patience=9.0)
    at.offered([Suspect(PEER)], 0.0)
    at.detector.disconnected(PEER, 4.0)
    at.offered([], 4.2)
    at.offered([Suspect(PEER)], 4.5)
    at.detector.connected(PEER, 5.0, anew=True)

    assert at.next() is None
