"""Messages into the payloads of frames, and back: a message that is too long for one goes in parts.

The first byte of a payload says what the rest is. The parts of a message follow one another.
"""

from collections.abc import Iterable, Iterator

from attrs import define, field

WHOLE, PART, LAST, CONTROL, BEAT = range(5)
_MARKS = [bytes([kind]) for kind in range(5)]


class PartsError(ValueError):
    """What has arrived is no message, nor parts of one."""


def marked(kind: int, content: bytes = b"") -> bytes:
    """Return the payload that carries `content`, and says of what kind it is."""
    return _MARKS[kind] + content


def cut(message: bytes, room: int) -> Iterable[bytes]:
    """Return the payloads that carry a message, each of at most `room` bytes."""
    return (marked(WHOLE, message),) if len(message) < room else _parts(message, room - 1)


def _parts(message: bytes, step: int) -> Iterator[bytes]:
    last = (len(message) - 1) // step * step
    for start in range(0, last, step):
        yield marked(PART, message[start : start + step])
    yield marked(LAST, message[last:])


@define
class Assembly:
    """Puts the parts of a message together.

    Attributes:
        limit: the longest message, in bytes; an unfinished one occupies no more.
    """

    limit: int
    _unfinished: bytearray = field(factory=bytearray)

    def take(self, kind: int, content: bytes) -> bytes | None:
        """Take in what a payload carries; return the message that is whole now, if one is.

        Raises: PartsError where a message begins inside of another, ends before it began, or is too
            long.
        """
        if kind == WHOLE and self._unfinished:
            raise PartsError("a message began inside of another")
        if kind == LAST and not self._unfinished:
            raise PartsError("a message ended that had not begun")
        if not content:
            raise PartsError("a part carried nothing")
        if len(self._unfinished) + len(content) > self.limit:
            raise PartsError(f"a message was longer than {self.limit} bytes")
        if kind == WHOLE:
            return content
        self._unfinished += content
        if kind == PART:
            return None
        whole = bytes(self._unfinished)
        self._unfinished.clear()
        return whole
