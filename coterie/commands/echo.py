"""Lines to where a person reads them: in colours on a terminal, plain elsewhere."""

import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TextIO

import click
from rich.console import Console
from rich.status import Status
from rich.text import Text

from coterie.commands.page import Line, plain

WIDTH = 100


def width() -> int:
    """Return how wide a line may be; a file has room for any."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return WIDTH


def echo(lines: Iterable[Line], *, to_stderr: bool = False) -> None:
    """Print the lines."""
    out = sys.stderr if to_stderr else sys.stdout
    if not _is_lively(out):
        for each in lines:
            click.echo(plain(each), err=to_stderr)
        return
    console = _console(out)
    for each in lines:
        console.print(Text.assemble(*each), soft_wrap=True)


def status(words: str) -> AbstractContextManager[Status | None]:
    """Show on a terminal what is going on, until it is over; elsewhere nothing."""
    if not _is_lively(sys.stderr):
        return nullcontext()
    return _console(sys.stderr).status(words)


def _is_lively(out: TextIO) -> bool:
    return out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _console(out: TextIO) -> Console:
    return Console(file=out, highlight=False, markup=False, emoji=False)
