"""Every machine of the catalogue keeps the laws, and each law can be broken."""

import os
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest
from attrs import Factory, define, evolve, field, frozen
from hypothesis import HealthCheck, given, settings

from coterie.checks.catalogue import catalogue
from coterie.checks.check import Check
from coterie.checks.faults import Faults
from coterie.checks.laws import (
    LawBrokenError,
    Texts,
    Walk,
    check_laws,
    check_restart,
    check_walk,
    digest,
    walks,
)
from coterie.checks.network import Fifo
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
from tests.strategies import worlds

ONE, TWO = Node("one"), Node("two")
HELLO = Receive(TWO, "hello")
PATIENT = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)

DIGESTS = """
from coterie.checks.catalogue import catalogue
from coterie.checks.laws import digest
for check in catalogue():
    print(check.name, digest(check.world(**check.parameters()), 60))
"""
DIGEST_OF_THE_UNSORTED = """
from coterie.checks.laws import digest
from tests.test_laws import unsorted_world
print(digest(unsorted_world(), 150))
"""


@frozen(cache_hash=True)
class Tick(Timeout):
    """A timer."""


@frozen
class Lawful(Machine[Any, Any]):
    """Counts its messages, in durable memory too."""

    def start(self, memory: int | None) -> Outcome[Any]:
        return Outcome(memory or 0)

    def options(self, state: Any) -> Iterable[Timeout]:
        return (Tick(),) if state < 3 else ()

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        return Outcome(state + 1, (Record(1),)) if state < 3 else Outcome(state)

    def memory(self, state: Any) -> Any:
        return state

    def recorded(self, memory: Any, change: Any) -> Any:
        return memory + change


def broken_law(machine: Machine[Any, Any], state: Any, event: Event | None = HELLO) -> str:
    with pytest.raises(LawBrokenError) as broken:
        check_laws(machine, state, event)
    return broken.value.law


@pytest.mark.parametrize("check", catalogue(), ids=lambda check: check.name)
def test_every_machine_of_the_catalogue_keeps_the_laws(check: Check) -> None:
    world = check.world(**check.parameters())

    @settings(PATIENT, max_examples=2, derandomize=True)
    @given(walks(world, steps_max=12))
    def every_walk_keeps_them(walk: Walk) -> None:
        check_walk(walk)

    every_walk_keeps_them()


def test_nothing_in_the_catalogue_hangs_on_the_hash_seed() -> None:
    first, second = under_two_hash_seeds(DIGESTS)

    assert first == second
    assert len(first) == len(catalogue())


def under_two_hash_seeds(script: str) -> list[list[str]]:
    """Return the lines that `script` prints under each of two hash seeds."""
    path = os.pathsep.join(sys.path)
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    printed = [run.communicate()[0].splitlines() for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    return printed


@settings(PATIENT, max_examples=50)
@given(worlds().filter(lambda world: any(True for _ in world.initial())).flatmap(walks))
def test_the_random_machines_of_the_tests_keep_the_laws(walk: Walk) -> None:
    check_walk(walk)


def test_a_lawful_machine_passes() -> None:
    check_laws(Lawful(), 2, HELLO)
    check_laws(Lawful(), 2)


@frozen
class Recogniser(Lawful):
    """Tells one of two equal messages from the other by its place in memory."""

    known: Any

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        if isinstance(event, Receive) and event.message is self.known:
            return Outcome(state)
        return super().step(state, event)


def test_a_step_that_asks_for_identity_is_not_deterministic() -> None:
    message = ("a", "tuple")

    assert broken_law(Recogniser(message), 0, Receive(TWO, message)) == "deterministic"


@frozen
class Hoarder(Lawful):
    """Keeps a count of its own beside the state."""

    calls: list[str] = Factory(list)

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        self.calls.append("step")
        return Outcome(state, (Send(TWO, len(self.calls)),))

    def start(self, memory: Any) -> Outcome[Any]:
        self.calls.append("start")
        return Outcome(memory, (Send(TWO, len(self.calls)),))


def test_a_step_with_a_hidden_counter_is_not_deterministic() -> None:
    assert broken_law(Hoarder(), 0) == "deterministic"


def test_a_restart_with_a_hidden_counter_is_not_deterministic() -> None:
    with pytest.raises(LawBrokenError, match="not deterministic: two restarts"):
        check_restart(Hoarder(), 0)


@frozen
class Moody(Lawful):
    """Offers its options only for the very state object that it knows."""

    known: Any

    def options(self, state: Any) -> Iterable[Timeout]:
        return (Tick(),) if state is self.known else ()

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        return Outcome(state)


def test_options_that_ask_for_identity_are_not_deterministic() -> None:
    state = ("a", "tuple")

    assert broken_law(Moody(state), state, None) == "deterministic"


@define(unsafe_hash=True)
class Page:
    """A state that can be written on."""

    words: tuple[str, ...] = ()


@frozen
class Scribbler(Lawful):
    """Writes on its state instead of making a new one."""

    def options(self, state: Any) -> Iterable[Timeout]:
        state.words += ("looked",)
        return ()

    def start(self, memory: Any) -> Outcome[Any]:
        memory.words += ("restarted",)
        return Outcome(memory)

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        state.words += ("stepped",)
        return Outcome(state)


def test_a_step_that_writes_on_its_state_is_not_pure() -> None:
    assert broken_law(Scribbler(), Page()) == "pure"


def test_a_restart_that_writes_on_its_memory_is_not_pure() -> None:
    with pytest.raises(LawBrokenError, match="not pure"):
        check_restart(Scribbler(), Page())


@frozen
class Onlooker(Scribbler):
    """Writes on its state when asked for its options alone."""

    def start(self, memory: Any) -> Outcome[Any]:
        return Outcome(evolve(memory))


def test_options_that_write_on_the_state_are_not_pure() -> None:
    assert broken_law(Onlooker(), Page(), None) == "pure"


@frozen(cache_hash=True)
class Secretive:
    """Hides a field from `==`."""

    shown: int = 0
    hidden: int = field(default=0, eq=False)


@frozen(eq=False)
class Unique:
    """Is equal to nothing but itself."""


@frozen
class Echo(Lawful):
    """Sends back what it gets, and keeps it."""

    def options(self, state: Any) -> Iterable[Timeout]:
        return ()

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        assert isinstance(event, Receive)
        return Outcome(state, (Send(event.sender, event.message),))


@pytest.mark.parametrize("value", [Secretive(), Unique(), (frozenset({Secretive()}),), object()])
def test_what_hides_something_from_equality_is_not_canonical(value: Any) -> None:
    assert broken_law(Echo(), value, HELLO) == "canonical"
    assert broken_law(Echo(), value, None) == "canonical"
    assert broken_law(Echo(), 0, Receive(TWO, value)) == "canonical"


def test_true_and_one_are_not_canonical_together() -> None:
    texts = Texts()
    check_laws(Echo(), (1, "vote"), HELLO, texts)

    with pytest.raises(LawBrokenError, match="two texts of equal values"):
        check_laws(Echo(), (True, "vote"), HELLO, texts)


def test_two_values_of_one_text_are_not_canonical() -> None:
    class Liar(str):
        __slots__ = ()

        def __repr__(self) -> str:
            return "'the same'"

    texts = Texts()
    texts.note(Liar("one thing"))

    with pytest.raises(LawBrokenError, match="two different values"):
        texts.note(Liar("another"))


@frozen
class Careless(Lawful):
    """Changes its memory without a record."""

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        return Outcome(state + 1)

    def start(self, memory: int | None) -> Outcome[Any]:
        return Outcome((memory or 0) + 1)


def test_a_change_of_memory_without_a_record_is_not_recorded() -> None:
    assert broken_law(Careless(), 0) == "recorded"


def test_a_restart_that_changes_memory_without_a_record_is_not_recorded() -> None:
    with pytest.raises(LawBrokenError, match="not recorded"):
        check_restart(Careless(), 1)


def test_a_record_that_changes_no_memory_is_not_recorded() -> None:
    @frozen
    class Boaster(Lawful):
        def step(self, state: Any, event: Event) -> Outcome[Any] | None:
            return Outcome(state, (Record(1),))

    assert broken_law(Boaster(), 0) == "recorded"


@frozen
class Choosy(Lawful):
    """Refuses whatever it was not waiting for."""

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        return None


def test_a_machine_that_refuses_a_message_is_not_total() -> None:
    assert broken_law(Choosy(), 0) == "total"


def test_a_machine_that_raises_is_not_total() -> None:
    assert broken_law(Echo(), 0, Tick()) == "total"


def test_an_option_that_is_refused_is_not_answered() -> None:
    assert broken_law(Choosy(), 0, None) == "answered"


def test_a_broken_law_names_machine_event_and_state() -> None:
    with pytest.raises(LawBrokenError) as broken:
        check_laws(Choosy(), 2, HELLO)

    words = str(broken.value)
    assert words.startswith("not total: ")
    assert all(part in words for part in ("machine: Choosy()", f"event: {HELLO!r}", "state: 2"))


def test_a_walk_meets_nodes_that_are_down() -> None:
    world = World({ONE: Careless(), TWO: Careless()}, faults=Faults(crashes=1))
    crash = next(step for step in world.successors(next(world.initial())) if step.fault)

    with pytest.raises(LawBrokenError, match="not recorded"):
        check_walk(Walk(world, (crash.values,)))


@frozen
class Unsorted(Lawful):
    """Sends to a set of names, in whatever order the set has them."""

    names: frozenset[str] = frozenset("abcdefgh")

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        return Outcome(state + 1, (Record(1), *(Send(TWO, name) for name in self.names)))


def unsorted_world() -> World:
    return World({ONE: Unsorted(), TWO: Unsorted(frozenset())}, network=Fifo())


def test_an_order_that_hangs_on_the_hash_seed_changes_the_digest() -> None:
    first, second = under_two_hash_seeds(DIGEST_OF_THE_UNSORTED)

    assert first != second


def test_a_digest_is_of_the_first_states_and_their_steps() -> None:
    world = World({ONE: Lawful()})

    assert digest(world, 2) == digest(World({ONE: Lawful()}), 2)
    assert digest(world, 2) != digest(world, 3)
