"""What the user sees while checks run: a live table on a terminal, else plain lines."""

import os
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TextIO

from attrs import frozen
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from coterie.checks.result import Progress
from coterie.commands import show
from coterie.commands.answering import Job, Report
from coterie.commands.page import BLANK, Line, plain
from coterie.commands.table import Table, table


@frozen
class Style:
    """How much a screen shows.

    Attributes:
        brief: expected refutations by what happened alone.
        verbose: the bounds of every check, and the witnesses of what is reachable.
    """

    brief: bool = False
    verbose: bool = False


class Screen(ABC):
    """Where the checks' progress goes."""

    @abstractmethod
    def prepare(self) -> None:
        """Show that the engine is being made ready."""

    @abstractmethod
    def begin(self, job: Job) -> None:
        """Show that `job` begins."""

    @abstractmethod
    def progress(self, now: Progress) -> None:
        """Show how far the job is."""

    @abstractmethod
    def end(self, report: Report) -> None:
        """Show what came of the job."""

    @abstractmethod
    def close(self) -> None:
        """Give the terminal back."""

    @abstractmethod
    def summary(self, reports: list[Report]) -> None:
        """Show what came of everything."""

    @abstractmethod
    def more(self, lines: Callable[[int], Iterable[Line]]) -> None:
        """Show, after a blank line, what `lines` makes of the width that there is."""


@frozen
class PlainScreen(Screen):
    """Lines of text, each when it is known, without any control character."""

    out: TextIO
    table: Table
    width: int
    style: Style

    def __attrs_post_init__(self) -> None:
        self._print(self.table.header())

    def prepare(self) -> None:
        """Show nothing yet."""

    def begin(self, job: Job) -> None:
        """Show nothing yet."""

    def progress(self, now: Progress) -> None:
        """Show nothing yet."""

    def end(self, report: Report) -> None:
        """Print the check."""
        style = self.style
        lines = show.finished(
            report, self.table, self.width, brief=style.brief, verbose=style.verbose
        )
        self._print(lines)

    def close(self) -> None:
        """Change nothing."""

    def summary(self, reports: list[Report]) -> None:
        """Print the summary."""
        self._print(show.summary(reports, self.width))

    def more(self, lines: Callable[[int], Iterable[Line]]) -> None:
        """Print the lines."""
        self._print([BLANK, *lines(self.width)])

    def _print(self, lines: Iterable[Line]) -> None:
        self.out.writelines(f"{plain(each)}\n" for each in lines)
        self.out.flush()


class LiveScreen(Screen):
    """A table whose last rows move while they are explored."""

    def __init__(self, console: Console, layout: Table, style: Style) -> None:
        self._console, self._table, self._style = console, layout, style
        self._job: Job | None = None
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._print(layout.header())
        self._live.start()

    def prepare(self) -> None:
        """Say what takes a few seconds, the first time."""
        self._live.update(Text("loading the engine (compiling it, the first time)"), refresh=True)

    def begin(self, job: Job) -> None:
        """Show the check's rows."""
        self._job = job
        self.progress(Progress())

    def progress(self, now: Progress) -> None:
        """Show the rows with these numbers."""
        assert self._job is not None
        rows = show.running(self._job, self._table, now)
        self._live.update(Group(*map(_rich, rows)), refresh=True)

    def end(self, report: Report) -> None:
        """Let the rows stand above what follows."""
        self._live.update(Group(), refresh=True)
        style, width = self._style, self._console.width
        self._print(
            show.finished(report, self._table, width, brief=style.brief, verbose=style.verbose)
        )

    def close(self) -> None:
        """Take the moving rows away, and show the cursor again."""
        self._live.stop()

    def summary(self, reports: list[Report]) -> None:
        """Print the summary."""
        self._print(show.summary(reports, self._console.width))

    def more(self, lines: Callable[[int], Iterable[Line]]) -> None:
        """Print the lines."""
        self._print([BLANK, *lines(self._console.width)])

    def _print(self, lines: Iterable[Line]) -> None:
        for each in lines:
            self._console.print(_rich(each), soft_wrap=True)


def _rich(pieces: Line) -> Text:
    return Text.assemble(*pieces, no_wrap=True, overflow="ellipsis")


def screen(jobs: Iterable[Job], style: Style, *, to_stderr: bool = False) -> Screen:
    """Return the screen that suits where the output goes."""
    out = sys.stderr if to_stderr else sys.stdout
    names = [claim.name for job in jobs for claim in job.selection.claims]
    if out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
        console = Console(file=out, highlight=False, markup=False, emoji=False)
        return LiveScreen(console, table(names, console.width), style)
    width = _width(out)
    return PlainScreen(out, table(names, width), width or 100, style)


def _width(out: TextIO) -> int | None:
    """Return the width of a terminal, or what COLUMNS says; a file has none."""
    if out.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return None
