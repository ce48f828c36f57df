"""What a protocol is made of: every field has a meaning, and the transitions are the true ones."""

from collections import defaultdict
from collections.abc import Iterator
from enum import Enum
from types import ModuleType
from typing import Any

import pytest
from attrs import evolve, frozen

from coterie.checks.check import Check
from coterie.checks.network import Pool
from coterie.checks.nodes import Running
from coterie.checks.simulation.steps import Steps
from coterie.checks.world import World
from coterie.commands.book.anatomy import Anatomy, Transition, anatomy
from coterie.commands.book.chapters import Chapter, chapter_named, chapters
from coterie.commands.book.classes import Description, attributes, described, name_of, type_text
from coterie.model.machine import (
    Deliver,
    Event,
    Halt,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Return,
    Send,
    Timeout,
)
from coterie.spec.property import View, always

ONE, OTHER = Node("peer", 0), Node("peer", 1)


class Mood(Enum):
    """How a peer is."""

    CALM = "calm"
    CROSS = "cross"


@frozen(cache_hash=True)
class Poke(Timeout):
    """Poke the other peer."""


@frozen(cache_hash=True)
class Poked:
    """Somebody is poked.

    Attributes:
        count: for the how-manieth time.
    """

    count: int


@frozen(cache_hash=True)
class Peer:
    """What a peer knows.

    Attributes:
        mood: how it is.
        count: how often it was poked.
    """

    mood: Mood = Mood.CALM
    count: int = 0


@frozen
class Poking(Machine[Peer, int]):
    """A peer that pokes another, and is cross when it is poked twice.

    Attributes:
        other: the other.
    """

    other: Node

    def start(self, memory: int | None) -> Outcome[Peer]:
        """Begin, or remember how often it was poked."""
        return Outcome(Peer(count=memory or 0))

    def options(self, state: Peer) -> Iterator[Timeout]:
        """Poke, unless it is cross."""
        if state.mood is Mood.CALM:
            yield Poke()

    def step(self, state: Peer, event: Event) -> Outcome[Peer] | None:
        """Poke, be poked, and be told to calm down."""
        match event:
            case Poke() if state.count < 2:
                return Outcome(state, (Send(self.other, Poked(state.count)),))
            case Receive(_, Poked()) if state.count < 2:
                count = state.count + 1
                mood = Mood.CROSS if count == 2 else state.mood
                return Outcome(Peer(mood, count), (Record(count), Deliver(Poked(count))))
            case Invoke("calm"):
                return Outcome(evolve(state, mood=Mood.CALM), (Return(None), Halt()))
            case Receive():
                return Outcome(state)
        return None

    def memory(self, state: Peer) -> int:
        """Remember how often it was poked."""
        return state.count

    def recorded(self, memory: int | None, change: int) -> int:
        """Remember it."""
        del memory
        return change


@always
def counts(world: View) -> bool:
    """Nobody is poked more than twice."""
    return all(world[node].count <= 2 for node in world.nodes() if world.up(node))


def pokes() -> World:
    """Return two peers that poke each other."""
    machines = {ONE: Poking(OTHER), OTHER: Poking(ONE)}
    return World(machines=machines, network=Pool(), workload={ONE: ("calm",)})


def chapter() -> Chapter:
    """Return a chapter about them."""
    check = Check(name="pokes", about="Two peers.", world=pokes, properties=(counts,))
    return Chapter("pokes", (check,), ModuleType("pokes", "Peers that poke."))


def plainly(world: World) -> dict[str, tuple[set[str], set[str]]]:
    """Return what each kind of event changes and asks for, in all that can be reached."""
    steps = Steps(world)
    reached, asked = list(steps.starts), set[tuple[Any, Any, Event]]()
    for values in reached:  # which grows
        for node, machine in world.machines.items():
            value = values[world.slots[node]]
            if isinstance(value, Running):
                asked |= {(machine, value.state, event) for event in _events(world, values, node)}
        reached.extend({s.values for s in steps.of(values)} - set(reached))
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for machine, state, event in asked:
        fields, effects = found[_called(event)]
        outcome = machine.step(state, event)
        if outcome is not None:
            fields |= {
                n for n in ("mood", "count") if getattr(state, n) != getattr(outcome.state, n)
            }
            effects |= {type(effect).__name__ for effect in outcome.effects}
    return found


def _events(world: World, values: tuple[Any, ...], node: Node) -> Iterator[Event]:
    machine, state = world.machines[node], values[world.slots[node]].state
    yield from machine.options(state)
    yield from map(Invoke, values[world.slots["workload", node]] if node == ONE else ())
    for key, slot in world.slots.items():
        if getattr(key, "receiver", None) == node:
            yield from (Receive(key.sender, message) for message in values[slot])


def _called(event: Event) -> str:
    match event:
        case Receive():
            return "receives Poked"
        case Invoke():
            return "is called 'calm'"
    return "chooses Poke"


def transitions() -> dict[str, Transition]:
    """Return the rows of the table, by event."""
    (role,) = anatomy(chapter()).roles
    return {each.event: each for each in role.transitions}


def test_the_table_says_what_a_dumb_exploration_finds() -> None:
    verbs = {"sends": "Send", "returns": "Return", "records": "Record", "halts": "Halt"}
    table = {
        event: (
            {change.split(":")[0] for change in row.changes},
            {verbs.get(effect.split(" ")[0], "Deliver") for effect in row.effects},
        )
        for event, row in transitions().items()
    }

    assert table == plainly(pokes())


def test_the_table_names_what_is_sent_and_from_where_to_where_a_word_goes() -> None:
    found = transitions()

    assert found["chooses Poke"].effects == ("sends Poked to peer",)
    assert found["receives Poked"].changes == ("count", "mood: CALM → CROSS")
    assert found["receives Poked"].effects == ("delivers Poked", "records int")
    assert found["is called 'calm'"].effects == ("halts", "returns")


def test_the_table_says_where_nothing_happens_and_what_is_refused() -> None:
    found = transitions()

    assert found["receives Poked"].idle
    assert not found["receives Poked"].refused
    assert not found["is called 'calm'"].refused


def test_what_is_remembered_and_what_is_said_are_told_apart() -> None:
    made = anatomy(chapter())

    assert [each.name for each in made.state] == ["Peer", "Mood"]
    assert [each.name for each in made.messages] == ["Poked"]
    assert [each.name for each in made.timeouts] == ["Poke"]


def test_a_field_has_its_type_and_its_meaning() -> None:
    fields = {each.name: each for each in described(Peer).fields}

    assert (fields["mood"].type, fields["mood"].meaning) == ("Mood", "how it is.")
    assert described(Peer).about == ("What a peer knows.",)
    assert described(Peer).signature == "Peer(mood: Mood, count: int)"


def test_meanings_may_go_over_several_lines_and_be_of_several_fields() -> None:
    doc = "It is.\n\nAttributes:\n    a, b: both\n        of them.\n    c: one.\n\nSource: here."

    assert attributes(doc) == {"a": "both of them.", "b": "both of them.", "c": "one."}


def test_a_type_is_written_without_its_modules() -> None:
    assert type_text(dict[Node, tuple[Mood, ...]]) == "dict[Node, tuple[Mood, ...]]"
    assert type_text(int | None) == "int | None"


def test_a_value_is_called_by_its_class_or_by_its_word() -> None:
    assert name_of(Poked(1)) == "Poked"
    assert name_of("granted") == "'granted'"
    assert name_of(Mood.CALM) == "Mood.CALM"


def every(made: Anatomy) -> list[Description]:
    """Return all classes of a chapter."""
    machines = [each for role in made.roles for each in (role.machine, *role.within)]
    return [*machines, *made.state, *(each for _, some in made.vocabulary for each in some)]


@pytest.mark.parametrize("each", chapters(), ids=lambda each: each.name)
def test_every_class_and_field_of_the_catalogue_is_described(each: Chapter) -> None:
    found = every(anatomy(each))

    assert found
    assert [kind.kind for kind in found if not kind.about] == []
    assert [(kind.kind, f.name) for kind in found for f in kind.fields if not f.is_described] == []


@pytest.mark.parametrize(
    "name",
    [
        "diffusion.pbft",
        "diffusion.register",
        "diffusion.tree",
        "gossip.epidemic",
        "oracles.paxos",
        "oracles.two_phase",
        "smr.sequenced",
        "synchrony.paxos",
    ],
)
def test_all_that_these_machines_provide_for_is_met(name: str) -> None:
    chapter = chapter_named(name)
    assert chapter is not None

    assert [role.unseen for role in anatomy(chapter).roles if role.unseen] == []


def test_what_a_machine_provides_for_and_no_world_asks_is_said() -> None:
    chapter = chapter_named("synchrony.trim")
    assert chapter is not None
    member = anatomy(chapter).roles[0]

    assert {"receives Welcome", "chooses Join"} <= set(member.unseen)
