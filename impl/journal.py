"""The journal of a node: a line a step, so that a run can be held against the model afterwards.

A journal is a folder with one file for each start of the node, numbered from 1. The first line of a
file says whose journal it is; each further one is a step: what caused it, and what it asked for.
Every line carries a hash over itself and the line before, across files, so that none can be
changed, added or taken away within what is there. Lines are written before the records that they
tell of are committed, and before anything leaves the node; the last turn of a file may therefore
have come to nothing, and its last line may be torn. `replay.reading` reads it.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from os import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from attrs import define

from coterie.impl.codec import Codec
from coterie.impl.core import Boot, Step

FORMAT = 1
CHAIN = 16
"""How many hexadecimal digits of the hash a line carries."""
BLOCK = 1 << 16
"""How many bytes of a file's end are looked at first."""
TAIL = len(b',"chain":""}\n') + CHAIN
"""How many bytes of a line come after what its hash is over."""


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


def heading_of(path: Path) -> Mapping[str, Any]:
    """Return what the first line of a journal's file says, whatever its hash.

    Raises: JournalError where that is no heading of a journal that can be read here.
    """
    with path.open("rb") as file:
        line = file.readline()
    try:
        heading: Any = msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        raise JournalError(f"{path}: the first line is not JSON: {error}") from error
    if not isinstance(heading, dict) or heading.get("coterie") != "journal":
        raise JournalError(f"{path}: this is no journal of a node")
    if heading.get("format") != FORMAT:
        raise JournalError(
            f"{path}: the journal has format {heading.get('format')}; this version reads {FORMAT}"
        )
    return heading
