"""Formulas as browsers show them: MathML for what is mathematics, plain words for the rest.

A property's formula stands in its docstring as a person types it: `for all servers p, q: dates(p) =
dates(q)`. Words stay words, so that a long formula can be wrapped; each run of names, numbers and
signs between them becomes a `<math>` of its own. The text that a page then contains is the formula
as it was typed, but for signs that have a better form.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from types import MappingProxyType

from attrs import frozen

SIGNS = MappingProxyType(
    {
        "<=": "≤",
        ">=": "≥",
        "!=": "≠",
        "->": "→",
        "=>": "⇒",
        "~>": "⇝",
        "<>": "◇",
        "[]": "□",
        "-": "−",
        "*": "·",
    }
)
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<call>[A-Za-z_0-9]*[A-Za-z_][A-Za-z_0-9]*'?(?=[(\[]))
      | (?P<number>\d+(?:\.\d+)?(?![A-Za-z_0-9]))
      | (?P<word>[A-Za-z_0-9]+(?:[-’'][A-Za-z]+)*(?:\.[A-Za-z]\w*)*'?)
      | (?P<sign><=|>=|!=|->|=>|~>|<>|\[\](?!\])|[=<>≤≥≠≈+−*/·∪∩∖⊆∈∀∃∧∨¬⇒→×&|^-])
      | (?P<open>[(\[{])
      | (?P<close>[)\]}])
      | (?P<other>\.\.\.|.)
    """,
    re.VERBOSE,
)
_FLAT = ' stretchy="false"'
_SPACE = "\N{NO-BREAK SPACE}"
_ARTICLES = {"a", "A", "I"}
_MODES = {"AG", "EF", "AF", "EG"}
_JOINTS = frozenset(
    [
        "a",
        "all",
        "an",
        "and",
        "at",
        "begun",
        "by",
        "for",
        "from",
        "if",
        "implies",
        "in",
        "is",
        "leads",
        "most",
        "never",
        "not",
        "number",
        "of",
        "or",
        "over",
        "some",
        "sum",
        "that",
        "the",
        "to",
        "under",
        "what",
        "where",
        "with",
    ]
)


@frozen
class Token:
    """A piece of a formula.

    Attributes:
        kind: the group of the pattern that it is of.
        text: the piece.
        depth: how many brackets of a call are open around it.
    """

    kind: str
    text: str
    depth: int


def tokens(formula: str) -> list[Token]:
    """Return the pieces of a formula; together they are the formula."""
    found: list[Token] = []
    brackets: list[bool] = []
    for match in _TOKEN.finditer(formula):
        kind, text = match.lastgroup or "other", match[0]
        if kind == "close" and brackets:
            depth = sum(brackets)
            brackets.pop()
        else:
            if kind == "open":
                called = bool(found) and found[-1].kind in {"call", "close"}
                brackets.append(called or bool(sum(brackets)))
            depth = sum(brackets)
        found.append(Token(kind, text, depth))
    return found


def mathml(formula: str) -> str:
    """Return a formula as HTML: words, and MathML between them."""
    pieces = tokens(formula)
    is_math = _mathematics(pieces)
    return "".join(
        f"<math>{_row(run)}</math>" if math else _escaped("".join(each.text for each in run))
        for math, run in _runs(pieces, is_math)
    )


def _mathematics(pieces: Sequence[Token]) -> list[bool]:
    """Return which pieces are mathematics; a space is, where it stands between two that are."""
    found = [_is_clearly(pieces, place) for place in range(len(pieces))]
    words = [place for place, each in enumerate(pieces) if each.kind == "word"]
    for place in (place for place in words if pieces[place].text not in _JOINTS):
        if any(_is_relation(pieces, other) for other in _beside(pieces, place)):
            found[place] = True
    for place, each in enumerate(pieces):
        if each.kind == "space" and 0 < place < len(pieces) - 1:
            found[place] = _joins(pieces, found, place)
    return found


def _is_clearly(pieces: Sequence[Token], place: int) -> bool:
    each = pieces[place]
    if each.depth:
        return True
    if each.kind in {"call", "number"} or (each.kind == "sign" and not _is_dash(pieces, place)):
        return True
    if each.text == "'":
        return place > 0 and pieces[place - 1].kind == "close"
    if each.text in _MODES:
        return True
    if each.kind == "word":
        bare = each.text.rstrip("'")
        is_name = len(bare) == 1 or bare[1:].isdigit() or each.text.endswith("'")
        return is_name and (bare not in _ARTICLES or _is_listed(pieces, place))
    return False


def _is_listed(pieces: Sequence[Token], place: int) -> bool:
    """Return whether a letter that may be an article is a name: no other word follows."""
    after = pieces[place + 1] if place + 1 < len(pieces) else None
    return after is None or after.kind != "space"


def _is_dash(pieces: Sequence[Token], place: int) -> bool:
    """Return whether a sign is a dash or a slash between words."""
    if pieces[place].text not in {"-", "−", "/", "&"}:
        return False
    beside = [pieces[other] for other in _beside(pieces, place)]
    return any(each.kind == "word" and len(each.text) > 1 for each in beside)


def _is_relation(pieces: Sequence[Token], place: int) -> bool:
    if pieces[place].kind != "sign" or _is_dash(pieces, place):
        return False
    return pieces[place].text not in {"~>", "|"}


def _beside(pieces: Sequence[Token], place: int) -> Iterator[int]:
    """Yield the pieces before and after, past one space."""
    for way in (-1, 1):
        other = place + way
        if 0 <= other < len(pieces) and pieces[other].kind == "space":
            other += way
        if 0 <= other < len(pieces):
            yield other


def _joins(pieces: Sequence[Token], found: Sequence[bool], place: int) -> bool:
    """Return whether a space stands within one run of mathematics: beside a sign, or in a call."""
    if not (found[place - 1] and found[place + 1]):
        return False
    if pieces[place].depth:
        return True
    return "sign" in {pieces[place - 1].kind, pieces[place + 1].kind}


def _runs(pieces: Sequence[Token], is_math: Sequence[bool]) -> Iterator[tuple[bool, list[Token]]]:
    run: list[Token] = []
    for place, each in enumerate(pieces):
        if run and is_math[place] != is_math[place - 1]:
            yield is_math[place - 1], run
            run = []
        run.append(each)
    if run:
        yield is_math[-1], run


def _row(run: Sequence[Token]) -> str:
    return "".join(_element(run, place) for place in range(len(run)))


def _element(run: Sequence[Token], place: int) -> str:
    each = run[place]
    match each.kind:
        case "space":
            beside = (place - 1, place + 1)
            within = any(0 <= other < len(run) and _is_words(run, other) for other in beside)
            return f"<mtext>{_SPACE}</mtext>" if within else " "
        case "number":
            return f"<mn>{each.text}</mn>"
        case "word" if _is_words(run, place):
            return f"<mtext>{_escaped(each.text)}</mtext>"
        case "call" | "word":
            return _name(each.text)
        case "sign":
            flat = _FLAT if each.text == "|" else ""
            return f"<mo{flat}>{_escaped(_sign(each))}</mo>"
    flat = _FLAT if each.kind in {"open", "close"} else ""
    return f"<mo{flat}>{_escaped(each.text)}</mo>"


def _escaped(text: str) -> str:
    return escape(text, quote=False)


def _name(text: str) -> str:
    return f"<mi>{_escaped(text)}</mi>"


def _is_words(run: Sequence[Token], place: int) -> bool:
    """Return whether a word within brackets is one of several, and so no name."""
    if run[place].kind != "word":
        return False
    beside = (place - 2, place + 2)
    return any(
        0 <= other < len(run)
        and run[(place + other) // 2].kind == "space"
        and run[other].kind in {"word", "call", "number"}
        for other in beside
    )


def _sign(token: Token) -> str:
    return SIGNS.get(token.text, token.text)
