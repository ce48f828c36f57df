"""A machine at work."""

from typing import Any

from coterie.impl.core import Boot, Core, Step, changes, others
from coterie.model.machine import (
    Event,
    Halt,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Send,
)
from coterie.model.postbox import Heard, Postbox, Say

A, B = Node("a"), Node("b")


class Stopper(Machine[int, None]):
    """Stops when it is told to; refuses every call."""

    def start(self, memory: None) -> Outcome[int]:
        del memory
        return Outcome(0)

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        if isinstance(event, Receive):
            return Outcome(state + 1, [Halt()] if event.message == "stop" else [])
        return None


def core(machine: Machine[Any, Any], memory: Any = None) -> Core:
    made = Core(machine)
    made.boot(memory)
    return made


def test_a_start_is_a_step_that_knows_its_memory() -> None:
    heard = (Heard(B, "x"),)

    assert Core(Postbox()).boot(heard) == Step(Boot(heard), ())


def test_a_turn_takes_a_step_for_each_event_in_order() -> None:
    postbox = core(Postbox())
    steps = postbox.turn([Receive(B, "x"), Invoke(Say(B, "y")), Receive(B, "z")])

    assert postbox.state == (Heard(B, "x"), Heard(B, "z"))
    assert changes(steps) == [Heard(B, "x"), Heard(B, "z")]
    assert others(steps) == [Send(B, "y")]


def test_a_refused_event_is_no_step() -> None:
    stopper = core(Stopper())

    assert stopper.turn([Invoke("anything"), Receive(B, "go")]) == [Step(Receive(B, "go"), ())]


def test_a_machine_that_has_halted_takes_no_more_steps() -> None:
    stopper = core(Stopper())
    stopper.turn([Receive(B, "stop"), Receive(B, "go")])

    assert stopper.halted
    assert stopper.state == 1
    assert not list(stopper.options())


def test_a_machine_that_has_halted_can_start_again() -> None:
    stopper = core(Stopper())
    stopper.turn([Receive(B, "stop")])
    stopper.boot(None)

    assert not stopper.halted
    assert stopper.turn([Receive(B, "go")])


def test_records_are_told_from_what_waits_for_them() -> None:
    steps = [
        Step(Invoke(1), (Send(A, 1), Record("r"), Send(B, 2))),
        Step(Invoke(2), (Record("s"),)),
    ]

    assert changes(steps) == ["r", "s"]
    assert others(steps) == [Send(A, 1), Send(B, 2)]
