"""Arrays that grow without being copied: address space is reserved, memory taken when touched."""

import mmap
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO

import numpy as np
from numpy.typing import NDArray

_NO_RESERVE = {"linux": 0x4000, "darwin": 0x0040}.get(sys.platform, 0)
ROWS_MAX = 1 << 32
_ROWS_MIN = 1 << 20
HEADROOM = 16


class Arena:
    """A two-dimensional array of 64-bit words that takes memory for the rows that were written.

    Attributes:
        array: the rows; all zero to begin with.
    """

    def __init__(self, rows: int, width: int, file: IO[bytes] | None = None) -> None:
        """Reserve address space; with a `file`, an empty one, the rows are in there.

        Raises: MemoryError where there is not so much.
        """
        self._file = file
        size = rows * width * 8
        try:
            self._map = _mapped(size, file)
        except (OSError, ValueError, OverflowError) as cause:
            raise MemoryError(f"no address space for {size:,} bytes") from cause
        if file is None and hasattr(mmap, "MADV_HUGEPAGE"):
            self._map.madvise(mmap.MADV_HUGEPAGE)
        self.array: NDArray[np.uint64] = np.frombuffer(self._map, np.uint64).reshape(rows, width)

    def release(self, begin: int, end: int) -> None:
        """Give the memory of rows `begin` to `end` back; they read as zero from now on, or not."""
        row = self.array.shape[1] * 8
        first = -(-begin * row // mmap.PAGESIZE) * mmap.PAGESIZE
        length = end * row // mmap.PAGESIZE * mmap.PAGESIZE - first
        if length > 0 and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED, first, length)
            if self._file is not None and hasattr(mmap, "MADV_REMOVE"):
                with suppress(OSError):  # the file is gone soon, if it cannot have holes
                    self._map.madvise(mmap.MADV_REMOVE, first, length)

    def let_go(self) -> None:
        """Write everything to the file, so that it needs no memory until it is touched.

        Guard: the arena has a file.
        """
        assert self._file is not None
        os.fsync(self._file.fileno())
        if hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


Arenas = Callable[[int, int], Arena]


def _mapped(size: int, file: IO[bytes] | None) -> mmap.mmap:
    if file is None:
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE)
    os.ftruncate(file.fileno(), size)
    return mmap.mmap(file.fileno(), size, flags=mmap.MAP_SHARED)


def rows_available(regions: int, width: int, arenas: Arenas = Arena) -> int:
    """Return how many rows each of so many regions may have: 2^32, or what the system allows.

    What it allows is left mostly free, for wider rows and for moving from one arena to another.
    """
    rows = ROWS_MAX
    while rows > _ROWS_MIN:
        try:
            arenas(regions * rows * HEADROOM, width)
        except MemoryError:
            rows //= 2
        else:
            break
    return rows
