"""The set of visited states: rows in the order of discovery, and an index of them for each shard.

Whole rows are compared, so membership is exact. An index holds, for each row it owns, the row's
number and 24 bits of its hash in 8 bytes, and is between half and three quarters full: 11 to 16
bytes a state. It is made anew from the rows when it grows, so growing never needs memory twice.

Each shard appends to a region of its own, and a row keeps its number for ever; who owns a row in
the index follows from its hash, which changes when rows are packed anew.
"""

from functools import partial

import numpy as np

from coterie.checks.engine.arena import Arena, rows_available
from coterie.checks.engine.compiled import Ints, Words, inlined, kernel
from coterie.checks.engine.crew import Crew
from coterie.checks.engine.layout import Layout, moves_between

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
_BATCH = 128
_SMALLEST = 1 << 12
_CHUNK = 1 << 16


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
def _insert(
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

    Memory is touched in loops of their own, a batch ahead of its use, so that cache misses overlap;
    the second value keeps these touches alive. `numbers`, unless empty, gets the number of each
    row; `scratch` has room for the hash, the place and a candidate's number of each in a batch.
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
def _find(index: Words, rows: Words, sought: Words, numbers: Ints, owner: int, shards: int) -> None:
    """Write the numbers of those rows that `owner` owns."""
    size = np.uint64(index.size)
    for i in range(sought.shape[0]):
        mixed = hash_of(sought, i)
        if owner_of(mixed, shards) == owner:
            numbers[i] = _probe(index, rows, sought, i, mixed, _place_of(mixed, size))[0]


@kernel
def _reindex(
    index: Words, rows: Words, begin: int, end: int, owner: int, shards: int, scratch: Words
) -> np.uint64:
    """Add those of the rows that `owner` owns, all of which differ, to `index`; see `_insert`."""
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
def _count_owned(rows: Words, begin: int, end: int, owner: int, shards: int) -> int:
    owned = 0
    for number in range(begin, end):
        if owner_of(hash_of(rows, number), shards) == owner:
            owned += 1
    return owned


class Store:
    """All visited states.

    Attributes:
        rows: the packed states by their numbers; those of shard s stand from `first[s]` on.
        first: the number of each shard's first row.
        end: one more than the number of each shard's last row.
        region: how many rows a shard may have.
    """

    def __init__(self, shards: int, layout: Layout, width: int) -> None:
        self.shards = shards
        self.layout = layout
        self.region = rows_available(shards, width)
        self._arena = Arena(shards * self.region, width)
        self.first = [shard * self.region for shard in range(shards)]
        self.end = list(self.first)
        self._indexes: list[Words] = [np.zeros(_SMALLEST, np.uint64) for _ in range(shards)]
        self._owned = [0] * shards
        self._mixed = list(self.first)

    @property
    def rows(self) -> Words:
        """All rows by their numbers."""
        return self._arena.array

    def __len__(self) -> int:
        return sum(self._owned)

    @property
    def width(self) -> int:
        """The words in a row."""
        return int(self.rows.shape[1])

    def index_bytes(self) -> int:
        """Return the memory that the indexes take."""
        return sum(index.nbytes for index in self._indexes)

    def insert(self, shard: int, new: Words, *, number: bool = False) -> Ints:
        """Insert the new ones of rows that `shard` owns; return the numbers of all, if asked.

        Raises: MemoryError when the shard's region is full.
        """
        numbers = np.empty(len(new) if number else 0, np.int64)
        scratch = np.empty((3, _BATCH), np.uint64)
        begin = 0
        while begin < len(new):
            room = self._indexes[shard].size * 3 // 4 - self._owned[shard]
            if room <= 0:
                self._reindex(shard, self._indexes[shard].size * 3 // 2)
                continue
            end = min(len(new), begin + room)
            self._check_room(shard, end - begin)
            at, _ = _insert(
                self._indexes[shard], self.rows, self.end[shard], new, begin, end, numbers, scratch
            )
            self._owned[shard] += at - self.end[shard]
            self.end[shard] = at
            begin = end
        return numbers

    def _check_room(self, shard: int, more: int) -> None:
        if self.end[shard] + more > self.first[shard] + self.region:
            raise MemoryError("the region of a shard is full")

    def find(self, sought: Words) -> Ints:
        """Return the numbers of the rows, -1 for one that was not visited."""
        numbers = np.full(len(sought), -1, np.int64)
        for shard in range(self.shards):
            _find(self._indexes[shard], self.rows, sought, numbers, shard, self.shards)
        return numbers

    def find_owned(self, shard: int, sought: Words) -> Ints:
        """Return the numbers of rows that `shard` owns, -1 for one that was not visited."""
        numbers = np.empty(len(sought), np.int64)
        _find(self._indexes[shard], self.rows, sought, numbers, 0, 1)
        return numbers

    def _reindex(self, shard: int, size: int) -> None:
        """Make the index of a shard anew, with so many places.

        What a shard took in after the last repacking is its own; before that, anybody's.
        """
        self._indexes[shard] = np.zeros(0, np.uint64)  # give the memory back before taking more
        self._indexes[shard] = np.zeros(size, np.uint64)
        scratch = np.empty((2, _BATCH), np.uint64)
        for other, first in enumerate(self.first):
            end = self.end[other] if other == shard else self._mixed[other]
            _reindex(self._indexes[shard], self.rows, first, end, shard, self.shards, scratch)

    def _claim(self, shard: int) -> None:
        """Make the index of a shard anew, after the rows it owns have changed."""
        regions = zip(self.first, self.end, strict=True)
        self._owned[shard] = sum(
            _count_owned(self.rows, *region, shard, self.shards) for region in regions
        )
        self._reindex(shard, max(len(self._indexes[shard]), self._owned[shard] * 3 // 2))

    def repack(self, layout: Layout, width: int, crew: Crew) -> None:
        """Pack every row anew; all keep their numbers."""
        old, moves = self._arena, moves_between(self.layout, layout)
        self._arena, self.layout = Arena(self.shards * self.region, width), layout

        def move(shard: int) -> None:
            for begin in range(self.first[shard], self.end[shard], _CHUNK):
                end = min(self.end[shard], begin + _CHUNK)
                for each in moves:
                    self.rows[begin:end, each.to] |= each.applied(old.array[begin:end, each.word])
                old.release(begin, end)

        crew.all(partial(move, shard) for shard in range(self.shards))
        self._mixed = list(self.end)
        crew.all(partial(self._claim, shard) for shard in range(self.shards))
