"""The chapters of the book as pages, written before each build from what the checker has recorded.

They go into `docs/chapters`, which is not committed. A build fails where something is not recorded
of a check at size small, or where a record is about other code than there is now; a draft, with
`-D coterie_draft=1`, says so on the page instead.
"""

import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import bugs
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from coterie.commands.book.chapters import Chapter, chapters
from coterie.commands.book.markdown import Style, chapter, drawn, heading, prose, table
from coterie.commands.book.places import Place
from coterie.commands.book.verdicts import MISSING, STALE, Verdicts, verdicts

FOLDER = "chapters"
FAMILIES = {
    "gossip": "Gossip",
    "diffusion": "Quorums and diffusion",
    "synchrony": "Virtual synchrony",
    "smr": "State machine replication",
    "oracles": "Lamport's specifications",
    "": "Links and sessions",
}
WORKERS = 2
_ABOUT = """A page for each protocol: who takes part, what they remember and say, what it promises,
why that holds, how far it was checked, and what happens without it. All of it is made from the code
and from what the checker has recorded."""
_HEAD = "---\ntocdepth: 2\n---\n\n"
"""Why: a page has a hundred headings, which nobody would read beside it, and a build takes long."""


def linked(place: Place) -> str:
    """Return the address of a line of the source, which the scheme `source` of MyST resolves."""
    return f"source:{place.file}#line-{place.line}"


STYLE = Style(source=linked, draw=drawn)


def family_of(name: str) -> str:
    """Return the family of a protocol, by the first part of its name."""
    first = name.partition(".")[0]
    return first if first in FAMILIES else ""


def wanting(found: Verdicts) -> list[str]:
    """Return a line for each check of which no record, or a stale one, is there."""
    return [
        f"{check.name} at size {count.size} is {count.note}"
        for each in chapters()
        for check in each.checks
        for count in found.counts(check)
        if count.note == STALE or (count.note == MISSING and count.size == "small")
    ]


def written(path: Path, text: str) -> None:
    """Write a page, if it says something else than before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def index() -> str:
    """Return the page that leads to all chapters."""
    blocks = [
        "# The protocols",
        _ABOUT,
    ]
    for first, title in FAMILIES.items():
        own = [each for each in chapters() if family_of(each.name) == first]
        blocks += [
            f"## {title}",
            table(("protocol", "what it is", "checks"), [_row(each) for each in own]),
            _toctree(f"chapters/{each.name}" for each in own),
        ]
    return "\n\n".join(blocks) + "\n"


def _row(each: Chapter) -> tuple[str, str, str]:
    title, _ = heading(each)
    return f"[{each.name}]({each.name}.md)", prose(title), str(len(each.checks))


def _toctree(names: Iterable[str]) -> str:
    lines = (f"/{name}" for name in names)
    return "\n".join(["```{toctree}", ":hidden:", "", *lines, "```"])


def write_all(source: Path, found: Verdicts, *, draft: bool) -> None:
    """Write every page that is made.

    Raises: ExtensionError where evidence is missing or stale, unless it is a draft.
    """
    problems = [] if draft else wanting(found)
    if problems:
        raise ExtensionError(
            "the evidence in docs/evidence is not about the code that there is: "
            + "; ".join(problems)
            + ". Make it anew, or build a draft with -D coterie_draft=1."
        )
    folder = source / FOLDER
    pages = {folder / "index.md"}
    written(folder / "index.md", index())
    names = [each.name for each in chapters()]
    with ProcessPoolExecutor(min(WORKERS, os.cpu_count() or 1), get_context("spawn")) as pool:
        for name, (text, told) in zip(names, pool.map(_pages, names), strict=True):
            for path, words in ((folder / f"{name}.md", text), (folder / f"bugs-{name}.md", told)):
                if words:
                    written(path, _HEAD + words)
                    pages.add(path)
    written(folder / "bugs.md", bugs.index(found))
    pages.add(folder / "bugs.md")
    for path in set(folder.glob("*.md")) - pages:
        path.unlink()


def _pages(name: str) -> tuple[str, str]:
    """Return the page of a chapter, and the one of what was refuted in it; in another process."""
    found = _found()
    own = next(each for each in chapters() if each.name == name)
    return chapter(own, found, STYLE), bugs.page(own, found)


_KNOWN: list[Verdicts] = []


def _found() -> Verdicts:
    """Return what is recorded; read once a process."""
    if not _KNOWN:
        _KNOWN.append(verdicts())
    return _KNOWN[0]


def _write(app: Sphinx) -> None:
    write_all(Path(app.srcdir), verdicts(), draft=bool(int(app.config.coterie_draft)))


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages before Sphinx looks for them."""
    app.add_config_value("coterie_draft", "0", "env")
    app.connect("builder-inited", _write, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
