"""Values to bytes and back, for the network and the journal.

There is exactly one way to write a value, and everything else is refused: equal values give equal
bytes, whatever order a set has in memory, and what is decoded encodes to the same bytes again. (To
Python True equals 1; they are written differently, and neither passes for the other.)

On the network values are MessagePack, in the journal they are JSON, of the same plain lists:

* None, truth values, integers of 64 bits, text and bytes stand for themselves; only in JSON are
  bytes `["b", base64]`;
* `["(", …]` is a tuple, `["{", …]` a frozenset, `["{:", [key, value], …]` a map;
* `["table.Push", field, …]` is an instance of an attrs class, `["@", role, index]` a node.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import attrs
import msgspec
from immutables import Map

from coterie.impl import forms
from coterie.impl.shapes import Form, Malformed, Pack, Plain, Shape, Unwritable
from coterie.impl.vocabulary import SCALARS, hints_of, reachable, vocabulary
from coterie.model.machine import Node

__all__ = ["NESTED_MAX", "READ_MAX", "TEXT_MAX", "Codec", "Malformed", "Unwritable", "vocabulary"]

NESTED_MAX = 64  # so many lists may be nested, and in the innermost an instance made of scalars
READ_MAX = 48  # of what arrives: what is made of it, and sent or stored, wraps more around it
TEXT_MAX = 80  # of what is written as JSON: a journal wraps still more around what was sent
_WIDE = re.compile(rb"\xcf[\x80-\xff]")  # how an integer begins that needs all 64 bits

_pack, _unpack = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder().decode
_to_json, _from_json = msgspec.json.Encoder().encode, msgspec.json.Decoder().decode


class Codec:
    """Reads and writes the values of one vocabulary."""

    def __init__(self, classes: Iterable[type]) -> None:
        """Compile the classes, and those that their type hints name.

        Raises: ValueError where one is no value, or where two have the same tag.
        """
        known = reachable(classes)
        self._anything = _compiled(known, _pack, has_bytes=True)
        self._anything_in_text = _compiled(known, _to_json, has_bytes=False)

    def plain(self, value: Any) -> Plain:
        """Return the lists and scalars that a value is written as.

        Raises: Unwritable where it is not in the vocabulary, or nested too deeply.
        """
        return _written(self._anything, value)[0]

    def value(self, plain: Plain) -> Any:
        """Return the value that is written as `plain`.

        Raises: Malformed where there is none.
        """
        return _read(self._anything, _itself, plain)[0]

    def encode(self, value: Any) -> bytes:
        """Return the bytes that a value is written as.

        Raises: Unwritable as `plain`, and where an integer has more than 64 bits or a text holds a
            lone surrogate.
        """
        return _written(self._anything, value)[1]

    def decode(self, data: bytes) -> Any:
        """Return the value that encodes to exactly these bytes.

        Raises: Malformed where there is none.
        """
        value, again = _read(self._anything, _unpack, data, READ_MAX)
        if again != data:
            raise Malformed("there is a shorter way to write this")
        return value

    def to_json(self, value: Any) -> bytes:
        """Return a value as one line of JSON.

        Raises: Unwritable as `encode`.
        """
        return _to_json(_written(self._anything_in_text, value, TEXT_MAX)[0])

    def from_json(self, data: bytes) -> Any:
        """Return the value that is written as this JSON, white space aside.

        Raises: Malformed where there is none.
        """
        return _read(self._anything_in_text, _from_json, data, TEXT_MAX)[0]


def _written(shape: Shape, value: Any, depth: int = NESTED_MAX) -> tuple[Plain, bytes]:
    """Return how a value is written, plainly and packed."""
    try:
        plain = shape.write(value, depth)
        return plain, _packed(plain)
    except OverflowError as error:
        raise Unwritable("an integer has more than 64 bits with its sign") from error
    except UnicodeEncodeError as error:
        raise Unwritable("a text holds a lone surrogate") from error


def _read(
    shape: Shape, unpack: Callable[[Any], Plain], data: bytes | Plain, depth: int = NESTED_MAX
) -> tuple[Any, bytes]:
    """Return the value that is written in `data`, and the bytes that it should be packed as."""
    try:
        plain = unpack(data)
        return shape.read(plain, depth), _packed(plain)
    except Malformed:
        raise
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
        raise Malformed(f"not the bytes or lists of any value: {error}") from error


def _packed(plain: Plain) -> bytes:
    """Return `plain` as MessagePack.

    Raises: OverflowError where an integer does not fit into 64 bits with its sign.
    """
    data = _pack(plain)
    if _WIDE.search(data) and _has_wide(plain):
        raise OverflowError("an integer has more than 64 bits with its sign")
    return data


def _has_wide(plain: Plain) -> bool:
    """Return whether an integer does not fit into 64 bits with its sign: no database keeps it."""
    if isinstance(plain, list):
        return any(map(_has_wide, plain))
    return type(plain) is int and not -(1 << 63) <= plain < 1 << 63


def _itself(plain: Plain) -> Plain:
    return plain


def _compiled(known: dict[str, type], pack: Pack, *, has_bytes: bool) -> Shape:
    """Return the shape of any value of these classes."""
    anything = Shape()
    compiling = _Compiling(anything, pack, has_bytes=has_bytes)
    compiled = {tag: compiling.of_class(tag, cls) for tag, cls in known.items()}
    for kind in SCALARS:
        compiling.admit(anything, kind)
    anything.add(forms.TUPLE, tuple, forms.sequence(anything))
    anything.add(forms.SET, frozenset, forms.collection(anything, pack))
    anything.add(forms.MAP, Map, forms.mapping(anything, anything, pack))
    for shape, base in (*compiling.late, (anything, object)):
        for tag, cls in known.items():
            if issubclass(cls, base):
                shape.add(tag, cls, compiled[tag])
    return anything


class _Compiling:
    """Turns type hints into shapes; recursive ones too, for classes are put in when all is done."""

    def __init__(self, anything: Shape, pack: Pack, *, has_bytes: bool) -> None:
        self.anything = anything
        self.pack = pack
        self.has_bytes = has_bytes
        self.late: list[tuple[Shape, type]] = []
        self._shapes: dict[Any, Shape] = {}

    def of_class(self, tag: str, cls: type) -> Form:
        """Return the form of a class."""
        if cls is Node:
            return forms.nodes(tag)
        names = [name for name, _ in hints_of(cls)]
        hints = [hint for _, hint in hints_of(cls)]
        if not names:
            form = forms.bare(tag, cls)
        elif self._are_scalars(hints):
            form = forms.flat(tag, cls, names, hints)
        else:
            form = forms.record(tag, cls, names, [self.shape(hint) for hint in hints])
        return forms.held_against(form, self.pack) if _has_a_say(cls) else form

    def shape(self, hint: Any) -> Shape:
        """Return what a hint allows."""
        if _is_open(hint):
            return self.anything
        if hint not in self._shapes:
            self._shapes[hint] = Shape()
            self.admit(self._shapes[hint], hint)
        return self._shapes[hint]

    def admit(self, shape: Shape, hint: Any) -> None:
        """Allow in `shape` what `hint` says."""
        origin, inner = get_origin(hint), get_args(hint)
        if origin in {Union, UnionType}:
            for each in inner:
                self.admit(shape, each)
        elif origin is tuple and inner[1:] == (...,):
            shape.add(forms.TUPLE, tuple, forms.sequence(self.shape(inner[0])))
        elif origin is tuple:
            shape.add(forms.TUPLE, tuple, self._product(inner))
        elif origin is frozenset:
            shape.add(forms.SET, frozenset, forms.collection(self.shape(inner[0]), self.pack))
        elif origin is Map:
            key, value = map(self.shape, inner)
            shape.add(forms.MAP, Map, forms.mapping(key, value, self.pack))
        elif hint is bytes and not self.has_bytes:
            shape.add(forms.BYTES, bytes, forms.text())
        elif hint is None or hint in SCALARS:
            shape.scalars.add(NoneType if hint is None else hint)
        else:
            self.late.append((shape, origin or hint))

    def _product(self, hints: Sequence[Any]) -> Form:
        if self._are_scalars(hints):
            return forms.flat_product(hints)
        return forms.product([self.shape(hint) for hint in hints])

    def _are_scalars(self, hints: Iterable[Any]) -> bool:
        return all(hint in self.shape(hint).scalars for hint in hints)


def _is_open(hint: Any) -> bool:
    """Return whether a hint allows whatever is in the vocabulary."""
    if get_origin(hint) in {Union, UnionType}:
        return any(map(_is_open, get_args(hint)))
    return hint is Any or isinstance(hint, TypeVar)


def _has_a_say(cls: type) -> bool:
    """Return whether a class checks or converts what its instances are made of."""
    fields = attrs.fields(cls)
    return hasattr(cls, "__attrs_post_init__") or any(
        field.validator or field.converter for field in fields
    )
