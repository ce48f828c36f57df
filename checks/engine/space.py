"""The state space of a world as the engine holds it: answers, rows, buffers, and rounds of work."""

from collections.abc import Iterator, Sequence
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
from coterie.checks.engine.store import Store
from coterie.checks.errors import ModelError
from coterie.checks.world import Values, World

Range = tuple[int, int]

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
    """

    def __init__(self, world: World, crew: Crew, *, every_step: bool) -> None:
        self.world = world
        self._every_step = every_step
        self.crew = crew
        self.answers = Answers(world)
        self.transitions = 0
        self._capacity, self._batch = BUFFER_LEAST, BATCH_LEAST
        self.outputs: list[Output] = []
        self.store = Store(crew.workers, *self.answers.new_layout())
        self._refresh(new=True)

    def start(self) -> Ints:
        """Take the starting states in; return the number of each, in their order."""
        states = [self.answers.numbers(values) for values in self.world.initial()]
        self._refresh(new=True)
        return self.insert(states)

    def insert(self, states: Sequence[Sequence[int]]) -> Ints:
        """Take states in, and return their numbers."""
        rows = packed(states, self.store.layout, self.store.width)
        owner = owners(rows, self.store.shards)
        for shard in range(self.store.shards):
            self.store.insert(shard, rows[owner == shard])
        return self.store.find(rows)

    def find(self, values: Values) -> int:
        """Return the number of a state that was visited, else -1."""
        known = self.answers.known(values)
        if known is None:
            return -1
        return int(self.store.find(packed([known], self.store.layout, self.store.width))[0])

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
        """Expand the states of each shard; after each round the buffers are the caller's to use."""
        works = [_Work(part) for part in states]
        while any(works):
            batches = [work.take(self._batch) for work in works]
            self.crew.all(
                partial(self._expand, worker, batch) for worker, batch in enumerate(batches)
            )
            for work, batch, out in zip(works, batches, self.outputs, strict=True):
                work.put_back(out.retry[: out.counts[RETRIES]], batch[out.counts[POSITION] :])
                self.transitions += int(out.counts[TRANSITIONS])
            yield
            self._adapt()

    def _expand(self, worker: int, batch: Ints) -> None:
        out = self.outputs[worker]
        out.counts[:] = 0
        out.filled[:] = 0
        store = self.store
        expand(store.rows, batch, store.layout, self._memo, self._scratches[worker], out)

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
            layout, width = self.answers.new_layout()
            self.store.repack(layout, width, self.crew)
            self._make_buffers()
        self._memo = self.answers.memo()

    def _make_buffers(self) -> None:
        shards, width = self.store.shards, self.store.width
        self.outputs = [
            output(shards, self._capacity, width, BATCH_MOST, every_step=self._every_step)
            for _ in range(shards)
        ]
        slots = len(self.world.components)
        self._scratches = [scratch(slots, shards, width) for _ in range(shards)]

    def successors(self, worker: int, shard: int) -> tuple[Words, Ints]:
        """Return the steps that `worker` has found into `shard`: the rows, and their causes."""
        out = self.outputs[worker]
        end = int(out.filled[shard])
        return out.rows[shard, :end], out.causes[shard, :end]

    def labels(self, worker: int, shard: int) -> Codes:
        """Return the numbers of what caused those steps; nothing where nobody asks for each."""
        out = self.outputs[worker]
        return out.labels[shard, : int(out.filled[shard])]
