"""The client of a serving store: one query at a time, from a server that it picks."""

from coterie.model.gossip.store.reads import Found, GiveUp, Unanswered
from coterie.model.gossip.store.service.queries import (
    Inquire,
    Inquirer,
    Inquiring,
    Query,
    Replied,
    Reported,
    ValueAt,
)
from coterie.model.machine import Invoke, Outcome, Receive, Return, Send
from tests.gossip.store.service.scene import ONE, TWO

CLIENT = Inquirer()
WHAT = ValueAt(3)
ASKED = Inquiring(0, Inquire(ONE, WHAT))
REPLY = Replied(0, Found(30), position=8, agreed=10)


def test_a_query_goes_to_the_server_that_the_user_has_picked() -> None:
    outcome = CLIENT.step(CLIENT.start(None).state, Invoke(Inquire(ONE, WHAT)))

    assert outcome == Outcome(ASKED, (Send(ONE, Query(0, WHAT)),))


def test_one_query_is_under_way_at_a_time() -> None:
    assert CLIENT.step(ASKED, Invoke(Inquire(TWO, WHAT))) is None


def test_an_answer_is_returned_with_how_far_the_server_is() -> None:
    outcome = CLIENT.step(ASKED, Receive(ONE, REPLY))

    assert outcome == Outcome(Inquiring(1), (Return(Reported(ONE, WHAT, Found(30), 8, 10)),))


def test_an_answer_of_another_server_or_to_another_query_changes_nothing() -> None:
    late = Inquiring(1, Inquire(ONE, WHAT))

    assert CLIENT.step(ASKED, Receive(TWO, REPLY)) == Outcome(ASKED)
    assert CLIENT.step(late, Receive(ONE, REPLY)) == Outcome(late)
    assert CLIENT.step(Inquiring(1), Receive(ONE, REPLY)) == Outcome(Inquiring(1))


def test_a_client_may_give_up_while_it_waits() -> None:
    outcome = CLIENT.step(ASKED, GiveUp())

    assert outcome == Outcome(Inquiring(1), (Return(Reported(ONE, WHAT, Unanswered())),))
    assert list(CLIENT.options(ASKED)) == [GiveUp()]
    assert not list(CLIENT.options(Inquiring(1)))
    assert CLIENT.step(Inquiring(1), GiveUp()) is None


def test_only_a_server_that_is_behind_lags() -> None:
    assert Reported(ONE, WHAT, Found(1), position=8, agreed=10).lag == 2
    assert Reported(ONE, WHAT, Found(1), position=12, agreed=10).lag == 0
