"""Arrays that grow without being copied: address space is reserved, memory taken when touched."""

import mmap
import sys

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

    def __init__(self, rows: int, width: int) -> None:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE
        try:
            self._map = mmap.mmap(-1, rows * width * 8, flags=flags)
        except (OSError, ValueError) as cause:
            raise MemoryError(f"no address space for {rows * width * 8:,} bytes") from cause
        if hasattr(mmap, "MADV_HUGEPAGE"):
            self._map.madvise(mmap.MADV_HUGEPAGE)
        self.array: NDArray[np.uint64] = np.frombuffer(self._map, np.uint64).reshape(rows, width)

    def release(self, begin: int, end: int) -> None:
        """Give the memory of rows `begin` to `end` back; they read as zero from now on."""
        row = self.array.shape[1] * 8
        first = -(-begin * row // mmap.PAGESIZE) * mmap.PAGESIZE
        length = end * row // mmap.PAGESIZE * mmap.PAGESIZE - first
        if length > 0 and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED, first, length)


def rows_available(regions: int, width: int) -> int:
    """Return how many rows each of so many regions may have: 2^32, or what the system allows.

    What it allows is left mostly free, for wider rows and for moving from one arena to another.
    """
    rows = ROWS_MAX
    while rows > _ROWS_MIN:
        try:
            Arena(regions * rows * HEADROOM, width)
        except MemoryError:
            rows //= 2
        else:
            break
    return rows
