"""What pages are written with: words that Markdown leaves alone, tables, and links."""

import re
from collections.abc import Callable, Iterable, Sequence

from attrs import field, frozen

from coterie.commands.book.places import Place
from coterie.commands.book.verdicts import MISSING, Shown

_SPECIAL = re.compile(r"([\\*_<>|\[\]{}#~&$])")
Draw = Callable[[Shown], str]


def _beside(place: Place) -> str:
    return f"../{place.file}#L{place.line}"


def _page(name: str) -> str:
    return f"{name}.md"


@frozen
class Style:
    """How a page refers to what stands elsewhere.

    Attributes:
        source: the address of a line of the source.
        chapter: the address of a chapter, by its name.
        draw: a run as a picture, in Markdown or HTML; None where pages have no pictures.
    """

    source: Callable[[Place], str] = field(default=_beside)
    chapter: Callable[[str], str] = field(default=_page)
    draw: Draw | None = None

    def link(self, place: Place | None, words: str = "") -> str:
        """Return a link to a line of the source; just the words where that is not known."""
        if place is None:
            return words
        return f"[{words or f'`{place}`'}]({self.source(place)})"


PLAIN = Style()


def prose(text: str) -> str:
    """Return words of a docstring as Markdown: what stands in backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _SPECIAL.sub(r"\\\1", text.replace("`", "'"))
    return "".join(
        code(part) if place % 2 else _SPECIAL.sub(r"\\\1", part)
        for place, part in enumerate(parts)
        if part
    )


def begun(text: str) -> str:
    """Return words with the capital letter that a sentence begins with; a name keeps its own."""
    word = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if word == "a" or word[1:2].isalpha() else text


def code(text: str) -> str:
    """Return text as code."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell or ' ' for cell in line)} |" for line in lines)


def counted(count: int, one: str, many: str = "") -> str:
    """Return so many of them, in words."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def warned(note: str) -> str:
    """Return what a reader must not overlook; less loudly where nobody has looked yet."""
    return f"*{note}*" if note == MISSING else f"**{prose(note)}**"
