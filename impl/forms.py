"""The forms of values: for each kind of list, what reads it and what writes it.

Readers believe nothing: neither tags nor types nor counts, nor that what is kept sorted is sorted.
Reader and writer of a form are made together, once, from the shapes of what stands inside. All of
this is on the way of every message, so the loops do by hand what `Shape.read` says.
"""

import base64
import reprlib
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

from immutables import Map

from coterie.impl.shapes import (
    Form,
    Malformed,
    Pack,
    Plain,
    Shape,
    Unwritable,
    Writer,
    refused,
    too_deep,
    too_deep_to_write,
    wrong,
)
from coterie.model.machine import Node

TUPLE, SET, MAP, BYTES = "(", "{", "{:", "b"
NODES_MAX, ROLE_MAX = 1024, 64  # so many nodes are kept, to be shared by who names them


def _fields(names: Iterable[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what takes a value apart; the first of its parts makes room for the tag."""
    return attrgetter("__class__", *names)


def nodes(tag: str) -> Form:
    """Return the form of nodes; who reads a name twice gets the same object twice."""
    kinds, fields = [str, str, int], _fields(["role", "index"])
    known: dict[tuple[str, int], Node] = {}

    def read(plain: list[Any], _: int) -> Node:
        if len(plain) != 3 or type(plain[1]) is not str or type(plain[2]) is not int:
            wrong(plain)
        name = (plain[1], plain[2])
        node = known.get(name)
        if node is None:
            node = Node(*name)
            if len(known) < NODES_MAX and len(node.role) <= ROLE_MAX:
                known[name] = node
        return node

    return read, _flat_writer(tag, fields, kinds)


def bare(tag: str, cls: type) -> Form:
    """Return the form of a class without fields: its tag, and nothing else."""
    only = cls()

    def read(plain: list[Any], _: int) -> Any:
        return only if len(plain) == 1 else wrong(plain)

    def write(_: Any, __: int) -> list[Any]:
        return [tag]

    return read, write


def flat(tag: str, cls: type, names: Sequence[str], kinds: Sequence[type]) -> Form:
    """Return the form of a class whose fields are scalars, each of one type."""
    expected = [str, *kinds]

    def read(plain: list[Any], _: int) -> Any:
        if [*map(type, plain)] != expected:
            wrong(plain)
        return cls(*plain[1:])

    return read, _flat_writer(tag, _fields(names), expected)


def _flat_writer(
    tag: str, fields: Callable[[Any], tuple[Any, ...]], expected: list[type]
) -> Writer:
    def write(value: Any, _: int) -> list[Any]:
        plain = [*fields(value)]
        plain[0] = tag
        if [*map(type, plain)] != expected:
            raise Unwritable(f"the fields of {reprlib.repr(value)} do not fit their type hints")
        return plain

    return write


def record(tag: str, cls: type, names: Sequence[str], shapes: Sequence[Shape]) -> Form:
    """Return the form of any other class: its tag, and then its fields."""
    size, fields = 1 + len(shapes), _fields(names)
    reads = [(at, shape.scalars, shape.readers) for at, shape in enumerate(shapes, 1)]
    writes = [(at, shape.scalars, shape.writers) for at, shape in enumerate(shapes, 1)]

    def read(plain: list[Any], depth: int) -> Any:
        if depth == 0:
            too_deep()
        if len(plain) != size:
            wrong(plain)
        depth -= 1
        items = plain[:]
        for at, scalars, readers in reads:
            item = items[at]
            kind = type(item)
            if kind is list:
                items[at] = readers[item[0]](item, depth)
            elif kind not in scalars:
                refused(item)
        return cls(*items[1:])

    def write(value: Any, depth: int) -> list[Any]:
        if depth == 0:
            too_deep_to_write()
        depth -= 1
        plain = [*fields(value)]
        plain[0] = tag
        for at, scalars, writers in writes:
            item = plain[at]
            kind = type(item)
            if kind not in scalars:
                plain[at] = writers[kind](item, depth)
        return plain

    return read, write


def sequence(shape: Shape) -> Form:
    """Return the form of tuples of any length, whose items are all of one shape."""
    scalars, readers, writers = shape.scalars, shape.readers, shape.writers

    def read(plain: list[Any], depth: int) -> tuple[Any, ...]:
        if depth == 0:
            too_deep()
        items = plain[1:]
        if scalars.issuperset(map(type, items)):
            return tuple(items)
        depth -= 1
        return tuple(
            [
                readers[item[0]](item, depth)
                if type(item) is list
                else item
                if type(item) in scalars
                else refused(item)
                for item in items
            ]
        )

    def write(value: tuple[Any, ...], depth: int) -> list[Any]:
        if depth == 0:
            too_deep_to_write()
        if scalars.issuperset(map(type, value)):
            return [TUPLE, *value]
        depth -= 1
        items = [
            item if type(item) in scalars else writers[type(item)](item, depth) for item in value
        ]
        return [TUPLE, *items]

    return read, write


def flat_product(kinds: Sequence[type]) -> Form:
    """Return the form of tuples whose items are scalars, each of one type."""
    expected = [str, *kinds]

    def read(plain: list[Any], _: int) -> tuple[Any, ...]:
        if [*map(type, plain)] != expected:
            wrong(plain)
        return tuple(plain[1:])

    def write(value: tuple[Any, ...], _: int) -> list[Any]:
        plain = [TUPLE, *value]
        if [*map(type, plain)] != expected:
            raise Unwritable(f"{reprlib.repr(value)} does not fit its type hint")
        return plain

    return read, write


def product(shapes: Sequence[Shape]) -> Form:
    """Return the form of tuples of one length, whose items have each a shape of its own."""
    size = len(shapes)

    def read(plain: list[Any], depth: int) -> tuple[Any, ...]:
        if depth == 0:
            too_deep()
        if len(plain) != 1 + size:
            wrong(plain)
        pairs = zip(shapes, plain[1:], strict=True)
        return tuple([shape.read(item, depth - 1) for shape, item in pairs])

    def write(value: tuple[Any, ...], depth: int) -> list[Any]:
        if depth == 0:
            too_deep_to_write()
        if len(value) != size:
            raise Unwritable(f"{reprlib.repr(value)} has not {size} items")
        pairs = zip(shapes, value, strict=True)
        return [TUPLE, *[shape.write(item, depth - 1) for shape, item in pairs]]

    return read, write


def collection(shape: Shape, pack: Pack) -> Form:
    """Return the form of frozensets: their items, sorted by the bytes that each is written as."""

    def read(plain: list[Any], depth: int) -> frozenset[Any]:
        if depth == 0:
            too_deep()
        if len(plain) == 1:
            return frozenset()
        items = plain[1:]
        found = frozenset([shape.read(item, depth - 1) for item in items])
        _must_ascend(items, len(found), pack)
        return found

    def write(value: frozenset[Any], depth: int) -> list[Any]:
        if depth == 0:
            too_deep_to_write()
        if not value:
            return [SET]
        return [SET, *sorted([shape.write(item, depth - 1) for item in value], key=pack)]

    return read, write


def mapping(key: Shape, value: Shape, pack: Pack) -> Form:
    """Return the form of maps: their pairs, sorted by the bytes that each key is written as."""

    def read(plain: list[Any], depth: int) -> Map[Any, Any]:
        if depth == 0:
            too_deep()
        pairs = plain[1:]
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2:
                raise Malformed("a map holds what is no pair")
        found = Map([(key.read(k, depth - 1), value.read(v, depth - 1)) for k, v in pairs])
        _must_ascend([pair[0] for pair in pairs], len(found), pack)
        return found

    def write(of: Map[Any, Any], depth: int) -> list[Any]:
        if depth == 0:
            too_deep_to_write()
        pairs = [[key.write(k, depth - 1), value.write(v, depth - 1)] for k, v in of.items()]
        return [MAP, *sorted(pairs, key=lambda pair: pack(pair[0]))]

    return read, write


def _must_ascend(keys: list[Plain], count: int, pack: Pack) -> None:
    """Refuse keys that are not sorted, or stand for fewer values, as True and 1 do."""
    packed = [pack(key) for key in keys]
    if len(packed) != count or packed != sorted(packed):
        raise Malformed("the items of a set or map are not in their order, or one is there twice")


def text() -> Form:
    """Return the form of bytes where only text can be written."""

    def read(plain: list[Any], _: int) -> bytes:
        if [*map(type, plain)] != [str, str]:
            wrong(plain)
        found = base64.b64decode(plain[1].encode(), validate=True)
        return found if base64.b64encode(found).decode() == plain[1] else wrong(plain)

    def write(value: bytes, _: int) -> list[Any]:
        return [BYTES, base64.b64encode(value).decode()]

    return read, write


def held_against(form: Form, pack: Pack) -> Form:
    """Return the form of a class that has a say in what its fields may be, or become."""
    read, write = form

    def read_and_compare(plain: list[Any], depth: int) -> Any:
        value = read(plain, depth)
        if pack(write(value, depth)) != pack(plain):
            raise Malformed(f"{plain[0]!r:.60} is not written as its class has it")
        return value

    return read_and_compare, write
