"""Classes as people read them: what a docstring says of each field, and of the whole."""

import inspect
import re
from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any

import attrs
from attrs import frozen

from coterie.commands.book.places import Place, place_of
from coterie.commands.page import paragraphs
from coterie.model.machine import Machine, Node

_FIELD = re.compile(r"^(\w+(?:, \w+)*): (.*)$")
_HEADING = re.compile(r"^(Attributes|Shape|Guard|Effect|Sends|Why|Raises|Source|Sources):")
_QUALIFIED = re.compile(r"(?:\b[A-Za-z_]\w*\.)+(?=[A-Za-z_])")
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_PLAIN = {Node, int, str, bool, float, bytes, range, type(None)}


@frozen
class Field:
    """A field of a class.

    Attributes:
        name: its name.
        type: its type, as the code has it, without the names of modules.
        meaning: what the class says of it under `Attributes:`; empty where it says nothing.
        told: whether the words of the class speak of it, or its type says it by its name.
    """

    name: str
    type: str
    meaning: str
    told: bool

    @property
    def is_described(self) -> bool:
        """Whether a reader learns what it means."""
        return bool(self.meaning) or self.told


@frozen
class Description:
    """A class.

    Attributes:
        kind: the class itself.
        about: the paragraphs of its docstring, without its headings.
        notes: its other headings, as `Source`, each with its words.
        fields: its fields, in order.
        place: where it is defined.
    """

    kind: type
    about: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]
    fields: tuple[Field, ...]
    place: Place | None

    @property
    def name(self) -> str:
        """The class's name."""
        return self.kind.__name__

    @property
    def signature(self) -> str:
        """The class with its fields and their types, as `Data(date: int, value: int)`."""
        return f"{self.name}({', '.join(f'{each.name}: {each.type}' for each in self.fields)})"


@cache
def described(kind: type) -> Description:
    """Return what there is to know of a class."""
    doc = _doc(kind)
    meanings = {**_inherited(kind), **attributes(doc)}
    whole = " ".join(paragraphs(doc)).lower()
    fields = tuple(
        Field(name, text, meanings.get(name, ""), _is_told(name, text, whole))
        for name, text in _fields(kind)
    )
    about, notes = _parts(doc)
    return Description(kind, about, notes, fields, place_of(kind))


def _is_told(name: str, type_text: str, words: str) -> bool:
    """Return whether words speak of a field; or its type does, which is called as it is."""
    stem = name.replace("_", " ").lower().removesuffix("s")
    return stem in words or stem == type_text.lower()


def attributes(docstring: str) -> dict[str, str]:
    """Return what a docstring says under `Attributes:` of each name."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in _section(docstring, "Attributes"):
        match = _FIELD.match(line)
        if match and not line.startswith(" "):
            names = match[1].split(", ")
            found |= dict.fromkeys(names, match[2].strip())
        elif names and line.strip():
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
    return found


def _section(docstring: str, heading: str) -> Iterator[str]:
    """Yield the lines below a heading, without its indentation."""
    inside = False
    for line in docstring.splitlines():
        if line.startswith(f"{heading}:"):
            inside = True
        elif inside and line.strip() and not line.startswith(" "):
            return
        elif inside:
            yield line[4:]


def _parts(docstring: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    about: list[str] = []
    notes: list[tuple[str, str]] = []
    skipped = set(_section(docstring, "Attributes"))
    kept = [line for line in docstring.splitlines() if line[4:] not in skipped or not line.strip()]
    for paragraph in paragraphs("\n".join(kept)):
        match = _HEADING.match(paragraph)
        if match is None and not notes:
            about.append(paragraph)
        elif match and match[1] != "Attributes":
            notes.append((match[1], paragraph[match.end() :].strip()))
    return tuple(about), tuple(notes)


def _doc(kind: type) -> str:
    return inspect.cleandoc(kind.__doc__ or "") or (inspect.getdoc(kind) or "")


def _inherited(kind: type) -> dict[str, str]:
    found: dict[str, str] = {}
    for above in reversed(kind.__mro__[1:]):
        found |= attributes(inspect.cleandoc(above.__doc__ or ""))
    return found


def _fields(kind: type) -> list[tuple[str, str]]:
    if attrs.has(kind):
        return [(each.name, type_text(each.type)) for each in attrs.fields(kind) if each.init]
    names = getattr(kind, "_fields", ())
    hints = getattr(kind, "__annotations__", {})
    return [(name, type_text(hints.get(name))) for name in names]


def type_text(annotation: Any) -> str:
    """Return a type as the code has it, without the names of modules."""
    if annotation is None:
        return "None"
    if isinstance(annotation, str):
        return _QUALIFIED.sub("", annotation)
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return _QUALIFIED.sub("", str(annotation)).replace("NoneType", "None")


def parts(value: Any, seen: set[int]) -> Iterator[type]:
    """Yield the classes of a value and of all within it: those with fields, and enumerations.

    Attributes:
        seen: the identities of what was looked into before, and is not looked into again; whoever
            gives it keeps all that alive.
    """
    kind = type(value)
    if kind in _PLAIN or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Enum):
        yield kind
    elif attrs.has(kind):
        if not isinstance(value, Machine):
            yield kind
            for each in attrs.fields(kind):
                yield from parts(getattr(value, each.name, None), seen)
    elif isinstance(value, Mapping):
        for pair in value.items():
            for one in pair:
                yield from parts(one, seen)
    elif isinstance(value, Collection):
        if hasattr(kind, "_fields"):
            yield kind
        for one in value:
            yield from parts(one, seen)


def name_of(value: Any) -> str:
    """Return what to call a value of its kind: its class, or itself where it is a plain word.

    What carries a value of any kind is called with what it carries: `Published(Data)`.
    """
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    kind = type(value)
    carried = [
        getattr(value, each.name)
        for each in (attrs.fields(kind) if attrs.has(kind) else ())
        if each.type is Any
    ]
    inner = [name_of(each) for each in carried if _is_named(each)]
    return f"{kind.__name__}({', '.join(inner)})" if inner else kind.__name__


def _is_named(value: Any) -> bool:
    return attrs.has(type(value)) and not isinstance(value, Node)
