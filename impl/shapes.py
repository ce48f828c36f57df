"""What may stand at one place of a value: which scalars, and which lists, by their tags.

A value is written *plainly*: scalars as they are, everything else as a list that begins with a tag.
A form is what reads and what writes one kind of list; a shape is a choice of forms.
"""

from collections.abc import Callable
from typing import Any, Never

Plain = Any
Reader = Callable[[list[Any], int], Any]
Writer = Callable[[Any, int], list[Any]]
Form = tuple[Reader, Writer]
Pack = Callable[[Plain], bytes]


class Malformed(ValueError):  # noqa: N818
    """What came in is not how any value of the vocabulary is written."""


class Unwritable(ValueError):  # noqa: N818
    """What was to go out is no value of the vocabulary, or its fields do not fit their hints."""


class _Readers(dict[str, Reader]):
    """What may be read at one place, by its tag."""

    def __missing__(self, tag: Any) -> Never:
        raise Malformed(f"{tag!r:.60} is no tag that is allowed here")


class _Writers(dict[type, Writer]):
    """What may be written at one place, by its class."""

    def __missing__(self, kind: type) -> Never:
        raise Unwritable(f"a value of type {kind.__name__} is not allowed here")


class Shape:
    """What may stand at one place.

    Attributes:
        scalars: the types of what stands for itself.
        readers: what reads the rest, by its tag.
        writers: what writes the rest, by its class.
    """

    def __init__(self) -> None:
        """Begin with a place where nothing may stand."""
        self.scalars: set[type] = set()
        self.readers = _Readers()
        self.writers = _Writers()

    def add(self, tag: str, kind: type, form: Form) -> None:
        """Allow a form here.

        Raises: ValueError where another form with this tag is allowed already.
        """
        reader, writer = form
        if self.readers.setdefault(tag, reader) is not reader:
            raise ValueError(f"a union of two types that are both written as {tag!r} is ambiguous")
        self.writers[kind] = writer

    def read(self, plain: Plain, depth: int) -> Any:
        """Return the value that is written as `plain`, with lists nested at most `depth` deep."""
        if type(plain) is list:
            return self.readers[plain[0]](plain, depth)
        return plain if type(plain) in self.scalars else refused(plain)

    def write(self, value: Any, depth: int) -> Plain:
        """Return how `value` is written."""
        kind = type(value)
        return value if kind in self.scalars else self.writers[kind](value, depth)


def refused(plain: Plain) -> Never:
    """Refuse what is neither a list nor a scalar that may stand here."""
    raise Malformed(f"a value of type {type(plain).__name__} is not allowed here")


def wrong(plain: list[Any]) -> Never:
    """Refuse a list that does not hold what its tag promises."""
    raise Malformed(f"{plain[0]!r:.60} has not these {len(plain) - 1} items")


def too_deep() -> Never:
    """Refuse to read on."""
    raise Malformed("lists are nested too deeply")


def too_deep_to_write() -> Never:
    """Refuse to write what nobody would read."""
    raise Unwritable("a value is nested too deeply")
