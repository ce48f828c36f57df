"""A model that is wrong is reported with the machine, the event, the state and the user's line."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from attrs import field, frozen

from coterie.checks.engine.explore import explore
from coterie.checks.errors import ModelError
from coterie.checks.world import World
from coterie.model.machine import Event, Machine, Node, Outcome, Timeout
from coterie.spec.observer import Observer
from coterie.spec.property import View, always

NODE = Node("counter")
Step = Callable[[Any, Event], Any]


@frozen(cache_hash=True)
class Tick(Timeout):
    """Count one."""


@frozen
class Counter(Machine[Any, None]):
    """Counts to 5, by a step that the test gives."""

    counts: Step
    first: Any = 0

    def start(self, memory: None) -> Outcome[Any]:
        return Outcome(self.first)

    def options(self, state: Any) -> Iterable[Timeout]:
        return (Tick(),) if state != 5 else ()

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        return Outcome(self.counts(state, event))


def problem_of(counts: Step, first: Any = 0, **fields: Any) -> str:
    with pytest.raises(ModelError) as raised:
        explore(World({NODE: Counter(counts, first)}, **fields))
    return str(raised.value)


def divides(state: int, _: Event) -> int:
    return 10 // (3 - state)


def test_a_step_that_raises_is_named_with_everything_that_led_to_it() -> None:
    said = problem_of(divides, 3)

    assert "`step` of counter0 raised ZeroDivisionError" in said
    assert "event: Tick()" in said
    assert "state: 3" in said
    assert "test_wrong_models.py:" in said
    assert "10 // (3 - state)" in said


def test_a_state_that_cannot_be_hashed_is_reported() -> None:
    said = problem_of(lambda state, _: [state])

    assert "cannot be hashed" in said
    assert "event: Tick()" in said


def test_an_observer_whose_value_cannot_be_hashed_is_reported() -> None:
    said = problem_of(
        lambda state, _: state, observers={"log": Observer([], lambda value, *_: value)}
    )

    assert "cannot be hashed" in said


def test_a_step_that_gives_two_answers_is_reported() -> None:
    answers = itertools.cycle([1, 2])

    said = problem_of(lambda *_: next(answers))

    assert "not deterministic" in said
    assert "first answer" in said
    assert "second answer" in said


def test_a_hidden_variable_that_changes_later_is_found_at_the_end() -> None:
    calls = itertools.count()

    def counts(state: int, _: Event) -> int:
        return state + 1 if next(calls) < 10 else 0

    said = problem_of(counts)

    assert "not deterministic" in said


@frozen(cache_hash=True)
class Box:
    """A state that hides a list from `==` and from its hash."""

    count: int
    hidden: list[int] = field(factory=list, eq=False)


def fills(state: Box, _: Event) -> Box:
    state.hidden.append(1)
    return Box(min(5, state.count + 1))


def test_a_step_that_changes_the_state_it_was_given_is_reported() -> None:
    said = problem_of(fills, Box(0))

    assert "changed the state or the event that it was given" in said
    assert "Box(count=0" in said


def test_a_world_without_a_start_is_reported_for_anything_would_hold_of_it() -> None:
    with pytest.raises(ModelError, match="no starting state"):
        explore(World({NODE: Counter(lambda state, _: state)}, starts=()))


def test_a_property_that_raises_is_reported_with_its_line() -> None:
    @always
    def fails(world: View) -> bool:
        return bool(1 / (2 - world[NODE]))

    with pytest.raises(ModelError) as raised:
        explore(World({NODE: Counter(lambda state, _: state + 1)}), [fails])

    assert "the property fails raised ZeroDivisionError" in str(raised.value)
    assert "1 / (2 - world[NODE])" in str(raised.value)
    assert "counter0: Running(state=2)" in str(raised.value)


def test_a_property_that_reads_in_an_order_of_its_own_is_reported() -> None:
    nodes = [Node("counter", index) for index in range(2)]
    order = itertools.cycle([nodes, nodes[::-1]])

    @always
    def wanders(world: View) -> bool:
        return all(world[node] >= 0 for node in next(order))

    machine = Counter(lambda state, _: state + 1)
    with pytest.raises(ModelError, match="does not always read the world in the same order"):
        explore(World(dict.fromkeys(nodes, machine)), [wanders])


def test_a_property_about_something_that_the_world_has_not_is_reported() -> None:
    @always
    def asks(world: View) -> bool:
        return bool(world.observed("history"))

    with pytest.raises(ModelError, match="asks for history, which this world has not"):
        explore(World({NODE: Counter(lambda state, _: state + 1)}), [asks])
