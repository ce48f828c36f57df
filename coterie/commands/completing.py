"""What a shell offers where a check's name is expected: names, part by part, and files.

Names are kept in the user's cache, for to import the catalogue takes longer than anybody waits for
a Tab; they are read again whenever a file of the catalogue or of the properties has changed.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

import coterie

_ROOMS = ("checks", "spec")


def names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the checks, prefixes and properties that begin with `incomplete`, and files."""
    del context, parameter
    found = [CompletionItem(each) for each in offered(incomplete, known())]
    return found or [CompletionItem(incomplete, type="file")]


def offered(incomplete: str, every: Iterable[str]) -> list[str]:
    """Return how `incomplete` may go on, up to the next dot.

    Where there is one way only, and names below it, these are offered as well: else the shell would
    take the word for finished.
    """
    below = [name for name in every if name.startswith(incomplete)]
    found = _parts(below, incomplete.count("."))
    if len(found) == 1 and any(name.startswith(f"{found[0]}.") for name in below):
        found += _parts(below, found[0].count(".") + 1)
    return list(dict.fromkeys(found))


def _parts(every: Iterable[str], dots: int) -> list[str]:
    return sorted({".".join(name.split(".")[: dots + 1]) for name in every})


def known() -> list[str]:
    """Return the name of every property, with its check's before it; from the cache if it can be.

    What cannot be kept is found anew each time.
    """
    state, file = _state(), _file()
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept["state"] == state:
            return [str(name) for name in kept["names"]]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found = _found()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"state": state, "names": found}), encoding="utf-8")
    except OSError:
        pass
    return found


def _found() -> list[str]:
    from coterie.checks.catalogue import catalogue  # noqa: PLC0415  (only where it is not kept)

    return [f"{check.name}.{claim.name}" for check in catalogue() for claim in check.properties]


def _file() -> Path:
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(folder) / "coterie" / "names.json"


def _state() -> list[str | int]:
    """Return what the names hang on: where coterie is, and its files' number and latest change."""
    package = Path(coterie.__file__).parent
    times = [path.stat().st_mtime_ns for room in _ROOMS for path in _files(package / room)]
    return [str(package), len(times), max(times, default=0)]


def _files(room: Path) -> Iterable[Path]:
    return room.resolve().rglob("*.py")
