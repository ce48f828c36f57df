"""The conversation of the graph policy, message by message."""

from typing import Any

import pytest
from attrs import evolve

from coterie.model.gossip.gdp.algorithm import PUBLISHED
from coterie.model.gossip.gdp.graph import (
    First,
    FirstReceived,
    FirstSent,
    Fourth,
    GiveUp,
    GraphReplica,
    Second,
    Talk,
    Third,
    ThirdReceived,
    ThirdSent,
    nobody_yields,
)
from coterie.model.gossip.gdp.log import Log, digest_of, log_of
from coterie.model.gossip.gdp.record import Entry, has_a_name, written
from coterie.model.gossip.gdp.replica import Append, Exchange, Heartbeat, Replication, talking
from coterie.model.gossip.gdp.writer import Write, Writer
from coterie.model.machine import Invoke, Node, Outcome, Receive, Record, Send

WRITER, A, B = Node("writer"), Node("replica", 0), Node("replica", 1)
ROOT = written(WRITER, "a")
MIDDLE = written(WRITER, "b", ROOT.name)
TIP = written(WRITER, "c", MIDDLE.name)
LOST = written(WRITER, "d", "lost")
NOTHING: frozenset[Entry] = frozenset()
TALKS: list[Talk] = [FirstSent(Log()), ThirdSent(), FirstReceived(Log()), ThirdReceived()]

one = GraphReplica(A, WRITER, (B,))
other = GraphReplica(B, WRITER, (A,))
published = GraphReplica(
    A,
    WRITER,
    (B,),
    accepts=has_a_name,
    algorithm=PUBLISHED,
    closes=False,
    yields=nobody_yields,
    tolerant=False,
)


def at(log: Log, talk: Talk | None = None, peer: Node = B) -> Replication:
    return talking(Replication(log), peer, talk)


def heard(
    machine: GraphReplica, state: Replication, message: Any, sender: Node = B
) -> Outcome[Replication]:
    outcome = machine.step(state, Receive(sender, message))
    assert outcome is not None
    return outcome


def said(outcome: Outcome[Replication]) -> Any:
    last = outcome.effects[-1]
    assert isinstance(last, Send)
    return last.message


def test_the_timer_sends_begins_and_ends() -> None:
    log = log_of([ROOT, TIP])

    outcome = one.step(at(log), Heartbeat(B))

    assert outcome == Outcome(at(log, FirstSent(log)), (Send(B, First(digest_of(log))),))


def test_a_user_may_ask_for_an_exchange() -> None:
    assert one.step(at(Log()), Invoke(Exchange(B))) == one.step(at(Log()), Heartbeat(B))


@pytest.mark.parametrize("talk", TALKS)
def test_nothing_is_begun_while_an_exchange_is_under_way(talk: Talk) -> None:
    assert one.step(at(Log(), talk), Heartbeat(B)) is None
    assert not list(one.options(at(Log(), talk)))


def test_an_exchange_takes_four_messages_and_leaves_both_idle() -> None:
    initiator, responder = at(log_of([ROOT, TIP])), at(log_of([MIDDLE, LOST]), peer=A)
    union = log_of([ROOT, MIDDLE, TIP, LOST])

    begun = one.step(initiator, Heartbeat(B))
    assert begun is not None
    answered = heard(other, responder, said(begun), A)
    third = heard(one, begun.state, said(answered))
    fourth = heard(other, answered.state, said(third), A)
    ended = heard(one, third.state, said(fourth))

    assert isinstance(said(third), Third)
    assert isinstance(said(fourth), Fourth)
    assert ended.state == at(union)
    assert fourth.state == at(union, peer=A)


def test_what_arrives_is_recorded_once() -> None:
    outcome = heard(one, at(log_of([ROOT]), ThirdSent()), Fourth(frozenset({ROOT, MIDDLE})))

    assert outcome == Outcome(at(log_of([ROOT, MIDDLE])), (Record(MIDDLE),))


def test_the_copy_is_frozen_until_the_exchange_ends() -> None:
    waiting = at(log_of([ROOT]), FirstSent(log_of([ROOT])))
    written_to = heard(one, waiting, Append(MIDDLE), WRITER)

    third = heard(one, written_to.state, Second(NOTHING, digest_of(log_of([ROOT]))))

    assert third.effects == (Send(B, Third(frozenset(), NOTHING)),)
    assert third.state.log == log_of([ROOT, MIDDLE])


def test_nobody_sends_back_what_a_message_has_brought() -> None:
    waiting = at(log_of([TIP]), FirstSent(log_of([TIP])))
    second = Second(frozenset({MIDDLE}), digest_of(log_of([MIDDLE])))

    third = heard(one, waiting, second)

    assert third.effects[-1] == Send(B, Third(frozenset(), frozenset({TIP})))


def test_of_two_that_begin_at_once_the_lower_goes_first() -> None:
    log = log_of([ROOT])
    first = First(digest_of(Log()))

    lower = heard(one, at(log, FirstSent(log)), first)
    higher = heard(other, at(log, FirstSent(log), A), first, A)

    assert lower == Outcome(at(log, FirstSent(log)))
    assert higher.state == at(log, FirstReceived(log), A)


def test_as_published_two_that_begin_at_once_put_each_other_off() -> None:
    outcome = heard(published, at(Log(), FirstSent(Log())), First(digest_of(Log())))

    assert outcome == Outcome(at(Log()))


def test_the_responder_forgets_a_complete_exchange() -> None:
    asked = at(Log(), FirstReceived(Log()))
    third = Third(frozenset(), NOTHING)

    assert heard(one, asked, third).state == at(Log())
    assert heard(published, asked, third).state == at(Log(), ThirdReceived())


def test_as_published_the_next_first_message_is_lost_on_the_responder() -> None:
    outcome = heard(published, at(Log(), ThirdReceived()), First(digest_of(Log())))

    assert outcome == Outcome(at(Log()))


@pytest.mark.parametrize("talk", [None, *TALKS[1:]])
def test_a_first_message_is_answered_unless_first_messages_cross(talk: Talk | None) -> None:
    outcome = heard(one, at(Log(), talk), First(digest_of(Log())))

    assert outcome.state == at(Log(), FirstReceived(Log()))
    assert outcome.effects == (Send(B, Second(NOTHING, digest_of(Log()))),)


OUT_OF_TURN = [
    (talk, message)
    for message, awaiting in [
        (Second(frozenset({ROOT}), digest_of(log_of([ROOT]))), FirstSent),
        (Third(frozenset(), frozenset({ROOT})), FirstReceived),
        (Fourth(frozenset({ROOT})), ThirdSent),
    ]
    for talk in [None, *TALKS]
    if not isinstance(talk, awaiting)
]


@pytest.mark.parametrize(("talk", "message"), OUT_OF_TURN)
def test_out_of_turn_records_are_kept_and_the_exchange_goes_on(
    talk: Talk | None, message: Any
) -> None:
    outcome = heard(one, at(Log(), talk), message)

    assert outcome == Outcome(at(log_of([ROOT]), talk), (Record(ROOT),))


@pytest.mark.parametrize(("talk", "message"), OUT_OF_TURN)
def test_as_published_a_message_out_of_turn_ends_the_exchange(
    talk: Talk | None, message: Any
) -> None:
    assert heard(published, at(Log(), talk), message) == Outcome(at(Log()))


def test_a_record_that_is_not_genuine_is_not_kept() -> None:
    lie = evolve(ROOT, value="lie")
    state = at(Log(), ThirdSent())

    assert heard(one, state, Fourth(frozenset({lie}))) == Outcome(at(Log()))
    assert heard(published, state, Fourth(frozenset({lie}))).state.log == log_of([lie])


def test_a_poisoned_log_has_an_honest_digest() -> None:
    lie = evolve(ROOT, value="lie")

    assert digest_of(log_of([lie])) == digest_of(log_of([ROOT]))
    assert log_of([lie]) != log_of([ROOT])


@pytest.mark.parametrize("talk", TALKS)
def test_a_time_out_ends_any_exchange(talk: Talk) -> None:
    patient = evolve(one, gives_up=True)
    state = at(Log(), talk)

    assert list(patient.options(state)) == [GiveUp(B)]
    assert patient.step(state, GiveUp(B)) == Outcome(at(Log()))
    assert one.step(state, GiveUp(B)) is None


def test_a_crash_loses_the_exchange_and_keeps_the_records() -> None:
    state = at(log_of([ROOT]), ThirdSent())

    assert one.start(one.memory(state)) == Outcome(at(log_of([ROOT])))


def test_the_writer_signs_and_tells_one_replica() -> None:
    outcome = Writer(WRITER).step(0, Invoke(Write("b", (ROOT.name,), B)))

    assert outcome == Outcome(1, (Send(B, Append(MIDDLE)),))


def test_the_writer_listens_to_nobody() -> None:
    assert Writer(WRITER).step(3, Receive(A, "hello")) == Outcome(3)
