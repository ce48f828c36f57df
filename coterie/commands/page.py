"""Lines of text as the terminal shows them: each a row of pieces with a style of its own."""

import re
import textwrap

Line = tuple[tuple[str, str], ...]
BLANK: Line = ()
PROSE = 100
_HEADING = re.compile(r"[A-Z][\w -]{1,24}: ?")


def line(text: str, style: str = "") -> Line:
    """Return a line in one style."""
    return ((text, style),)


def plain(pieces: Line) -> str:
    """Return the line without its styles."""
    return "".join(text for text, _ in pieces).rstrip()


def folded(pieces: Line, width: int) -> list[Line]:
    """Return the line in lines of at most `width`; what goes on is indented a little further.

    It is broken at blanks, and where there is none within a line, anywhere.
    """
    text = plain(pieces)
    if len(text) <= width:
        return [pieces]
    indent = len(text) - len(text.lstrip())
    later = min(indent + 2, width // 2)
    lines, start, room = [], 0, width
    while len(text) - start > room:
        blank = text.rfind(" ", start + (indent if start == 0 else 0) + 1, start + room + 1)
        end = blank if blank > 0 else start + room
        lines.append(_part(pieces, start, end, later))
        start = end + (len(text[end:]) - len(text[end:].lstrip()))
        room = width - later
    return [*lines, _part(pieces, start, len(text), later)]


def _part(pieces: Line, start: int, end: int, indent: int) -> Line:
    """Return the characters from `start` to `end`, after an indent unless they are the first."""
    found: list[tuple[str, str]] = [(" " * indent, "")] if start else []
    place = 0
    for text, style in pieces:
        found.append((text[max(0, start - place) : max(0, end - place)], style))
        place += len(text)
    return tuple(each for each in found if each[0])


def wrapped(
    text: str, width: int, *, first: str = "", later: str | None = None, style: str = ""
) -> list[Line]:
    """Return `text` in lines of at most `width`, the first indented by `first`."""
    folded = textwrap.wrap(
        text,
        max(20, min(width, PROSE)),
        initial_indent=first,
        subsequent_indent=" " * len(first) if later is None else later,
        break_on_hyphens=False,
    )
    return [line(each, style) for each in folded]


def paragraphs(docstring: str) -> list[str]:
    """Return the paragraphs of a docstring; each heading begins one of its own."""
    found: list[list[str]] = [[]]
    for each in docstring.splitlines():
        if not each.strip() or _HEADING.match(each):
            found.append([])
        if each.strip():
            found[-1].append(each.strip())
    return [" ".join(words) for words in found if words]


def documented(docstring: str, width: int, indent: str) -> list[Line]:
    """Return a docstring's paragraphs, wrapped, their headings set off."""
    lines: list[Line] = []
    for paragraph in paragraphs(docstring):
        heading = _HEADING.match(paragraph)
        later = f"{indent}  " if heading else indent
        first, *rest = wrapped(paragraph, width, first=indent, later=later)
        if heading:
            split = len(indent) + heading.end()
            text = plain(first)
            first = ((text[:split], "bold"), (text[split:], ""))
        lines += [first, *rest]
    return lines
