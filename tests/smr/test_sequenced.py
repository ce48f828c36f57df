"""A sequencer: its rules, and that it refines the abstract log."""

from typing import Any

import pytest

from coterie.checks.catalogue.smr.naive import always_new
from coterie.checks.catalogue.smr.sequenced import CHECK, on_receipt, one_late
from coterie.checks.view import WorldView
from coterie.checks.world import World
from coterie.model.machine import Invoke, Node, Outcome, Receive, Return, Send
from coterie.model.smr.sequenced import (
    Entries,
    Fetch,
    Join,
    Membership,
    Order,
    Ordered,
    Request,
    SequencedReplica,
)
from coterie.model.smr.tickets import Book, Booked, Taken
from coterie.spec.smr.log import Log, ReplicatedLog
from coterie.spec.smr.sequenced import is_a_replicated_log

R0, R1, R2 = (Node("replica", index) for index in range(3))
FIRST, SECOND, THIRD = (Book(7, f"customer{number}") for number in range(3))
LEADER = SequencedReplica(R0, R0, (R1,))
FOLLOWER = SequencedReplica(R1, R0, (R1,))
JOINER = SequencedReplica(R2, R0, (R1,), joins=True)


def run(machine: SequencedReplica, *events: Any) -> Outcome[Ordered]:
    """Return the last outcome of a fresh replica to which these events happen."""
    outcome = machine.start(None)
    for event in events:
        following = machine.step(outcome.state, event)
        assert following is not None
        outcome = following
    return outcome


def order(slot: int, command: Book) -> Receive:
    return Receive(R0, Order(slot, command))


def test_a_follower_asks_the_sequencer_and_runs_nothing_itself() -> None:
    outcome = run(FOLLOWER, Invoke(FIRST))

    assert outcome.state.log == ()
    assert outcome.effects == (Send(R0, Request(FIRST)),)


def test_the_sequencer_gives_each_command_the_next_slot_and_tells_all() -> None:
    outcome = run(LEADER, Invoke(FIRST), Receive(R1, Request(SECOND)))

    assert outcome.state.log == (FIRST, SECOND)
    assert outcome.effects == (Send(R1, Order(1, SECOND)),)


def test_the_sequencer_orders_a_retry_only_once() -> None:
    outcome = run(LEADER, Receive(R1, Request(FIRST)), Receive(R1, Request(FIRST)))

    assert outcome.state.log == (FIRST,)
    assert outcome.effects == ()


def test_a_customer_is_answered_when_the_command_is_applied_where_it_was_asked() -> None:
    outcome = run(FOLLOWER, Invoke(SECOND), order(0, FIRST), order(1, SECOND))

    assert outcome.effects == (Return(Taken(7, "customer1")),)
    assert outcome.state.waiting == frozenset()


def test_an_order_that_comes_early_waits_for_those_before_it() -> None:
    early = run(FOLLOWER, order(2, THIRD), order(1, SECOND))
    complete = run(FOLLOWER, order(2, THIRD), order(1, SECOND), order(0, FIRST))

    assert early.state.log == ()
    assert early.state.early == {(1, SECOND), (2, THIRD)}
    assert complete.state.log == (FIRST, SECOND, THIRD)
    assert complete.state.early == frozenset()


def test_an_order_that_comes_again_changes_nothing() -> None:
    once = run(FOLLOWER, order(0, FIRST))

    assert run(FOLLOWER, order(0, FIRST), order(0, FIRST)).state == once.state


def test_a_retry_after_the_answer_is_answered_at_once() -> None:
    outcome = run(FOLLOWER, order(0, FIRST), Invoke(FIRST))

    assert outcome.effects == (Return(Booked(7, "customer0")),)


def test_a_replica_outside_takes_no_requests() -> None:
    outside = JOINER.start(None).state

    assert JOINER.step(outside, Invoke(FIRST)) is None
    assert list(JOINER.options(outside)) == [Join()]


def test_a_joiner_copies_the_log_and_replays_it() -> None:
    asked = run(JOINER, Join())
    joined = run(JOINER, Join(), Receive(R0, Entries(0, (FIRST, SECOND))))

    assert asked.effects == (Send(R0, Fetch(0)),)
    assert joined.state.log == (FIRST, SECOND)
    assert joined.state.membership is Membership.MEMBER


def test_orders_that_overtake_the_log_are_kept_for_the_joiner() -> None:
    joined = run(JOINER, Join(), order(1, SECOND), Receive(R0, Entries(0, (FIRST,))))

    assert joined.state.log == (FIRST, SECOND)


def test_whom_the_sequencer_lets_in_hears_of_every_order_from_then_on() -> None:
    outcome = run(LEADER, Invoke(FIRST), Receive(R2, Fetch(0)), Invoke(SECOND))

    assert [effect.to for effect in outcome.effects if isinstance(effect, Send)] == [R1, R2]


def test_a_joiner_that_asks_twice_is_let_in_once() -> None:
    outcome = run(LEADER, Receive(R2, Fetch(0)), Receive(R2, Fetch(0)))

    assert outcome.state.followers == (R1, R2)
    assert outcome.effects == ()


abstract = is_a_replicated_log.function


def leads(machine: ReplicatedLog, before: Log | None, after: Log | None, most: int) -> bool:
    """Return whether at most so many abstract steps lead from one log to another."""
    reached = {before} - {None}
    for _ in range(most):
        outcomes = [
            machine.step(log, event) for log in reached if log for event in machine.options(log)
        ]
        reached |= {outcome.state for outcome in outcomes if outcome is not None}
    return after in reached


def unfaithful(world: World) -> list[tuple[Log | None, Log | None]]:
    """Return the steps of `world` that are no path of the abstract log."""
    replicas = WorldView(world, next(world.initial())).nodes("replica")
    commands = {command for calls in world.workload.values() for command in calls}
    machine = ReplicatedLog(len(replicas), tuple(sorted(commands)))
    waiting = list(world.initial())
    seen, found = set(waiting), set()
    for values in waiting:
        before = abstract(WorldView(world, values))
        for step in world.successors(values):
            found.add((before, abstract(WorldView(world, step.values))))
            if step.values not in seen:
                seen.add(step.values)
                waiting.append(step.values)
    return [pair for pair in found if not leads(machine, *pair, most=len(commands))]


def test_a_sequenced_world_starts_as_the_empty_log() -> None:
    world = CHECK.world(**CHECK.parameters())

    start = abstract(WorldView(world, next(world.initial())))

    assert start == ReplicatedLog(3, ()).start(None).state


def test_every_step_of_the_sequenced_world_is_a_path_of_the_abstract_log() -> None:
    assert unfaithful(CHECK.world(**CHECK.parameters())) == []


@pytest.mark.parametrize(
    "mutant", [{"may_apply": on_receipt}, {"is_new": always_new}, {"cut": one_late}]
)
def test_a_mutant_takes_steps_that_are_no_path_of_the_abstract_log(mutant: dict[str, Any]) -> None:
    assert unfaithful(CHECK.world(**CHECK.parameters(), **mutant)) != []
