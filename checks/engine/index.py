"""The index of one shard: where a row stands, or would go.

Whole rows are compared, so membership is exact. The index holds, for each row it owns, the row's
number and 24 bits of its hash in 8 bytes. Memory is touched in loops of their own, a batch ahead of
its use, so that cache misses overlap; such a kernel returns what it has touched, lest the compiler
leave it out.
"""

import numpy as np

from coterie.checks.engine.compiled import Ints, Words, inlined, kernel

_MIX = np.uint64(0xFF51_AFD7_ED55_8CCD)
_MIX_AGAIN = np.uint64(0xC4CE_B9FE_1A85_EC53)
_SHIFT = np.uint64(33)
_OWNER = np.uint64(0xFF)
_TAG = np.uint64(0xFFFF_FF00_0000_0000)
_NUMBER = np.uint64(0x0000_00FF_FFFF_FFFF)
_PLACE_SHIFT = np.uint64(8)
_PLACE_MASK = np.uint64(0xFFFF_FFFF)
_HALF = np.uint64(32)
_ONE = np.uint64(1)
BATCH = 128


@inlined
def hash_of(rows: Words, index: int) -> np.uint64:
    """Return 64 well-mixed bits of a row: its shard's, its place's and its tag's."""
    mixed = np.uint64(rows.shape[1])
    for word in range(rows.shape[1]):
        mixed = (mixed ^ rows[index, word]) * _MIX
        mixed ^= mixed >> _SHIFT
    mixed *= _MIX_AGAIN
    return mixed ^ (mixed >> _SHIFT)


@inlined
def owner_of(mixed: np.uint64, shards: int) -> int:
    """Return which shard a row of that hash belongs to."""
    return np.int64(mixed & _OWNER) % shards  # type: ignore[return-value]


@inlined
def _place_of(mixed: np.uint64, size: np.uint64) -> np.uint64:
    return (((mixed >> _PLACE_SHIFT) & _PLACE_MASK) * size) >> _HALF


@inlined
def _is_same(rows: Words, number: int, others: Words, other: int) -> bool:
    same = True
    for word in range(rows.shape[1]):
        same = same and rows[number, word] == others[other, word]
    return same


@inlined
def _probe(
    index: Words, rows: Words, others: Words, other: int, mixed: np.uint64, place: np.uint64
) -> tuple[int, np.uint64]:
    """Return the number of the row that is `others[other]`, or -1 and the free place for it."""
    size = np.uint64(index.size)
    tag = mixed & _TAG
    while True:
        entry = index[place]
        if entry == 0:
            return -1, place
        if entry & _TAG == tag:
            number = int(np.int64(entry & _NUMBER)) - 1
            if _is_same(rows, number, others, other):
                return number, place
        place += _ONE
        if place == size:
            place = np.uint64(0)


@kernel
def _owners(rows: Words, shards: int, found: Ints) -> None:
    for number in range(rows.shape[0]):
        found[number] = owner_of(hash_of(rows, number), shards)


def owners(rows: Words, shards: int) -> Ints:
    """Return the shard that owns each of `rows`."""
    found = np.empty(len(rows), np.int64)
    _owners(rows, shards, found)
    return found


@inlined
def _tagged(index: Words, mixed: np.uint64, place: np.uint64) -> np.uint64:
    """Return the first place from `place` on that is free, or has the tag of the hash `mixed`."""
    size = np.uint64(index.size)
    tag = mixed & _TAG
    while index[place] != 0 and index[place] & _TAG != tag:
        place += _ONE
        if place == size:
            place = np.uint64(0)
    return place


@kernel
def insert_rows(
    index: Words,
    rows: Words,
    at: int,
    new: Words,
    begin: int,
    end: int,
    numbers: Ints,
    scratch: Words,
) -> tuple[int, np.uint64]:
    """Insert `new[begin:end]` from row `at` on; return where the next row goes.

    `numbers`, unless empty, gets the number of each row; `scratch` has room for the hash, the place
    and a candidate's number of each in a batch.
    """
    size = np.uint64(index.size)
    mixed, place, candidate = scratch[0], scratch[1], scratch[2]
    touched = np.uint64(0)
    for first in range(begin, end, mixed.size):
        length = min(mixed.size, end - first)
        for i in range(length):
            mixed[i] = hash_of(new, first + i)
            place[i] = _place_of(mixed[i], size)
        for i in range(length):
            touched ^= index[place[i]]
        for i in range(length):
            place[i] = _tagged(index, mixed[i], place[i])
            candidate[i] = max(index[place[i]] & _NUMBER, _ONE) - _ONE
        for i in range(length):
            touched ^= rows[candidate[i], 0]
        for i in range(length):
            number, free = _probe(index, rows, new, first + i, mixed[i], place[i])
            if number < 0:
                for word in range(rows.shape[1]):
                    rows[at, word] = new[first + i, word]
                number = at
                at += 1
                index[free] = (mixed[i] & _TAG) | np.uint64(at)
            if numbers.size > 0:
                numbers[first + i] = number
    return at, touched


@kernel
def find_rows(
    index: Words, rows: Words, sought: Words, numbers: Ints, owner: int, shards: int
) -> None:
    """Write the numbers of those rows that `owner` owns."""
    size = np.uint64(index.size)
    for i in range(sought.shape[0]):
        mixed = hash_of(sought, i)
        if owner_of(mixed, shards) == owner:
            numbers[i] = _probe(index, rows, sought, i, mixed, _place_of(mixed, size))[0]


@kernel
def add_rows(
    index: Words, rows: Words, begin: int, end: int, owner: int, shards: int, scratch: Words
) -> np.uint64:
    """Add those of the rows, all different, that `owner` owns to `index`; see `insert_rows`."""
    size = np.uint64(index.size)
    mixed, place = scratch[0], scratch[1]
    touched = np.uint64(0)
    for first in range(begin, end, mixed.size):
        length = min(mixed.size, end - first)
        for i in range(length):
            mixed[i] = hash_of(rows, first + i)
            place[i] = _place_of(mixed[i], size)
        for i in range(length):
            touched ^= index[place[i]]
        for i in range(length):
            if owner_of(mixed[i], shards) == owner:
                free = place[i]
                while index[free] != 0:
                    free += _ONE
                    if free == size:
                        free = np.uint64(0)
                index[free] = (mixed[i] & _TAG) | np.uint64(first + i + 1)
    return touched


@kernel
def count_owned(rows: Words, begin: int, end: int, owner: int, shards: int) -> int:
    """Return how many of the rows `begin` to `end` belong to `owner`."""
    owned = 0
    for number in range(begin, end):
        if owner_of(hash_of(rows, number), shards) == owner:
            owned += 1
    return owned
