"""Rows and steps in files, so that they need no memory while nobody looks at them.

They are mapped: what is read or written is in memory, as elsewhere. When the process has come to
half of what the limit leaves free, all of that is written to the disk and let go, and what is still
needed comes back as it is touched. The index, the answers and the buffers stay in memory always.
"""

import os
import tempfile
from pathlib import Path
from threading import Lock
from typing import TypeVar
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from coterie.checks.engine.arena import Arena
from coterie.checks.engine.memory import resident_bytes

A = TypeVar("A", bound=NDArray[np.generic])

FREE_LEAST = 1 << 28
_WORD = 8
_WORDS_MOST, _WORDS_LEAST = 1 << 37, 1 << 24


class Spill:
    """Makes arrays that can be let go, and lets them go in time.

    Attributes:
        most: how much memory the process should have, in bytes.
        folder: where the files are; nobody sees them, and they end with the process.
        times: how often everything was let go.
    """

    def __init__(self, most: int, folder: Path | None = None) -> None:
        self.most = most
        self.folder = disk_folder() if folder is None else folder
        self.times = 0
        self._arenas: WeakSet[Arena] = WeakSet()
        self._left = 0
        self._lock = Lock()
        self._kept: Arena | None = None
        self._end = 0

    def arena(self, rows: int, width: int) -> Arena:
        """Return an arena in a file of its own.

        Raises: MemoryError where the file system or the address space has no room for it.
        """
        file = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115 (it lives with the arena)
        arena = Arena(rows, width, file)
        self._arenas.add(arena)
        return arena

    def keep(self, array: A) -> A:
        """Return a copy of `array` in a file.

        Raises: MemoryError where there is no room.
        """
        if self._kept is None:
            self._kept = self._largest()
        words = -(-array.nbytes // _WORD)
        begin, end = self._end, self._end + words
        if end > len(self._kept.array):
            raise MemoryError("there is no address space for more steps")
        self._end = end
        copy = self._kept.array[begin:end].reshape(-1).view(np.uint8)[: array.nbytes]
        kept = copy.view(array.dtype).reshape(array.shape)
        kept[...] = array
        return kept  # type: ignore[return-value]

    def _largest(self) -> Arena:
        words = _WORDS_MOST
        while True:
            try:
                return self.arena(words, 1)
            except MemoryError:
                words //= 2
                if words < _WORDS_LEAST:
                    raise

    def relieve(self) -> None:
        """Let everything go, if it is time.

        Raises: MemoryError where the disk is nearly full: later there would be no error, but a
            signal that ends the process.
        """
        disk = os.statvfs(self.folder)
        if disk.f_bavail * disk.f_frsize < FREE_LEAST:
            raise MemoryError(f"the disk of {self.folder} is nearly full")
        if resident_bytes() > (self._left + self.most) // 2 and self._lock.acquire(blocking=False):
            try:
                for arena in list(self._arenas):
                    arena.let_go()
                self._left = resident_bytes()
                self.times += 1
            finally:
                self._lock.release()


def disk_folder() -> Path:
    """Return where large temporary files go: TMPDIR if it is set, else /var/tmp if there is one."""
    lasting = Path("/var/tmp")  # noqa: S108 (files without a name; /tmp is often in memory)
    if "TMPDIR" not in os.environ and lasting.is_dir():
        return lasting
    return Path(tempfile.gettempdir())


def is_in_memory(folder: Path) -> bool:
    """Return whether the files in `folder` are kept in memory, as far as the system tells."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return False
    lines = [line.split() for line in mounts.read_text(encoding="utf-8").splitlines()]
    kinds = {Path(place): kind for _, place, kind, *_ in lines}
    here = folder.resolve()
    kind = next((kinds[each] for each in (here, *here.parents) if each in kinds), "")
    return kind in {"tmpfs", "ramfs"}
