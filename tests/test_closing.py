"""Messages about what is over: dropped where a world says so, and nobody can tell."""

from typing import Any

import pytest
from attrs import evolve, frozen

from coterie.checks.catalogue.diffusion.register.worlds import one_node
from coterie.checks.component import Channel
from coterie.checks.engine.explore import explore
from coterie.checks.errors import ModelError
from coterie.checks.faults import Faults
from coterie.checks.laws import LawBrokenError, check_laws
from coterie.checks.world import Values, World
from coterie.model.machine import Event, Machine, Node, Outcome, Receive, Send
from coterie.spec.property import View, always

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
    machines = {ONE: Teller(), TWO: Listener(mistake)}
    return World(machines, links=[(ONE, TWO)], closing=("two",), **fields)


def reached(world: World) -> set[Values]:
    """Return every state of `world`: the plainest search there is."""
    found = set(world.initial())
    todo = list(found)
    while todo:
        for step in world.successors(todo.pop()):
            if step.values not in found:
                found.add(step.values)
                todo.append(step.values)
    return found


def without_channels(world: World) -> set[Values]:
    """Return what all but the channels hold, in every state."""
    kept = [slot for key, slot in world.slots.items() if not isinstance(key, Channel)]
    return {tuple(values[slot] for slot in kept) for values in reached(world)}


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
