"""Lines to where a person reads them: in colours on a terminal, plain elsewhere."""

import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, TextIO

import click

from coterie.commands.colour import is_lively, styled
from coterie.commands.page import Line, folded

if TYPE_CHECKING:
    from rich.status import Status

WIDTH = 100


def room_of(out: TextIO) -> int | None:
    """Return the width of a terminal, or what COLUMNS says; None for a file, which has none."""
    if out.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return None


def width() -> int:
    """Return how wide a line is to be; a file has room for any."""
    return room_of(sys.stdout) or WIDTH


def echo(lines: Iterable[Line], *, to_stderr: bool = False) -> None:
    """Print the lines."""
    out = sys.stderr if to_stderr else sys.stdout
    room = room_of(out)
    for each in lines:
        for part in [each] if room is None else folded(each, room):
            click.echo(styled(part, out), err=to_stderr)


def status(words: str) -> AbstractContextManager["Status | None"]:
    """Show on a terminal what is going on, until it is over; elsewhere nothing."""
    if not is_lively(sys.stderr):
        return nullcontext()
    from rich.console import Console  # noqa: PLC0415  (help and errors do without)

    return Console(file=sys.stderr, highlight=False, markup=False, emoji=False).status(words)
