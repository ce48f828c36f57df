"""A file that is only ever appended to, so that a checkpoint costs what is new."""

import os
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray

from coterie.checks.engine.compiled import Ints

Mark = tuple[int, str]

_PIECE = 1 << 20
_DIGEST_BYTES = 16


class Journal:
    """A file whose first bytes are known to be good; what is beyond them counts for nothing.

    Attributes:
        path: the file; it need not be there before something is appended.
        size: how many of its bytes count.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.size = path, 0
        self._hash = blake2b(digest_size=_DIGEST_BYTES)

    def mark(self) -> Mark:
        """Return what the file's bytes are to be known by: how many, and their hash."""
        return self.size, self._hash.hexdigest()

    def is_at(self, mark: Mark) -> bool:
        """Return whether the file begins with the bytes of `mark`; if so, they are what counts."""
        size, digest = mark
        self.size, self._hash = 0, blake2b(digest_size=_DIGEST_BYTES)
        if size and not self.path.is_file():
            return False
        if size:
            with self.path.open("rb") as file:
                while piece := file.read(min(_PIECE, size - self.size)):
                    self._hash.update(piece)
                    self.size += len(piece)
        return self.mark() == (size, digest)

    def append(self, array: NDArray[np.generic]) -> None:
        """Write the array's bytes behind those that count; they are on the disk on return.

        Raises: OSError where that fails; then nothing more counts than before.
        """
        data = np.ascontiguousarray(array).data.cast("B") if array.size else b""
        self.path.touch()
        with self.path.open("r+b") as file:
            file.truncate(self.size)
            file.seek(self.size)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self._hash.update(data)
        self.size += len(data)

    def array(self, kind: DTypeLike) -> NDArray[np.generic]:
        """Return what counts, as numbers of one kind, read from the disk where it is looked at."""
        if not self.size:
            return np.empty(0, kind)
        count = self.size // np.dtype(kind).itemsize
        return np.memmap(self.path, kind, "r", shape=(count,))

    def ints(self) -> Ints:
        """Return what counts, as 64-bit numbers."""
        return np.asarray(self.array(np.int64), np.int64)
