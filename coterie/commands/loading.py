"""Checks from a file of one's own, wherever it lies."""

import sys
import traceback
from collections.abc import Iterator
from difflib import get_close_matches
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from coterie.checks.catalogue import checks_in
from coterie.checks.check import Check
from coterie.commands.errors import UsageMistake

_FAMILY = "coterie_file_"
_CHECKS = "checks.py"


def is_path(name: str) -> bool:
    """Return whether `name` means a file or a folder rather than a check of the catalogue."""
    return name.endswith(".py") or "/" in name or name in {".", ".."}


def checks_of_file(name: str) -> list[Check]:
    """Return the checks that the file defines at its top level.

    A folder stands for every file `checks.py` in it and below.

    Raises: UsageMistake where there is no such file, it cannot be imported, or it has no check.
    """
    found = {id(check): check for path in _files(name) for check in _checks(path)}
    if not found:
        raise UsageMistake(
            f"{name} defines no check",
            "Put `CHECK = Check(name=…, about=…, world=…, properties=…)` at its top level.",
        )
    return list(found.values())


def imported(name: str) -> ModuleType:
    """Return the module that a file is.

    Raises: UsageMistake where there is no such file, or it cannot be imported.
    """
    path = Path(name)
    if not path.is_file():
        raise UsageMistake(f"there is no file {name}", "Give the path of a Python file.")
    return _imported(path)


def own_name(name: str) -> str:
    """Return how a user calls what is defined in the module `name`."""
    return name.removeprefix(_FAMILY)


def _files(name: str) -> list[Path]:
    path = Path(name)
    if path.is_file() and path.suffix == ".py":
        return [path]
    if path.is_file():
        raise UsageMistake(f"{name} is no Python file", "Its name must end with .py.")
    if not path.is_dir():
        raise UsageMistake(f"there is no file {name}", f"{nearest(name)}Give the path of a file.")
    found = sorted(_below(path))
    if not found:
        raise UsageMistake(
            f"the folder {name} has no file {_CHECKS}, nor has one below it",
            "Give the path of a Python file; `coterie new NAME` lays out a folder with checks.",
        )
    return found


def nearest(name: str) -> str:
    """Return the question whether the user has meant a file of like name, if there is one."""
    path = Path(name)
    others = [each.name for each in path.parent.glob("*.py")]
    sure = [f"{path.name}.py"] if f"{path.name}.py" in others else []
    near = sure or get_close_matches(path.name, others, n=1)
    return f"Did you mean {path.parent / near[0]}? " if near else ""


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files of checks, but for those in hidden folders and in what is installed."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise UsageMistake(
            f"the folder {folder} cannot be read: {error.strerror}", "Give one that you may read."
        ) from error
    for entry in entries:
        if entry.name == _CHECKS and entry.is_file():
            yield entry
        elif entry.is_dir() and not (entry.is_symlink() or _is_foreign(entry)):
            yield from _below(entry)


def _is_foreign(folder: Path) -> bool:
    installed = folder.name in {"node_modules", "site-packages"} or (folder / "pyvenv.cfg").exists()
    return installed or folder.name.startswith(".")


def _checks(path: Path) -> list[Check]:
    return checks_in(_imported(path))


def _imported(path: Path) -> ModuleType:
    """Return the module; its neighbours can be imported, as when Python runs a script.

    In a package it is imported as a part of that, so that its neighbours have their full names.
    """
    package = _package(path)
    root = path.resolve().parents[len(package)]
    before = sys.path[:]
    sys.path[:0] = dict.fromkeys([str(root), str(path.resolve().parent)])
    try:
        return _as_a_part(package, path, root) if package else _alone(path)
    except (Exception, SystemExit) as cause:
        raise UsageMistake(
            f"{path} cannot be imported: {type(cause).__name__}: {cause}",
            f"Mend {_line(cause, root) or path}",
        ) from cause
    finally:
        sys.path[:] = before


def _package(path: Path) -> list[str]:
    """Return the names of the packages that the file is in, the outermost first.

    None where that one is Python's own or coterie, which nothing may take the place of.
    """
    names: list[str] = []
    for folder in path.resolve().parents:
        if not (folder / "__init__.py").is_file() or not folder.name.isidentifier():
            break
        names.insert(0, folder.name)
    return [] if {*names[:1]} & {"coterie", *sys.stdlib_module_names} else names


def _as_a_part(package: list[str], path: Path, root: Path) -> ModuleType:
    """Return the module under its full name; one of that name from elsewhere makes room."""
    top = sys.modules.get(package[0])
    if top is not None and Path(top.__file__ or "").resolve().parent != root / package[0]:
        for name in [each for each in sys.modules if each.partition(".")[0] == package[0]]:
            del sys.modules[name]
    name = ".".join([*package, path.stem])
    sys.modules.pop(name, None)
    return import_module(name)


def _alone(path: Path) -> ModuleType:
    name = _FAMILY + path.stem.replace("-", "_")
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _line(error: BaseException, root: Path) -> str:
    """Return `file:line: source` where the user's file, or what it imports, went wrong."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}: {(error.text or '').strip()}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).resolve().is_relative_to(root):
            return f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line}"
    return ""
