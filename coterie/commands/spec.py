"""`coterie spec`: a protocol as a chapter of the book, or the list of all chapters."""

import json
import shutil
from collections.abc import Callable, Iterable

import click

from coterie.commands import completing
from coterie.commands.book.chapters import Chapter, chapters
from coterie.commands.book.picking import picked
from coterie.commands.book.verdicts import NOTHING, Verdicts, verdicts
from coterie.commands.echo import echo
from coterie.commands.loading import is_path
from coterie.commands.page import BLANK, Line, wrapped

_EPILOG = """\b
Examples:
  coterie spec                              which protocols there are
  coterie spec oracles.two_phase            one of them, from its purpose on
  coterie spec gossip.store.repaired        what one check promises
  coterie spec oracles.two_phase.consistent
  coterie spec lock.py                      your own protocol
  coterie spec smr.naive --format markdown > naive.md

\b
Exit codes:
  0  it is shown
  2  the command was misused, or nothing is called so
"""


@click.command(epilog=_EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completing.names)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "readme"]),
    default="text",
    show_default=True,
    help="How to write it: for a terminal, for a site, for machines; `readme` is an overview.",
)
def spec(names: tuple[str, ...], form: str) -> None:
    """Show what a protocol is, and what it promises: each property, why it holds, its source.

    NAME is a protocol, a check, a prefix of some, one property of a check, or the path of a Python
    file. Without any the protocols are listed.
    """
    _FORMS[form](names)


def _text(names: tuple[str, ...]) -> None:
    width = shutil.get_terminal_size().columns
    if not names:
        echo(_listed(chapters(), width))
    for name in names:
        found = picked(name)
        if len(found) > 1 and set(found) <= set(chapters()):
            echo(_listed(found, width))
        else:
            for each in found:
                echo(_chapter(name, each, width))


def _listed(found: Iterable[Chapter], width: int) -> list[Line]:
    from coterie.commands.book.terminal import contents  # noqa: PLC0415 (rich takes its time)

    some = list(found)
    hint = f"`coterie spec {some[0].name}` shows one of them."
    return [*contents(some, width), BLANK, *wrapped(hint, width)]


def _chapter(name: str, chapter: Chapter, width: int) -> Iterable[Line]:
    from coterie.commands.book.terminal import briefly, shown  # noqa: PLC0415

    found = _found(name)
    whole = chapter in chapters() or is_path(name)
    return shown(chapter, found, width) if whole else briefly(chapter, found, width)


def _found(name: str) -> Verdicts:
    """Return what is recorded; nothing of a user's own, and where the records are not installed."""
    return NOTHING if is_path(name) else verdicts()


def _chosen(names: tuple[str, ...]) -> list[tuple[Chapter, Verdicts]]:
    if not names:
        return [(each, verdicts()) for each in chapters()]
    return [(each, _found(name)) for name in names for each in picked(name)]


def _markdown(names: tuple[str, ...]) -> None:
    from coterie.commands.book import markdown  # noqa: PLC0415

    for each, found in _chosen(names):
        click.echo(markdown.chapter(each, found), nl=False)


def _json(names: tuple[str, ...]) -> None:
    from coterie.commands.book.data import as_data  # noqa: PLC0415

    every = [as_data(each, found) for each, found in _chosen(names)]
    click.echo(json.dumps({"chapters": every}, indent=2, ensure_ascii=False))


def _readme(names: tuple[str, ...]) -> None:
    from coterie.commands.book.readme import overview  # noqa: PLC0415

    chosen = [each for name in names for each in picked(name)] or list(chapters())
    click.echo(overview(chosen), nl=False)


_FORMS: dict[str, Callable[[tuple[str, ...]], None]] = {
    "text": _text,
    "markdown": _markdown,
    "json": _json,
    "readme": _readme,
}
