"""How a state is packed: a row of 64-bit words, each slot as many bits as its values need.

A slot never straddles two words. When a slot gets more values than fit, the layout is made anew and
all rows are packed again; that is rare, since most values turn up while the rows are few.
"""

from typing import NamedTuple

import numpy as np
from attrs import frozen

from coterie.checks.engine.compiled import Ints, Words

WORD_BITS = 64
GROWING = 3
SPARE_MOST = 4


class Layout(NamedTuple):
    """Where each slot stands.

    Attributes:
        word: the index of its word in the row.
        shift: its lowest bit there.
        mask: as many ones as it has bits; 0 for a slot that has had one value only.
    """

    word: Ints
    shift: Words
    mask: Words


def bits_for(counts: list[int]) -> list[int]:
    """Return the bits of each slot, given how many values it has so far.

    What is left of the last word goes to the slots that have many values: they will get more.
    """
    least = [(count - 1).bit_length() for count in counts]
    width = _placed(least)[2]
    for spare in range(SPARE_MOST, 0, -1):
        roomy = [bits + spare if bits >= GROWING else bits for bits in least]
        if _placed(roomy)[2] == width:
            return roomy
    return least


def layout_of(bits: list[int]) -> tuple[Layout, int]:
    """Return the layout for slots of so many `bits`, and the number of words in a row."""
    word, shift, width = _placed(bits)
    masks = [(1 << size) - 1 for size in bits]
    arrays = (np.array(word, np.int64), np.array(shift, np.uint64), np.array(masks, np.uint64))
    return Layout(*arrays), width


def _placed(bits: list[int]) -> tuple[list[int], list[int], int]:
    """Return each slot's word and shift, and the number of words.

    Shape: the widest slots are placed first, each into the first word that has room.
    """
    free = [WORD_BITS]
    word, shift = [0] * len(bits), [0] * len(bits)
    for slot in sorted(range(len(bits)), key=lambda slot: -bits[slot]):
        at = next((w for w, room in enumerate(free) if room >= bits[slot]), len(free))
        if at == len(free):
            free.append(WORD_BITS)
        word[slot], shift[slot] = at, (WORD_BITS - free[at]) % WORD_BITS
        free[at] -= bits[slot]
    return word, shift, len(free)


@frozen
class Move:
    """What one word of an old layout gives to one word of a new one.

    Attributes:
        word: the old word.
        to: the new word.
        shift: by how many bits it moves to the left, below 0 to the right.
        mask: which bits of the old word move.
    """

    word: int
    to: int
    shift: int
    mask: int

    def applied(self, words: Words) -> Words:
        """Return what the new words get from the old `words`."""
        bits = words & np.uint64(self.mask)
        if self.shift < 0:
            return bits >> np.uint64(-self.shift)
        return bits << np.uint64(self.shift)


def moves_between(before: Layout, after: Layout) -> list[Move]:
    """Return how to pack rows anew: slots that move together are one move."""
    masks: dict[tuple[int, int, int], int] = {}
    for slot in np.flatnonzero(before.mask):
        shift = int(after.shift[slot]) - int(before.shift[slot])
        way = (int(before.word[slot]), int(after.word[slot]), shift)
        masks[way] = masks.get(way, 0) | int(before.mask[slot]) << int(before.shift[slot])
    return [Move(*way, mask) for way, mask in masks.items()]


def repacked(rows: Words, before: Layout, after: Layout, width: int) -> Words:
    """Return `rows` of one layout in another one, whose rows have so many words."""
    new: Words = np.zeros((len(rows), width), np.uint64)
    for move in moves_between(before, after):
        new[:, move.to] |= move.applied(rows[:, move.word])
    return new
