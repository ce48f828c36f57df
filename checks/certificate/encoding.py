"""Values of a model as JSON, and back; reading runs no code but the model's own classes.

A scalar stands for itself; everything else is an array that begins with a tag:

    ["tuple", ...]  ["set", ...]  ["map", [key, value], ...]  ["bytes", "00ff"]
    ["enum", "module:Class", "NAME"]  ["object", "module:Class", {"field": ...}]
    ["named", "module:Class", ...]

An object is a frozen attrs class or a dataclass. A name is looked up in modules that the model has
already imported: a file cannot cause an import, call a function, or build anything else.
"""

import json
import sys
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import reduce
from typing import Any

import attrs
from attrs import frozen
from immutables import Map

from coterie.checks.certify import same


class EncodingError(ValueError):
    """A value that cannot be written, or a text that stands for none."""


@frozen
class _Field:
    """How one field of an object is read, and given to its class."""

    name: str
    parameter: str
    given: bool


def encoded(value: Any) -> Any:
    """Return `value` as JSON data; equal values of the same types have the same text.

    Raises: EncodingError where it cannot be read back as it was.
    """
    data = _encoded(value)
    again = decoded(data)
    if again != value or json.dumps(_encoded(again)) != json.dumps(data):
        raise EncodingError(f"{value!r} is not the same when it is written and read back")
    return data


def _encoded(value: Any) -> Any:
    match value:
        case Enum():
            return ["enum", _name(type(value)), value.name]
        case bool() | int() | float() | str() | None if type(value) in _SCALARS:
            return value
        case bytes() if type(value) is bytes:
            return ["bytes", value.hex()]
        case tuple() if type(value) is tuple:
            return ["tuple", *map(_encoded, value)]
        case tuple() if hasattr(value, "_fields"):
            return ["named", _name(type(value)), *map(_encoded, value)]
        case frozenset() if type(value) is frozenset:
            return ["set", *sorted(map(_encoded, value), key=json.dumps)]
        case Map():
            items = [[_encoded(key), _encoded(item)] for key, item in value.items()]
            return ["map", *sorted(items, key=json.dumps)]
    return _encoded_object(value)


def _encoded_object(value: Any) -> Any:
    kind = type(value)
    if not _is_record(kind):
        raise EncodingError(
            f"a value of the class {kind.__qualname__} cannot be written down:"
            " make it a frozen attrs class of plain values"
        )
    return [
        "object",
        _name(kind),
        {each.name: _encoded(getattr(value, each.name)) for each in _fields(kind)},
    ]


def decoded(data: Any) -> Any:
    """Return the value that `data` stands for.

    Raises: EncodingError where it stands for none.
    """
    match data:
        case ["tuple", *parts]:
            return tuple(map(decoded, parts))
        case ["set", *parts]:
            return frozenset(map(decoded, parts))
        case ["map", *items] if all(isinstance(i, list) and len(i) == 2 for i in items):
            return Map([(decoded(key), decoded(item)) for key, item in items])
        case ["bytes", str() as digits]:
            return bytes.fromhex(digits)
        case ["enum", str() as name, str() as member] if issubclass(kind := _class(name), Enum):
            return _member(kind, member)
        case ["named", str() as name, *parts] if issubclass(kind := _class(name), tuple):
            return kind(*map(decoded, parts))
        case ["object", str() as name, dict() as values] if _is_record(_class(name)):
            return _object(_class(name), {key: decoded(item) for key, item in values.items()})
        case bool() | int() | float() | str() | None:
            return data
    raise EncodingError(f"{json.dumps(data)[:80]} stands for no value")


def _member(kind: type[Enum], member: str) -> Enum:
    if member not in kind.__members__:
        raise EncodingError(f"{kind.__qualname__} has no member {member}")
    return kind[member]


def _object(kind: type, values: dict[str, Any]) -> Any:
    """Return the object with these values; its validators have a say."""
    known = _fields(kind)
    if {each.name for each in known} != set(values):
        raise EncodingError(f"{kind.__qualname__} has not the fields {', '.join(values)}")
    made = kind(**{each.parameter: values[each.name] for each in known if each.given})
    for name, value in values.items():
        if not same(getattr(made, name), value):
            raise EncodingError(f"the {name} of a {kind.__qualname__} is never {value!r}")
    return made


def _is_record(kind: type) -> bool:
    return attrs.has(kind) or is_dataclass(kind)


def _fields(kind: type) -> list[_Field]:
    if attrs.has(kind):
        return [_Field(a.name, a.alias or a.name, a.init) for a in attrs.fields(kind)]
    assert is_dataclass(kind)
    return [_Field(each.name, each.name, each.init) for each in fields(kind)]


def _name(kind: type) -> str:
    name = f"{kind.__module__}:{kind.__qualname__}"
    if _class(name) is not kind:
        raise EncodingError(f"the class {name} cannot be found under its own name")
    return name


def _class(name: str) -> type:
    """Return the attrs class, dataclass, enumeration or named tuple of that name."""
    module, _, path = name.partition(":")
    found: Any = reduce(
        lambda at, part: getattr(at, part, None), path.split("."), sys.modules.get(module)
    )
    if isinstance(found, type) and (
        _is_record(found) or issubclass(found, Enum) or hasattr(found, "_fields")
    ):
        return found
    raise EncodingError(f"{name} is no attrs class, dataclass, enumeration or named tuple here")


_SCALARS: AbstractSet[type] = {bool, int, float, str, type(None)}
