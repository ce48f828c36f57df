"""Nodes that stop of their own accord."""

from typing import Any

import pytest
from attrs import evolve

from coterie.checks.component import Channel, Crashed, Fired, Lost, Restarted
from coterie.checks.engine import reference
from coterie.checks.engine.explore import explore
from coterie.checks.faults import Faults
from coterie.checks.network import Latest
from coterie.checks.nodes import Down, Running
from coterie.checks.simulation.steps import Steps
from coterie.checks.world import Step, Values, World
from coterie.model.detector import Suspect
from coterie.model.machine import Deliver, Effect, Event, Halt, Node, Receive, Send
from coterie.spec.observer import Observer
from coterie.spec.property import View, always, at_rest, reachable
from tests.strategies import LastSeen, Table, Tick
from tests.test_closing import reached

ONE, TWO = Node("one"), Node("two")
STOPS: tuple[Effect, ...] = (Halt(), Deliver(5), Send(TWO, 7))

Rules = dict[tuple[int, Event], tuple[int, tuple[Effect, ...]]]


def table(rules: Rules | None = None, *booting: Effect) -> Table:
    return Table(0, rules or {}, (0, 1, 2, 2), (0, 1, 2), booting)


def stopping(*booting: Effect, **fields: Any) -> World:
    """Return a world in which node one stops on its first timeout."""
    machines = {ONE: table({(0, Tick(0)): (1, STOPS)}, *booting), TWO: table()}
    return World(machines, observers={"last": Observer(None, LastSeen())}, **fields)


def at(world: World, values: Values, key: Any) -> Any:
    return values[world.slots[key]]


def halted(world: World) -> Step:
    """Return the step with which node one stops."""
    steps = list(world.successors(next(world.initial())))
    return next(step for step in steps if step.happenings == (Fired(ONE, Tick(0)),))


@reachable
def one_is_down(world: View) -> bool:
    """Node one is down."""
    return not world.up(ONE)


@always(broken_by="nothing")
def one_keeps_its_memory(world: View) -> bool:
    """What node one had recorded when it stopped is still there."""
    return world.up(ONE) or bool(world.memory(ONE) == 1)


@at_rest(broken_by="nothing")
def one_stays_down(world: View) -> bool:
    """In the end node one is down."""
    return not world.up(ONE)


def test_a_node_that_halts_is_down_with_its_memory_and_has_done_the_rest() -> None:
    world = stopping()

    step = halted(world)

    assert at(world, step.values, ONE) == Down(1)
    assert at(world, step.values, "last") == (ONE, Deliver(5))
    assert at(world, step.values, Channel(ONE, TWO)) == (7,)
    assert not step.fault


def test_a_node_that_halts_without_a_budget_stays_down() -> None:
    world = stopping()

    down = at(world, halted(world).values, ONE)
    after = list(world.successors(halted(world).values))

    assert after
    assert all(at(world, step.values, ONE) == down for step in after)


def test_what_a_node_sent_before_it_halted_may_be_lost() -> None:
    world = stopping()

    lost = [step for step in world.successors(halted(world).values) if step.fault]

    assert [step.happenings for step in lost] == [(Lost(ONE, TWO, 7, "one0 is down"),)]


def test_a_node_that_may_crash_may_die_before_the_rest_of_the_step() -> None:
    world = stopping(faults=Faults(crashes=1))
    steps = world.successors(next(world.initial()))

    (twin,) = (step for step in steps if Crashed(ONE, midway=True) in step.happenings)

    assert at(world, twin.values, ONE) == Down(1)
    assert at(world, twin.values, Channel(ONE, TWO)) == ()
    assert at(world, twin.values, "last") is None
    assert at(world, twin.values, "crashes") == 0


@pytest.mark.parametrize(
    ("faults", "restarts"),
    [
        (Faults(), 0),
        (Faults(restarts=1), 0),
        (Faults(crashes=1), 1),
        (Faults(crashes=1, restarts=0), 0),
    ],
)
def test_a_node_that_halted_restarts_from_the_same_budget(faults: Faults, restarts: int) -> None:
    world = stopping(faults=faults)

    after = list(world.successors(halted(world).values))
    again = [step for step in after if Restarted(ONE) in step.happenings]

    assert len(again) == restarts
    assert all(at(world, step.values, ONE) == Running(1) for step in again)
    assert all(at(world, step.values, "restarts") == 0 for step in again)


def test_a_node_that_halted_counts_among_those_that_are_down() -> None:
    world = stopping(faults=Faults(crashes=1, restarts=1, down=1))

    step = halted(world)
    after = list(world.successors(step.values))
    (again,) = (each for each in after if Restarted(ONE) in each.happenings)

    assert at(world, step.values, "down") == 0
    assert not any(Crashed(TWO) in each.happenings for each in after)
    assert at(world, again.values, "down") == 1


def test_more_nodes_may_halt_than_may_be_down_but_then_none_may_crash() -> None:
    rules: Rules = {(0, Tick(0)): (1, (Halt(),))}
    world = World({ONE: table(rules), TWO: table(rules)}, faults=Faults(crashes=1, down=1))
    one = halted(world)

    (two,) = (s for s in world.successors(one.values) if s.happenings == (Fired(TWO, Tick(0)),))

    assert at(world, two.values, "down") == -1
    assert [step.happenings[0] for step in world.successors(two.values)] == [
        Restarted(ONE),
        Restarted(TWO),
    ]


def test_a_node_may_halt_as_it_boots() -> None:
    world = stopping(Halt(), Send(TWO, 3))
    (start,) = world.initial()

    assert at(world, start, ONE) == Down(0)
    assert at(world, start, Channel(ONE, TWO)) == (3,)


def test_a_node_may_halt_because_of_a_message() -> None:
    told = World(
        {ONE: table({(0, Receive(TWO, 3)): (1, (Halt(),))}), TWO: table(None, Send(ONE, 3))}
    )
    (step,) = told.successors(next(told.initial()))

    assert at(told, step.values, ONE) == Down(1)


def test_a_node_that_halted_is_suspected_freely() -> None:
    watcher = table({(0, Suspect(TWO)): (1, ())})
    world = World({ONE: watcher, TWO: table({(0, Tick(0)): (1, (Halt(),))})})
    (stop,) = world.successors(next(world.initial()))

    (suspicion,) = world.successors(stop.values)

    assert suspicion.happenings == (Fired(ONE, Suspect(TWO)),)
    assert not suspicion.fault


@pytest.mark.parametrize("closing", [(), ("one", "two")], ids=["open", "closing"])
def test_both_explorers_agree_about_nodes_that_halt(closing: tuple[str, ...]) -> None:
    claims = (one_is_down, one_keeps_its_memory, one_stays_down)
    world = evolve(stopping(faults=Faults(crashes=2, restarts=1, down=1)), closing=closing)

    assert explore(world, claims).summary() == reference.explore(world, claims).summary()


def test_the_simulator_takes_the_steps_of_the_world() -> None:
    others: Rules = {(0, Suspect(ONE)): (1, ()), (0, Receive(ONE, 7)): (2, (Halt(),))}
    machines = {ONE: table({(0, Tick(0)): (1, STOPS)}), TWO: table(others)}
    faults = Faults(crashes=1, down=1, suspicions=1)
    world = World(machines, network=Latest(), faults=faults, closing=("one",))
    steps = Steps(world)

    for values in reached(world):
        moving = [step for step in world.successors(values) if step.values != values]
        assert list(steps.of(values)) == moving
