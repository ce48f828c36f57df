"""Naive replication, and its repair by a sequencer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from coterie.checks.catalogue.smr.naive import CHECK, expiring, requests
from coterie.checks.component import Delivered, Invoked
from coterie.checks.engine.reference import explore
from coterie.checks.view import WorldView
from coterie.model.machine import Invoke, Node, Receive, Return, Send
from coterie.model.smr.naive import Forward, NaiveReplica
from coterie.model.smr.tickets import Book, Booked, Copy, Taken, answer, applied, first_come
from coterie.spec.smr.naive import agree_at_rest, same_commands_same_state, sold, sold_once, tickets

R1, R2 = Node("replica", 0), Node("replica", 1)
FIRST, SECOND = Book(7, "customer1"), Book(7, "customer2")
REPLICA = NaiveReplica(R1, (R2,))


def ran(*commands: Book) -> Copy:
    copy = Copy()
    for command in commands:
        copy = applied(copy, command, first_come, R1)
    return copy


def test_a_free_ticket_is_booked() -> None:
    assert first_come(Map(), FIRST, R1) == Map({7: "customer1"})


def test_a_booked_ticket_stays_with_its_customer() -> None:
    assert ran(FIRST, SECOND).tickets == Map({7: "customer1"})
    assert answer(ran(FIRST, SECOND), SECOND) == Taken(7, "customer2")


def test_a_replica_runs_a_request_answers_it_and_forwards_it() -> None:
    outcome = REPLICA.step(Copy(), Invoke(FIRST))

    assert outcome is not None
    assert outcome.state == ran(FIRST)
    assert outcome.effects == (Return(Booked(7, "customer1")), Send(R2, Forward(FIRST)))


def test_a_forwarded_request_is_run_and_not_forwarded_again() -> None:
    outcome = REPLICA.step(ran(FIRST), Receive(R2, Forward(SECOND)))

    assert outcome is not None
    assert outcome.state == ran(FIRST, SECOND)
    assert outcome.effects == ()


def test_a_retry_is_answered_as_before_and_not_run_again() -> None:
    outcome = REPLICA.step(ran(FIRST, SECOND), Invoke(SECOND))

    assert outcome is not None
    assert outcome.state == ran(FIRST, SECOND)
    assert outcome.effects[0] == Return(Taken(7, "customer2"))


def test_a_second_command_of_a_customer_has_another_number() -> None:
    again = Book(7, "customer1", number=1)

    outcome = REPLICA.step(ran(FIRST), Invoke(again))

    assert outcome is not None
    assert outcome.state.log == (FIRST, again)


@given(
    st.lists(
        st.builds(Book, st.integers(0, 2), st.sampled_from("abc"), st.integers(0, 1)), max_size=8
    )
)
def test_one_order_gives_one_state_at_every_replica(commands: list[Book]) -> None:
    copies = [Copy(), Copy()]
    for place, replica in enumerate((R1, R2)):
        for command in commands:
            copies[place] = applied(copies[place], command, first_come, replica)

    assert copies[0] == copies[1]


def test_a_local_clock_gives_one_order_two_states() -> None:
    booked = Map({7: "customer1"})

    assert expiring(booked, SECOND, R1) != expiring(booked, SECOND, R2)


def test_only_bookings_are_sales() -> None:
    sales = sold(frozenset(), R1, Return(Booked(7, "customer1")))

    assert sold(sales, R2, Return(Taken(7, "customer2"))) == {Booked(7, "customer1")}


def test_the_papers_example_diverges_after_both_requests_have_crossed() -> None:
    world = CHECK.world(replicas=2, customers=2, retries=0)

    found = explore(world, [same_commands_same_state])[same_commands_same_state.name]

    assert found.trace is not None
    happened = [step.happenings[0] for step in found.trace.steps]
    assert {type(each) for each in happened[:2]} == {Invoked}
    assert {type(each) for each in happened[2:]} == {Delivered}
    view = WorldView(world, found.trace.states[-1])
    assert [view.see(replica, tickets) for replica in (R1, R2)] == [
        Map({0: "customer0"}),
        Map({0: "customer1"}),
    ]


def test_the_ticket_is_sold_twice_before_any_message_arrives() -> None:
    found = explore(CHECK.world(replicas=2, customers=2, retries=0), [sold_once])

    trace = found[sold_once.name].trace
    assert trace is not None
    assert [type(step.happenings[0]) for step in trace.steps] == [Invoked, Invoked]


def test_one_customer_alone_does_not_make_replicas_differ() -> None:
    found = explore(CHECK.world(replicas=2, customers=1, retries=1), [agree_at_rest, sold_once])

    assert [each.violations for each in found.findings] == [0, 0]
    assert found.complete


@pytest.mark.parametrize(("customers", "retries"), [(0, 0), (3, 0), (3, 2)])
def test_a_retry_goes_to_the_next_replica_with_the_same_command(
    customers: int, retries: int
) -> None:
    work = requests(3, customers, retries)
    asked = [(at.index, command) for at, commands in work.items() for command in commands]

    assert len(asked) == customers + retries
    assert len({command for _, command in asked}) == customers
    assert len(set(asked)) == len(asked)
