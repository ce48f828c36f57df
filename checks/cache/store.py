"""The folder of kept verdicts: one file an entry, written whole or not at all.

An entry is JSON: the key's whole text, the sources as they were when the exploration was over, the
result, and a checksum of all that. Several processes may use one folder: each writes to a file of
its own, and puts it in place at once.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import frozen

from coterie.checks.cache.entry import NotKeptError
from coterie.checks.cache.key import Key
from coterie.checks.cache.sources import Source, UnknownCodeError, digest


@frozen
class Store:
    """The entries in a folder.

    Attributes:
        folder: where they are; made when the first one is put there.
    """

    folder: Path

    def file(self, key: Key) -> Path:
        """Return where the entry of `key` is kept."""
        return self.folder / f"{key.name}.json"

    def get(self, key: Key) -> Mapping[str, Any] | None:
        """Return the result that is kept under `key`; None where there is none.

        Raises: NotKeptError where there is one that is not to be believed.
        """
        try:
            text = self.file(key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as cause:
            raise NotKeptError(f"it cannot be read: {cause.strerror}") from cause
        return self._checked(key, text)

    def _checked(self, key: Key, text: bytes) -> Mapping[str, Any]:
        checksum, _, body = text.partition(b"\n")
        if checksum != _checksum(body):
            raise NotKeptError("it is damaged: its checksum is not that of its content")
        try:
            entry = json.loads(body)
            same = entry["key"] == key.text
            changed = [path for path, was in entry["sources"].items() if digest(Path(path)) != was]
            result: Mapping[str, Any] = entry["result"]
        except (ValueError, KeyError, TypeError, AttributeError) as cause:
            raise NotKeptError(f"it cannot be read: {cause}") from cause
        except UnknownCodeError as cause:
            raise NotKeptError(str(cause)) from cause
        if not same or changed:
            raise NotKeptError(f"it is of other sources: {Path(changed[0]).name}" if same else "")
        return result

    def put(self, key: Key, result: Mapping[str, Any], files: Iterable[Source]) -> None:
        """Keep `result` under `key`.

        Raises: NotKeptError where it cannot be written.
        """
        sources = {str(each.path): each.digest for each in files}
        entry = {"key": key.text, "sources": sources, "result": result}
        body = json.dumps(entry).encode()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _replace(self.file(key), _checksum(body) + b"\n" + body)
        except OSError as cause:
            raise NotKeptError(f"{self.folder} cannot be written: {cause.strerror}") from cause

    def set_aside(self, key: Key) -> Path:
        """Let the entry of `key` be nobody's answer any more; return where it can be looked at."""
        aside = self.file(key).with_suffix(".differs")
        self.file(key).replace(aside)
        return aside


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _replace(file: Path, content: bytes) -> None:
    """Write `content` to `file`: after a crash there is the old file or the new one."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(file)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
