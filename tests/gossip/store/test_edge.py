"""The device, the client and the pub/sub service."""

from typing import Any

from coterie.model.gossip.store.edge import (
    Broker,
    Device,
    Measure,
    Publish,
    Published,
    Subscriber,
)
from coterie.model.gossip.store.reads import (
    Absent,
    Answer,
    Asking,
    Client,
    Found,
    Get,
    GiveUp,
    Read,
    Reading,
    Unanswered,
)
from coterie.model.gossip.store.recovery import Request, Rows
from coterie.model.gossip.store.server import Data, Server, Serving
from coterie.model.machine import Invoke, Node, Outcome, Receive, Return, Send

DEVICE, CLIENT = Node("device"), Node("client")
ONE, TWO = Node("server", 0), Node("server", 1)


def asked(date: int) -> Outcome[Asking]:
    outcome = Client().step(Asking(), Invoke(Read(ONE, date)))
    assert outcome is not None
    return outcome


def returned(outcome: Outcome[Any] | None) -> list[Any]:
    assert outcome is not None
    return [effect.result for effect in outcome.effects if isinstance(effect, Return)]


def test_the_device_sends_a_measurement_to_every_server() -> None:
    outcome = Device((ONE, TWO)).step(None, Invoke(Measure(1, 10)))

    data = Data(1, 10)
    assert outcome == Outcome(None, (Send(ONE, data), Send(TWO, data), Return(None)))


def test_the_device_heeds_no_message() -> None:
    assert Device((ONE,)).step(None, Receive(ONE, Data(1, 10))) == Outcome(None)


def test_the_broker_carries_a_message_and_tells_whose_it_is() -> None:
    request = Request(None, boot=0)
    outcome = Broker(Device((ONE, TWO))).step(None, Receive(ONE, Publish(TWO, request)))

    assert outcome == Outcome(None, (Send(TWO, Published(ONE, request)),))


def test_a_subscriber_is_its_server_behind_the_broker() -> None:
    subscriber = Subscriber(Server(peers=(TWO,)), DEVICE)
    request = Published(TWO, Request(None, boot=0))
    outcome = subscriber.step(Serving(), Receive(DEVICE, request))

    assert outcome == Outcome(Serving(), (Send(DEVICE, Publish(TWO, Rows((), 1, 0))),))


def test_a_subscriber_answers_a_client_without_the_broker() -> None:
    subscriber = Subscriber(Server(peers=(TWO,)), DEVICE)
    outcome = subscriber.step(Serving(), Receive(CLIENT, Get(0, 1)))

    assert outcome == Outcome(Serving(), (Send(CLIENT, Answer(0, Absent())),))


def test_a_client_asks_the_server_that_it_picks_and_returns_the_answer() -> None:
    outcome = asked(date=1)
    assert outcome.effects == (Send(ONE, Get(0, 1)),)

    answered = Client().step(outcome.state, Receive(ONE, Answer(0, Found(10))))

    assert returned(answered) == [Reading(ONE, 1, Found(10))]


def test_a_client_reads_one_date_at_a_time() -> None:
    assert Client().step(asked(date=1).state, Invoke(Read(ONE, 2))) is None


def test_after_a_while_a_client_believes_that_the_server_is_down() -> None:
    waiting = asked(date=1).state
    assert list(Client().options(waiting)) == [GiveUp()]

    outcome = Client().step(waiting, GiveUp())

    assert returned(outcome) == [Reading(ONE, 1, Unanswered())]
    assert list(Client().options(Asking())) == []
    assert Client().step(Asking(), GiveUp()) is None


def test_an_answer_that_comes_late_or_from_another_server_changes_nothing() -> None:
    waiting = Asking(number=1, read=Read(ONE, 1))

    for sender, number in ((ONE, 0), (TWO, 1)):
        late = Receive(sender, Answer(number, Found(10)))
        assert Client().step(waiting, late) == Outcome(waiting)
