"""Byzantine nodes: they have no state, and may send any message of a repertoire at any time.

The repertoire is generated from the fields' types of the message classes over declared finite
domains, so that no lie is forgotten because nobody thought of listing it.
"""

import typing
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product
from typing import Any

import attrs
from attrs import field, frozen

from coterie.checks.canonical import canonical
from coterie.checks.component import Act, Component, Forged, Reaction
from coterie.checks.signatures import SIGNATURES, Exist, signatures_in
from coterie.model.machine import Node, Receive

Domains = Mapping[Any, Iterable[Any]]


@frozen
class Adversary:
    """The Byzantine nodes of a world and what they may say.

    Attributes:
        nodes: their names; a node is either here or has a machine.
        repertoire: the messages, each of which may go to any correct node at any time. One that
            contains a correct node's signature is on offer once that node has issued it.
        towards: the roles they talk to; all when empty.
    """

    nodes: tuple[Node, ...]
    repertoire: tuple[Any, ...]
    towards: tuple[str, ...] = ()


@frozen
class ByzantineComponent(Component):
    """One Byzantine node; its value is None for ever."""

    node: Node
    adversary: Adversary
    victims: tuple[Node, ...]
    signers: tuple[Node, ...] = field(repr=False)

    def react(self, value: Any, stimulus: Any) -> Iterable[Reaction]:
        """Send anything to anybody."""
        if not isinstance(stimulus, Act):
            return ()
        return [
            self._forged(value, victim, message)
            for victim in self.victims
            for message in self.adversary.repertoire
        ]

    def _forged(self, value: Any, victim: Node, message: Any) -> Reaction:
        copied = signatures_in(message, *self.signers)
        guard = ((SIGNATURES, Exist(copied)),) if copied else ()
        receipt = (victim, Receive(self.node, message))
        return Reaction(value, (*guard, receipt), (Forged(self.node, victim, message),), fault=True)


def repertoire(*classes: type, domains: Domains) -> tuple[Any, ...]:
    """Return every instance of the message `classes` over `domains`.

    A field's values come from the domain of `(class, "field")`, else of the field's type, else
    from the type's own structure: bool, tuples and sets of what has a domain (sets of any size,
    tuples of fixed length), attrs classes, unions.

    Raises: TypeError for a field without a domain.
    """
    found = (value for kind in classes for value in _values(kind, domains))
    return tuple(sorted(dict.fromkeys(found), key=canonical))


def _values(kind: Any, domains: Domains) -> Iterator[Any]:
    if kind in domains:
        yield from domains[kind]
    elif kind is bool:
        yield from (False, True)
    elif kind is None or kind is type(None):
        yield None
    elif isinstance(kind, type) and attrs.has(kind):
        yield from _instances(kind, domains)
    else:
        yield from _composed(kind, domains)


def _instances(kind: type, domains: Domains) -> Iterator[Any]:
    hints = typing.get_type_hints(kind)
    names = [a.name for a in attrs.fields(kind)]
    choices = [
        tuple(domains[kind, name])
        if (kind, name) in domains
        else tuple(_values(hints[name], domains))
        for name in names
    ]
    for chosen in product(*choices):
        yield kind(**dict(zip(names, chosen, strict=True)))


def _composed(kind: Any, domains: Domains) -> Iterator[Any]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is frozenset:
        members = tuple(_values(arguments[0], domains))
        for size in range(len(members) + 1):
            yield from map(frozenset, combinations(members, size))
    elif origin is tuple and Ellipsis not in arguments:
        yield from product(*(tuple(_values(argument, domains)) for argument in arguments))
    elif origin is not None and arguments and origin is not tuple:
        for argument in arguments:
            yield from _values(argument, domains)
    else:
        raise TypeError(f"no domain for {kind!r}: give one in `domains`")
