"""One text for one value: whatever the hash seed, the insertion order, or who made it.

The text orders messages and shows states in traces; and two values that are equal but written
differently (1 and True, a set that hides something) betray a model that is not canonical.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any

import attrs

from coterie.model.machine import Node

BY_ADDRESS: Any = object.__repr__


def canonical(value: Any) -> str:
    """Return the one text of `value`.

    Shape: attrs classes as `Name(field=…)`, sets and maps sorted by their members' texts.
    Raises: TypeError for a type that has no text but its address in memory.
    """
    match value:
        case Node():
            return str(value)
        case Enum():
            return f"{type(value).__name__}.{value.name}"
        case bool() | int() | float() | str() | bytes() | None:
            return repr(value)
        case tuple() if type(value) is not tuple:
            return f"{type(value).__name__}{canonical(tuple(value))}"
        case tuple():
            return f"({', '.join(map(canonical, value))}{',' if len(value) == 1 else ''})"
        case Mapping():
            items = sorted((canonical(key), canonical(item)) for key, item in value.items())
            return "{" + (", ".join(f"{key}: {item}" for key, item in items) or ":") + "}"
        case AbstractSet():
            return "{" + ", ".join(sorted(map(canonical, value))) + "}"
        case _:
            return _structure(value)


def _structure(value: Any) -> str:
    kind = type(value)
    if attrs.has(kind):
        fields = (f"{a.name}={canonical(getattr(value, a.name))}" for a in attrs.fields(kind))
        return f"{kind.__name__}({', '.join(fields)})"
    if isinstance(value, type) or callable(value):
        return str(getattr(value, "__qualname__", kind.__name__))
    if kind.__repr__ is BY_ADDRESS:
        raise TypeError(
            f"a {kind.__name__} cannot be written down canonically:"
            " make it a frozen attrs class of plain values"
        )
    return repr(value)


def alike(one: Any, other: Any) -> bool:
    """Return whether two equal values are of the same types throughout.

    1 == True, and a NamedTuple equals another one's: a model in which both occur takes the one for
    the other. Sets and maps are looked at one level deep.
    """
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple):
        return all(map(alike, one, other))
    if isinstance(one, Mapping):
        return _types(one.keys()) == _types(other.keys()) and _types(one.values()) == _types(
            other.values()
        )
    if isinstance(one, AbstractSet):
        return _types(one) == _types(other)
    if attrs.has(type(one)):
        names = [a.name for a in attrs.fields(type(one)) if a.eq]
        return all(alike(getattr(one, name), getattr(other, name)) for name in names)
    return True


def _types(values: Iterable[Any]) -> set[type]:
    return {type(value) for value in values}
