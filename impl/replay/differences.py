"""Where two values differ: by the path to it, as `effects[2].message.row.received[1]`."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import attrs
from attrs import frozen
from immutables import Map

MISSING = "nothing"
"""What stands on the side that has no value there."""


@frozen
class Difference:
    """One place where two values differ.

    Attributes:
        path: to the place.
        one: what the first value has there, for people.
        other: what the second has there.
    """

    path: str
    one: str
    other: str


def first_difference(one: Any, other: Any, path: str = "") -> Difference | None:
    """Return the first place where two values differ; None where they are the same.

    Truth values and numbers are never the same.
    """
    return next(differences(one, other, path), None)


def distance(one: Any, other: Any, most: int = 100) -> int:
    """Return in how many places two values differ, counted up to `most`."""
    return sum(1 for _ in islice(differences(one, other), most))


def nearest(wanted: Any, found: Iterable[Any], of: Callable[[Any], Any] = lambda each: each) -> Any:
    """Return what is least different from `wanted`, the first of several; None of nothing."""
    best, least = None, 1_000
    for each in found:
        away = distance(wanted, of(each), least)
        if away < least:
            best, least = each, away
    return best


def differences(one: Any, other: Any, path: str = "") -> Iterator[Difference]:
    """Yield the places where two values differ, in order."""
    if one is other:
        return
    if type(one) is not type(other):
        yield Difference(path, words(one), words(other))
    elif attrs.has(type(one)):
        for name in (field.name for field in attrs.fields(type(one)) if field.eq):
            inside = f"{path}.{name}" if path else name
            yield from differences(getattr(one, name), getattr(other, name), inside)
    elif isinstance(one, tuple):
        yield from _in_tuples(one, other, path)
    elif isinstance(one, Map):
        yield from _in_maps(one, other, path)
    elif isinstance(one, frozenset):
        yield from _in_sets(one, other, path)
    elif one != other:
        yield Difference(path, words(one), words(other))


def _in_tuples(one: tuple[Any, ...], other: tuple[Any, ...], path: str) -> Iterator[Difference]:
    for index in range(max(len(one), len(other))):
        place = f"{path}[{index}]"
        if index >= len(one):
            yield Difference(place, MISSING, words(other[index]))
        elif index >= len(other):
            yield Difference(place, words(one[index]), MISSING)
        else:
            yield from differences(one[index], other[index], place)


def _in_maps(one: Mapping[Any, Any], other: Mapping[Any, Any], path: str) -> Iterator[Difference]:
    for key in sorted({*one, *other}, key=repr):
        place = f"{path}[{words(key)}]"
        if key not in one:
            yield Difference(place, MISSING, words(other[key]))
        elif key not in other:
            yield Difference(place, words(one[key]), MISSING)
        else:
            yield from differences(one[key], other[key], place)


def _in_sets(one: frozenset[Any], other: frozenset[Any], path: str) -> Iterator[Difference]:
    if one != other:
        more, less = (sorted(map(words, each)) for each in (one - other, other - one))
        yield Difference(path, _held(more), _held(less))


def _held(items: list[str]) -> str:
    return f"also {', '.join(items)}" if items else "nothing more"


def words(value: Any, most: int = 300) -> str:
    """Return a value for people: as `Parcel(own=1, yours=2)`, cut where it gets long."""
    text = "".join(_words(value, [most]))
    return text if len(text) <= most else f"{text[: most - 2]} …"


def _words(value: Any, left: list[int]) -> Iterator[str]:
    """Yield the pieces of a value's text, until about as many characters as are `left`."""
    for piece in _pieces(value, left):
        left[0] -= len(piece)
        yield piece
        if left[0] < 0:
            return


def _pieces(value: Any, left: list[int]) -> Iterator[str]:
    if attrs.has(type(value)) and "__str__" not in vars(type(value)):
        names = [field.name for field in attrs.fields(type(value))]
        items: Iterable[tuple[str, Any]] = ((f"{name}=", getattr(value, name)) for name in names)
        yield from _listed(f"{type(value).__name__}(", items, ")", left)
    elif isinstance(value, tuple):
        yield from _listed("(", (("", each) for each in value), ")", left)
    elif isinstance(value, frozenset):
        ordered = sorted(value, key=repr)
        yield from _listed("{", (("", each) for each in ordered), "}", left)
    elif isinstance(value, Map):
        pairs = sorted(value.items(), key=repr)
        yield from _listed("{", ((f"{words(key)}: ", each) for key, each in pairs), "}", left)
    else:
        yield str(value) if attrs.has(type(value)) else repr(value)


def _listed(
    begin: str, items: Iterable[tuple[str, Any]], end: str, left: list[int]
) -> Iterator[str]:
    yield begin
    for place, (name, value) in enumerate(items):
        if left[0] < 0:
            return
        yield f", {name}" if place else name
        yield from _pieces(value, left)
    yield end
