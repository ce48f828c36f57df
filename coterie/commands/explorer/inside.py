"""What is inside a state: every component with its fields, and what the last step changed."""

from collections import Counter
from typing import Any, Literal

import attrs
from attrs import frozen

from coterie.checks.adversary import ByzantineComponent
from coterie.checks.component import Key
from coterie.checks.network import ChannelComponent
from coterie.checks.nodes import Down, Running
from coterie.checks.world import Values, World
from coterie.commands.changes import Change, changes
from coterie.commands.explorer.pieces import Piece, pieces
from coterie.commands.words import place, text
from coterie.model.machine import Node

LONG = 140
Sort = Literal["node", "channel", "other"]


@frozen
class Moved:
    """Something that the last step changed in a field.

    Attributes:
        path: where in it; empty for the whole field.
        old: its text before.
        new: its text after.
    """

    path: str
    old: str
    new: str

    @property
    def pieces(self) -> list[Piece]:
        """What has become of the text before."""
        return pieces(self.old, self.new)


@frozen
class Field:
    """One field of a component.

    Attributes:
        name: its name; empty for the whole value.
        text: its value.
        changes: what the last step changed in it.
    """

    name: str
    text: str
    changes: tuple[Moved, ...] = ()

    @property
    def is_long(self) -> bool:
        """Whether it is too long to be read in passing."""
        return len(self.text) > LONG

    @property
    def is_told(self) -> bool:
        """Whether the changes say all that there is to say of it."""
        return any(not each.path for each in self.changes)


@frozen
class Message:
    """A message in a channel.

    Attributes:
        text: the message.
        fate: `new` where the last step put it there, `gone` where it took it away, else empty.
        count: how many of them there are.
    """

    text: str
    fate: str = ""
    count: int = 1


@frozen
class Part:
    """A component.

    Attributes:
        name: what to call it.
        sort: what it is.
        is_changed: whether the last step changed it.
        is_down: whether it is a node that is down.
        fields: its fields, of a node or of another component.
        messages: what is in it, of a channel.
    """

    name: str
    sort: Sort
    is_changed: bool = False
    is_down: bool = False
    fields: tuple[Field, ...] = ()
    messages: tuple[Message, ...] = ()


def parts(world: World, values: Values, before: Values | None = None) -> list[Part]:
    """Return what is inside a state; a channel only where a message is in it, or just left it.

    Attributes:
        before: the state before the last step; None where there is none.
    """
    changed = changes(world, before, values) if before else []
    found = []
    for key, slot in world.slots.items():
        was = values[slot] if before is None else before[slot]
        here = [each for each in changed if each.where == place(world, key)]
        if part := _part(world, key, (was, values[slot]), here):
            found.append(part)
    return found


def _part(world: World, key: Key, values: tuple[Any, Any], changed: list[Change]) -> Part | None:
    name, (was, now) = place(world, key), values
    component = world.components[key]
    if isinstance(component, ByzantineComponent):
        return None
    if isinstance(component, ChannelComponent):
        said = (*_messages(was, now),)
        return Part(name, "channel", was != now, messages=said) if said else None
    sort: Sort = "node" if isinstance(key, Node) else "other"
    fields = tuple(_fields(now, changed))
    return Part(name, sort, was != now, isinstance(now, Down), fields)


def _messages(was: Any, now: Any) -> list[Message]:
    """Return the messages, those first that stay."""
    old, new = Counter(map(text, was)), Counter(map(text, now))
    groups = {"": old & new, "new": new - old, "gone": old - new}
    return [
        Message(said, fate, count)
        for fate, group in groups.items()
        for said, count in group.items()
    ]


def _fields(value: Any, changed: list[Change]) -> list[Field]:
    """Return the fields of a node's state, or the value as a whole where it has none."""
    state = value.state if isinstance(value, Running) else value
    names = [each.name for each in attrs.fields(type(state))] if _has_fields(state) else []
    whole = Field("", text(value), tuple(_moved(each, "") for each in changed))
    if not names or not all(_field(each) in names for each in changed):
        return [whole]
    return [
        Field(
            name,
            text(getattr(state, name)),
            tuple(_moved(each, name) for each in changed if _field(each) == name),
        )
        for name in names
    ]


def _has_fields(state: Any) -> bool:
    return attrs.has(type(state)) and not isinstance(state, Node | Down)


def _field(change: Change) -> str:
    """Return the field that the change is in."""
    return change.field.replace("[", ".").split(".")[0]


def _moved(change: Change, field: str) -> Moved:
    old, new = ("absent" if each is None else each for each in (change.old, change.new))
    path = change.field.removeprefix(field).removeprefix(".")
    return Moved(path, old, new)
