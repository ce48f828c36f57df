"""Frames: what is sent as a whole arrives as a whole, over a stream of bytes.

A frame is its length, 4 bytes with the highest first, and then so many bytes. Whoever receives
frames keeps what has arrived and nothing else: what a peer merely claims takes no room.
"""

from collections.abc import Iterator
from struct import Struct

_LENGTH = Struct(">I")
_HEADER = _LENGTH.size


class FrameError(ValueError):
    """The stream holds what is no frame; nothing after it can be told from anything else."""


def framed(payload: bytes) -> bytes:
    """Return the frame that carries `payload`.

    Raises: FrameError where it is empty, or longer than 4 bytes can say (the caller's bug).
    """
    if not 0 < len(payload) < 1 << 8 * _HEADER:
        raise FrameError(f"no frame carries {len(payload)} bytes")
    return _LENGTH.pack(len(payload)) + payload


class Splitter:
    """Cuts a stream into its frames, however the stream was cut into chunks.

    Attributes:
        limit: the most bytes that a frame may carry.
    """

    def __init__(self, limit: int) -> None:
        """Begin a stream in which no frame carries more than `limit` bytes."""
        self.limit = limit
        self._held = bytearray()  # the beginning of a frame that is not whole yet
        self._wanted = _HEADER  # how many bytes must be held before there is something to do
        self._broken: FrameError | None = None

    @property
    def held(self) -> int:
        """How many bytes wait for the rest of their frame."""
        return len(self._held)

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take the next bytes in, and yield what each frame carries that is whole now.

        Guard: the caller iterates to the end before it feeds again.
        Raises: FrameError as soon as a length is above the limit or zero, after the frames before
            it; and ever after, for the stream is lost.
        """
        if self._broken is not None:
            raise self._broken
        if self._held:
            self._held += chunk
            if len(self._held) < self._wanted:
                return
            chunk = bytes(self._held)
            self._held.clear()
        at = 0
        while (size := self._size(chunk, at)) is not None and at + _HEADER + size <= len(chunk):
            body = at + _HEADER
            at = body + size
            yield chunk[body:at]
        self._wanted = _HEADER + (size or 0)
        self._held += chunk[at:]

    def _size(self, chunk: bytes, at: int) -> int | None:
        """Return how much the frame that begins at `at` carries; None where that is yet to come."""
        if len(chunk) - at < _HEADER:
            return None
        size: int = _LENGTH.unpack_from(chunk, at)[0]
        if 0 < size <= self.limit:
            return size
        self._broken = FrameError(f"a frame of {size} bytes; from 1 to {self.limit} are allowed")
        raise self._broken
