"""Which classes are values that can be written down, and what their type hints say.

A vocabulary is a set of attrs classes: every message, operation, timeout and change that a service
knows. Machines, and classes that hold functions, are parameters and in no vocabulary.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from types import ModuleType, NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
from immutables import Map

from coterie.model.machine import Machine, Node

SCALARS: frozenset[Any] = frozenset({NoneType, bool, int, str, bytes})
SHORT: dict[type, str] = {Node: "@"}  # nodes are in nearly every message


def vocabulary(*modules: ModuleType) -> frozenset[type]:
    """Return the attrs classes that these modules define, those that are parameters left out."""
    defined = (
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__ and attrs.has(each)
    )
    return frozenset(each for each in defined if reason_against(each) is None)


def tag_of(cls: type) -> str:
    """Return the first item of the lists that the values of a class are written as."""
    return SHORT.get(cls) or f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}"


@cache
def hints_of(cls: type) -> tuple[tuple[str, Any], ...]:
    """Return the fields of an attrs class with their type hints, in the constructor's order."""
    known = get_type_hints(cls)
    return tuple((each.name, known.get(each.name, Any)) for each in attrs.fields(cls))


def reason_against(cls: type, asked: frozenset[type] = frozenset()) -> str | None:
    """Return why the instances of a class cannot be written down; None if they can.

    Args:
        cls: the class.
        asked: the classes that hold this one, and are being asked about already.
    """
    if not attrs.has(cls) or issubclass(cls, Machine) or cls.__hash__ is None:
        return f"{cls.__name__} is no frozen attrs class, or it is a machine"
    for field in attrs.fields(cls):
        if field.kw_only or not field.init:
            return f"{cls.__name__}.{field.name} is no positional argument of its class"
    inside = asked | {cls}
    for name, hint in hints_of(cls):
        for leaf in leaves(hint):
            if not (_is_basic(leaf) or leaf in inside or _is_value(leaf, inside)):
                return f"{cls.__name__}.{name} holds {leaf!r}, which is no value"
    return None


def reachable(classes: Iterable[type]) -> dict[str, type]:
    """Return these classes, and all that their hints name, by their tags.

    Raises: ValueError where one of them is no value, or where two have the same tag.
    """
    found: dict[str, type] = {}
    due = set(classes)
    while due:
        cls = due.pop()
        if (reason := reason_against(cls)) is not None:
            raise ValueError(reason)
        other = found.setdefault(tag_of(cls), cls)
        if other is not cls:
            raise ValueError(f"{cls!r} and {other!r} have the same tag, {tag_of(cls)!r}")
        inner = {leaf for _, hint in hints_of(cls) for leaf in leaves(hint)}
        due |= {leaf for leaf in inner if not _is_basic(leaf)} - set(found.values())
    return found


def leaves(hint: Any) -> Iterator[Any]:
    """Yield what a hint is made of: scalars, attrs classes, and what is no type of a value."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is tuple and inner[1:] == (...,):
        inner = inner[:1]
    if origin in {Union, UnionType, tuple, frozenset, Map}:
        for each in inner:
            yield from leaves(each)
    else:
        yield origin if attrs.has(origin or int) else hint


def _is_basic(leaf: Any) -> bool:
    return leaf is None or leaf is Any or isinstance(leaf, TypeVar) or leaf in SCALARS


def _is_value(leaf: Any, inside: frozenset[type]) -> bool:
    return isinstance(leaf, type) and reason_against(leaf, inside) is None
