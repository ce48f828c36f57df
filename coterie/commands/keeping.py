"""Where explorations are kept: `--checkpoint DIR` and `--memory SIZE`."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click
from attrs import frozen

from coterie.checks.cache.key import code_of
from coterie.checks.cache.sources import UnknownCodeError, sources
from coterie.checks.canonical import canonical
from coterie.commands.errors import UsageMistake

if TYPE_CHECKING:
    from coterie.checks.engine.checkpoint.saver import Checkpoints
    from coterie.commands.answering import Job

_UNITS = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGT])B?", re.IGNORECASE)

_OPTIONS = (
    click.option(
        "--checkpoint",
        metavar="DIR",
        help="Keep every finished level here; run again, it goes on where it was ended.",
    ),
    click.option(
        "--memory",
        metavar="SIZE",
        help="Keep states on the disk beyond that much memory, as 500M or 2G.",
    ),
)


@frozen
class Keeping:
    """Where explorations are kept.

    Attributes:
        folder: where each of them has its checkpoint; None where none is made.
        memory: how many bytes they may take before states and steps go to the disk; None for as
            many as the machine has.
    """

    folder: Path | None = None
    memory: int | None = None

    def check(self, jobs: Iterable["Job"]) -> None:
        """Refuse what cannot go well, before anything is explored.

        Raises: UsageMistake where a checkpoint is of another exploration, or `memory` is no help.
        """
        if self.memory is not None:
            _check_disk()
        if self.folder is not None:
            from coterie.checks.engine.checkpoint.folder import check_same  # noqa: PLC0415 (numba)

            with self.telling():
                for plan in filter(None, map(self.checkpoints, jobs)):
                    check_same(plan.folder, plan.identity)

    def checkpoints(self, job: "Job") -> "Checkpoints | None":
        """Return where a job is kept on disk, and what it is; None where it is not kept.

        Raises: UsageMistake where it cannot be told which code is checked.
        """
        if self.folder is None:
            return None
        from coterie.checks.engine.checkpoint.saver import Checkpoints  # noqa: PLC0415  (numba)

        if job.watched is not None:
            raise UsageMistake(
                "--checkpoint keeps no coverage", "Leave out --checkpoint, or --coverage."
            )
        try:
            code = code_of(sources())
            parameters = canonical(dict(job.parameters))
        except (UnknownCodeError, TypeError) as cause:
            raise UsageMistake(
                f"--checkpoint: it cannot be told what is checked: {cause}", "Put it into a file."
            ) from cause
        identity = {"check": job.name, "parameters": parameters, **code}
        return Checkpoints(self.folder / quote(job.name, safe=" "), identity)

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Say it as a mistake in how the command was called, when a checkpoint is refused.

        Raises: UsageMistake.
        """
        if self.folder is None:
            yield
            return
        from coterie.checks.engine.checkpoint.errors import CheckpointError  # noqa: PLC0415 (numba)

        try:
            yield
        except CheckpointError as error:
            raise UsageMistake(error.problem, error.remedy) from error


def keeping_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options; it is called with what they say as `keeping`."""

    @wraps(command)
    def collected(*arguments: Any, **options: Any) -> Any:
        folder, memory = options.pop("checkpoint"), options.pop("memory")
        if folder is not None and Path(folder).exists() and not Path(folder).is_dir():
            raise UsageMistake(f"--checkpoint {folder} is no folder", "Give the path of a folder.")
        keeping = Keeping(
            None if folder is None else Path(folder), None if memory is None else size(memory)
        )
        return command(*arguments, keeping=keeping, **options)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected


def size(text: str) -> int:
    """Return how many bytes `text` says: a number with K, M, G or T.

    Raises: UsageMistake where it says nothing, or nothing of the kind.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None or not float(found[1]):
        raise UsageMistake(f"--memory {text} is no size", "Write it as 500M or 2G.")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def _check_disk() -> None:
    from coterie.checks.engine.spill import disk_folder, is_in_memory  # noqa: PLC0415  (numba)

    folder, remedy = disk_folder(), "Set TMPDIR to a folder on a disk."
    if is_in_memory(folder):
        raise UsageMistake(f"--memory: {folder} is itself in memory", remedy)
    if not os.access(folder, os.W_OK):
        raise UsageMistake(f"--memory: {folder} cannot be written", remedy)
