"""The states of a run as rows of fields, each state written once however often it is shown."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import attrs
from attrs import field, frozen

from coterie.checks.component import Key
from coterie.checks.nodes import Down, Running
from coterie.checks.result import Trace
from coterie.checks.world import World
from coterie.commands.words import place, text
from coterie.model.machine import Node

Fields = tuple[tuple[str, str], ...]
SHORT = 40
_DEEPEST = 4
_EMPTY: tuple[Any, ...] = (None, (), frozenset(), {})


@frozen
class Component:
    """A component whose value is shown.

    Attributes:
        name: what it is called.
        is_node: whether it is a node; the others stand around them.
        slot: its place in a state.
    """

    name: str
    is_node: bool
    slot: int


@frozen
class States:
    """What there is to show of a run's states.

    Attributes:
        components: the nodes, and what is around them and has something in it at some time.
        texts: the values, each once.
        start: for each component the number of its first value.
        changed: for each step the components that it changes, with the numbers of their values.
    """

    components: tuple[Component, ...]
    texts: tuple[Fields, ...]
    start: tuple[int, ...]
    changed: tuple[Mapping[int, int], ...]


@frozen
class _Texts:
    numbers: dict[Fields, int] = field(factory=dict)
    known: dict[tuple[int, Any], int] = field(factory=dict)

    def number(self, slot: int, value: Any) -> int:
        if (slot, value) not in self.known:
            found = tuple(fields(value))
            self.known[slot, value] = self.numbers.setdefault(found, len(self.numbers))
        return self.known[slot, value]


def states(world: World, run: Trace) -> States:
    """Return what there is to show of the states of a run."""
    components = tuple(_components(world, run))
    texts = _Texts()
    numbers = [
        [texts.number(it.slot, values[it.slot]) for it in components] for values in run.states
    ]
    changed = tuple(
        {place: new for place, (old, new) in enumerate(zip(*pair, strict=True)) if old != new}
        for pair in pairwise(numbers)
    )
    return States(components, tuple(texts.numbers), tuple(numbers[0]), changed)


def _components(world: World, run: Trace) -> Iterator[Component]:
    for key, slot in world.slots.items():
        is_node = _is_node(world, key)
        if is_node or any(values[slot] not in _EMPTY for values in run.states):
            yield Component(place(world, key), is_node, slot)


def _is_node(world: World, key: Key) -> bool:
    return isinstance(key, Node) and key in world.machines


def fields(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the fields of a value, and theirs where they are long; one without a name if short."""
    if isinstance(value, Running):
        yield from fields(value.state)
        return
    if isinstance(value, Down):
        yield "down; in durable memory", text(value.memory)
        return
    whole = text(value)
    inner = tuple(_inner(value, path))
    if not inner or (path and len(whole) <= SHORT) or path.count(".") > _DEEPEST:
        yield path, whole
        return
    for below, each in inner:
        yield from fields(each, below)


def _inner(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key in sorted(value, key=text):
            yield f"{path}[{text(key)}]", value[key]
    elif isinstance(value, tuple) and any(attrs.has(type(each)) for each in value):
        for number, each in enumerate(value):
            yield f"{path}[{number}]", each
    elif attrs.has(type(value)) and not isinstance(value, Node):
        for name in (a.name for a in attrs.fields(type(value))):
            yield f"{path}.{name}" if path else name, getattr(value, name)
