"""Random values of the project's own vocabularies, and plain twins of what `impl.codec` does."""

from types import ModuleType, NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec
from hypothesis import strategies as st
from immutables import Map

import coterie.model.call
import coterie.model.diffusion.register.client
import coterie.model.diffusion.register.messages
import coterie.model.diffusion.register.replica
import coterie.model.gossip.gdp.graph
import coterie.model.gossip.gdp.log
import coterie.model.gossip.gdp.record
import coterie.model.gossip.gdp.replica
import coterie.model.gossip.store.disk
import coterie.model.gossip.store.edge
import coterie.model.gossip.store.reads
import coterie.model.gossip.store.recovery
import coterie.model.gossip.store.server
import coterie.model.keyed
import coterie.model.link
import coterie.model.machine
import coterie.model.stacked
import coterie.model.synchrony.disk
import coterie.model.synchrony.durable
import coterie.model.synchrony.member
import coterie.model.synchrony.replica
import coterie.model.synchrony.restart
import coterie.model.synchrony.returning
import coterie.model.synchrony.state
import coterie.model.synchrony.table
import coterie.model.synchrony.transfer
import coterie.model.synchrony.view
from coterie.impl.codec import Codec, vocabulary
from coterie.impl.vocabulary import reachable
from coterie.model.machine import Node

MODULES: tuple[ModuleType, ...] = (
    coterie.model.call,
    coterie.model.diffusion.register.client,
    coterie.model.diffusion.register.messages,
    coterie.model.diffusion.register.replica,
    coterie.model.gossip.gdp.graph,
    coterie.model.gossip.gdp.log,
    coterie.model.gossip.gdp.record,
    coterie.model.gossip.gdp.replica,
    coterie.model.gossip.store.disk,
    coterie.model.gossip.store.edge,
    coterie.model.gossip.store.reads,
    coterie.model.gossip.store.recovery,
    coterie.model.gossip.store.server,
    coterie.model.keyed,
    coterie.model.link,
    coterie.model.machine,
    coterie.model.stacked,
    coterie.model.synchrony.disk,
    coterie.model.synchrony.durable,
    coterie.model.synchrony.member,
    coterie.model.synchrony.replica,
    coterie.model.synchrony.restart,
    coterie.model.synchrony.returning,
    coterie.model.synchrony.state,
    coterie.model.synchrony.table,
    coterie.model.synchrony.transfer,
    coterie.model.synchrony.view,
)
CLASSES = [cls for _, cls in sorted(reachable(vocabulary(*MODULES)).items())]
CODEC = Codec(CLASSES)
SCALARS = {
    NoneType: st.none(),
    bool: st.booleans(),
    int: st.sampled_from([0, 1, 2, 127, 128, -33, -(2**63), 2**63 - 1]) | st.integers(-300, 70000),
    str: st.sampled_from(["", "a", "(", "link.Numbered", "é", "\0"]) | st.text(max_size=4),
    bytes: st.binary(max_size=4),
}
DEEP = 3  # how many levels of drawn containers are enough


@st.composite
def values(draw: st.DrawFn, hint: Any = Any, depth: int = 0) -> Any:
    """Draw a value that fits a type hint."""
    origin, inner = get_origin(hint), get_args(hint)
    few = st.integers(0, max(1, 3 - depth))
    if hint is Any or isinstance(hint, TypeVar):
        return draw(values(draw(_hints(depth)), depth))
    if hint in SCALARS:
        return draw(SCALARS[hint])
    if origin in {Union, UnionType}:
        return draw(values(draw(st.sampled_from(inner)), depth))
    if origin is tuple and inner[1:] == (...,):
        return tuple(draw(values(inner[0], depth + 1)) for _ in range(draw(few)))
    if origin is tuple:
        return tuple(draw(values(each, depth + 1)) for each in inner)
    if origin is frozenset:
        return frozenset(draw(values(inner[0], depth + 1)) for _ in range(draw(few)))
    if origin is Map:
        pairs = (draw(values(tuple[inner], depth + 1)) for _ in range(draw(few)))
        return Map(list(pairs))
    fields = get_type_hints(hint)
    return hint(*(draw(values(fields[each.name], depth + 1)) for each in attrs.fields(hint)))


def _hints(depth: int) -> st.SearchStrategy[Any]:
    """Draw what an `Any` stands for; deep inside, scalars alone."""
    scalars: st.SearchStrategy[Any] = st.sampled_from([*SCALARS, Node])
    if depth >= DEEP:
        return scalars
    containers = [tuple[Any, ...], tuple[int, Any], frozenset[Any], Map[Any, Any]]
    return scalars | st.sampled_from(containers) | st.sampled_from(CLASSES)


def trees() -> st.SearchStrategy[Any]:
    """Draw what a hostile peer may have packed: lists, maps and scalars, tags among them."""
    tags = ["(", "{", "{:", "b", "@", *(f"{_last(cls)}.{cls.__name__}" for cls in CLASSES)]
    leaves = st.one_of(*SCALARS.values(), st.floats(), st.sampled_from(tags))
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.builds(lambda tag, rest: [tag, *rest], st.sampled_from(tags), st.lists(inner))
            | st.dictionaries(st.text(max_size=2), inner, max_size=2)
        ),
        max_leaves=12,
    )


def plainly(value: Any) -> Any:
    """Return how a value is written plainly: the dumb twin of all forms' writers."""
    if value is None or type(value) in {bool, int, str, bytes}:
        return value
    if type(value) is tuple:
        return ["(", *map(plainly, value)]
    if type(value) is frozenset:
        return ["{", *sorted(map(plainly, value), key=msgspec.msgpack.encode)]
    if type(value) is Map:
        pairs = [[plainly(key), plainly(item)] for key, item in value.items()]
        return ["{:", *sorted(pairs, key=lambda pair: msgspec.msgpack.encode(pair[0]))]
    fields = [plainly(getattr(value, each.name)) for each in attrs.fields(type(value))]
    return ["@" if type(value) is Node else f"{_last(type(value))}.{type(value).__name__}", *fields]


def fits(value: Any, hint: Any) -> bool:
    """Return whether a value, and all inside of it, is what type hints say."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return any(fits(value, each) for each in inner)
    if origin is tuple and inner[1:] == (...,):
        return type(value) is tuple and all(fits(each, inner[0]) for each in value)
    if origin is tuple:
        same = type(value) is tuple and len(value) == len(inner)
        return same and all(map(fits, value, inner))
    if origin is frozenset:
        return type(value) is frozenset and all(fits(each, inner[0]) for each in value)
    if origin is Map:
        return type(value) is Map and all(fits(each, tuple[inner]) for each in value.items())
    if hint in SCALARS:
        return type(value) is hint
    if type(value) in CLASSES:
        fields = get_type_hints(type(value))
        right = hint is Any or isinstance(hint, TypeVar) or isinstance(value, hint)
        return right and all(fits(getattr(value, name), fields[name]) for name in fields)
    kinds = [*SCALARS, tuple[Any, ...], frozenset[Any], Map[Any, Any]]
    return (hint is Any or isinstance(hint, TypeVar)) and any(fits(value, each) for each in kinds)


def _last(cls: type) -> str:
    return cls.__module__.rpartition(".")[2]
