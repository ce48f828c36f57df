"""From which states can a good one still be reached without faults? Backward, over stored steps."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order

from coterie.checks.engine.compiled import Ints
from coterie.checks.engine.store import Store


class Steps:
    """The steps without faults that change something, as pairs of states' numbers."""

    def __init__(self) -> None:
        self._causes: list[Ints] = []
        self._results: list[Ints] = []

    def add(self, causes: Ints, results: Ints) -> None:
        """Add the steps from each cause (doubled, plus one for a fault) to each result."""
        without = (causes & 1) == 0
        self._causes.append(causes[without] >> 1)
        self._results.append(results[without])

    def unrecoverable(self, store: Store, good: Sequence[Ints]) -> Ints:
        """Return the numbers of the states from which no path leads to a `good` one."""
        offsets = np.cumsum([0, *(e - f for f, e in zip(store.first, store.end, strict=True))])
        count = int(offsets[-1])

        def dense(numbers: Sequence[Ints]) -> Ints:
            joined = np.concatenate([np.empty(0, np.int64), *numbers])
            shard = joined // store.region
            return np.asarray(joined - shard * store.region + offsets[shard], np.int64)

        targets = dense(good)
        heads = np.concatenate([dense(self._results), np.full(len(targets), count)])
        tails = np.concatenate([dense(self._causes), targets])
        ones = np.ones(len(heads), np.int32)  # parallel steps are added up
        backward = csr_matrix((ones, (heads, tails)), shape=(count + 1, count + 1))
        reached = breadth_first_order(backward, count, return_predecessors=False)
        lost = np.ones(count + 1, np.bool_)
        lost[reached] = False
        places = np.flatnonzero(lost)
        shard = np.searchsorted(offsets, places, side="right") - 1
        return np.asarray(places - offsets[shard] + shard * store.region, np.int64)
