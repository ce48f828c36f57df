"""The journal of a node: a line a step, so that a run can be held against the model afterwards.

A journal is a folder with one file for each start of the node, numbered from 1. The first line of a
file says whose journal it is; each further one is a step: what caused it, and what it asked for.
Every line carries a hash over itself and the line before, across files, so that none can be
changed, added or taken away within what is there. Lines are written before the records that they
tell of are committed, and before anything leaves the node; the last turn of a file may therefore
have come to nothing, and its last line may be torn.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from os import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from attrs import define, frozen

from coterie.impl.codec import Codec
from coterie.impl.core import Boot, Step
from coterie.model.machine import Effect, Event

FORMAT = 1
CHAIN = 16
"""How many hexadecimal digits of the hash a line carries."""
BLOCK = 1 << 16
"""How many bytes of a file's end are looked at first."""
TAIL = len(b',"chain":""}\n') + CHAIN
"""How many bytes of a line come after what its hash is over."""


@frozen
class Line:
    """One step, as a journal has it.

    Attributes:
        number: which step of this start, from 0.
        turn: which turn of this start, from 0; the records of a turn are one commit.
        at: when, in seconds since 1970 by the node's clock.
        cause: the event; or, for a start, the digest of the memory found, None for a first start.
        effects: what the step asked for.
    """

    number: int
    turn: int
    at: float
    cause: "Event | Started"
    effects: tuple[Effect, ...]


@frozen
class Started:
    """The node has started.

    Attributes:
        digest: of the memory that it has found; None where there was none.
    """

    digest: str | None


@frozen
class File:
    """One start of a node, as its journal has it.

    Attributes:
        path: the file.
        heading: what its first line says.
        lines: the steps.
        torn: whether the last line is cut off, and left out here.
    """

    path: Path
    heading: Mapping[str, Any]
    lines: tuple[Line, ...]
    torn: bool


class JournalError(Exception):
    """A journal is not what a node has written; the text says where."""


def digest_of(memory: Any, codec: Codec) -> str | None:
    """Return what tells one memory from another; None for no memory."""
    return None if memory is None else sha256(codec.encode(memory)).hexdigest()


def chained(before: str, body: bytes) -> str:
    """Return the hash of a line after another one."""
    return sha256(before.encode() + body).hexdigest()[:CHAIN]


@define
class Journal:
    """A journal that is being written.

    Attributes:
        file: the open file of this start.
        codec: how values are written.
        chain: the hash of the last line.
        number: how many steps were written.
        turn: how many turns were written.
    """

    file: BinaryIO
    codec: Codec
    chain: str = ""
    number: int = 0
    turn: int = 0

    def begin(self, heading: Mapping[str, Any]) -> None:
        """Write the first line."""
        self.file.write(self._chained(msgspec.json.encode(heading)[:-1]))
        self.file.flush()

    def write(self, steps: Iterable[Step], at: float) -> None:
        """Append the steps of a turn, so that they survive the end of this process."""
        lines = [self._line(step, at) for step in steps]
        self.turn += 1
        self.file.write(b"".join(lines))
        self.file.flush()

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def _line(self, step: Step, at: float) -> bytes:
        cause, to_json = step.cause, self.codec.to_json
        if isinstance(cause, Boot):
            what = b'"boot":' + msgspec.json.encode(digest_of(cause.memory, self.codec))
        else:
            what = b'"event":' + to_json(cause)
        head = b'{"n":%d,"turn":%d,"at":%.6f,' % (self.number, self.turn, at)
        body = head + what + b',"effects":' + to_json(step.effects)
        self.number += 1
        return self._chained(body)

    def _chained(self, body: bytes) -> bytes:
        self.chain = chained(self.chain, body)
        return body + b',"chain":"%s"}\n' % self.chain.encode()


def opened(folder: Path, codec: Codec, heading: Mapping[str, Any]) -> Journal:
    """Begin the file of another start in `folder`, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    files = paths(folder)
    last = _number(files[-1]) if files else 0
    file = (folder / f"{last + 1:06}.jsonl").open("xb")
    journal = Journal(file, codec, chain=_last_chain(files))
    journal.begin({"coterie": "journal", "format": FORMAT, **heading})
    return journal


def paths(folder: Path) -> list[Path]:
    """Return the files of a journal, by start."""
    return sorted((path for path in folder.glob("*.jsonl") if path.stem.isdigit()), key=_number)


def _number(path: Path) -> int:
    return int(path.stem)


def _last_chain(files: Sequence[Path]) -> str:
    """Return the hash of the last whole line of all these files; empty where there is none."""
    for path in reversed(files):
        if line := _last_whole_line(path):
            return line[-CHAIN - 3 : -3].decode()
    return ""


def _last_whole_line(path: Path) -> bytes:
    """Return the last line that ends; it is looked for from the end, for a journal is long."""
    with path.open("rb") as file:
        end, block = file.seek(0, SEEK_END), BLOCK
        while True:
            file.seek(max(0, end - block))
            *whole, _ = file.read(block).split(b"\n")
            if len(whole) > 1 or block >= end:
                return whole[-1] + b"\n" if whole else b""
            block *= 2


def read(folder: Path, codec: Codec) -> Iterator[File]:
    """Yield the starts of a node, as its journal has them.

    Raises: JournalError where a line was changed, added or taken away, or is none.
    """
    chain = ""
    for path in paths(folder):
        file, chain = _read(path, codec, chain)
        yield file


def heading_of(path: Path) -> Mapping[str, Any]:
    """Return what the first line of a journal's file says, unchecked.

    Raises: JournalError where that is no heading of a journal that can be read here.
    """
    with path.open("rb") as file:
        return _heading(path, file.readline())


def _heading(path: Path, line: bytes) -> Mapping[str, Any]:
    heading = _decoded(path, 1, line)
    if heading.get("coterie") != "journal":
        raise JournalError(f"{path}: this is no journal of a node")
    if heading.get("format") != FORMAT:
        raise JournalError(
            f"{path}: the journal has format {heading.get('format')}; this version reads {FORMAT}"
        )
    return heading


def _read(path: Path, codec: Codec, chain: str) -> tuple[File, str]:
    raw = path.read_bytes().splitlines(keepends=True)
    torn = bool(raw) and not raw[-1].endswith(b"\n")
    lines = []
    for place, line in enumerate(raw[:-1] if torn else raw, 1):
        chain = chained(chain, line[:-TAIL])
        if not line.endswith(b',"chain":"%s"}\n' % chain.encode()):
            raise JournalError(f"{path}:{place}: this line, or one before it, was changed")
        lines.append(line)
    if not lines:
        return File(path, {}, (), torn), chain
    steps = (_step(path, place, line, codec) for place, line in enumerate(lines[1:], 2))
    return File(path, _heading(path, lines[0]), tuple(steps), torn), chain


def _decoded(path: Path, place: int, line: bytes) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        raise JournalError(f"{path}:{place}: the line is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise JournalError(f"{path}:{place}: the line is no JSON object")
    return found


def _step(path: Path, place: int, line: bytes, codec: Codec) -> Line:
    try:
        said = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
        cause = (
            codec.from_json(said["event"])
            if "event" in said
            else Started(msgspec.json.decode(said["boot"], type=str | None))
        )
        n, turn, at = (msgspec.json.decode(said[key]) for key in ("n", "turn", "at"))
        return Line(n, turn, at, cause, codec.from_json(said["effects"]))
    except (KeyError, ValueError) as error:
        raise JournalError(f"{path}:{place}: this is no step: {error}") from error
