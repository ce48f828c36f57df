"""Renaming nodes: a permutation of names, applied to a value wherever a name stands in it.

Whatever is not looked into keeps its names. That is sound: whether the permutation is a symmetry of
the world is for the gate to say, and it renames in the same way.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

import attrs
from attrs import evolve, frozen

from coterie.checks.canonical import canonical
from coterie.checks.component import Component, Key
from coterie.checks.errors import ModelError
from coterie.checks.network import Bag, ChannelComponent
from coterie.checks.world import Values, World
from coterie.model.machine import Node

Block = tuple[Node, ...]
Fields = tuple[tuple[str, str], ...]

RENAMED_MOST = 1 << 11
_FIELDS: dict[type, Fields] = {}


def blocks_of(world: World) -> tuple[Block, ...]:
    """Return the nodes that are interchangeable: of a symmetric role, the correct, the Byzantine.

    Those that are alone are left out.
    """
    liars = world.adversary.nodes if world.adversary else ()
    found = (
        tuple(node for node in nodes if node.role == role)
        for role in dict.fromkeys(world.symmetric)
        for nodes in (world.machines, liars)
    )
    return tuple(block for block in found if len(block) > 1)


def is_multiset(component: Component) -> bool:
    """Return whether the order in a component's value is that of its parts' texts, and no more."""
    return isinstance(component, ChannelComponent) and isinstance(component.network, Bag)


def fields_of(kind: type) -> Fields:
    """Return what a record is made of: the name of each field, and what its maker calls it."""
    if kind not in _FIELDS:
        _FIELDS[kind] = _fields(kind)
    return _FIELDS[kind]


def _fields(kind: type) -> Fields:
    if attrs.has(kind):
        return tuple((each.name, each.alias) for each in attrs.fields(kind) if each.init)
    if is_dataclass(kind):
        return tuple((each.name, each.name) for each in fields(kind) if each.init)
    return ()


@frozen(eq=False)
class Renaming:
    """A permutation of nodes.

    Attributes:
        names: the new name of each node that gets one.
    """

    names: Mapping[Node, Node]

    def __str__(self) -> str:
        return ", ".join(f"{old} → {new}" for old, new in self.names.items() if old != new)

    def __call__(self, value: Any) -> Any:
        """Return `value` with the nodes in it renamed; itself where none of them is."""
        match value:
            case Node():
                return self.names.get(value, value)
            case Enum() | bool() | int() | float() | str() | bytes() | None:
                return value
            case tuple():
                return self._tuple(value)
            case Mapping():
                items = [(key, self(key), item, self(item)) for key, item in value.items()]
                if all(a is b and c is d for a, b, c, d in items):
                    return value
                return _made(type(value), {key: item for _, key, _, item in items})
            case AbstractSet():
                members = [(old, self(old)) for old in value]
                same = all(old is new for old, new in members)
                return value if same else _made(type(value), [new for _, new in members])
        return self._record(value)

    def _tuple(self, value: tuple[Any, ...]) -> Any:
        items = tuple(map(self, value))
        if all(old is new for old, new in zip(value, items, strict=True)):
            return value
        return items if type(value) is tuple else _made(type(value), *items)

    def _record(self, value: Any) -> Any:
        changed = {}
        for name, argument in fields_of(type(value)):
            old = getattr(value, name)
            new = self(old)
            if new is not old:
                changed[argument] = new
        if not changed:
            return value
        return _made(evolve if attrs.has(type(value)) else replace, value, **changed)


def renamed(renaming: Renaming, value: Any, *, multiset: bool) -> Any:
    """Return a component's value with its nodes renamed, and its parts in order again."""
    new = renaming(value)
    return tuple(sorted(new, key=canonical)) if multiset and new is not value else new


def _made(make: Any, *arguments: Any, **fields: Any) -> Any:
    try:
        return make(*arguments, **fields)
    except Exception as cause:
        problem = (
            f"a value cannot be made anew with its nodes renamed ({type(cause).__name__}: {cause}):"
            " make it of frozen attrs classes, tuples, frozensets and persistent maps, or take its"
            " role out of `symmetric`"
        )
        raise ModelError(problem, {"value": arguments[0]}, cause) from cause


class Action:
    """What a permutation of nodes does to a world; every value is renamed once.

    Attributes:
        renaming: the permutation.
        slots: for each slot, the slot of the renamed key.
    """

    def __init__(self, world: World, names: Mapping[Node, Node]) -> None:
        self.renaming = Renaming(names)
        self._world = world
        self._multisets = [is_multiset(each) for each in world.components.values()]
        self._values: list[dict[Any, Any]] = [{} for _ in world.slots]
        self._stimuli: dict[Any, Any] = {}
        self.slots = [world.slots[self.key(key)] for key in world.slots]

    def key(self, key: Key) -> Key:
        """Return the key of the component that the one at `key` becomes.

        Raises: ModelError where there is none.
        """
        new: Key = self.renaming(key)
        if new not in self._world.slots:
            text = canonical(new) if isinstance(new, tuple) else str(new)
            raise asymmetric(self, f"the world has no {text}: look at `links` and `workload`")
        return new

    def value(self, slot: int, value: Any) -> Any:
        """Return what a value in `slot` becomes in the slot of the renamed key."""
        known = self._values[slot]
        if value not in known:
            known[value] = renamed(self.renaming, value, multiset=self._multisets[slot])
        return known[value]

    def stimulus(self, stimulus: Any) -> Any:
        """Return what a stimulus, or the key that it is for, becomes."""
        if stimulus not in self._stimuli:
            self._stimuli[stimulus] = self.renaming(stimulus)
        return self._stimuli[stimulus]

    def state(self, values: Values) -> Values:
        """Return what a state becomes."""
        after: list[Any] = [None] * len(values)
        for slot, value in enumerate(values):
            after[self.slots[slot]] = self.value(slot, value)
        return tuple(after)


def asymmetric(action: Action, problem: str, context: dict[str, Any] | None = None) -> ModelError:
    """Return the error that the world, under some renaming, is not the same."""
    roles = ", ".join(dict.fromkeys(node.role for node in action.renaming.names))
    return ModelError(
        f"the role {roles} is declared symmetric, but its nodes are not interchangeable: {problem}."
        f" Take the role out of `symmetric`",
        {"renaming": str(action.renaming), **(context or {})},
    )


def difference(world: World, before: Values, after: Values) -> dict[str, Any]:
    """Return the values that renaming has changed."""
    changed: dict[str, Any] = {}
    for key, old, new in zip(world.slots, before, after, strict=True):
        if old != new:
            changed[f"{key}"] = old
            changed[f"{key}, renamed"] = new
    return changed


def generators(world: World) -> list[Action]:
    """Return renamings that make all the others: of each block, a swap and a rotation."""
    return [
        Action(world, dict(zip(block, image, strict=True)))
        for block in blocks_of(world)
        for image in _images(block)
    ]


def _images(block: Sequence[Node]) -> Iterable[tuple[Node, ...]]:
    first, second, *others = block
    yield (second, first, *others)
    if others:
        yield (second, *others, first)
