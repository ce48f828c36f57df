"""Messages about what is over: dropped where a world says so, and nobody can tell."""

from math import inf
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from coterie.checks.catalogue.diffusion.register.worlds import one_node
from coterie.checks.component import Channel
from coterie.checks.engine.explore import explore
from coterie.checks.errors import ModelError
from coterie.checks.faults import Faults
from coterie.checks.laws import LawBrokenError, check_laws
from coterie.checks.network import Bag
from coterie.checks.nodes import Down
from coterie.checks.world import Values, World
from coterie.model.machine import Effect, Event, Halt, Machine, Node, Outcome, Receive, Send
from coterie.spec.property import View, always
from tests.strategies import Table, Tick, worlds

ONE, TWO = Node("one"), Node("two")


@frozen
class Teller(Machine[int, None]):
    """Says the numbers 1, 2 and 3 at once."""

    def start(self, memory: Any) -> Outcome[int]:
        return Outcome(0, tuple(Send(TWO, number) for number in (1, 2, 3)))

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        return Outcome(state) if isinstance(event, Receive) else None


@frozen
class Listener(Machine[int, int]):
    """Keeps the largest number that it has heard, so that smaller ones are over.

    Attributes:
        mistake: what it does wrong.
    """

    mistake: str = ""

    def start(self, memory: int | None) -> Outcome[int]:
        return Outcome(0 if memory is None or self.mistake == "forgets" else memory)

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        if not isinstance(event, Receive):
            return None
        if self.mistake == "takes all":
            return Outcome(event.message)
        return Outcome(max(state, event.message))

    def closed(self, state: int) -> frozenset[Any]:
        if self.mistake == "reopens":
            return frozenset({state})
        return frozenset(range(state + 1))

    def memory(self, state: int) -> int:
        return state

    def recorded(self, memory: int | None, change: Any) -> int | None:
        return memory


def counting(mistake: str = "", **fields: Any) -> World:
    machines: dict[Node, Machine[Any, Any]] = {ONE: Teller(), TWO: Listener(mistake)}
    return World(machines, links=[(ONE, TWO)], closing=("two",), **fields)


def reached(world: World, states_max: float = inf) -> set[Values]:
    """Return every state of `world`: the plainest search there is.

    A random world with more states than that is none (see `reject`).
    """
    found = set(world.initial())
    todo = list(found)
    while todo:
        if len(found) > states_max:
            reject()
        for step in world.successors(todo.pop()):
            if step.values not in found:
                found.add(step.values)
                todo.append(step.values)
    return found


def without_channels(world: World) -> set[Values]:
    """Return what all but the channels hold, in every state."""
    kept = [slot for key, slot in world.slots.items() if not isinstance(key, Channel)]
    return {tuple(values[slot] for slot in kept) for values in reached(world)}


def of_nodes(world: World) -> set[Values]:
    """Return what nodes and observers hold, in every state of a small world."""
    kept = [slot for key, slot in world.slots.items() if isinstance(key, Node)]
    kept += [world.slots[name] for name in world.observers]
    return {tuple(values[slot] for slot in kept) for values in reached(world, 300)}


def starts(world: World) -> bool:
    """Return whether what nodes send at boot fits into their channels."""
    try:
        return bool(next(world.initial()))
    except ModelError:
        return False


@always(broken_by="nothing")
def anything(world: View) -> bool:
    """All is well."""
    return True


def test_a_message_about_what_is_over_is_dropped_at_once() -> None:
    held = {values[-1] for values in reached(counting())}

    assert held == {(1, 2, 3), (2, 3), (3,), ()}


def test_without_closing_late_messages_stay() -> None:
    held = {values[-1] for values in reached(evolve(counting(), closing=()))}

    assert (1, 2) in held


@pytest.mark.parametrize(
    "world",
    [
        counting(),
        counting(faults=Faults(losses=1, duplications=1)),
        counting(faults=Faults(crashes=1, crashing=("two",))),
        one_node((1,), (), liars=1),
    ],
    ids=["numbers", "a lossy network", "a crash", "a register"],
)
def test_nobody_can_tell_that_messages_were_dropped(world: World) -> None:
    plain = evolve(world, symmetric=())

    assert without_channels(plain) == without_channels(evolve(plain, closing=()))
    assert len(reached(plain)) < len(reached(evolve(plain, closing=())))


def stopped(**fields: Any) -> World:
    """Return a world in which node two stops at its first message, and two more are on their way.

    It sends one to itself, too.
    """
    rules: dict[tuple[int, Event], tuple[int, tuple[Effect, ...]]] = {
        (0, Receive(ONE, number)): (1, (Halt(), Send(TWO, 9))) for number in (1, 2, 3)
    }
    machines: dict[Node, Machine[Any, Any]] = {ONE: Teller(), TWO: Table(0, rules, None, (0, 0, 0))}
    return World(machines, links=[(ONE, TWO), (TWO, TWO)], closing=("two",), **fields)


def held_when_down(world: World) -> set[Values]:
    return {values[2:4] for values in reached(world) if isinstance(values[1], Down)}


def test_messages_to_a_node_that_is_down_for_good_are_dropped() -> None:
    assert held_when_down(stopped()) == {((), ())}
    assert ((2, 3), (9,)) in held_when_down(evolve(stopped(), closing=()))


def test_messages_to_a_node_that_may_restart_stay() -> None:
    assert ((2, 3), (9,)) in held_when_down(stopped(faults=Faults(crashes=1)))


def test_later_messages_to_a_node_that_is_down_for_good_vanish_at_once() -> None:
    speaks: dict[tuple[int, Event], tuple[int, tuple[Effect, ...]]] = {
        (state, Tick(0)): (state + 1, (Send(TWO, state),)) for state in range(3)
    }
    machines = {ONE: Table(0, speaks, None, (0, 0, 0)), TWO: Table(0, {}, None, (0, 0, 0))}
    crash = Faults(crashes=1, restarts=0, crashing=("two",))
    world = World(machines, faults=crash, closing=("two",), network=Bag(1))

    down = {values[:3] for values in reached(world) if isinstance(values[1], Down)}

    assert {(values[0].state, values[2]) for values in down} == {(n, ()) for n in range(4)}


@settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))
@given(worlds(), st.integers(0, 2))
def test_nobody_can_tell_that_the_dead_get_no_messages(world: World, crashes: int) -> None:
    faults = evolve(world.faults, crashes=crashes, restarts=0)
    world = evolve(world, faults=faults, closing=())
    assume(starts(world))
    closing = evolve(world, closing=tuple(sorted({node.role for node in world.machines})))

    plain, dropped = of_nodes(world), of_nodes(closing)

    assert plain <= dropped
    assert plain == dropped or world.network.full == "block"


def test_the_engine_and_the_plain_search_drop_the_same() -> None:
    found = explore(counting(), (anything,))

    assert found.states == len(reached(counting()))


@pytest.mark.parametrize(
    ("world", "problem"),
    [
        (counting("takes all"), "a message about what is over changes something"),
        (counting("reopens"), "what was over is not over any more"),
        (
            counting("forgets", faults=Faults(crashes=1, crashing=("two",))),
            "what was over is not over any more",
        ),
    ],
    ids=["takes all", "reopens", "forgets"],
)
def test_a_wrong_claim_is_an_error(world: World, problem: str) -> None:
    with pytest.raises(ModelError, match=problem):
        explore(world, (anything,))


@pytest.mark.parametrize(
    ("mistake", "event"),
    [("takes all", Receive(ONE, 1)), ("reopens", Receive(ONE, 3)), ("forgets", None)],
)
def test_a_wrong_claim_breaks_a_law(mistake: str, event: Event | None) -> None:
    with pytest.raises(LawBrokenError) as broken:
        check_laws(Listener(mistake), 2, event)

    assert broken.value.law in {"closed", "recorded"}


def test_a_role_that_nobody_has_is_refused() -> None:
    with pytest.raises(ModelError, match="three is said to drop what is over"):
        evolve(counting(), closing=("three",))


def test_a_verdict_says_whose_messages_are_dropped() -> None:
    assert counting().statement()["dropped"] == "messages to two about what is over"
