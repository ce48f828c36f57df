"""The functions of a model: their syntax trees, their live code, and what they are called."""

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from inspect import unwrap
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Protocol

import attrs
from attrs import frozen

from coterie.checks.errors import ModelError
from coterie.checks.mutation.operators import Change, Replace, changes
from coterie.model.machine import Machine

OURS = "coterie."
MODEL = f"{OURS}model."
DIGITS = 12
_CHANGED = "{} has changed since it was imported: start again"
UNREAD = frozenset({"__repr__", "__str__"})


class Source:
    """One module of a model.

    Attributes:
        module: the module as it is imported.
        file: the name under which its code objects were compiled.
    """

    def __init__(self, module: ModuleType) -> None:
        assert module.__file__ is not None
        self.module = module
        self.file = module.__file__
        self._text = Path(self.file).read_text(encoding="utf-8")
        self._tree = ast.parse(self._text)

    @property
    def name(self) -> str:
        """What to call it: the module's name without what all of them share."""
        name = self.module.__name__.removeprefix(MODEL).removeprefix(OURS)
        return name.removeprefix("coterie_file_")

    @cached_property
    def functions(self) -> tuple["Function", ...]:
        """Its functions and methods, in the order of the source.

        Raises: ModelError where the file is no longer what was imported.
        """
        found, code = [], self.compiled()
        comparable = not _is_rewritten(self.module)
        for names, node in _definitions(self._tree, ()):
            live = _live(self.module, names)
            if live is not None and names[-1] not in UNREAD:
                function = Function(self, ".".join(names), node, live)
                if comparable and function.within(code).co_code != live.__code__.co_code:
                    raise ModelError(_CHANGED.format(self.file))
                found.append(function)
        return tuple(found)

    def compiled(self) -> CodeType:
        """Return the code of the whole module as its tree now is."""
        return compile(self._tree, self.file, "exec", dont_inherit=True)

    def replace(self, old: ast.AST, new: ast.AST) -> None:
        """Put `new` in the place of `old` in the tree."""
        Replace(old, new).visit(self._tree)


def _is_rewritten(module: ModuleType) -> bool:
    """Return whether pytest has imported the module, with its own form of every `assert`."""
    loader = type(getattr(module.__spec__, "loader", None))
    return loader.__module__.startswith("_pytest.")


class PlainFunction(Protocol):
    """A function written in Python: its code can be exchanged."""

    __code__: CodeType


@frozen(eq=False)
class Function:
    """One function or method of a model.

    Attributes:
        source: the module it stands in.
        qualname: its name in the module, as `Manager.step`.
        node: its definition in the tree.
        live: the function that everybody calls.
    """

    source: Source
    qualname: str
    node: ast.FunctionDef
    live: PlainFunction

    @property
    def name(self) -> str:
        """Its name, with its module's."""
        return f"{self.source.name}.{self.qualname}"

    @property
    def lines(self) -> range:
        """The lines of its definition."""
        return range(self.live.__code__.co_firstlineno, (self.node.end_lineno or 0) + 1)

    @property
    def digest(self) -> str:
        """A few digits that change when the function does, its docstring and layout apart."""
        body = self.node.body[1:] if ast.get_docstring(self.node) else self.node.body
        written = "\n".join(ast.dump(each) for each in [self.node.args, *body])
        return hashlib.sha256(written.encode()).hexdigest()[:DIGITS]

    def changes(self) -> list[Change]:
        """Return every small change to it."""
        return changes(self.node)

    def compiled(self, change: Change) -> CodeType:
        """Return its code, with `change` made."""
        self.source.replace(change.target, change.replacement)
        try:
            return self.within(self.source.compiled())
        finally:
            self.source.replace(change.replacement, change.target)

    def within(self, module: CodeType) -> CodeType:
        """Return its code, somewhere in the code of its module.

        Raises: ModelError where it is not there.
        """
        wanted = (self.qualname, self.live.__code__.co_firstlineno)
        todo = [module]
        while todo:
            for each in todo.pop().co_consts:
                if isinstance(each, CodeType):
                    if (each.co_qualname, each.co_firstlineno) == wanted:
                        return each
                    todo.append(each)
        raise ModelError(_CHANGED.format(self.source.file))


def _definitions(
    tree: ast.Module | ast.ClassDef, above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield (*above, node.name), node
        elif isinstance(node, ast.ClassDef):
            yield from _definitions(node, (*above, node.name))


def _live(module: ModuleType, names: Iterable[str]) -> PlainFunction | None:
    """Return the function of that name; None where something else has taken its place."""
    found: Any = module
    for name in names:
        found = vars(found).get(name)
        if found is None:
            return None
    for inner in ("__func__", "fget", "func", "claim"):
        found = getattr(found, inner, found)
    found = unwrap(found) if callable(found) else found
    if isinstance(found, FunctionType) and found.__module__ == module.__name__:
        return found
    return None


def sources(machines: Iterable[Machine[Any, Any]]) -> list[Source]:
    """Return the modules that the code of these machines may stand in.

    They are the machines' own modules, for our own protocols all of the room `model`, and for a
    user's file its neighbours in the same folder. A file that was imported twice counts once.
    """
    roots = {name for machine in machines for name in _modules(machine)}
    folders = {_folder(name) for name in roots if not name.startswith(OURS)} - {None}
    chosen = [
        name
        for name in sys.modules
        if name in roots or name.startswith(MODEL) or _folder(name) in folders
    ]
    by_file = {_file(name): name for name in sorted(chosen, key=roots.__contains__)}
    return [source_of(sys.modules[name]) for file, name in by_file.items() if file]


@cache
def source_of(module: ModuleType) -> Source:
    """Return the source of `module`, read once."""
    return Source(module)


def _modules(machine: Any) -> Iterator[str]:
    """Yield the modules of a machine's class, and of the functions and machines in its fields."""
    for kind in type(machine).__mro__:
        if issubclass(kind, Machine):
            yield kind.__module__
    for each in attrs.fields(type(machine)) if attrs.has(type(machine)) else ():
        value = getattr(machine, each.name)
        if isinstance(value, Machine):
            yield from _modules(value)
        elif isinstance(value, FunctionType):
            yield value.__module__


def _file(name: str) -> str | None:
    file = getattr(sys.modules.get(name), "__file__", None)
    return file if file and file.endswith(".py") else None


def _folder(name: str) -> Path | None:
    file = _file(name)
    return Path(file).resolve().parent if file and not name.startswith(OURS) else None
