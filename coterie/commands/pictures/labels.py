"""Short names for values: what fits beside a point, with the whole text elsewhere."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import attrs

from coterie.commands.words import text
from coterie.model.keyed import At
from coterie.model.machine import Node, Receive
from coterie.model.stacked import Above, Below

LONGEST = 28
ELLIPSIS = "…"
_DEEPEST = 4


def cut(words: str, longest: int = LONGEST) -> str:
    """Return `words`, shortened where they are longer than that."""
    return words if len(words) <= longest else words[: max(1, longest - 1)].rstrip() + ELLIPSIS


def fitting(words: str, longest: int = LONGEST) -> str:
    """Return a brief value, shortened between two of its arguments where it is too long."""
    if len(words) <= longest:
        return words
    head = words[: max(1, longest - 2)]
    depth, end = 0, 0
    for place, letter in enumerate(head):
        depth += (letter in "({[") - (letter in ")}]")
        if depth == 1 and letter in "({[,":
            end = place + 1
    if not end:
        return cut(words, longest)
    kept = head[:end]
    return f"{kept} …)" if kept.endswith(",") and end + 3 <= longest else f"{kept.rstrip(',')}…)"


def brief(value: Any) -> str:
    """Return `value` without the names of fields, and without what carries it.

    A message for one of many objects, or for a layer, is named by what is in it.
    """
    match value:
        case At(key, inner):
            return f"{brief(key)}: {brief(inner)}"
        case Above(inner) | Below(inner):
            return brief(inner)
        case Receive(sender, message):
            return f"{brief(message)} from {sender}"
        case Node():
            return str(value)
        case tuple() if type(value) is tuple:
            return f"({', '.join(map(brief, value))})"
        case Mapping():
            pairs = sorted((brief(key), brief(item)) for key, item in value.items())
            return "{" + ", ".join(f"{key}: {item}" for key, item in pairs) + "}"
        case AbstractSet():
            return "{" + ", ".join(sorted(map(brief, value))) + "}"
        case _ if attrs.has(type(value)):
            fields = (brief(getattr(value, a.name)) for a in attrs.fields(type(value)))
            inside = ", ".join(fields)
            return f"{type(value).__name__}({inside})" if inside else type(value).__name__
    return text(value)


def kind(message: Any) -> str:
    """Return what kind of message it is: the name of its class, without what carries it."""
    match message:
        case At(_, inner) | Above(inner) | Below(inner):
            return kind(inner)
    return type(message).__name__


def views(state: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield the views in a state, its fields that are called `view`: where, in short, and whole.

    Looked for in the fields of fields, but not in what a collection holds: those are views of
    others, or views that are over.
    """
    if not attrs.has(type(state)) or path.count(".") > _DEEPEST:
        return
    for name in (a.name for a in attrs.fields(type(state))):
        value = getattr(state, name)
        if name == "view":
            yield f"{path}.{name}", _view(value), text(value)
        else:
            yield from views(value, f"{path}.{name}")


def _view(value: Any) -> str:
    number = brief(getattr(value, "number", value))
    members = getattr(value, "members", None)
    if not isinstance(members, tuple | frozenset):
        return f"view {number}"
    nodes = members if isinstance(members, tuple) else sorted(members, key=text)
    roles = {getattr(node, "role", None) for node in nodes}
    same = len(roles) == 1 and None not in roles
    names = [str(node.index if same else node) for node in nodes]
    return f"view {number}: {', '.join(names) or 'nobody'}"
