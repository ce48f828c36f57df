"""Where something is defined: a file of the repository, and a line in it."""

import ast
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from attrs import frozen

_ROOMS = ("model", "spec", "checks", "impl")


@frozen(order=True)
class Place:
    """A line of a source file.

    Attributes:
        file: its path, from the root of the repository (of the current folder, for a user's own).
        line: the line, counted from 1.
    """

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def place_of(thing: Any) -> Place | None:
    """Return where a class or function is defined; None where that cannot be told."""
    while isinstance(thing, partial):
        thing = thing.func
    thing = inspect.unwrap(thing) if callable(thing) else type(thing)
    file = file_of(getattr(thing, "__module__", ""))
    code = getattr(thing, "__code__", None)
    if file is None:
        return None
    if code is not None:
        return Place(file, code.co_firstlineno)
    line = _lines(thing.__module__).get(thing.__qualname__)
    return Place(file, line) if line else None


@cache
def tree_of(module: str) -> ast.Module:
    """Return the syntax tree of a module that is imported; an empty one where it has no source."""
    known = sys.modules.get(module)
    path = getattr(known, "__file__", None) or ""
    if not path.endswith(".py"):
        return ast.Module([], [])
    return ast.parse(Path(path).read_text(encoding="utf-8"))


@cache
def _lines(module: str) -> dict[str, int]:
    """Return the line of each class of a module, by its qualified name."""
    return dict(_classes(tree_of(module), ""))


def _classes(node: ast.AST, above: str) -> Iterator[tuple[str, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield f"{above}{child.name}", child.lineno
            yield from _classes(child, f"{above}{child.name}.")


def file_of(module: str) -> str | None:
    """Return the file of a module, as the repository names it; None where it has none."""
    known = sys.modules.get(module)
    path: str | None = getattr(known, "__file__", None)
    if path is None:
        return None
    first, *rest = module.split(".")
    if first == "coterie" and rest:
        parts = rest if rest[0] in _ROOMS else [first, *rest]
        if path.endswith("__init__.py"):
            parts = [*parts, "__init__"]
        return "/".join(parts) + ".py"
    return str(os.path.relpath(path))


def step_of(machine: type) -> Callable[..., Any]:
    """Return the transition function of a machine's class."""
    function: Callable[..., Any] = inspect.unwrap(machine.step)  # type: ignore[attr-defined]
    return function
