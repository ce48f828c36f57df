"""Which code a verdict hangs on: every first-party source file, Python, and what is installed.

First-party is what is neither of Python's own library nor installed among the third-party
packages: all of coterie, and whatever a user's file has imported from elsewhere.
"""

import hashlib
import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType

from attrs import frozen

import coterie


class UnknownCodeError(Exception):
    """Code of which no fingerprint can be taken, so that nothing may be said of its age."""


@frozen(order=True)
class Source:
    """One file of code, as it is now.

    Attributes:
        module: the module that it defines; the same wherever the file lies.
        path: the file.
        digest: the SHA-256 of its content.
    """

    module: str
    path: Path
    digest: str


def sources() -> list[Source]:
    """Return every first-party file: all of coterie, and of others what is imported by now.

    Raises: UnknownCodeError where a file cannot be read, or a module has none.
    """
    found = {**dict(_imported()), **dict(_own())}
    return sorted(Source(module, path, digest(path)) for path, module in found.items())


def digest(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises: UnknownCodeError where it cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as cause:
        raise UnknownCodeError(f"{path.name} cannot be read: {cause.strerror}") from cause


def newest(files: Iterable[Source]) -> float:
    """Return when the latest of these files was changed, in seconds of the epoch.

    Raises: UnknownCodeError where one is gone.
    """
    try:
        return max((each.path.stat().st_mtime for each in files), default=0.0)
    except OSError as cause:
        raise UnknownCodeError(f"a source file is gone: {cause.filename}") from cause


def fingerprint(files: Iterable[Source]) -> str:
    """Return one hash for the contents of these files, wherever they lie."""
    contents = sorted((each.module, each.digest) for each in files)
    return hashlib.sha256(repr(contents).encode()).hexdigest()


def environment() -> Mapping[str, str]:
    """Return what else a verdict hangs on: Python, and every installed package's version."""
    return {
        "python": sys.version,
        "implementation": sys.implementation.cache_tag or sys.implementation.name,
        "optimised": str(sys.flags.optimize),
        "packages": ", ".join(sorted(_packages())),
    }


def first_party() -> Iterator[tuple[str, ModuleType]]:
    """Yield the imported modules of coterie, and others neither Python's own nor installed."""
    for name, module in sys.modules.copy().items():
        top = name.partition(".")[0]
        if top == "coterie" or not (_is_library(module) or _is_library(sys.modules.get(top))):
            yield name, module


def is_installed(path: Path) -> bool:
    """Return whether a file or folder is of Python's own library, or of an installed package."""
    return any(f"{each}/".startswith(_libraries()) for each in (path, os.path.realpath(path)))


def is_foreign(name: str) -> bool:
    """Return whether a module, or the package that it is in, is imported from a library."""
    return _is_library(sys.modules.get(name.partition(".")[0]))


def _packages() -> Iterator[str]:
    for folder in map(Path, _libraries()):
        for pattern in ("*.dist-info", "*.egg-info", "*.egg-link"):
            yield from (found.name for found in folder.glob(pattern))


def _own() -> Iterator[tuple[Path, str]]:
    package = Path(coterie.__file__).parent
    for entry in package.iterdir():
        inside = entry.resolve().rglob("*.py") if entry.is_dir() else [entry.resolve()]
        for path in inside:
            if path.suffix == ".py":
                within = path.relative_to(entry.resolve()) if entry.is_dir() else ""
                yield path, f"{package.name}/{entry.name}/{within}"


def _imported() -> Iterator[tuple[Path, str]]:
    for name, module in first_party():
        file = getattr(module, "__file__", None)
        if file is None and _has_code(name, module):
            raise UnknownCodeError(f"the module {name} comes from no file")
        if file is not None and not _starts_the_command(name, file):
            yield Path(file).resolve(), name


def _has_code(name: str, module: ModuleType) -> bool:
    """Return whether a module defines a function, unlike a bare folder or a compiler's helper."""
    own = [value for value in vars(module).values() if getattr(value, "__module__", None) == name]
    inside = [each for value in own if isinstance(value, type) for each in vars(value).values()]
    return any(isinstance(each, FunctionType) for each in (*own, *inside))


def _starts_the_command(name: str, file: str) -> bool:
    return name == "__main__" and file.startswith(sysconfig.get_path("scripts"))


def _is_library(module: ModuleType | None) -> bool:
    file: str | None = getattr(module, "__file__", None)
    if file is None:
        origin = getattr(getattr(module, "__spec__", None), "origin", None)
        return origin in {"built-in", "frozen"}
    return file.startswith(_libraries())


@cache
def _libraries() -> tuple[str, ...]:
    """Return the folders of what is installed, each with a slash at its end."""
    named = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    found = {*named, *site.getsitepackages(), site.getusersitepackages()}
    return tuple(f"{folder}/" for folder in sorted(found))
