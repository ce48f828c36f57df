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
