"""A flat hash table from 64-bit keys to numbers, filled by Python and read by kernels."""

import numpy as np

from coterie.checks.engine.compiled import Ints, Words, inlined, kernel

EMPTY = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_GOLDEN = np.uint64(0x9E37_79B9_7F4A_7C15)
_HALF = np.uint64(32)
MISSING = -9


@inlined
def looked_up(keys: Words, numbers: Ints, key: np.uint64) -> int:
    """Return the number of `key`, or MISSING. Shape: keys.size is a power of two."""
    mask = np.uint64(keys.size - 1)
    place = ((key * _GOLDEN) >> _HALF) & mask
    while keys[place] != key:
        if keys[place] == EMPTY:
            return MISSING
        place = (place + np.uint64(1)) & mask
    return numbers[place]  # type: ignore[no-any-return]


@kernel
def _put(keys: Words, numbers: Ints, new_keys: Words, new_numbers: Ints) -> None:
    mask = np.uint64(keys.size - 1)
    for i in range(new_keys.size):
        key = new_keys[i]
        place = ((key * _GOLDEN) >> _HALF) & mask
        while keys[place] != EMPTY and keys[place] != key:
            place = (place + np.uint64(1)) & mask
        keys[place] = key
        numbers[place] = new_numbers[i]


class Lookup:
    """The table; at most half full, so that a miss is found at once.

    Attributes:
        keys: the keys, EMPTY where there is none.
        numbers: what each key stands for.
    """

    def __init__(self) -> None:
        self.keys: Words = np.full(1024, EMPTY, np.uint64)
        self.numbers: Ints = np.zeros(1024, np.int64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, new: dict[int, int]) -> None:
        """Add the entries of `new`, none of which is in the table yet."""
        self._count += len(new)
        if 2 * self._count > self.keys.size:
            self._grow()
        keys = np.fromiter(new.keys(), np.uint64, len(new))
        _put(self.keys, self.numbers, keys, np.fromiter(new.values(), np.int64, len(new)))

    def _grow(self) -> None:
        size = 1 << (4 * self._count).bit_length()
        there = self.keys != EMPTY
        old_keys, old_numbers = self.keys[there], self.numbers[there]
        self.keys = np.full(size, EMPTY, np.uint64)
        self.numbers = np.zeros(size, np.int64)
        _put(self.keys, self.numbers, old_keys, old_numbers)
