"""Reading certificates; nothing in the file is taken for true, only for what it says."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen

from coterie.checks.certificate.encoding import decoded
from coterie.checks.certificate.format import Header, UnreadableError, header
from coterie.checks.world import Values

T = TypeVar("T")
Ranks = dict[str, list[list[int]]]


@frozen
class Body:
    """What follows the header.

    Attributes:
        states: the states, in the order of the ranks; None where there are none to prove anything.
        ranks: for a `recoverable` claim, by its name, the ranks for each tuple of nodes.
    """

    states: list[Values] | None
    ranks: Ranks


class Reader:
    """The certificates of a file, one after the other: a header, then its body, and so on."""

    def __init__(self, file: Path) -> None:
        self._number = 0
        self._lines = self._data(file)

    def header(self) -> Header | None:
        """Return the header of the next certificate; None at the end of the file.

        Raises: UnreadableError.
        """
        line = next(self._lines, None)
        return None if line is None else self._asked(lambda: header(line))

    def body(self, of: Header, progress: Callable[[int], None] = lambda _: None) -> Body:
        """Return what follows the header `of`; the classes of its values must be imported.

        Raises: UnreadableError.
        """
        return self._asked(lambda: self._body(of, progress))

    def _body(self, of: Header, progress: Callable[[int], None]) -> Body:
        states: list[Values] | None = None
        if of.states is not None:
            tables = [[decoded(each) for each in self._line()["values"]] for _ in of.slots]
            states = []
            for count in range(1, of.states + 1):
                row = self._line()
                states.append(tuple(table[place] for table, place in zip(tables, row, strict=True)))
                progress(count)
        ranks: Ranks = {}
        while "ranks" in (line := self._line()):
            ranks.setdefault(line["ranks"], []).append(_whole(line["values"], of.states))
        if line != {"end": of.subject.check}:
            raise UnreadableError("the certificate does not end where it should")
        return Body(states, ranks)

    def _line(self) -> Any:
        line = next(self._lines, None)
        if line is None:
            raise UnreadableError("the file ends in the middle of a certificate")
        return line

    def _data(self, file: Path) -> Iterator[Any]:
        try:
            with gzip.open(file, "rt", encoding="utf-8") as text:
                for self._number, line in enumerate(text, start=1):
                    yield json.loads(line)
        except (OSError, EOFError, zlib.error, ValueError, RecursionError) as cause:
            raise self._unreadable(cause) from cause

    def _asked(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except Exception as cause:
            raise self._unreadable(cause) from cause

    def _unreadable(self, cause: BaseException) -> UnreadableError:
        if isinstance(cause, UnreadableError) and cause.args[0].startswith("line "):
            return cause
        if isinstance(cause, OSError) and cause.strerror:
            return UnreadableError(cause.strerror)
        return UnreadableError(f"line {self._number + 1}: {cause or type(cause).__name__}")


def _whole(numbers: Any, count: int | None) -> list[int]:
    if len(numbers) != count or any(type(number) is not int for number in numbers):
        raise UnreadableError(f"the ranks are not {count} whole numbers")
    return list(numbers)
