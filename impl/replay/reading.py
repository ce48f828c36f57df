"""The journal of one node as it is read for a replay: line by line, turn by turn, never as a whole.

A turn is what was committed at once. Whether the last turn of a start was committed the journal
does not show; but the node says, in the first line of its next start, what memory it has found.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from attrs import define, frozen

from coterie.impl import journal
from coterie.impl.journal import JournalError, chained
from coterie.impl.replay.divergence import BROKEN, Divergence, DivergenceError, Place


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """What a line says, with the values in it as they are written."""

    n: int
    turn: int
    at: float
    effects: msgspec.Raw
    chain: str
    event: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    boot: str | msgspec.UnsetType | None = msgspec.UNSET

    @property
    def is_start(self) -> bool:
        """Whether the line tells of a start."""
        return self.boot is not msgspec.UNSET


_said = msgspec.json.Decoder(Said).decode


@frozen
class Entry:
    """A line that tells of a step.

    Attributes:
        place: where it stands.
        said: what it says.
        body: its bytes, but for the hash.
    """

    place: Place
    said: Said
    body: bytes


class Unknown:
    """Stands for a digest that nobody has written down: there was no further start."""


UNKNOWN = Unknown()


@frozen
class Turn:
    """Steps whose records were committed together.

    Attributes:
        start: which start of the node, as its file is numbered.
        entries: the steps.
        heading: what the file says first.
        is_first: whether it begins with the start.
        is_last: whether it is the last of its start.
        found: the digest of the memory that the next start has found; None where that was none.
    """

    start: int
    entries: tuple[Entry, ...]
    heading: Mapping[str, Any]
    is_first: bool
    is_last: bool
    found: str | Unknown | None


@define
class Reader:
    """Reads the journal of a node.

    Attributes:
        node: its name, for people.
        paths: a file a start.
        progress: how many bytes have been read.
    """

    node: str
    paths: Sequence[Path]
    progress: int = 0
    _chain: str = ""

    def turns(self) -> Iterator[Turn]:
        """Yield the turns of all starts, in order.

        Raises: DivergenceError where a line was changed, added or taken away, or is none.
        """
        for index, path in enumerate(self.paths):
            number = int(path.stem)
            if number != index + 1:
                raise self._wrong(Place(path, 1), f"The file of start {index + 1} is missing.")
            lines = self._lines(path)
            heading = self._heading(path, next(lines, None))
            found = self._found(index)
            grouped = self._grouped(lines)
            turn, first = next(grouped, None), True
            while turn is not None:
                following = next(grouped, None)
                last = following is None
                yield Turn(number, turn, heading, first, last, found if last else UNKNOWN)
                turn, first = following, False

    def _lines(self, path: Path) -> Iterator[tuple[Place, bytes]]:
        """Yield the whole lines of a file, each without its hash, which is right."""
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                self.progress += len(line)
                if not line.endswith(b"\n"):
                    return  # torn: the node was stopped while it wrote
                body, place = line[: -journal.TAIL], Place(path, number)
                self._chain = chained(self._chain, body)
                if line[-journal.TAIL :] != b',"chain":"%s"}\n' % self._chain.encode():
                    raise self._wrong(
                        place,
                        "Its hash is not that of this line after the one before: a line was"
                        " changed, added or taken away here, or just before.",
                    )
                yield place, body

    def _heading(self, path: Path, line: tuple[Place, bytes] | None) -> Mapping[str, Any]:
        """Return what the first line says; nothing, where the node came no further."""
        if line is None:
            return {}
        try:
            return journal.heading_of(path)
        except JournalError as error:
            raise self._wrong(line[0], str(error)) from error

    def _grouped(self, lines: Iterator[tuple[Place, bytes]]) -> Iterator[tuple[Entry, ...]]:
        """Yield the steps of each turn; they are numbered one after the other, and so are turns."""
        turn, entries = 0, list[Entry]()
        for count, (place, body) in enumerate(lines):
            entry = self._entry(place, body)
            said = entry.said
            if said.n != count:
                raise self._wrong(place, f"This is step {said.n}, and step {count} should follow.")
            if said.turn != turn:
                if said.turn != turn + 1 or not entries:
                    text = f"This is turn {said.turn}, after turn {turn}, step {count}."
                    raise self._wrong(place, text)
                yield tuple(entries)
                turn, entries = said.turn, []
            entries.append(entry)
        if entries:
            yield tuple(entries)

    def _entry(self, place: Place, body: bytes) -> Entry:
        try:
            said = _said(body + b',"chain":""}')
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._wrong(place, f"This is no step: {error}.") from error
        if (said.event is msgspec.UNSET) is not said.is_start:
            raise self._wrong(place, "A step has an event, or is a start.")
        return Entry(place, said, body)

    def _found(self, index: int) -> str | Unknown | None:
        """Return the digest that the first start after this one has found and written down."""
        for path in self.paths[index + 1 :]:
            with path.open("rb") as file:
                file.readline()
                line = file.readline()
            if line.endswith(b"\n"):
                entry = self._entry(Place(path, 2), line[: -journal.TAIL])
                return None if entry.said.boot is msgspec.UNSET else entry.said.boot
        return UNKNOWN

    def _wrong(self, place: Place, why: str) -> DivergenceError:
        return DivergenceError(Divergence(BROKEN, self.node, place, notes=(why,)))
