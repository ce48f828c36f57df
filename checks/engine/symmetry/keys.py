"""Sort keys that are blind to names: what a value says of a node, whatever the node is called."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from hashlib import blake2b
from typing import Any

from coterie.checks.canonical import canonical
from coterie.checks.engine.symmetry.renaming import fields_of
from coterie.model.machine import Node

Name = Callable[[Node], str]


def mentioned(value: Any, among: Mapping[Node, int]) -> list[Node]:
    """Return those nodes of `among` that `value` mentions, in the order of their numbers."""
    found: set[Node] = set()

    def note(node: Node) -> str:
        found.add(node)
        return ""

    _text(value, note)
    return sorted(found & among.keys(), key=lambda node: among[node])


def weight(key: Any, value: Any, node: Node, among: Mapping[Node, int], *, multiset: bool) -> int:
    """Return 64 bits for what `value`, at `key`, says of `node`.

    Effect: the same for another node of the same role where everything is renamed accordingly.

    Attributes:
        among: the interchangeable nodes; of those, only the roles count.
        multiset: whether the order in `value` is that of its parts' texts, and no more.
    """

    def name(other: Node) -> str:
        if other == node:
            return "itself"
        return f"some {other.role}" if other in among else str(other)

    parts = [_text(part, name) for part in value] if multiset else [_text(value, name)]
    text = "\n".join([_text(key, name), *sorted(parts)])
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _text(value: Any, name: Name) -> str:
    """Return the canonical text of `value`, with every node called by its `name`."""
    match value:
        case Node():
            return name(value)
        case tuple():
            return f"{type(value).__name__}({', '.join(_text(item, name) for item in value)})"
        case Mapping():
            items = sorted(f"{_text(k, name)}: {_text(item, name)}" for k, item in value.items())
            return "{" + ", ".join(items) + "}"
        case AbstractSet():
            return "{" + ", ".join(sorted(_text(item, name) for item in value)) + "}"
    kind = type(value)
    parts = [_text(getattr(value, field), name) for field, _ in fields_of(kind)]
    return f"{kind.__name__}({', '.join(parts)})" if parts else canonical(value)
