"""The state space of a world as the engine holds it: answers, rows, buffers, and rounds of work."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import numpy as np

from coterie.checks.engine.answers import Answers, packed, unpacked
from coterie.checks.engine.buffers import (
    FULL,
    POSITION,
    QUESTIONS,
    RETRIES,
    STATUS,
    TOO_LONG,
    TRANSITIONS,
    Output,
    output,
    scratch,
)
from coterie.checks.engine.compiled import Codes, Ints, Words
from coterie.checks.engine.crew import Crew
from coterie.checks.engine.expand import expand
from coterie.checks.engine.index import owners
from coterie.checks.engine.layout import repacked
from coterie.checks.engine.spill import Spill
from coterie.checks.engine.store import Store
from coterie.checks.engine.symmetry.orbits import Orbits, numbers_in
from coterie.checks.engine.symmetry.renaming import blocks_of
from coterie.checks.errors import ModelError
from coterie.checks.world import Values, World
from coterie.model.machine import Node

Range = tuple[int, int]
Found = tuple[Words, Ints, Codes]

BUFFER_LEAST, BUFFER_MOST = 1 << 10, 1 << 16
BATCH_LEAST, BATCH_MOST = 1 << 6, 1 << 15
WASTE_MOST = 4


class _Work:
    """The states of one shard that are still to be expanded: those set aside, and a range."""

    def __init__(self, states: Range) -> None:
        self._next, self._end = states
        self._aside: Ints = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self._aside) + self._end - self._next

    def take(self, most: int) -> Ints:
        """Take at most so many states, those set aside first."""
        batch = self._aside[:most]
        self._aside = self._aside[most:]
        fresh = min(most - len(batch), self._end - self._next)
        self._next += fresh
        return np.concatenate([batch, np.arange(self._next - fresh, self._next)])

    def put_back(self, *states: Ints) -> None:
        """Set states aside."""
        self._aside = np.concatenate([*states, self._aside])


class Space:
    """What is known of a world's states and steps.

    Attributes:
        world: the world.
        answers: what its components have answered.
        store: the visited states.
        outputs: each worker's buffers, as the last round has left them.
        transitions: the steps of all states that were expanded.
        orbits: how states become canonical, where some nodes of the world are interchangeable.
    """

    def __init__(
        self, world: World, crew: Crew, *, every_step: bool, spill: Spill | None = None
    ) -> None:
        self.world = world
        self._every_step = every_step
        self.crew = crew
        self.answers = Answers(world)
        self.transitions = 0
        self._capacity, self._batch = BUFFER_LEAST, BATCH_LEAST
        self.outputs: list[Output] = []
        self.orbits = Orbits(world, self.answers, crew) if blocks_of(world) else None
        self._raw: list[list[Found]] = []
        self._canonical: list[list[Found]] = []
        self._is_laid_out = True
        self.store = Store(crew.workers, *self.answers.new_layout(), spill)
        self._refresh(new=True)

    def start(self) -> Ints:
        """Take the starting states in; return the number of each, in their order."""
        states = [self.answers.numbers(values) for values in self.world.initial()]
        self._refresh(new=True)
        return self.insert(states)

    @property
    def pace(self) -> tuple[int, int]:
        """How the work is cut now: the states of a batch, and the room for their steps."""
        return self._batch, self._capacity

    def restore(
        self,
        region: int,
        parts: Sequence[Iterable[Words]],
        transitions: int,
        pace: tuple[int, int],
        cut: int,
    ) -> None:
        """Go on from where a level was finished before.

        Guard: the answers of then are known, and the rows are packed as those say.

        Attributes:
            region, parts: the rows, see `Store.restore`.
            pace: how the work was cut.
            cut: how many states symmetry has cut short.
        """
        self.transitions = transitions
        self._batch, self._capacity = pace
        if self.orbits:
            self.orbits.cut = cut
        self.store.restore(region, *self.answers.layout(), parts, self.crew)
        self._is_laid_out = False
        self._refresh(new=False)

    def insert(self, states: Sequence[Sequence[int]]) -> Ints:
        """Take states in, canonical ones where there is symmetry, and return their numbers."""
        if self.orbits:
            numbers = np.array(states, np.int64)
            self.orbits.canonicalise([numbers])
            self._refresh(new=self.answers.outgrown())
            return self._insert(packed(numbers, self.store.layout, self.store.width))
        return self._insert(packed(states, self.store.layout, self.store.width))

    def _insert(self, rows: Words) -> Ints:
        owner = owners(rows, self.store.shards)
        for shard in range(self.store.shards):
            self.store.insert(shard, rows[owner == shard])
        return self.store.find(rows)

    def find(self, values: Values) -> int:
        """Return the number of a state that was visited (or of the one in its stead), else -1."""
        if self.orbits:
            return self._find_orbit(values, self.orbits)
        known = self.answers.known(values)
        if known is None:
            return -1
        return int(self.store.find(packed([known], self.store.layout, self.store.width))[0])

    def _find_orbit(self, values: Values, orbits: Orbits) -> int:
        numbers = np.array([self.answers.numbers(values)], np.int64)
        orbits.canonicalise([numbers])
        if (numbers[0] > self.store.layout.mask.astype(np.int64)).any():
            return -1
        return int(self.store.find(packed(numbers, self.store.layout, self.store.width))[0])

    @property
    def stand_ins(self) -> dict[Node, Node]:
        """For every interchangeable node, the one of them that may stand for them all."""
        blocks = self.orbits.book.blocks if self.orbits else ()
        return {node: block[0] for block in blocks for node in block}

    def unpacked(self, row: Words) -> list[int]:
        """Return the numbers of the values in a packed row."""
        return unpacked(row, self.store.layout)

    def values(self, row: int) -> Values:
        """Return a state by its number."""
        return self.answers.values(self.unpacked(self.store.rows[row]))

    def show_every_step(self) -> None:
        """From now on, write steps to states that were written not long ago as well."""
        if not self._every_step:
            self._every_step = True
            self._make_buffers()

    def rounds(self, states: Sequence[Range]) -> Iterator[None]:
        """Expand the states of each shard; after each round the buffers are the caller's to use.

        Why: values that only renaming has made must be asked about as well, so that the kernels are
        told of them before they meet them.
        """
        works = [_Work(part) for part in states]
        while any(works):
            if not self._is_laid_out or self.answers.values_count != self._told:
                self._refresh(new=False)
            batches = [work.take(self._batch) for work in works]
            self.crew.all(
                partial(self._expand, worker, batch) for worker, batch in enumerate(batches)
            )
            for work, batch, out in zip(works, batches, self.outputs, strict=True):
                work.put_back(out.retry[: out.counts[RETRIES]], batch[out.counts[POSITION] :])
                self.transitions += int(out.counts[TRANSITIONS])
            if self.orbits:
                self._canonicalise(self.orbits)
            yield
            self._adapt()
            self.store.relieve()

    def _expand(self, worker: int, batch: Ints) -> None:
        out = self.outputs[worker]
        out.counts[:] = 0
        out.filled[:] = 0
        store = self.store
        expand(store.rows, batch, store.layout, self._memo, self._scratches[worker], out)

    def _canonicalise(self, orbits: Orbits) -> None:
        """Make the states that the steps lead to canonical, and sort them by their new owners."""
        shards, before = range(self.store.shards), self.store.layout
        raw = [[self._written(worker, shard) for shard in shards] for worker in shards]
        states = [numbers_in(np.concatenate([r for r, _, _ in each]), before) for each in raw]
        orbits.canonicalise(states)
        if self.answers.outgrown():
            self._lay_out()
            after, width = self.store.layout, self.store.width
            raw = [
                [(repacked(f[0], before, after, width), f[1], f[2]) for f in each] for each in raw
            ]
        self._raw = raw
        self._canonical = [
            self._sorted(numbers, each) for numbers, each in zip(states, raw, strict=True)
        ]

    def _sorted(self, numbers: Ints, raw: Sequence[Found]) -> list[Found]:
        rows = packed(numbers, self.store.layout, self.store.width)
        _, causes, labels = (np.concatenate(parts) for parts in zip(*raw, strict=True))
        owner = owners(rows, self.store.shards)
        mine = [owner == shard for shard in range(self.store.shards)]
        return [(rows[m], causes[m], labels[m] if len(labels) else labels) for m in mine]

    def _adapt(self) -> None:
        """Answer the questions of the last round; make room; choose the next batch's size."""
        if any(out.counts[STATUS] == TOO_LONG for out in self.outputs):
            raise ModelError("one step of the world is made of more than 4 000 stimuli")
        keys = np.unique(np.concatenate([o.questions[: o.counts[QUESTIONS]] for o in self.outputs]))
        aside = sum(int(out.counts[RETRIES]) for out in self.outputs)
        if aside > WASTE_MOST * len(keys):
            self._batch = max(BATCH_LEAST, self._batch // 2)
        else:
            self._batch = min(BATCH_MOST, self._batch * 2)
        if len(keys):
            self.answers.answer(keys.tolist())
            self._refresh(new=self.answers.outgrown())
        if any(out.counts[STATUS] == FULL for out in self.outputs):
            stuck = any(o.counts[STATUS] == FULL and not o.filled.any() for o in self.outputs)
            if stuck or self._capacity < BUFFER_MOST:
                self._capacity *= 4
                self._make_buffers()

    def _refresh(self, *, new: bool) -> None:
        """Give the kernels what Python knows; in a new layout, when values outgrow the old one."""
        if new:
            self._lay_out()
        if not self._is_laid_out:
            self._make_buffers()
            self._is_laid_out = True
        self._memo = self.answers.memo()
        self._told = self.answers.values_count

    def _lay_out(self) -> None:
        """Pack all states anew, so that all values fit; the buffers are those of the old layout."""
        self.store.repack(*self.answers.new_layout(), self.crew)
        self._is_laid_out = False

    def _make_buffers(self) -> None:
        shards, width = self.store.shards, self.store.width
        self.outputs = [
            output(shards, self._capacity, width, BATCH_MOST, every_step=self._every_step)
            for _ in range(shards)
        ]
        slots = len(self.world.components)
        self._scratches = [scratch(slots, shards, width) for _ in range(shards)]

    def steps(self, worker: int, shard: int) -> Found:
        """Return the steps that `worker` has found, as they are: the rows, causes and labels.

        Shape: every step once, of all shards together; which shard has it means nothing.
        """
        return self._raw[worker][shard] if self.orbits else self._written(worker, shard)

    def successors(self, worker: int, shard: int) -> tuple[Words, Ints]:
        """Return the steps that `worker` has found into `shard`: the rows, and their causes.

        Effect: where there is symmetry, the rows are canonical: no step may lead just there.
        """
        rows, causes, _ = self._found(worker, shard)
        return rows, causes

    def labels(self, worker: int, shard: int) -> Codes:
        """Return the numbers of what caused those steps; nothing where nobody asks for each."""
        return self._found(worker, shard)[2]

    def _found(self, worker: int, shard: int) -> Found:
        return self._canonical[worker][shard] if self.orbits else self._written(worker, shard)

    def _written(self, worker: int, shard: int) -> Found:
        out = self.outputs[worker]
        end = int(out.filled[shard])
        return out.rows[shard, :end], out.causes[shard, :end], out.labels[shard, :end]
