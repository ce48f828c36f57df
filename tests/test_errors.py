"""What is said when the model itself is wrong: which machine, event and state, and which line."""

from collections.abc import Iterable
from typing import Any

import pytest
from attrs import frozen

from coterie.checks.engine.reference import explore
from coterie.checks.errors import ModelError
from coterie.checks.faults import Faults
from coterie.checks.world import World
from coterie.model.machine import (
    Event,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Send,
    Timeout,
)

ONE, TWO, NOBODY = Node("one"), Node("two"), Node("nobody")


@frozen(cache_hash=True)
class Tick(Timeout):
    """A timer."""


@frozen
class Sound(Machine[Any, Any]):
    """Does nothing wrong; its faulty heirs do one thing each."""

    def start(self, memory: Any) -> Outcome[Any]:
        return Outcome("fresh")

    def options(self, state: Any) -> Iterable[Timeout]:
        return (Tick(),)

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        return Outcome(state)


@frozen
class Raising(Sound):
    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        return Outcome(state[99])


@frozen
class Unhashable(Sound):
    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        return Outcome([state])


@frozen
class UnhashableEffect(Sound):
    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        return Outcome(state, (Record({"a": 1}),))


@frozen
class Mumbling(Sound):
    def step(self, state: Any, event: Event) -> Any:
        return state


@frozen
class Lost(Sound):
    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        return Outcome(state, (Send(NOBODY, "hello"),))


@frozen
class Sloppy(Sound):
    def step(self, state: Any, event: Event) -> Any:
        return Outcome(state, ("hello",))  # type: ignore[arg-type]


@frozen
class Refusing(Sound):
    def options(self, state: Any) -> Iterable[Timeout]:
        return ()

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        return None


@frozen
class Speaking(Sound):
    def start(self, memory: Any) -> Outcome[Any]:
        return Outcome("fresh", (Send(ONE, "hello"),))


@frozen
class BadStart(Sound):
    def start(self, memory: Any) -> Outcome[Any]:
        raise ValueError("no start")


@frozen
class BadOptions(Sound):
    def options(self, state: Any) -> Iterable[Timeout]:
        yield Tick()
        raise ValueError("no more")


@frozen
class BadMemory(Sound):
    def memory(self, state: Any) -> Any:
        return 1 // 0


def said_of(machine: Machine[Any, Any], **world: Any) -> ModelError:
    """Return what is said about a world of `machine` and a sound one, however it is found."""
    found = World({ONE: machine, TWO: Sound()}, **world)
    with pytest.raises(ModelError) as error:
        explore(found)
    return error.value


def line_of(error: ModelError) -> str:
    return str(error).splitlines()[-1]


def test_a_step_that_raises_is_named_with_its_line() -> None:
    error = said_of(Raising())

    words = str(error)
    assert error.problem == "`step` of one0 raised IndexError: string index out of range"
    assert "machine: Raising()" in words
    assert "event: Tick()" in words
    assert "state: fresh" in words
    assert __file__ in line_of(error)
    assert "in step: return Outcome(state[99])" in line_of(error)
    assert isinstance(error.__cause__, IndexError)


def test_a_state_that_cannot_be_hashed_is_named() -> None:
    error = said_of(Unhashable())

    words = str(error)
    assert "a state or an effect cannot be hashed: unhashable type: 'list'" in words
    assert all(part in words for part in ("one0", "Unhashable()", "Tick()", "state: fresh"))
    assert f"{__file__}:" in line_of(error)
    assert "in Unhashable.step" in line_of(error)


def test_an_effect_that_cannot_be_hashed_is_named() -> None:
    assert "unhashable type: 'dict'" in said_of(UnhashableEffect()).problem


def test_something_else_than_an_outcome_is_named() -> None:
    error = said_of(Mumbling())

    assert error.problem == "one0: an Outcome is wanted, not 'fresh'"
    assert "event: Tick()" in str(error)
    assert f"{__file__}:" in line_of(error)


def test_a_refused_message_is_named() -> None:
    world = World({ONE: Refusing(), TWO: Speaking()})

    with pytest.raises(ModelError) as error:
        list(world.successors(next(world.initial())))

    words = str(error.value)
    assert "one0: `step` refused a message; it must be total on Receive" in words
    assert "event: Receive(sender=two0, message='hello')" in words
    assert "state: fresh" in words
    assert f"{__file__}:" in line_of(error.value)


def test_a_message_to_an_unknown_node_is_named() -> None:
    error = said_of(Lost())

    words = str(error)
    assert "one0: it sends to nobody0, to which it has no channel" in words
    assert "effect: Send(to=nobody0, message='hello')" in words
    assert "event: Tick()" in words
    assert "state: fresh" in words
    assert f"{__file__}:" in line_of(error)


def test_a_message_where_there_is_no_link_is_named() -> None:
    world = World({ONE: Sound(), TWO: Speaking()}, links=[])

    with pytest.raises(ModelError) as error:
        list(world.initial())

    assert error.value.problem == "two0: it sends to one0, to which it has no channel"
    assert "in Speaking.start" in line_of(error.value)


def test_something_else_than_an_effect_is_named() -> None:
    error = said_of(Sloppy())

    assert error.problem == "one0: it asks for 'hello', which is no effect"
    assert "in Sloppy.step" in line_of(error)


@pytest.mark.parametrize(
    ("machine", "function", "cause"),
    [
        (BadStart(), "start", "ValueError: no start"),
        (BadOptions(), "options", "ValueError: no more"),
        (BadMemory(), "memory", "ZeroDivisionError: integer division or modulo by zero"),
    ],
)
def test_every_function_of_a_machine_is_named_when_it_raises(
    machine: Machine[Any, Any], function: str, cause: str
) -> None:
    error = said_of(machine, faults=Faults(crashes=1))

    assert error.problem == f"`{function}` of one0 raised {cause}"
    assert f"in {function}: " in line_of(error)


def test_a_sound_machine_has_no_error() -> None:
    world = World({ONE: Sound(), TWO: Sound()})

    (only,) = {step.values for step in world.successors(next(world.initial()))}

    assert only == next(world.initial())
    assert Sound().step("fresh", Receive(TWO, "hello")) == Outcome("fresh")
