"""What a step changed: only the components that differ, and in them only the fields that do."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from attrs import frozen

from coterie.checks.budgets import Workload
from coterie.checks.component import Key
from coterie.checks.network import ChannelComponent
from coterie.checks.nodes import Down, Running
from coterie.checks.world import Values, World
from coterie.commands.words import place, text
from coterie.model.machine import Node

SHORT = 40


@frozen
class Change:
    """One field of one component, before and after a step.

    Attributes:
        where: the component.
        field: the path to the field, as `ballot.number` or `table[3]`; empty for the whole value.
        old: its text before; None where it was absent.
        new: its text after; None where it is absent.
        gained: for a channel, the messages that it holds in addition.
        lost: for a channel or a workload, the messages or operations that it no longer holds.
    """

    where: str
    field: str
    old: str | None
    new: str | None
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.gained or self.lost:
            moved = [f"+ {each}" for each in self.gained] + [f"- {each}" for each in self.lost]
            return f"{self.where}  {', '.join(moved)}"
        dot = "." if self.field and not self.field.startswith("[") else ""
        old, new = ("absent" if each is None else each for each in (self.old, self.new))
        return f"{self.where}{dot}{self.field}: {old} → {new}"


def changes(world: World, before: Values, after: Values) -> list[Change]:
    """Return what differs between two states of `world`, in the order of its components."""
    return [
        change
        for key, slot in world.slots.items()
        if before[slot] != after[slot]
        for change in _of_component(world, key, before[slot], after[slot])
    ]


def _of_component(world: World, key: Key, old: Any, new: Any) -> Iterator[Change]:
    where = place(world, key)
    match old, new:
        case Running(was), Running(became):
            for path, one, other in _differences(was, became, ""):
                yield Change(where, path, one, other)
        case Running() | Down(), _:
            yield Change(where, "", "up" if isinstance(old, Running) else "down", text(new))
        case _ if isinstance(world.components[key], ChannelComponent | Workload):
            gained, lost = Counter(new) - Counter(old), Counter(old) - Counter(new)
            added, removed = (tuple(map(text, each.elements())) for each in (gained, lost))
            yield Change(where, "", text(old), text(new), added, removed)
        case _:
            for path, one, other in _differences(old, new, ""):
                yield Change(where, path, one, other)


def _differences(old: Any, new: Any, path: str) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield the paths at which `old` and `new` differ, as deep as it helps the reader."""
    whole = (path, text(old), text(new))
    if path and len(whole[1]) + len(whole[2]) <= SHORT:
        yield whole
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}, key=text):
            if key not in new:
                yield f"{path}[{text(key)}]", text(old[key]), None
            elif key not in old:
                yield f"{path}[{text(key)}]", None, text(new[key])
            elif old[key] != new[key]:
                yield from _differences(old[key], new[key], f"{path}[{text(key)}]")
    elif attrs.has(type(old)) and type(old) is type(new) and not isinstance(old, Node):
        for name in (a.name for a in attrs.fields(type(old))):
            was, became = getattr(old, name), getattr(new, name)
            if was != became:
                yield from _differences(was, became, f"{path}.{name}" if path else name)
    else:
        yield whole
