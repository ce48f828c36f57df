"""An adversary who changes journals, and may write all hashes anew."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field

from coterie.impl.journal import TAIL, chained, paths

Line = dict[str, Any]
Steps = list[str | int]
"""The way to a value inside of lists and objects."""


@define
class Tampered:
    """The journal of one node, as lines that can be changed.

    Attributes:
        folder: of the journal.
        headings: the first line of each start.
        lines: the steps of each start.
    """

    folder: Path
    headings: list[bytes] = field(factory=list)
    lines: list[list[Line]] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        for path in paths(self.folder):
            heading, *rest = path.read_bytes().splitlines(keepends=True)
            self.headings.append(heading[:-TAIL])
            self.lines.append([json.loads(line) for line in rest])

    def write(self) -> None:
        """Write it back as a node would have: steps and turns numbered, and every hash right."""
        chain = ""
        for path, heading, lines in zip(paths(self.folder), self.headings, self.lines, strict=True):
            bodies = [heading, *_bodies(lines)]
            text = b""
            for body in bodies:
                chain = chained(chain, body)
                text += body + b',"chain":"%s"}\n' % chain.encode()
            path.write_bytes(text)


def _bodies(lines: list[Line]) -> Iterator[bytes]:
    turns = sorted({line["turn"] for line in lines})
    for number, line in enumerate(lines):
        what = "boot" if "boot" in line else "event"
        yield b'{"n":%d,"turn":%d,"at":%.6f,"%s":%s,"effects":%s' % (
            number,
            turns.index(line["turn"]),
            line["at"],
            what.encode(),
            _compact(line[what]),
            _compact(line["effects"]),
        )


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def leaves(value: Any, way: Steps) -> Iterator[Steps]:
    """Yield the way to each scalar in a value, but for the tags of lists."""
    if isinstance(value, list):
        begin = 1 if value and isinstance(value[0], str) else 0
        for index in range(begin, len(value)):
            yield from leaves(value[index], [*way, index])
    else:
        yield way


def changed(line: Line, way: Steps) -> None:
    """Change the scalar at the end of a way."""
    holder: Any = line
    for each in way[:-1]:
        holder = holder[each]
    holder[way[-1]] = _another(holder[way[-1]])


def _another(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value + "x"
    return 7
