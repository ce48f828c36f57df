"""The code that a check is about: its own module, and all of `model`, `spec` and `checks` below it.

A hash of that code tells whether what was once found may be shown of the present model. It is taken
of what the code says, not of how it is written: docstrings, comments and layout are left out. The
engine is left out too, with the records that it answers by, for it answers any question about any
world; what was recorded says which version of coterie has answered.
"""

import ast
import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib.util import find_spec, resolve_name
from pathlib import Path
from types import ModuleType
from typing import Any

from attrs import frozen

import coterie
from coterie.checks.cache.sources import (
    UnknownCodeError,
    first_party,
    is_foreign,
    is_installed,
)
from coterie.checks.check import Check

OWN = "coterie"
ROOMS = (f"{OWN}.model", f"{OWN}.spec", f"{OWN}.checks")
ENGINE = f"{OWN}.checks.engine"
CATALOGUE = f"{OWN}.checks.catalogue"
_PACKAGE = "__init__.py"
ANSWERS = (ENGINE, f"{OWN}.checks.result")


@frozen
class Content:
    """What the text of a module says.

    Attributes:
        digest: the SHA-256 of its syntax tree, without docstrings.
        imports: what may be a module that it imports, by its name as written there.
        imported: the names that it has by importing them.
    """

    digest: str
    imports: tuple[str, ...]
    imported: frozenset[str]


class Codes:
    """The code of checks, as it stands on the disk: every file is read once.

    One object is for one look at the code; make another to look again.
    """

    def __init__(self) -> None:
        self._modules: dict[str, ModuleType] = {}
        self._places: dict[int, list[tuple[str, str]]] = {}
        self._files: dict[str, Path] = {}
        self._contents: dict[str, Content] = {}
        self._known: dict[str, tuple[str, ...]] = {}

    def _look(self) -> None:
        """Look at what is imported by now."""
        self._modules, self._places = dict(first_party()), {}
        for name, module in self._modules.items():
            for variable, value in vars(module).copy().items():
                if isinstance(value, Check):
                    self._places.setdefault(id(value), []).append((name, variable))

    def of(self, check: Check) -> str:
        """Return the hash of the code that `check` is about: 64 hexadecimal digits.

        Raises: UnknownCodeError where the check stands in no module, or a file cannot be read.
        """
        return self._hash(self.modules(check))

    def of_module(self, name: str) -> str:
        """Return the hash of the code that stands in a module, or below it.

        Raises: UnknownCodeError where a file cannot be read.
        """
        if name not in self._modules:
            self._look()
        return self._hash(self._closure([name]))

    def _hash(self, names: Iterable[str]) -> str:
        said = [(name, self._content(name).digest) for name in names]
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def modules(self, check: Check) -> tuple[str, ...]:
        """Return the names of the modules that `check` is about, in alphabetical order.

        Raises: UnknownCodeError as `of` does.
        """
        return self._closure(self._roots(check))

    def file_of(self, check: Check) -> Path:
        """Return the file that has made `check`.

        Raises: UnknownCodeError where there is none.
        """
        name = self._home(check)
        file = self._file(name)
        if file is None:
            raise UnknownCodeError(f"the module {name} comes from no file")
        return file

    def _closure(self, names: Iterable[str]) -> tuple[str, ...]:
        found = set(names)
        todo = list(found)
        while todo:
            new = set(self._below(todo.pop())) - found
            found |= new
            todo += new
        return tuple(sorted(found))

    def imports(self, name: str) -> tuple[str, ...]:
        """Return what a module imports, as it is written there: a module, or one and a name."""
        return self._content(name).imports

    def _roots(self, check: Check) -> Iterator[str]:
        """Yield where the check stands, and where its functions do."""
        yield self._home(check)
        functions: list[Callable[..., Any]] = [check.world]
        functions += [mutant.world for mutant in check.mutants.values()]
        functions += [claim.function for claim in check.properties]
        functions += [claim.premise for claim in check.properties if claim.premise]
        for function in functions:
            name = _module_of(function)
            if name in self._modules and _is_ours(name):
                yield name

    def _home(self, check: Check) -> str:
        """Return the module that has made `check`, of those that have it under some name."""
        if id(check) not in self._places:
            self._look()
        places = self._places.get(id(check), [])
        if not places:
            raise UnknownCodeError(f"the check {check.name} stands in no module")
        places = [each for each in places if _is_below(each[0], CATALOGUE)] or places
        own = [name for name, variable in places if variable not in self._content(name).imported]
        made = own or [name for name, _ in places]
        return min(made, key=lambda name: (name != _module_of(check.world), name))

    def _below(self, name: str) -> tuple[str, ...]:
        if name not in self._known:
            named = {
                module
                for each in self.imports(name)
                for module in self._named(name, each)
                if _is_ours(module)
            }
            named.update(self._around(name))
            self._known[name] = tuple(sorted(named))
        return self._known[name]

    def _around(self, name: str) -> Iterator[str]:
        """Yield the packages that a user's module is in, for they are imported before it."""
        above = name.rpartition(".")[0]
        while above and not _is_below(name, OWN):
            if self._file(above, name) is not None:
                yield above
            above = above.rpartition(".")[0]

    def _named(self, importer: str, written: str) -> Iterator[str]:
        """Yield the modules that `written` means in `importer`: a module, or one and a name."""
        try:
            package = self._package(importer)
            name = resolve_name(written, package) if written.startswith(".") else written
        except ImportError:
            return  # which is what the import itself ends in
        above, _, last = name.rpartition(".")
        if OWN in {name, above}:
            yield from _public(last if above else "")
        may_be = (above,) if self._is_no_package(above) else (name, above)
        for each in may_be:
            if each and self._file(each, importer) is not None:
                yield each
                return

    def _is_no_package(self, name: str) -> bool:
        return name in self._modules and not hasattr(self._modules[name], "__path__")

    def _content(self, name: str) -> Content:
        if name not in self._contents:
            file = self._file(name)
            if file is None:
                raise UnknownCodeError(f"the module {name} comes from no file")
            self._contents[name] = _read(file)
        return self._contents[name]

    def _file(self, name: str, importer: str = "") -> Path | None:
        """Return the file of a module, which need not be imported yet; None for a library's."""
        if name not in self._files:
            found = self._located(name, importer)
            if found is None:
                return None
            self._files[name] = found
        return self._files[name]

    def _located(self, name: str, importer: str) -> Path | None:
        if name in self._modules:
            file = getattr(self._modules[name], "__file__", None)
            return Path(file) if file else None
        if name.startswith(ROOMS):
            return _unimported(name)
        beside = self._file(importer) if importer else None
        if beside is None or _is_below(importer, OWN) or _is_below(name, OWN) or is_foreign(name):
            return None
        depth = len(_parts(self._package(importer)))
        own = (beside.parents[depth], beside.parent) if depth < len(beside.parents) else ()
        return _user_file(name, (*own, *map(Path, sys.path)))

    def _package(self, name: str) -> str:
        if name in self._modules:
            return str(getattr(self._modules[name], "__package__", None) or "")
        file = self._file(name)
        is_package = file is not None and file.name == _PACKAGE
        return name if is_package else name.rpartition(".")[0]


def code_of(check: Check) -> str:
    """Return the hash of the code that `check` is about, as it stands on the disk.

    Raises: UnknownCodeError where it cannot be told which code that is.
    """
    return Codes().of(check)


def _is_ours(name: str) -> bool:
    """Return whether a module counts: of coterie's, those of the rooms below, but no engine."""
    if name.partition(".")[0] != OWN:
        return True
    return _is_below(name, *ROOMS) and not _is_below(name, *ANSWERS)


def _is_below(name: str, *above: str) -> bool:
    return any(f"{name}.".startswith(f"{each}.") for each in above)


def _public(name: str) -> Iterator[str]:
    """Yield the modules behind a public name of coterie; of all where none is named."""
    for public, room in coterie._ROOM_OF.items():  # noqa: SLF001  (its own list of what is public)
        if name in {"", public}:
            yield f"{OWN}.{room}"


def _module_of(function: Callable[..., Any]) -> str:
    while isinstance(function, partial):
        function = function.func
    return str(getattr(function, "__module__", ""))


def _unimported(name: str) -> Path | None:
    try:
        spec = find_spec(name)
    except ImportError:
        return None
    return Path(spec.origin) if spec and spec.origin else None


def _parts(name: str) -> list[str]:
    return name.split(".") if name else []


def _user_file(name: str, roots: Iterable[Path]) -> Path | None:
    """Return the file of a module that is found below one of these folders, unless of a library.

    It is looked for by its path, since asking Python would import the packages that it is in.
    """
    for root in roots:
        if not is_installed(root):
            place = root.joinpath(*_parts(name))
            for file in (place / _PACKAGE, place.with_name(f"{place.name}.py")):
                if os.path.isfile(file):  # noqa: PTH113  (also in a folder that nobody may read)
                    return file
    return None


def _read(file: Path) -> Content:
    try:
        return _content(file.read_bytes())
    except OSError as cause:
        raise UnknownCodeError(f"{file.name} cannot be read: {cause.strerror}") from cause
    except SyntaxError as cause:
        raise UnknownCodeError(f"{file.name}:{cause.lineno}: {cause.msg}") from cause


@cache
def _content(source: bytes) -> Content:
    words: list[str] = []
    imports: list[ast.Import | ast.ImportFrom] = []
    _write(ast.parse(source), words, imports)
    return Content(
        hashlib.sha256("\n".join(words).encode()).hexdigest(),
        tuple(sorted({name for each in imports for name in _written(each)})),
        frozenset(alias.asname or alias.name for each in imports for alias in each.names),
    )


def _written(statement: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Yield the modules that an import may name, a relative one with its dots."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
        return
    dots, module = "." * statement.level, statement.module or ""
    for alias in statement.names:
        yield f"{dots}{module}{'.' if module else ''}{alias.name}"


def _write(node: ast.AST, words: list[str], imports: list[ast.Import | ast.ImportFrom]) -> None:
    """Write a syntax tree down, without docstrings, and the same in every version of Python.

    What is not there is left out, since a later Python may know of more that can be there.
    """
    words.append(f"({type(node).__name__}")
    if isinstance(node, ast.Import | ast.ImportFrom):
        imports.append(node)
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            words.append(name)
            _write(value, words, imports)
        elif isinstance(value, list):
            written = [each for each in value if not _is_docstring(each)]
            if written:
                words.append(f"{name}[")
                for each in written:
                    if isinstance(each, ast.AST):
                        _write(each, words, imports)
                    else:
                        words.append(repr(each))
                words.append("]")
        elif value is not None:
            words.append(f"{name}={value!r}")
    words.append(")")


def _is_docstring(value: Any) -> bool:
    """Return whether a statement is a text and nothing else, wherever it stands."""
    return (
        isinstance(value, ast.Expr)
        and isinstance(value.value, ast.Constant)
        and isinstance(value.value.value, str)
    )
