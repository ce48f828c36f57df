"""A group that multicasts by RDMC: its members one by one, and bigger groups by random runs."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from coterie import machine_of
from coterie.checks.catalogue.synchrony.rdmc.node import FAILURE, TRANSFER, failing, world
from coterie.checks.simulation.walk import Plan, simulate
from coterie.checks.world import World
from coterie.model.detector import Suspect
from coterie.model.machine import Deliver, Effect, Invoke, Machine, Outcome, Receive, Send
from coterie.model.synchrony.rdmc.node import (
    LACKING,
    Block,
    Group,
    RdmcNode,
    Regroup,
    Transmission,
    Wedged,
    member,
)
from coterie.model.synchrony.rdmc.pipeline import Pipeline
from coterie.model.synchrony.rdmc.plain import BinomialTree, Chain, Sequential
from coterie.model.synchrony.rdmc.regroup import UNKNOWN, Membership, Regrouping, kept
from coterie.model.synchrony.rdmc.schedule import Schedule, Transfer
from coterie.spec.property import Kind
from coterie.spec.synchrony.rdmc import node as spec

A, B = ("a0", "a1"), ("b0", "b1")
ROOT, ONE, TWO = (RdmcNode(index, nodes=3, blocks=2, above=spec.ABOVE) for index in range(3))
IDLE = ROOT.start(None).state


def after(machine: Machine[Any, Any], state: Any, *events: Any) -> Outcome[Any]:
    """Return what the last of these events gives."""
    outcome = Outcome(state)
    for event in events:
        stepped = machine.step(outcome.state, event)
        assert stepped is not None
        outcome = stepped
    return outcome


def block(place: int, *, step: int, number: int = 0, epoch: int = 0, message: Any = A) -> Block:
    return Block(epoch, number, step, place, message[place])


def from_root(sent: Block | Wedged) -> Receive:
    return Receive(member(0), sent)


# One member.


def test_the_root_delivers_at_once_and_sends_all_its_blocks() -> None:
    outcome = after(ROOT, IDLE, Invoke(A))

    assert outcome.effects == (
        Deliver(A),
        Send(member(2), block(0, step=0)),
        Send(member(1), block(1, step=1)),
    )


def test_a_member_passes_a_block_on_as_soon_as_it_has_it() -> None:
    outcome = after(TWO, IDLE, from_root(block(0, step=0)))

    assert outcome.effects == (Send(member(1), block(0, step=2)),)
    assert outcome.state.transmissions == (Transmission(("a0", LACKING), step=3),)


def test_a_member_delivers_when_all_blocks_are_there() -> None:
    outcome = after(TWO, IDLE, from_root(block(0, step=0)), Receive(member(1), block(1, step=2)))

    assert Deliver(A) in outcome.effects
    assert outcome.state.delivered == (A,)


def test_a_message_waits_for_the_one_before() -> None:
    whole = [from_root(block(place, step=0, number=1, message=B)) for place in range(2)]

    early = after(TWO, IDLE, *whole)
    late = after(TWO, early.state, *(from_root(block(place, step=0)) for place in range(2)))

    assert early.state.delivered == ()
    assert [each for each in late.effects if isinstance(each, Deliver)] == [Deliver(A), Deliver(B)]


def test_nobody_but_the_root_multicasts() -> None:
    assert ONE.step(IDLE, Invoke(A)) is None


def test_a_root_that_is_alone_has_nobody_to_send_to() -> None:
    alone = Group(epoch=1, members=(0,))

    assert after(ROOT, alone, Invoke(A)).effects == (Deliver(A),)


# Failures.

WEDGED = (Send(member(0), Wedged(0, 0)), Send(member(2), Wedged(0, 0)))


def test_who_suspects_another_wedges_and_says_so_to_all() -> None:
    outcome = after(ONE, IDLE, Suspect(member(2)))

    assert outcome.state.wedged
    assert outcome.effects == (*WEDGED, Send(spec.ABOVE, Wedged(0, 0)))


def test_who_hears_of_it_wedges_too() -> None:
    assert after(ONE, IDLE, from_root(Wedged(0, 0))) == after(ONE, IDLE, Suspect(member(2)))


@pytest.mark.parametrize("event", [from_root(block(0, step=0)), from_root(Wedged(0, 0))])
def test_a_wedged_member_does_nothing(event: Receive) -> None:
    wedged = after(TWO, IDLE, Suspect(member(1))).state

    assert after(TWO, wedged, event) == Outcome(wedged)
    assert list(TWO.options(wedged)) == []
    assert TWO.step(wedged, Suspect(member(1))) is None


def test_all_later_sends_fail() -> None:
    assert ROOT.step(after(ROOT, IDLE, Suspect(member(1))).state, Invoke(A)) is None


def test_the_root_sends_again_what_not_everybody_has() -> None:
    wedged = after(ROOT, IDLE, Invoke(A), Invoke(B), Suspect(member(1))).state

    outcome = after(ROOT, wedged, Invoke(Regroup(1, (0, 2), kept=1)))

    assert outcome.effects == tuple(
        Send(member(2), block(place, step=place, epoch=1, message=B)) for place in range(2)
    )
    assert not outcome.state.wedged


def test_what_was_delivered_is_not_delivered_again() -> None:
    wedged = Group(epoch=0, members=(0, 1, 2), wedged=True, delivered=(A,))
    again = [from_root(block(place, step=place, epoch=1)) for place in range(2)]

    outcome = after(TWO, wedged, Invoke(Regroup(1, (0, 2), kept=0)), *again)

    assert outcome.effects == ()
    assert outcome.state.delivered == (A,)


def test_a_block_of_an_older_epoch_is_ignored() -> None:
    regrouped = after(TWO, IDLE, Suspect(member(1)), Invoke(Regroup(1, (0, 2), kept=0))).state

    assert after(TWO, regrouped, from_root(block(0, step=0))) == Outcome(regrouped)


def test_a_block_of_a_later_epoch_waits_for_it() -> None:
    news = Invoke(Regroup(1, (0, 2), kept=0))
    early = [from_root(block(place, step=place, epoch=1)) for place in range(2)]

    before = after(TWO, IDLE, *early, Suspect(member(1)), news)

    assert before.state == after(TWO, IDLE, Suspect(member(1)), news, *early).state
    assert before.effects == (Deliver(A),)


def test_where_the_root_is_gone_the_group_stays_wedged() -> None:
    wedged = after(TWO, IDLE, Suspect(member(0)), Invoke(Regroup(1, (1, 2), kept=0))).state

    assert wedged == Group(epoch=1, members=(1, 2), wedged=True)


@pytest.mark.parametrize("news", [Regroup(1, (0, 1), kept=0), Regroup(0, (0, 2), kept=0)])
def test_who_is_not_meant_stays_as_it_is(news: Regroup) -> None:
    wedged = after(TWO, IDLE, Suspect(member(1))).state

    assert after(TWO, wedged, Invoke(news)) == Outcome(wedged)


# Who decides.


def heard(state: Membership, *wedged: tuple[int, int]) -> Outcome[Membership]:
    events = [Receive(member(index), Wedged(0, delivered)) for index, delivered in wedged]
    return after(Regrouping(3), state, *events)


def test_what_is_kept_is_what_all_have_delivered() -> None:
    assert kept([3, 1, 2]) == 1


def test_the_next_epoch_waits_for_all_that_have_not_failed() -> None:
    start = Regrouping(3).start(None).state
    two = heard(start, (0, 2), (2, 1)).state

    outcome = after(Regrouping(3), two, Suspect(member(1)))

    assert two.delivered == (2, UNKNOWN, 1)
    assert outcome.state == Membership(1, (0, 2), (UNKNOWN, UNKNOWN))
    assert outcome.effects == tuple(
        Send(member(index), Regroup(1, (0, 2), kept=1)) for index in (0, 2)
    )


def test_where_nobody_is_left_there_is_no_next_epoch() -> None:
    start = Regrouping(3).start(None).state

    outcome = after(Regrouping(3), start, *(Suspect(member(index)) for index in range(3)))

    assert outcome.effects == ()
    assert outcome.state.epoch == 0


# A whole group, in any order of messages, sends just what the schedule says.


def run(machines: list[RdmcNode], data: st.DataObject) -> tuple[list[Group], list[Transfer]]:
    """Return the members when all has arrived, in an order that is drawn, and what was sent."""
    states = [machine.start(None).state for machine in machines]
    underway: list[tuple[int, int, Block]] = []
    transfers: list[Transfer] = []

    def take(index: int, event: Invoke | Receive) -> None:
        outcome = after(machines[index], states[index], event)
        states[index] = outcome.state
        underway.extend(sending(index, each) for each in outcome.effects if isinstance(each, Send))

    take(0, Invoke(tuple(range(machines[0].blocks))))
    while underway:
        place = data.draw(st.integers(0, len(underway) - 1))
        sender, receiver, sent = underway.pop(place)
        transfers.append(Transfer(sender, receiver, sent.place))
        take(receiver, Receive(member(sender), sent))
    return states, transfers


def sending(sender: int, effect: Effect) -> tuple[int, int, Block]:
    assert isinstance(effect, Send)
    assert isinstance(effect.message, Block)
    return sender, effect.to.index, effect.message


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([Pipeline, Chain, Sequential, BinomialTree]),
    st.integers(2, 12),
    st.integers(1, 4),
    st.data(),
)
def test_members_send_what_the_schedule_says_and_all_deliver(
    make: type[Schedule], nodes: int, blocks: int, data: st.DataObject
) -> None:
    machines = [RdmcNode(index, nodes, blocks, schedule=make) for index in range(nodes)]
    schedule = make(nodes, blocks)

    states, sent = run(machines, data)

    assert {state.delivered for state in states} == {(tuple(range(blocks)),)}
    assert sorted(sent, key=repr) == sorted(
        (each for step in range(schedule.steps) for each in schedule.transfers(step)), key=repr
    )


# Bigger groups.

RUNS = Plan(seed=3, runs=2, steps=200, faults=0.03)
FEW = settings(max_examples=3, stateful_step_count=30, deadline=None, database=None)
BIG = {
    "9 members": (world(9, 4, 2), TRANSFER.properties),
    "6 members, 2 failures": (failing(6, 3, 2, 2, 1), FAILURE.properties),
    "5 members, 3 failures": (failing(5, 2, 3, 3, 0), FAILURE.properties),
}


@pytest.mark.parametrize(("big", "claims"), BIG.values(), ids=BIG)
def test_no_random_run_of_a_bigger_group_breaks_a_promise(big: World, claims: Any) -> None:
    judged = [each for each in claims if not each.kind.is_temporal]
    (witness,) = (each for each in claims if each.kind is Kind.REACHABLE)

    found = simulate(big, judged, RUNS)

    assert found.runs == RUNS.runs
    assert witness in found.sightings


@pytest.mark.parametrize(("big", "claims"), BIG.values(), ids=BIG)
def test_hypothesis_breaks_no_promise_of_a_bigger_group(big: World, claims: Any) -> None:
    judged = [each for each in claims if each.kind is Kind.ALWAYS]

    run_state_machine_as_test(machine_of(big, judged), settings=FEW)
