"""Why a run is not one of the model's, for people, at the width of their terminal."""

import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from coterie.commands.page import Line, line, wrapped
from coterie.impl.replay.divergence import Divergence, Place, Side

WIDE = 100
"""Two sides stand beside each other in no more columns than this."""
GAP = " │ "
TALL = 12
"""How many lines of one side are shown at most."""


def explained(divergence: Divergence, folder: Path, columns: int) -> Iterator[Line]:
    """Yield the lines that say what is wrong, where, and what there should be instead."""
    columns = min(columns, WIDE)
    where = f"{divergence.node}, {_shown(divergence.place, folder)}: {divergence.kind}."
    yield from wrapped(where, columns, style="bold red")
    if divergence.cause:
        yield from wrapped(divergence.cause, columns, first="  what happens   ")
    if (difference := divergence.difference) is not None:
        yield from wrapped(difference.path or "the whole", columns, first="  differs first  ")
        one, other = _titles(divergence)
        size = max(len(one), len(other))
        yield from wrapped(difference.one, columns, first=f"    {one:{size}}  ", style="yellow")
        yield from wrapped(difference.other, columns, first=f"    {other:{size}}  ", style="green")
    if len(divergence.sides) == 2:
        yield from _beside(*divergence.sides, folder, columns)
    else:
        for side in divergence.sides:
            yield from wrapped(f"{_local(side.title, folder)}:", columns, first="  ", style="bold")
            for each in side.lines:
                yield from wrapped(_local(each, folder), columns, first="    ", later="      ")
    for note in divergence.notes:
        yield from wrapped(_local(note, folder), columns, first="  ")


def _titles(divergence: Divergence) -> tuple[str, str]:
    if len(divergence.sides) == 2:
        return tuple(side.title.split(",")[0] for side in divergence.sides)  # type: ignore[return-value]
    return "in the journal", "by the model"


def _beside(one: Side, other: Side, folder: Path, columns: int) -> Iterator[Line]:
    """Yield two sides, each in half of the columns."""
    half = (columns - 2 - len(GAP)) // 2
    left, right = _column(one, folder, half), _column(other, folder, half)
    for place, (mine, its) in enumerate(zip_longest(left, right, fillvalue="")):
        style = "bold" if place == 0 else ""
        yield line(f"  {mine:{half}}{GAP}{its}".rstrip(), style)


def _column(side: Side, folder: Path, columns: int) -> list[str]:
    found = textwrap.wrap(_local(side.title, folder), columns)
    body = [
        each
        for text in side.lines
        for each in textwrap.wrap(
            _local(text, folder), columns, subsequent_indent="  ", break_on_hyphens=False
        )
    ]
    more = len(body) - TALL
    return [*found, *body] if more <= 1 else [*found, *body[:TALL], f"… {more} more lines"]


def _local(text: str, folder: Path) -> str:
    """Return a text with paths as they are from the folder on."""
    return text.replace(f"{folder}/", "")


def _shown(place: Place, folder: Path) -> str:
    return f"{_local(str(place.path), folder)}, line {place.line}"
