"""Which names a new protocol may have: those of a package that hides no other."""

import keyword
import re
import sys
from importlib.machinery import PathFinder
from pathlib import Path

from coterie.commands.errors import UsageMistake

_EXAMPLE = "Give a name like `lease` or `two_rooms`: letters, digits and underscores."


def check_name(name: str) -> None:
    """Check that `name` can be a package's, and that of a check.

    Raises: UsageMistake where it cannot; the way out is a name that can, where one is near.
    """
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
        raise UsageMistake(f"{name!r} is no name of a Python package", _instead(name))
    if name.startswith("_"):
        raise UsageMistake(f"{name} begins with an underscore, as what is hidden", _plain(name))
    if name == "coterie" or name in sys.stdlib_module_names:
        owner = "coterie itself" if name == "coterie" else "Python's own library"
        raise UsageMistake(f"a package {name} would hide a part of {owner}", _other(name))
    if name == "tests":
        raise UsageMistake("the folder `tests` is for the tests", _other("a"))
    if name == "test":
        raise UsageMistake("the name test is taken for the tests", _other(name))
    if name == "conftest":
        raise UsageMistake("pytest looks there for its settings: conftest", _other(name))
    if _is_installed(name):
        raise UsageMistake(f"a package {name} is installed, and would be hidden", _other(name))


def _instead(name: str) -> str:
    """Return what the user may have meant."""
    near = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower()
    if keyword.iskeyword(near):
        return f"Python has that word for itself. {_other(near)}"
    if near and near[0].isdigit():
        near = f"protocol_{near}"
    return f"Did you mean {near}?" if near.isidentifier() else _EXAMPLE


def _plain(name: str) -> str:
    """Return what to call it without the underscores around its name."""
    plain = name.strip("_")
    if plain and plain[0].isdigit():
        return f"Choose another name, as in `coterie new protocol_{plain}`."
    return _other(plain) if plain else _EXAMPLE


def _other(name: str) -> str:
    return f"Choose another name, as in `coterie new {name}_protocol`."


def _is_installed(name: str) -> bool:
    here = Path.cwd().resolve()
    elsewhere = [path for path in sys.path if path and Path(path).resolve() != here]
    return PathFinder.find_spec(name, elsewhere) is not None
