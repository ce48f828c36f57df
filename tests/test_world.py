"""Worlds: crashes and twins, budgets, starts, observers."""

from collections.abc import Mapping
from typing import Any

import pytest

from coterie.checks.component import (
    Channel,
    Crashed,
    Delivered,
    Fired,
    Happening,
    Invoked,
    Lost,
    Restarted,
)
from coterie.checks.errors import ModelError
from coterie.checks.faults import Faults
from coterie.checks.network import Bag
from coterie.checks.nodes import Down, Running
from coterie.checks.signatures import SIGNATURES
from coterie.checks.world import Step, Values, World
from coterie.model.machine import (
    Deliver,
    Effect,
    Event,
    Invoke,
    Node,
    Receive,
    Record,
    Return,
    Send,
)
from coterie.spec.observer import Observer, Seen
from tests.strategies import Table, Tick

ONE, TWO, THREE = Node("one"), Node("two"), Node("three")
TICK = Tick(0)
KEEPING = (0, 1, 2, 2)
NEVER = (0, 0, 0)
IN_PLACE = (0, 1, 2)
Rules = dict[tuple[int, Event], tuple[int, tuple[Effect, ...]]]


def table(
    rules: Rules | None = None,
    durable: tuple[int, ...] | None = None,
    recovered: tuple[int, ...] = NEVER,
    booting: tuple[Effect, ...] = (),
) -> Table:
    return Table(0, rules or {}, durable, recovered, booting)


def only(world: World) -> Values:
    (values,) = world.initial()
    return values


def after(world: World, *happenings: Happening, values: Values | None = None) -> Values:
    """Return the state after the steps in which just these happen, from the start."""
    found = only(world) if values is None else values
    for happening in happenings:
        (found,) = {s.values for s in world.successors(found) if s.happenings == (happening,)}
    return found


def at(world: World, values: Values, key: Any) -> Any:
    return values[world.slots[key]]


def steps(world: World, values: Values) -> Mapping[tuple[Happening, ...], Step]:
    found = list(world.successors(values))
    by_happenings = {step.happenings: step for step in found}
    assert len(by_happenings) == len(found)
    return by_happenings


def test_a_node_steps_by_its_options() -> None:
    world = World({ONE: table({(0, TICK): (1, ())})})

    (step,) = world.successors(only(world))

    assert step == Step((Fired(ONE, TICK),), fault=False, values=(Running(1),))


def test_a_message_is_sent_and_arrives_once() -> None:
    receipt = Receive(ONE, 5)
    world = World(
        {ONE: table({(0, TICK): (1, (Send(TWO, 5),))}), TWO: table({(0, receipt): (3, ())})}
    )

    sent = after(world, Fired(ONE, TICK))
    received = after(world, Delivered(ONE, TWO, 5), values=sent)

    assert at(world, sent, Channel(ONE, TWO)) == (5,)
    assert at(world, received, Channel(ONE, TWO)) == ()
    assert at(world, received, TWO) == Running(3)
    assert not list(world.successors(received))


def test_the_first_effects_have_left_when_the_world_starts() -> None:
    world = World({ONE: table(booting=(Send(TWO, 1),)), TWO: table(booting=(Send(ONE, 2),))})

    values = only(world)

    assert at(world, values, Channel(ONE, TWO)) == (1,)
    assert at(world, values, Channel(TWO, ONE)) == (2,)


def test_a_world_without_faults_has_none() -> None:
    world = World({ONE: table({(0, TICK): (1, (Deliver(1),))})})

    assert not any(step.fault for step in world.successors(only(world)))


def test_a_node_may_crash_and_only_its_memory_is_left() -> None:
    world = World({ONE: table({(0, TICK): (3, (Record(2),))}, KEEPING)}, faults=Faults(crashes=1))

    down = after(world, Fired(ONE, TICK), Crashed(ONE))

    assert at(world, down, ONE) == Down(2)
    assert at(world, down, "crashes") == 0


def test_a_node_that_is_down_does_nothing_and_gets_nothing() -> None:
    rules: Rules = {(0, TICK): (1, (Send(TWO, 5),))}
    world = World({ONE: table(rules), TWO: table()}, faults=Faults(crashes=1, crashing=("two",)))
    sent = after(world, Fired(ONE, TICK))

    down = after(world, Crashed(TWO), values=sent)

    happened = {step.happenings[0] for step in world.successors(down)}
    assert Delivered(ONE, TWO, 5) in {s.happenings[0] for s in world.successors(sent)}
    assert happened == {Restarted(TWO), Lost(ONE, TWO, 5, "two0 is down")}


def test_a_node_restarts_from_its_memory() -> None:
    rules: Rules = {(0, TICK): (3, ())}
    world = World({ONE: table(rules, KEEPING, recovered=IN_PLACE)}, faults=Faults(crashes=1))

    again = after(world, Fired(ONE, TICK), Crashed(ONE), Restarted(ONE))

    assert at(world, again, ONE) == Running(2)


def test_a_node_without_memory_restarts_as_for_the_first_time() -> None:
    world = World({ONE: table({(0, TICK): (3, ())})}, faults=Faults(crashes=1))

    again = after(world, Fired(ONE, TICK), Crashed(ONE), Restarted(ONE))

    assert at(world, again, ONE) == Running(0)


def test_what_a_restart_asks_for_is_sent() -> None:
    machine = table({(0, TICK): (1, ())}, booting=(Send(TWO, 7),))
    world = World({ONE: machine, TWO: table()}, faults=Faults(crashes=1, crashing=("one",)))

    again = after(world, Crashed(ONE), Restarted(ONE))

    assert at(world, again, Channel(ONE, TWO)) == (7, 7)


@pytest.mark.parametrize("effect", [Send(TWO, 1), Return(1), Deliver(1)])
def test_a_step_that_sends_returns_or_delivers_has_a_twin(effect: Effect) -> None:
    rules: Rules = {(0, TICK): (1, (effect,))}
    faults = Faults(crashes=1, crashing=("one",))
    world = World({ONE: table(rules, KEEPING), TWO: table()}, faults=faults)

    twin = steps(world, only(world))[Fired(ONE, TICK), Crashed(ONE, midway=True)]

    assert twin.fault
    assert at(world, twin.values, ONE) == Down(1)
    assert at(world, twin.values, Channel(ONE, TWO)) == ()
    assert at(world, twin.values, "crashes") == 0


def test_a_step_that_only_records_has_no_twin() -> None:
    machine = table({(0, TICK): (1, ())}, KEEPING)
    world = World({ONE: machine}, faults=Faults(crashes=1))

    assert machine.step(0, TICK).effects == (Record(1),)  # type: ignore[union-attr]
    assert set(steps(world, only(world))) == {(Fired(ONE, TICK),), (Crashed(ONE),)}


def test_a_receipt_has_a_twin_too() -> None:
    rules: Rules = {(0, Receive(ONE, 5)): (1, (Deliver(5),))}
    machines = {ONE: table(booting=(Send(TWO, 5),)), TWO: table(rules, KEEPING)}
    world = World(machines, faults=Faults(crashes=1, crashing=("two",)))

    twin = steps(world, only(world))[Delivered(ONE, TWO, 5), Crashed(TWO, midway=True)]

    assert at(world, twin.values, TWO) == Down(1)
    assert at(world, twin.values, Channel(ONE, TWO)) == ()


def test_without_crashes_left_there_is_no_twin_and_no_crash() -> None:
    world = World({ONE: table({(0, TICK): (0, (Deliver(1),))})}, faults=Faults(crashes=1))

    again = after(world, Crashed(ONE), Restarted(ONE))

    assert set(steps(world, again)) == {(Fired(ONE, TICK),)}


@pytest.mark.parametrize("place", [0, 1])
def test_while_an_end_is_down_its_messages_may_be_lost_without_a_budget(place: int) -> None:
    ends = (ONE, TWO)
    machines = {ONE: table(booting=(Send(TWO, 5), Send(THREE, 6))), TWO: table(), THREE: table()}
    world = World(machines, faults=Faults(crashes=1, crashing=("one", "two")))

    down = after(world, Crashed(ends[place]))
    lost = steps(world, down)[Lost(ONE, TWO, 5, f"{ends[place]} is down"),]

    assert lost.fault
    assert at(world, lost.values, Channel(ONE, TWO)) == ()


def test_while_both_ends_are_up_nothing_is_lost() -> None:
    world = World({ONE: table(booting=(Send(TWO, 5),)), TWO: table()}, faults=Faults(crashes=2))

    happened = [step.happenings[0] for step in world.successors(only(world))]

    assert not any(isinstance(happening, Lost) for happening in happened)


def test_as_many_restarts_as_crashes_unless_said_otherwise() -> None:
    world = World({ONE: table()}, faults=Faults(crashes=2, restarts=1))

    again = after(world, Crashed(ONE), Restarted(ONE))
    for_good = after(world, Crashed(ONE), values=again)

    assert at(world, only(world), "restarts") == 1
    assert at(World({ONE: table()}, faults=Faults(crashes=2)), (0, 2, 2), "restarts") == 2
    assert not list(world.successors(for_good))


def test_no_more_nodes_are_down_at_once_than_allowed() -> None:
    world = World({ONE: table(), TWO: table()}, faults=Faults(crashes=2, down=1))

    down = after(world, Crashed(ONE))
    again = after(world, Restarted(ONE), values=down)

    assert [step.happenings for step in world.successors(down)] == [(Restarted(ONE),)]
    assert (Crashed(TWO),) in steps(world, again)


def test_only_the_roles_that_may_crash_do() -> None:
    world = World({ONE: table(), TWO: table()}, faults=Faults(crashes=2, crashing=("two",)))

    assert set(steps(world, only(world))) == {(Crashed(TWO),)}


def test_users_call_their_operations_in_order() -> None:
    rules: Rules = {(0, Invoke("first")): (1, ()), (1, Invoke("second")): (2, ())}
    world = World({ONE: table(rules)}, workload={ONE: ("first", "second")})

    done = after(world, Invoked(ONE, "first"), Invoked(ONE, "second"))

    assert at(world, done, ONE) == Running(2)
    assert at(world, done, ("workload", ONE)) == ()


def test_a_call_waits_while_the_node_refuses_it() -> None:
    rules: Rules = {(1, Invoke("early")): (2, ()), (0, TICK): (1, ())}
    world = World({ONE: table(rules)}, workload={ONE: ("early",)})

    assert set(steps(world, only(world))) == {(Fired(ONE, TICK),)}
    assert at(world, after(world, Fired(ONE, TICK), Invoked(ONE, "early")), ONE) == Running(2)


def test_observers_see_calls_results_and_deliveries_in_order() -> None:
    def remembered(value: tuple[Any, ...], node: Node, seen: Seen) -> tuple[Any, ...]:
        return (*value, (node, seen))

    rules: Rules = {(0, Invoke("go")): (1, (Return("done"), Record(1), Send(TWO, 5)))}
    rules_of_two: Rules = {(0, Receive(ONE, 5)): (1, (Deliver("item"),))}
    world = World(
        {ONE: table(rules), TWO: table(rules_of_two)},
        workload={ONE: ("go",)},
        observers={"history": Observer((), remembered)},
    )

    done = after(world, Invoked(ONE, "go"), Delivered(ONE, TWO, 5))

    assert at(world, done, "history") == (
        (ONE, Invoke("go")),
        (ONE, Return("done")),
        (TWO, Deliver("item")),
    )


def test_the_twin_of_a_call_was_called_but_did_not_return() -> None:
    def remembered(value: tuple[Any, ...], node: Node, seen: Seen) -> tuple[Any, ...]:
        return (*value, seen)

    world = World(
        {ONE: table({(0, Invoke("go")): (1, (Return("done"),))}, KEEPING)},
        workload={ONE: ("go",)},
        observers={"history": Observer((), remembered)},
        faults=Faults(crashes=1),
    )

    twin = steps(world, only(world))[Invoked(ONE, "go"), Crashed(ONE, midway=True)]

    assert at(world, twin.values, "history") == (Invoke("go"),)
    assert at(world, twin.values, ONE) == Down(1)


def test_every_starting_world_gives_a_state() -> None:
    machine = table({}, KEEPING, recovered=IN_PLACE)
    world = World({ONE: machine, TWO: machine}, starts=[{}, {ONE: 1}, {ONE: 2, TWO: 1}])

    found = [(values[0].state, values[1].state) for values in world.initial()]

    assert found == [(0, 0), (1, 0), (2, 1)]


def test_a_start_whose_first_messages_find_no_room_is_none() -> None:
    flood = table(booting=(Send(TWO, 1), Send(TWO, 2)))

    with pytest.raises(ModelError, match="does not fit into their channels"):
        list(World({ONE: flood, TWO: table()}, network=Bag(1, "block")).initial())
    assert list(World({ONE: flood, TWO: table()}, network=Bag(1, "drop")).initial())


def test_links_say_who_has_a_channel_to_whom() -> None:
    machines = {ONE: table(), TWO: table(), THREE: table()}

    everybody = [key for key in World(machines).slots if isinstance(key, Channel)]
    some = [key for key in World(machines, links=[(ONE, TWO)]).slots if isinstance(key, Channel)]

    assert len(everybody) == 6
    assert some == [Channel(ONE, TWO)]


def test_a_node_may_have_a_channel_to_itself() -> None:
    rules: Rules = {(0, TICK): (1, (Send(ONE, 5),)), (1, Receive(ONE, 5)): (2, ())}
    world = World({ONE: table(rules)}, links=[(ONE, ONE)])

    assert at(world, after(world, Fired(ONE, TICK), Delivered(ONE, ONE, 5)), ONE) == Running(2)


def test_successors_come_in_an_order_that_is_always_the_same() -> None:
    rules: Rules = {(0, TICK): (1, (Send(TWO, 1), Send(TWO, 2))), (0, Tick(1)): (2, ())}
    world = World({ONE: table(rules), TWO: table()}, faults=Faults(crashes=1, losses=1))
    values = after(world, Fired(ONE, TICK))

    assert list(world.successors(values)) == list(world.successors(values))
    assert [step.happenings[0] for step in world.successors(only(world))] == [
        Fired(ONE, TICK),
        Fired(ONE, TICK),
        Fired(ONE, Tick(1)),
        Crashed(ONE),
        Crashed(TWO),
    ]


def test_what_is_not_in_a_world_has_no_slot() -> None:
    assert set(World({ONE: table()}).slots) == {ONE}
    assert SIGNATURES not in World({ONE: table()}, faults=Faults(crashes=1)).slots


def test_the_statement_says_the_bounds_in_words() -> None:
    world = World(
        {ONE: table(), TWO: table()},
        network=Bag(2, "drop"),
        faults=Faults(crashes=2, down=1, crashing=("two",), losses="any"),
        workload={ONE: ("a", "b")},
        starts=[{}, {ONE: 1}],
    )

    assert world.statement() == {
        "nodes": "one0, two0",
        "network": "Bag of 2, full ones drop",
        "faults": "2 crashes, 2 restarts, any losses, at most 1 down at once, only two crash",
        "workload": "operations at one0: 2",
        "starting worlds": "2",
    }
    assert World({ONE: table()}).statement()["faults"] == "none"
