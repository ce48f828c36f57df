"""The graph policy without turns, message by message."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from coterie.checks.catalogue.gossip.gdp.worlds import different
from coterie.model.gossip.gdp.algorithm import REPAIRED, exchanged
from coterie.model.gossip.gdp.graph import First, Fourth, Second, Third
from coterie.model.gossip.gdp.log import Log, digest_of, log_of
from coterie.model.gossip.gdp.record import Entry, written
from coterie.model.gossip.gdp.replica import Append, Heartbeat, Replication
from coterie.model.gossip.gdp.turnless import TurnlessReplica
from coterie.model.machine import Event, Node, Outcome, Receive, Record, Send

WRITER, A, B = Node("writer"), Node("replica", 0), Node("replica", 1)
ROOT = written(WRITER, "a")
TIP = written(WRITER, "b", ROOT.name)
FORGED = Entry(TIP.name, TIP.parents, "lie", TIP.signature)
NOTHING: frozenset[Entry] = frozenset()

one = TurnlessReplica(A, WRITER, (B,))
other = TurnlessReplica(B, WRITER, (A,))
MESSAGES = [
    First(digest_of(log_of([ROOT]))),
    Second(frozenset({TIP}), digest_of(log_of([ROOT, TIP]))),
    Third(frozenset({TIP.name}), frozenset({ROOT})),
    Fourth(frozenset({ROOT, TIP})),
    "nonsense",
]


def stepped(machine: TurnlessReplica, log: Log, event: Event) -> Outcome[Replication]:
    outcome = machine.step(Replication(log), event)
    assert outcome is not None
    return outcome


def sent(outcome: Outcome[Replication]) -> list[Any]:
    return [effect.message for effect in outcome.effects if isinstance(effect, Send)]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
@pytest.mark.parametrize("entries", [[], [ROOT], [TIP], [ROOT, TIP]])
def test_no_message_leaves_an_exchange_under_way(message: Any, entries: list[Entry]) -> None:
    outcome = stepped(one, log_of(entries), Receive(B, message))

    assert outcome.state.talks == Map()


def test_an_exchange_may_begin_at_any_time() -> None:
    state = Replication(log_of([ROOT]))

    assert list(one.options(state)) == [Heartbeat(B)]
    first = Send(B, First(digest_of(state.log)))
    assert one.step(state, Heartbeat(B)) == Outcome(state, (first,))


def test_a_second_message_is_answered_though_nobody_waits_for_it() -> None:
    second = Second(frozenset({TIP}), digest_of(log_of([TIP])))

    outcome = stepped(one, log_of([ROOT]), Receive(B, second))

    third = Send(B, Third(frozenset(), frozenset({ROOT})))
    assert outcome == Outcome(Replication(log_of([ROOT, TIP])), (Record(TIP), third))


def test_a_third_message_is_granted_though_nobody_waits_for_it() -> None:
    third = Third(frozenset({TIP.name}), NOTHING)

    outcome = stepped(one, log_of([TIP]), Receive(B, third))

    assert sent(outcome) == [Fourth(frozenset({TIP}))]


def test_a_late_fourth_message_brings_its_records() -> None:
    outcome = stepped(one, Log(), Receive(B, Fourth(frozenset({ROOT}))))

    assert outcome == Outcome(Replication(log_of([ROOT])), (Record(ROOT),))


def test_what_is_not_genuine_is_not_kept() -> None:
    outcome = stepped(one, Log(), Receive(B, Fourth(frozenset({FORGED}))))

    assert outcome == Outcome(Replication())


def test_what_the_writer_adds_is_kept() -> None:
    outcome = stepped(one, Log(), Receive(WRITER, Append(ROOT)))

    assert outcome == Outcome(Replication(log_of([ROOT])), (Record(ROOT),))


@given(st.sampled_from(different(3)))
def test_a_quiet_exchange_leaves_what_the_algorithm_says(logs: tuple[Log, Log]) -> None:
    mine, theirs = logs

    states = {A: Replication(mine), B: Replication(theirs)}
    machines = {A: one, B: other}
    node, outcome = A, stepped(one, mine, Heartbeat(B))
    while messages := sent(outcome):
        (message,) = messages
        states[node], sender, node = outcome.state, node, B if node == A else A
        outcome = stepped(machines[node], states[node].log, Receive(sender, message))
    states[node] = outcome.state

    after = exchanged(REPAIRED, mine, theirs)
    assert (states[A].log, states[B].log) == (after.initiator, after.responder)
