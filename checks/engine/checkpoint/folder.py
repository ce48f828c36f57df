"""The directory of one exploration: journals, and the manifests that say how much of them counts.

A manifest is written last, to a file of its own that is then put in place, and the one before it is
kept. So at any moment there is a whole one, and what it speaks of lies unchanged on the disk.
"""

import fcntl
import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from coterie.checks.engine.checkpoint.errors import CheckpointError
from coterie.checks.engine.checkpoint.journal import Journal

KEPT = 2
_MANIFEST, _JOURNAL = ".manifest", ".journal"
_LOCK, _WRITING = "lock", "writing"
REMEDY = "Remove that directory to begin anew, or name another one."
_SHOWN = 60


class Folder:
    """A directory that belongs to one exploration, and to one process at a time.

    Raises: CheckpointError where it is in use, cannot be made, or holds something else.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._journals: dict[str, Journal] = {}
        self._number = 0
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._check_own()
            self._lock = (path / _LOCK).open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            problem = f"the checkpoint {path} is in use by another run"
            raise CheckpointError(problem, "Wait for its end, or name another one.") from cause
        except OSError as cause:
            raise self.unwritable(cause) from cause

    def _check_own(self) -> None:
        strange = [
            each.name
            for each in self.path.iterdir()
            if each.suffix not in {_MANIFEST, _JOURNAL} and each.name not in {_LOCK, _WRITING}
        ]
        if strange:
            raise CheckpointError(f"{self.path} holds what is no checkpoint: {strange[0]}", REMEDY)

    def unwritable(self, cause: OSError) -> CheckpointError:
        """Return what to say where the directory cannot be written."""
        problem = f"the checkpoint {self.path} cannot be written: {cause.strerror or cause}"
        remedy = "What it held before still counts: make room, and run this again."
        return CheckpointError(problem, remedy)

    def journal(self, name: str) -> Journal:
        """Return the journal of that name."""
        return self._journals.setdefault(name, Journal(self.path / f"{name}{_JOURNAL}"))

    def load(self, identity: Mapping[str, str]) -> dict[str, Any] | None:
        """Return what the newest whole manifest says; None where there is none at all.

        Raises: CheckpointError where it is of another exploration, or all are damaged.
        """
        manifests = self._manifests()
        for manifest in reversed(manifests):
            self._number = max(self._number, _number_of(manifest))
            content = _read(manifest)
            if content is not None:
                _check_same(self.path, content["identity"], identity)
                if self._is_whole(content["journals"]):
                    state: dict[str, Any] = content["state"]
                    return state
        if manifests:
            raise CheckpointError(f"the checkpoint {self.path} is damaged", REMEDY)
        return None

    def _is_whole(self, marks: Mapping[str, Any]) -> bool:
        return all(self.journal(name).is_at(tuple(mark)) for name, mark in marks.items())

    def write(self, identity: Mapping[str, str], state: Mapping[str, Any]) -> None:
        """Let what the journals hold count, together with `state`.

        Raises: OSError.
        """
        marks = {name: journal.mark() for name, journal in self._journals.items()}
        content = {"identity": dict(identity), "journals": marks, "state": state}
        body = json.dumps(content).encode()
        self._number += 1
        writing = self.path / _WRITING
        with writing.open("wb") as file:
            file.write(sha256(body).hexdigest().encode() + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        writing.replace(self.path / f"{self._number:08}{_MANIFEST}")
        self._sync()
        for old in self._manifests()[:-KEPT]:
            old.unlink()

    def _sync(self) -> None:
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _manifests(self) -> list[Path]:
        return sorted(self.path.glob(f"*{_MANIFEST}"))

    def close(self) -> None:
        """Let others use the directory."""
        self._lock.close()


def check_same(path: Path, identity: Mapping[str, str]) -> None:
    """Look into a directory, if it is there, without taking it.

    Raises: CheckpointError where it is of an exploration that differs in what `identity` says.
    """
    for manifest in sorted(path.glob(f"*{_MANIFEST}"))[-1:]:
        content = _read(manifest)
        if content is not None:
            there = content["identity"]
            _check_same(path, {name: there.get(name) for name in identity}, identity)


def _check_same(path: Path, there: Mapping[str, str], now: Mapping[str, str]) -> None:
    differences = [
        f"\n  {name}: {_short(there.get(name))} there, {_short(now.get(name))} now"
        for name in sorted({*there, *now})
        if there.get(name) != now.get(name)
    ]
    if differences:
        problem = f"the checkpoint {path} is of something else:{''.join(differences)}"
        raise CheckpointError(problem, REMEDY)


def _read(manifest: Path) -> dict[str, Any] | None:
    """Return what a manifest says, or None where it is damaged."""
    checksum, _, body = manifest.read_bytes().partition(b"\n")
    if sha256(body).hexdigest().encode() != checksum:
        return None
    content: dict[str, Any] = json.loads(body)
    return content


def _number_of(manifest: Path) -> int:
    return int(manifest.stem) if manifest.stem.isdigit() else 0


def _short(value: str | None) -> str:
    words = "nothing" if value is None else value
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"
