"""The set of visited states: rows in the order of discovery, and an index of them for each shard.

An index is between half and three quarters full: 11 to 16 bytes a state. It is made anew from the
rows when it grows, so growing never needs memory twice.

Each shard appends to a region of its own, and a row keeps its number for ever; who owns a row in
the index follows from its hash, which changes when rows are packed anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import numpy as np

from coterie.checks.engine.arena import Arena, Arenas, rows_available
from coterie.checks.engine.compiled import Ints, Words
from coterie.checks.engine.crew import Crew
from coterie.checks.engine.index import BATCH, add_rows, count_owned, find_rows, insert_rows
from coterie.checks.engine.layout import Layout, moves_between
from coterie.checks.engine.spill import A, Spill

_SMALLEST = 1 << 12
_CHUNK = 1 << 16
_PIECE_BYTES = 1 << 25


class Store:
    """All visited states.

    Attributes:
        rows: the packed states by their numbers; those of shard s stand from `first[s]` on.
        first: the number of each shard's first row.
        end: one more than the number of each shard's last row.
        region: how many rows a shard may have.
        intact: False while rows are packed anew; if that was interrupted, they cannot be read.
    """

    def __init__(self, shards: int, layout: Layout, width: int, spill: Spill | None = None) -> None:
        self.shards = shards
        self.layout = layout
        self._spill = spill
        self._arenas: Arenas = Arena if spill is None else spill.arena
        self.region = rows_available(shards, width, self._arenas)
        self._arena = self._arenas(shards * self.region, width)
        self.first = [shard * self.region for shard in range(shards)]
        self.end = list(self.first)
        self._indexes: list[Words] = [np.zeros(_SMALLEST, np.uint64) for _ in range(shards)]
        self._owned = [0] * shards
        self._mixed = list(self.first)
        self.intact = True

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
        scratch = np.empty((3, BATCH), np.uint64)
        begin = 0
        while begin < len(new):
            room = self._indexes[shard].size * 3 // 4 - self._owned[shard]
            if room <= 0:
                self._reindex(shard, self._indexes[shard].size * 3 // 2)
                continue
            end = min(len(new), begin + room)
            self._check_room(shard, end - begin)
            at, _ = insert_rows(
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
            find_rows(self._indexes[shard], self.rows, sought, numbers, shard, self.shards)
        return numbers

    def find_owned(self, shard: int, sought: Words) -> Ints:
        """Return the numbers of rows that `shard` owns, -1 for one that was not visited."""
        numbers = np.empty(len(sought), np.int64)
        find_rows(self._indexes[shard], self.rows, sought, numbers, 0, 1)
        return numbers

    def _reindex(self, shard: int, size: int) -> None:
        """Make the index of a shard anew, with so many places.

        What a shard took in after the last repacking is its own; before that, anybody's.
        """
        self._indexes[shard] = np.zeros(0, np.uint64)  # give the memory back before taking more
        self._indexes[shard] = np.zeros(size, np.uint64)
        scratch = np.empty((2, BATCH), np.uint64)
        for other, first in enumerate(self.first):
            last = self.end[other] if other == shard else self._mixed[other]
            for begin, end in self._pieces(first, last):
                add_rows(self._indexes[shard], self.rows, begin, end, shard, self.shards, scratch)

    def _pieces(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield rows to be looked at one after the other; what was looked at may be let go."""
        rows = max(_CHUNK, _PIECE_BYTES // (8 * self.width))
        for begin in range(first, last, rows):
            yield begin, min(last, begin + rows)
            self.relieve()

    def keep(self, array: A) -> A:
        """Return `array`, or a copy that can be let go, where that is wanted."""
        return array if self._spill is None else self._spill.keep(array)

    def relieve(self) -> None:
        """Let go of rows in memory, where they can be let go and it is time."""
        if self._spill is not None:
            self._spill.relieve()

    def _claim(self, shard: int) -> None:
        """Make the index of a shard anew, after the rows it owns have changed."""
        self._owned[shard] = sum(
            count_owned(self.rows, *piece, shard, self.shards)
            for region in zip(self.first, self.end, strict=True)
            for piece in self._pieces(*region)
        )
        self._reindex(shard, max(len(self._indexes[shard]), self._owned[shard] * 3 // 2))

    def restore(
        self,
        region: int,
        layout: Layout,
        width: int,
        parts: Sequence[Iterable[Words]],
        crew: Crew,
    ) -> None:
        """Take in the rows of every shard, in place of all there are.

        Attributes:
            region: how many rows a shard may have, as it was when these rows got their numbers.
            parts: the rows of each shard in their order, packed in `layout`, in pieces.
        Raises: MemoryError where there is no address space for that.
        """
        self.intact = False
        self.layout, self.region = layout, region
        self._arena = self._arenas(self.shards * region, width)
        self.first = [shard * region for shard in range(self.shards)]
        self.end = list(self.first)
        for shard, pieces in enumerate(parts):
            for piece in pieces:
                end = self.end[shard] + len(piece)
                self.rows[self.end[shard] : end] = piece
                self.end[shard] = end
                self.relieve()
        self._claim_all(crew)

    def _claim_all(self, crew: Crew) -> None:
        self._mixed = list(self.end)
        crew.all(partial(self._claim, shard) for shard in range(self.shards))
        self.intact = True

    def repack(self, layout: Layout, width: int, crew: Crew) -> None:
        """Pack every row anew; all keep their numbers."""
        self.intact = False
        old, moves = self._arena, moves_between(self.layout, layout)
        self._arena, self.layout = self._arenas(self.shards * self.region, width), layout

        def move(shard: int) -> None:
            for begin in range(self.first[shard], self.end[shard], _CHUNK):
                end = min(self.end[shard], begin + _CHUNK)
                for each in moves:
                    self.rows[begin:end, each.to] |= each.applied(old.array[begin:end, each.word])
                old.release(begin, end)
                self.relieve()

        crew.all(partial(move, shard) for shard in range(self.shards))
        self._claim_all(crew)
