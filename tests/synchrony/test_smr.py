"""A replica over the group: what it does with commands, retries, reads and views."""

from coterie.checks.catalogue.synchrony.smr import world
from coterie.checks.engine.explore import explore
from coterie.checks.result import Verdict
from coterie.model.call import Call
from coterie.model.machine import Invoke, Node, Outcome, Receive, Return, Send
from coterie.model.synchrony.member import Leave, Member
from coterie.model.synchrony.replica import (
    Application,
    Applied,
    Command,
    Glance,
    Query,
    Replica,
    Serving,
    applied,
)
from coterie.model.synchrony.state import Item
from coterie.model.synchrony.view import first_view
from coterie.spec.synchrony import smr as spec

ONE, TWO = Node("member", 0), Node("member", 1)
WRITE = Command("client", 1, Call("write", 7))


def replica(name: Node, *members: Node) -> Replica:
    return Replica(Member(name, first_view(*members), initial=Applied(), apply=Application()))


def step(machine: Replica, state: Serving, event: Invoke | Receive) -> Outcome[Serving]:
    outcome = machine.step(state, event)
    assert outcome is not None
    return outcome


def answers(outcome: Outcome[Serving]) -> list[object]:
    return [each.result for each in outcome.effects if isinstance(each, Return)]


def sent_to(node: Node, sender: Node, outcome: Outcome[Serving]) -> list[Receive]:
    sends = (each for each in outcome.effects if isinstance(each, Send))
    return [Receive(sender, each.message) for each in sends if each.to == node]


def test_a_group_of_one_answers_at_once() -> None:
    alone = replica(ONE, ONE)

    outcome = step(alone, alone.start(None).state, Invoke(WRITE))

    assert answers(outcome) == [None]
    assert applied(outcome.state) == Applied(7, (WRITE,), applied(outcome.state).answers)


def test_a_group_of_two_answers_when_the_other_has_received_it() -> None:
    first, second = replica(ONE, ONE, TWO), replica(TWO, ONE, TWO)

    called = step(first, first.start(None).state, Invoke(WRITE))
    (push,) = sent_to(TWO, ONE, called)
    received = step(second, second.start(None).state, push)
    (row,) = sent_to(ONE, TWO, received)

    assert answers(called) == []
    assert applied(received.state).value == 7
    assert answers(step(first, called.state, row)) == [None]


def test_a_retry_of_what_is_applied_is_answered_and_told_to_nobody() -> None:
    first, second = replica(ONE, ONE, TWO), replica(TWO, ONE, TWO)
    called = step(first, first.start(None).state, Invoke(WRITE))
    (push,) = sent_to(TWO, ONE, called)
    received = step(second, second.start(None).state, push)

    retried = step(second, received.state, Invoke(WRITE))

    assert retried == Outcome(received.state, (Return(None),))


def test_a_replica_that_owes_an_answer_takes_no_other_call() -> None:
    first = replica(ONE, ONE, TWO)

    called = step(first, first.start(None).state, Invoke(WRITE))

    assert first.step(called.state, Invoke(Glance())) is None
    assert first.step(called.state, Invoke(Query())) is None


def test_a_glance_reads_what_is_applied_and_a_query_waits_for_what_is_received() -> None:
    first = replica(ONE, ONE, TWO)
    second = replica(TWO, ONE, TWO)
    (push,) = sent_to(TWO, ONE, step(first, first.start(None).state, Invoke(WRITE)))
    third = replica(TWO, ONE, TWO, Node("member", 2))
    behind = step(third, third.start(None).state, push_of_three())

    assert answers(
        step(second, step(second, second.start(None).state, push).state, Invoke(Query()))
    ) == [7]
    assert answers(step(third, behind.state, Invoke(Glance()))) == [None]
    assert answers(step(third, behind.state, Invoke(Query()))) == []


def push_of_three() -> Receive:
    """Return the first member's push of a write, in a group of three."""
    first = replica(ONE, ONE, TWO, Node("member", 2))
    (push,) = sent_to(TWO, ONE, step(first, first.start(None).state, Invoke(WRITE)))
    return push


def test_a_process_outside_the_group_serves_nobody() -> None:
    outside = replica(Node("joiner"), ONE)

    assert outside.step(outside.start(None).state, Invoke(WRITE)) is None


def test_a_member_that_leaves_serves_nobody() -> None:
    alone = replica(ONE, ONE, TWO)

    left = step(alone, alone.start(None).state, Invoke(Leave()))

    assert sent_to(TWO, ONE, left)
    assert alone.step(left.state, Invoke(Query())) is None


def test_an_application_applies_a_command_once() -> None:
    application, item = Application(), Item(0, ONE, WRITE)

    once = application(Applied(), item)

    assert application(once, item) == once


def test_the_refinement_survives_the_crash_of_any_member() -> None:
    crashing = world(3, 1, 0, "query", crashes=1)

    found = explore(crashing, (spec.is_a_replicated_log, spec.linearizable))

    assert [each.verdict for each in found.findings] == [Verdict.HOLDS] * 2
