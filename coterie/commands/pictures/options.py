"""The options that ask for pictures of runs, and what becomes of them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from coterie.checks.result import Finding
from coterie.checks.world import World
from coterie.commands.errors import UsageMistake
from coterie.commands.outputs.files import STANDARD, check_file, check_folder, write
from coterie.commands.page import BLANK, Line, line, wrapped

_NAMED_MOST = 5
_NAME_MOST = 200
_DIGITS = 12
_OPTIONS = (
    click.option(
        "--html",
        metavar="DIR|FILE",
        help="Write each run as a page for the browser; a FILE (*.html) has room for one.",
    ),
    click.option("--diagram", is_flag=True, help="Draw each run that is shown, too."),
)
Facts = tuple[tuple[str, str], ...]


@frozen
class Run:
    """A run that can be drawn.

    Attributes:
        check: the name of the check.
        world: whose run it is.
        finding: what it shows.
        facts: what else is known, each with its name.
    """

    check: str
    world: World
    finding: Finding
    facts: Facts = ()

    @property
    def name(self) -> str:
        """What its page is called."""
        return _file_name(f"{self.check}.{self.finding.claim.name}")


@frozen
class Pictures:
    """Which pictures are wanted.

    Attributes:
        html: the folder for pages, or one file that ends with `.html`; None for no pages.
        diagram: whether runs are drawn on the screen.
    """

    html: str | None = None
    diagram: bool = False

    @property
    def _one_page(self) -> bool:
        return self.html is not None and self.html.lower().endswith(".html")

    def check(self, properties: int) -> None:
        """Check, before the work, that the pages of so many properties can be written after it.

        Raises: UsageMistake where they cannot.
        """
        if self.html is None:
            return
        if self.html == STANDARD:
            raise UsageMistake(
                "--html - is neither a file nor a folder: a page is not for the terminal",
                "Give a folder, or a file *.html.",
            )
        if not self._one_page:
            check_folder("--html", self.html, "*.html")
            return
        check_file("--html", self.html)
        if properties != 1:
            raise UsageMistake(
                f"--html {self.html} has room for the run of one property, not of {properties}",
                "Give a folder, or name one property: CHECK.PROPERTY.",
            )

    def write(self, runs: Iterable[Run], width: int) -> list[Line]:
        """Write the pages that are wanted, and return what to say of them.

        Raises: UsageMistake where one cannot be written after all.
        """
        if self.html is None:
            return []
        written = [self._write(run) for run in runs]
        return list(_said(self.html, written, width))

    def _write(self, run: Run) -> str:
        from coterie.commands.pictures.html import page  # noqa: PLC0415 (only for pages)

        assert self.html is not None
        file = self.html if self._one_page else str(Path(self.html) / f"{run.name}.html")
        write("--html", file, page(run.check, run.world, run.finding, run.facts))
        return file


def _file_name(name: str) -> str:
    """Return `name` where it may name a file in any folder, else one of its own that is like it."""
    safe = re.sub(r"[^A-Za-z0-9_.-]", "_", name).lstrip(".")[:_NAME_MOST]
    if safe == name:
        return name
    digest = sha256(name.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]
    return f"{safe}-{digest}"


def _said(wanted: str, written: Sequence[str], width: int) -> Iterator[Line]:
    if not written:
        yield line(f"--html {wanted}: there is no run to draw.", "yellow")
    elif len(written) > _NAMED_MOST:
        yield line(f"{len(written)} pages are in {wanted}: open them in a browser.")
    else:
        for file in written:
            yield from wrapped(f"Open {file} in a browser.", width)


def pictured(world: World, finding: Finding, width: int) -> list[Line]:
    """Return the diagram of a finding's run for the terminal, after a blank line."""
    from coterie.commands.pictures.diagram import diagram  # noqa: PLC0415 (only where wanted)
    from coterie.commands.pictures.folding import readable  # noqa: PLC0415
    from coterie.commands.pictures.text import drawn  # noqa: PLC0415

    if finding.trace is None:
        return []
    picture = readable(diagram(world, finding.trace), world, finding)
    return [BLANK, *drawn(picture, width)]


def picture_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options; it is called with what they say as `pictures`."""

    @wraps(command)
    def collected(*arguments: Any, **options: Any) -> Any:
        pictures = Pictures(options.pop("html"), options.pop("diagram"))
        return command(*arguments, pictures=pictures, **options)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected
