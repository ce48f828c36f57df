"""What differs between two texts, in pieces: what stays, what goes, what comes."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

from attrs import frozen

Fate = Literal["stays", "goes", "comes"]

SHORT = 60
WORDS_MOST = 1500
AROUND = 24
_WORD = re.compile(r"\w+|\s+|.", re.DOTALL)


@frozen
class Piece:
    """A part of a text.

    Attributes:
        text: the part.
        fate: whether it is in both texts, or only in the old or the new one.
    """

    text: str
    fate: Fate = "stays"


def pieces(old: str, new: str) -> list[Piece]:
    """Return what has become of `old`; of what stays, only what stands around the rest."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    if len(old) + len(new) <= SHORT or max(len(before), len(after)) > WORDS_MOST:
        return [Piece(old, "goes"), Piece(new, "comes")]
    found: list[Piece] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, first, last, begin, end in matcher.get_opcodes():
        if what == "equal":
            found.append(Piece("".join(before[first:last])))
            continue
        found.append(Piece("".join(before[first:last]), "goes"))
        found.append(Piece("".join(after[begin:end]), "comes"))
    return [*_shortened([each for each in found if each.text])]


def _shortened(found: list[Piece]) -> Iterator[Piece]:
    """Yield the pieces, those that stay cut to what stands beside a change."""
    for place, piece in enumerate(found):
        first, last = place == 0, place == len(found) - 1
        text = piece.text
        if piece.fate != "stays" or len(text) <= AROUND * (1 if first or last else 2):
            yield piece
        elif first:
            yield Piece(f"…{text[-AROUND:]}")
        elif last:
            yield Piece(f"{text[:AROUND]}…")
        else:
            yield Piece(f"{text[:AROUND]}…{text[-AROUND:]}")
