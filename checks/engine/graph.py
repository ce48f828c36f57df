"""The graph of all steps that change something, for claims about whole runs.

A state is known here by a dense number, its identity: what shard s holds in its place i is state
i · shards + s. So identities are known while the shards still grow.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from coterie.checks.engine.compiled import Codes, Ints, kernel
from coterie.checks.engine.store import Store

Mask = NDArray[np.bool_]
STATES_MOST = 1 << 31
COLUMNS: tuple[tuple[str, type[Any]], ...] = (
    ("sources", np.int32),
    ("targets", np.int32),
    ("labels", np.int32),
    ("faults", np.bool_),
)


class Steps:
    """The steps of all states that were expanded, as they are found."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._batches: list[list[NDArray[Any]]] = [[] for _ in COLUMNS]

    def add(self, causes: Ints, labels: Codes, results: Ints) -> None:
        """Add the steps from each cause (doubled, plus one for a fault) to each result.

        Raises: MemoryError where there are more states than a graph can have.
        """
        sources, targets = self._narrow(causes >> 1), self._narrow(results)
        self.restore(*map(self._store.keep, (sources, targets, labels, (causes & 1) != 0)))

    @property
    def batches(self) -> int:
        """How many batches were added."""
        return len(self._batches[0])

    def columns(self, begin: int, end: int) -> list[NDArray[np.generic]]:
        """Return what was added from batch `begin` to `end`, by the COLUMNS."""
        return [self._column(place, begin, end) for place in range(len(COLUMNS))]

    def _column(self, place: int, begin: int = 0, end: int | None = None) -> NDArray[Any]:
        batches = self._batches[place][begin:end]
        if len(batches) == 1:
            return batches[0]
        return np.concatenate([np.empty(0, COLUMNS[place][1]), *batches])

    def restore(self, *columns: NDArray[np.generic]) -> None:
        """Take in, as one batch, what `columns` has returned."""
        for column, new in zip(self._batches, columns, strict=True):
            column.append(new)

    def _narrow(self, numbers: Ints) -> Codes:
        states = identities(self._store, numbers)
        if len(states) and int(states.max()) >= STATES_MOST:
            raise MemoryError("a graph has at most 2^31 states")
        return states.astype(np.int32)

    def graph(self) -> "Graph":
        """Return the graph of all steps so far."""
        ends = zip(self._store.first, self._store.end, strict=True)
        longest = max(end - first for first, end in ends)
        states = longest * self._store.shards
        keys = self._column(0)
        offsets, order = grouped(keys, states)
        order = self._store.keep(order)
        sources = self._store.keep(keys[order])
        targets, labels, faults = (
            self._store.keep(self._column(place)[order]) for place in range(1, len(COLUMNS))
        )
        return Graph(states, offsets, sources, targets, labels, faults)


@frozen(eq=False)
class Graph:
    """Steps, ordered by the states that they lead from.

    Attributes:
        states: one more than the greatest identity; some below it may be nobody's.
        offsets: where the steps of each state begin, and where the last one's end.
        sources: the state that a step leads from ...
        targets: ... and the one that it leads to.
        labels: the number of its cause.
        faults: whether it is a fault.
    """

    states: int
    offsets: Ints
    sources: Codes
    targets: Codes
    labels: Codes
    faults: Mask

    def distances(
        self, seeds: Ints, ahead: Ints | None = None, *, allowed: Mask, without_faults: bool = False
    ) -> Ints:
        """Return how many steps it is from each state to a seed, -1 where there is no path.

        Attributes:
            seeds: where the paths end.
            ahead: for each seed the steps that still follow there; none when not given.
            allowed: the states that paths may pass through; seeds need not be among them.
            without_faults: whether paths may not have a fault.
        """
        ahead = np.zeros(len(seeds), np.int64) if ahead is None else ahead
        nearest_first = np.argsort(ahead, kind="stable")
        found = np.full(self.states, -1, np.int64)
        queue = np.empty(self.states, np.int64)
        _spread(
            *self.backward,
            self.sources,
            allowed,
            self.faults & without_faults,
            seeds[nearest_first],
            ahead[nearest_first],
            found,
            queue,
        )
        return found

    @cached_property
    def backward(self) -> tuple[Ints, Ints]:
        """Where the steps to each state begin in an order by target, and that order."""
        return grouped(self.targets, self.states)


def identities(store: Store, numbers: Ints) -> Ints:
    """Return the dense identities of states, given their numbers in the store."""
    shard = numbers // store.region
    return np.asarray((numbers - shard * store.region) * store.shards + shard, np.int64)


def numbers_of(store: Store, states: Ints) -> Ints:
    """Return the numbers in the store of states, given their identities."""
    place, shard = np.divmod(states, store.shards)
    return np.asarray(shard * store.region + place, np.int64)


def where(store: Store, chunks: Sequence[tuple[Ints, Mask]], states: int) -> Mask:
    """Return, by identity, where something is true, given the truth of chunks of states."""
    found = np.zeros(states, np.bool_)
    for numbers, truth in chunks:
        found[identities(store, numbers[truth])] = True
    return found


def grouped(keys: Codes, count: int) -> tuple[Ints, Ints]:
    """Return where each key's items begin when sorted by key, and the order that sorts them."""
    offsets = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(keys, minlength=count), out=offsets[1:])
    order = np.empty(len(keys), np.int64)
    _place(keys, offsets[:-1].copy(), order)
    return offsets, order


@kernel
def _place(keys: Codes, at: Ints, order: Ints) -> None:
    for i in range(keys.size):
        order[at[keys[i]]] = i
        at[keys[i]] += 1


@kernel
def _spread(
    offsets: Ints,
    order: Ints,
    sources: Codes,
    allowed: Mask,
    barred: Mask,
    seeds: Ints,
    ahead: Ints,
    found: Ints,
    queue: Ints,
) -> None:
    """Write the distance of every state to the seeds, which stand in the order of `ahead`.

    A path goes by steps that are not `barred`, and only from states that are `allowed`.
    """
    head = tail = seed = 0
    while head < tail or seed < seeds.size:
        distance = found[queue[head]] if head < tail else ahead[seed]
        while seed < seeds.size and ahead[seed] <= distance:
            if found[seeds[seed]] < 0:
                found[seeds[seed]] = ahead[seed]
                queue[tail] = seeds[seed]
                tail += 1
            seed += 1
        while head < tail and found[queue[head]] == distance:
            state = queue[head]
            head += 1
            for place in range(offsets[state], offsets[state + 1]):
                step = order[place]
                before = sources[step]
                if found[before] < 0 and allowed[before] and not barred[step]:
                    found[before] = distance + 1
                    queue[tail] = before
                    tail += 1
