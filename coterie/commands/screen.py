"""What the user sees while checks run: a live table on a terminal, else plain lines."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TextIO

from attrs import field, frozen
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from coterie.checks.engine.memory import resident_bytes
from coterie.checks.result import Progress
from coterie.commands import show
from coterie.commands.answering import Job, Report
from coterie.commands.colour import is_lively, styled
from coterie.commands.echo import WIDTH, room_of
from coterie.commands.outlook import Outlook
from coterie.commands.page import BLANK, Line, folded
from coterie.commands.running import Limits
from coterie.commands.table import Table, table


@frozen
class Style:
    """How much a screen shows.

    Attributes:
        brief: expected refutations by what happened alone.
        verbose: the bounds of every check, and the witnesses of what is reachable.
        diagram: whether each run is drawn, too.
        limits: what an exploration may cost, to tell how far it is from there.
    """

    brief: bool = False
    verbose: bool = False
    diagram: bool = False
    limits: Limits = field(factory=Limits)


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
    def say(self, lines: Callable[[int], Iterable[Line]]) -> None:
        """Show, above what moves, what `lines` makes of the width that there is."""

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
    """Lines of text, each when it is known; none of them moves, and colours are seldom wanted."""

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
            report,
            self.table,
            self.width,
            brief=style.brief,
            verbose=style.verbose,
            diagram=style.diagram,
        )
        self._print(lines)

    def say(self, lines: Callable[[int], Iterable[Line]]) -> None:
        """Print the lines."""
        self._print(lines(self.width))

    def close(self) -> None:
        """Change nothing."""

    def summary(self, reports: list[Report]) -> None:
        """Print the summary."""
        self._print(show.summary(reports, self.width))

    def more(self, lines: Callable[[int], Iterable[Line]]) -> None:
        """Print the lines."""
        self._print([BLANK, *lines(self.width)])

    def _print(self, lines: Iterable[Line]) -> None:
        room = room_of(self.out)
        for each in lines:
            for part in [each] if room is None else folded(each, room):
                self.out.write(f"{styled(part, self.out)}\n")
        self.out.flush()


class LiveScreen(Screen):
    """A table whose last rows move while they are explored."""

    def __init__(self, console: Console, layout: Table, style: Style) -> None:
        self._console, self._table, self._style = console, layout, style
        self._job: Job | None = None
        self._outlook = Outlook({})
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._print(layout.header())
        self._live.start()

    def prepare(self) -> None:
        """Say what takes a few seconds, the first time."""
        self._live.update(Text("loading the engine (compiling it, the first time)"), refresh=True)

    def begin(self, job: Job) -> None:
        """Show the check's rows."""
        self._job = job
        self._outlook = Outlook(self._style.limits.of_search(job.selection.check))
        self.progress(Progress())

    def progress(self, now: Progress) -> None:
        """Show the rows with these numbers."""
        assert self._job is not None
        memory = f"{resident_bytes() / 1e9:.1f} GB of memory"
        more = (memory, self._outlook.words(now))
        rows = show.running(self._job, self._table, now, more)
        parts = (part for row in rows for part in folded(row, self._console.width))
        self._live.update(Group(*map(_rich, parts)), refresh=True)

    def end(self, report: Report) -> None:
        """Let the rows stand above what follows."""
        self._live.update(Group(), refresh=True)
        style, width = self._style, self._console.width
        self._print(
            show.finished(
                report,
                self._table,
                width,
                brief=style.brief,
                verbose=style.verbose,
                diagram=style.diagram,
            )
        )

    def say(self, lines: Callable[[int], Iterable[Line]]) -> None:
        """Take the moving rows away, and print the lines."""
        self._live.update(Group(), refresh=True)
        self._print(lines(self._console.width))

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
            for part in folded(each, self._console.width):
                self._console.print(_rich(part), soft_wrap=True)


def _rich(pieces: Line) -> Text:
    return Text.assemble(*pieces, no_wrap=True, overflow="ellipsis")


def screen(jobs: Iterable[Job], style: Style, *, to_stderr: bool = False) -> Screen:
    """Return the screen that suits where the output goes."""
    out = sys.stderr if to_stderr else sys.stdout
    names = [claim.name for job in jobs for claim in job.selection.claims]
    if is_lively(out):
        console = Console(file=out, highlight=False, markup=False, emoji=False, no_color=False)
        return LiveScreen(console, table(names, console.width), style)
    room = room_of(out)
    return PlainScreen(out, table(names, room), room or WIDTH, style)
