"""What would be taken for something else, or ignored without a word, is refused."""

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any, NamedTuple

import pytest
from attrs import frozen

from coterie.checks.adversary import Adversary
from coterie.checks.check import Check
from coterie.checks.engine import reference
from coterie.checks.engine.explore import explore
from coterie.checks.engine.inquiry import Recovers
from coterie.checks.errors import ModelError
from coterie.checks.faults import Faults
from coterie.checks.network import Bag, Fifo
from coterie.checks.result import Verdict
from coterie.checks.world import World
from coterie.model.machine import Event, Machine, Node, Outcome, Receive, Send, Timeout
from coterie.spec.observer import Observer
from coterie.spec.property import Property, View, always, at_rest, each, recoverable

ONE, TWO = Node("one"), Node("two")


@frozen(cache_hash=True)
class Tick(Timeout):
    """One of the counters goes up."""

    which: int


@frozen
class Pair(Machine[tuple[int, int], None]):
    """Two counters to 3."""

    def start(self, memory: None) -> Outcome[tuple[int, int]]:
        return Outcome((0, 0))

    def options(self, state: tuple[int, int]) -> Iterable[Timeout]:
        return [Tick(which) for which in (0, 1) if state[which] < 3]

    def step(self, state: tuple[int, int], event: Event) -> Outcome[tuple[int, int]] | None:
        match event:
            case Tick(0):
                return Outcome((state[0] + 1, state[1]))
            case Tick(1):
                return Outcome((state[0], state[1] + 1))
        return Outcome(state)


@frozen
class Sender(Machine[int, None]):
    """Sends its messages one by one, and remembers how many came in."""

    messages: tuple[Any, ...] = ()

    def start(self, memory: None) -> Outcome[int]:
        return Outcome(0)

    def options(self, state: int) -> Iterable[Timeout]:
        return [Tick(state)] if state < len(self.messages) else ()

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        match event:
            case Tick(which):
                return Outcome(state + 1, (Send(TWO, self.messages[which]),))
        return Outcome(state)


class Ask(NamedTuple):
    number: int


class Release(NamedTuple):
    number: int


@pytest.mark.parametrize("messages", [(Ask(1), Release(1)), (1, True), ((0, 1), (0, True))])
def test_messages_that_are_equal_but_of_different_types_are_refused(messages: Any) -> None:
    with pytest.raises(ModelError, match="equal but of different types"):
        explore(World({ONE: Sender(messages), TWO: Pair()}, network=Bag()))


def lenses() -> list[Callable[[View, int], Any]]:
    def helped(view: View, index: int) -> Any:
        def helper(state: tuple[int, int]) -> int:
            return state[index]

        return view.see(ONE, lambda state: helper(state) + 0)

    return [
        lambda view, index: view.see(ONE, lambda state, *, at=index: state[at]),
        lambda view, index: view.see(ONE, lambda state, at=index: state[at]),
        lambda view, index: view.see(ONE, lambda state: state[index]),
        lambda view, index: view.see(ONE, lambda state: state[[index][0]]),
        lambda view, index: view.see(ONE, itemgetter(index)),
        lambda view, index: view.see(ONE, lambda state: (state, view.up(ONE))[0][index]),
        helped,
    ]


@pytest.mark.parametrize("lens", lenses())
def test_any_lens_sees_in_the_engine_what_it_sees_plainly(lens: Callable[[View, int], Any]) -> None:
    @always
    def never(world: View) -> bool:
        seen = [lens(world, index) for index in (0, 1)]
        return seen != [1, 3]

    world = World({ONE: Pair()})

    found = explore(world, [never])

    assert found.summary() == reference.explore(world, [never]).summary()
    assert found["never"].verdict is Verdict.VIOLATED


@recoverable
def at_zero(world: View) -> bool:
    """The counters can come back to where they began, which they cannot."""
    return bool(world[ONE] == (0, 0))


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, MemoryError])
def test_an_interrupt_of_the_search_backward_leaves_it_open(
    interruption: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> Any:
        raise interruption

    monkeypatch.setattr(Recovers, "end", interrupted)

    found = explore(World({ONE: Pair()}), [at_zero])

    assert found["at_zero"].verdict is Verdict.UNDETERMINED
    assert not found.complete
    assert found.stopped


def test_a_fatal_violation_in_the_last_level_leaves_nothing_open() -> None:
    @at_rest
    def low(world: View) -> bool:
        return world[ONE] != (3, 3)

    found = explore(World({ONE: Pair()}), [low, at_zero], fatal=["low"])

    assert found["low"].verdict is Verdict.VIOLATED
    assert found["at_zero"].verdict is Verdict.VIOLATED
    assert found.complete
    assert found.stopped == ""


def test_a_fifo_may_lose_a_message_that_is_not_the_oldest() -> None:
    @always
    def in_a_row(world: View) -> bool:
        return world.in_flight(ONE, TWO) != ("a", "c")

    machines = {ONE: Sender(("a", "b", "c")), TWO: Pair()}
    world = World(machines, network=Fifo(), faults=Faults(losses=1))

    found = explore(world, [in_a_row])

    assert found["in_a_row"].verdict is Verdict.VIOLATED
    assert found.summary() == reference.explore(world, [in_a_row]).summary()


def test_an_observer_must_not_have_the_name_of_a_budget() -> None:
    with pytest.raises(ModelError, match="losses is an observer's name"):
        World({ONE: Pair()}, observers={"losses": Observer(0, lambda value, *_: value)})


def test_a_node_is_not_on_both_sides() -> None:
    with pytest.raises(ModelError, match="one0 is both a machine and Byzantine"):
        World({ONE: Pair()}, adversary=Adversary((ONE,), (1,)))


def test_a_start_names_nodes_of_the_world() -> None:
    with pytest.raises(ModelError, match="two0 is named by a start"):
        World({ONE: Pair()}, starts=[{TWO: 1}])


def test_roles_that_crash_are_roles_of_the_world() -> None:
    with pytest.raises(ModelError, match="server is said to crash"):
        World({ONE: Pair()}, faults=Faults(crashes=1, crashing=("server",)))


def test_a_property_about_nodes_that_are_not_there_is_refused() -> None:
    @always(each=each("typo"))
    def fine(world: View, node: Node) -> bool:
        return False

    with pytest.raises(ModelError, match="no node of the role 'typo'"):
        explore(World({ONE: Pair()}), [fine])


def test_two_properties_of_one_name_are_refused() -> None:
    same = [at_zero, Property("at_zero", at_zero.kind, lambda _: True)]

    with pytest.raises(ModelError, match="two properties have one name"):
        explore(World({ONE: Pair()}), same)
    with pytest.raises(ValueError, match="two properties have the name at_zero"):
        Check("twice", "Twice.", World, same)


def test_what_is_no_property_is_refused_with_what_to_do() -> None:
    with pytest.raises(TypeError, match="decorate it with @always"):
        Check("bare", "Bare.", World, (lambda _: True,))


def test_an_expected_refutation_is_of_a_property_of_the_check() -> None:
    with pytest.raises(ValueError, match="typo is refuted"):
        Check("typo", "Typo.", World, (at_zero,), refuted={"typo": 3})


def test_a_world_with_too_many_channels_says_what_to_do() -> None:
    machines = {Node("peer", index): Pair() for index in range(65)}

    with pytest.raises(ModelError, match="say with `links`"):
        explore(World(machines))


@frozen
class Crowd(Machine[int, None]):
    """Tells many at once."""

    others: tuple[Node, ...]

    def start(self, memory: None) -> Outcome[int]:
        return Outcome(0)

    def options(self, state: int) -> Iterable[Timeout]:
        return [Tick(0)] if state == 0 else ()

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        if isinstance(event, Receive):
            return Outcome(state)
        return Outcome(1, tuple(Send(other, 1) for other in self.others for _ in range(40)))


def test_a_step_may_send_more_messages_than_the_interpreter_may_nest() -> None:
    others = tuple(Node("other", index) for index in range(30))
    machines: dict[Node, Machine[Any, Any]] = {ONE: Crowd(others)}
    machines |= dict.fromkeys(others, Sender())

    @always
    def quiet(world: View) -> bool:
        return bool(world[ONE] == 0)

    links = [(ONE, other) for other in others]
    found = explore(World(machines, network=Bag(1, "drop"), links=links), [quiet], max_states=1000)

    assert found["quiet"].verdict is Verdict.VIOLATED
    assert len(found["quiet"].trace or ()) == 1
