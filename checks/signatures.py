"""Which signatures exist: a correct node's only once that node has issued it."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from typing import Any

import attrs
from attrs import frozen

from coterie.checks.component import Component, Reaction
from coterie.model.machine import Node
from coterie.model.signature import Signature

SIGNATURES = "signatures"


@frozen(cache_hash=True)
class Issue:
    """These signatures now exist."""

    signatures: frozenset[Signature]


@frozen(cache_hash=True)
class Exist:
    """A guard: accepted when all these signatures exist."""

    signatures: frozenset[Signature]


@frozen
class IssuedSignatures(Component):
    """The set of the correct nodes' signatures that anybody may copy."""

    def react(self, value: Any, stimulus: Any) -> Iterable[Reaction]:
        """Add to the set, or ask it."""
        match stimulus:
            case Issue(signatures):
                return (Reaction(value | signatures),)
            case Exist(signatures) if signatures <= value:
                return (Reaction(value),)
        return ()


def signatures_in(value: Any, *signers: Node) -> frozenset[Signature]:
    """Return every signature of one of `signers` that `value` contains, at any depth."""
    return frozenset(found for found in _walk(value) if found.signer in signers)


def _walk(value: Any) -> Iterator[Signature]:
    match value:
        case Signature(content=content):
            yield value
            yield from _walk(content)
        case Mapping():
            for item in value.items():
                yield from _walk(item)
        case tuple() | AbstractSet():
            for item in value:
                yield from _walk(item)
        case _ if attrs.has(type(value)):
            for a in attrs.fields(type(value)):
                yield from _walk(getattr(value, a.name))
        case _ if is_dataclass(value):
            for each in fields(value):
                yield from _walk(getattr(value, each.name))
