"""Checks from a file of one's own, wherever it lies."""

import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from coterie.checks.catalogue import checks_in
from coterie.checks.check import Check
from coterie.commands.errors import UsageMistake

_FAMILY = "coterie_file_"


def is_path(name: str) -> bool:
    """Return whether `name` means a file rather than a check of the catalogue."""
    return name.endswith(".py") or "/" in name


def checks_of_file(name: str) -> list[Check]:
    """Return the checks that the file defines at its top level.

    Raises: UsageMistake where there is no such file, it cannot be imported, or it has no check.
    """
    path = Path(name)
    if not path.is_file():
        raise UsageMistake(f"there is no file {name}", "Give the path of a Python file.")
    found = checks_in(_imported(path))
    if not found:
        raise UsageMistake(
            f"{name} defines no check",
            "Put `CHECK = Check(name=…, about=…, world=…, properties=…)` at its top level.",
        )
    return list({id(check): check for check in found}.values())


def _imported(path: Path) -> ModuleType:
    """Return the module; its neighbours can be imported, as when Python runs a script."""
    name = _FAMILY + path.stem.replace("-", "_")
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as cause:
        del sys.modules[name]
        raise UsageMistake(
            f"{path} cannot be imported: {type(cause).__name__}: {cause}",
            f"Mend {_line(cause, path)}",
        ) from cause
    finally:
        sys.path.pop(0)
    return module


def _line(error: BaseException, path: Path) -> str:
    """Return `file:line: source` where the user's file, or what it imports, went wrong."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}: {(error.text or '').strip()}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).resolve().is_relative_to(path.resolve().parent):
            return f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line}"
    return str(path)
