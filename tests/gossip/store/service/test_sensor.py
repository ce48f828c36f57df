"""What the device of a serving store does with a measurement, and with what servers say."""

from attrs import evolve

from coterie.model.gossip.store.edge import Measure
from coterie.model.gossip.store.service.positions import HowFar, Kept, Resumes
from coterie.model.gossip.store.service.sensor import (
    Crossed,
    Diary,
    Measured,
    Noted,
    NotLater,
    Safe,
    Sensing,
    Sensor,
    Taken,
)
from coterie.model.machine import (
    Deliver,
    Event,
    Invoke,
    Node,
    Outcome,
    Receive,
    Record,
    Return,
    Send,
)

SERVERS = tuple(Node("server", index) for index in range(3))
ONE, TWO, THREE = SERVERS
SENSOR = Sensor(SERVERS, window=2)
FIRST, SECOND, THIRD = (Measured(date, 10 * date, date - 1) for date in (1, 2, 3))


def stepped(state: Sensing, *events: Event) -> Outcome[Sensing]:
    for event in events:
        outcome = SENSOR.step(state, event)
        assert outcome is not None
        state = outcome.state
    return outcome


def measure(date: int) -> Invoke:
    return Invoke(Measure(date, 10 * date))


def test_a_measurement_is_noted_before_it_goes_to_every_server() -> None:
    outcome = stepped(Sensing(), measure(1))

    assert outcome.effects == (
        Record(Noted(1, 10)),
        *(Send(server, FIRST) for server in SERVERS),
        Return(Taken(0)),
    )


def test_a_date_that_is_not_later_is_not_taken() -> None:
    state = stepped(Sensing(), measure(2)).state

    assert stepped(state, measure(2)) == Outcome(state, (Return(NotLater(2)),))
    assert stepped(state, measure(1)) == Outcome(state, (Return(NotLater(2)),))


def test_it_waits_while_too_few_servers_are_near() -> None:
    state = stepped(Sensing(), measure(1), measure(2), Receive(ONE, Kept(2))).state

    assert SENSOR.step(state, measure(3)) is None
    assert stepped(state, Receive(TWO, Kept(1)), measure(3)).effects[-1] == Return(Taken(2))


def test_a_server_that_is_too_far_behind_is_sent_nothing() -> None:
    state = stepped(
        Sensing(), measure(1), measure(2), Receive(ONE, Kept(2)), Receive(TWO, Kept(2))
    ).state

    outcome = stepped(state, measure(3))

    assert [e.to for e in outcome.effects if isinstance(e, Send)] == [ONE, TWO]


def test_what_a_majority_has_kept_is_safe_and_need_not_be_remembered() -> None:
    state = stepped(Sensing(), measure(1), measure(2), Receive(ONE, Kept(2))).state

    outcome = stepped(state, Receive(THREE, Kept(1)))

    assert outcome.effects == (Record(Crossed(1)), Deliver(Safe(1)))
    assert outcome.state.diary == Diary(1, (SECOND,), 2)
    assert stepped(outcome.state, Receive(THREE, Kept(1))) == Outcome(outcome.state)


def test_it_starts_again_with_what_is_not_safe_and_says_what_is() -> None:
    diary = Diary(1, (SECOND, THIRD), 3)

    outcome = SENSOR.start(diary)

    asked = (Send(server, HowFar()) for server in SERVERS)
    assert outcome == Outcome(Sensing(diary), (Deliver(Safe(1)), *asked))


def test_a_server_that_resumes_is_sent_what_is_not_safe() -> None:
    state = SENSOR.start(Diary(1, (SECOND, THIRD), 3)).state

    assert stepped(state, Receive(ONE, Resumes(2))).effects == (Send(ONE, THIRD),)
    assert stepped(state, Receive(TWO, Resumes(0))).effects == (Send(TWO, SECOND), Send(TWO, THIRD))
    assert stepped(state, Receive(TWO, Resumes(3))).effects == ()


def test_a_stranger_is_not_heard() -> None:
    state = stepped(Sensing(), measure(1)).state

    for message in (Kept(1), Resumes(0), "nonsense"):
        assert stepped(state, Receive(Node("stranger"), message)) == Outcome(state)


def test_all_servers_may_be_required() -> None:
    patient = evolve(SENSOR, required=lambda servers: servers)
    outcome = patient.step(Sensing(), measure(1))
    assert outcome is not None
    state = outcome.state
    told = []
    for server in SERVERS:
        outcome = patient.step(state, Receive(server, Kept(1)))
        assert outcome is not None
        state = outcome.state
        told += [effect for effect in outcome.effects if isinstance(effect, Deliver)]

    assert told == [Deliver(Safe(1))]
    assert state.diary.count == 1
