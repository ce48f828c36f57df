"""The least shortest run to a state: no parents are stored, the levels are swept backward.

From the targets, each level is expanded again to find the states that lead to those already marked.
Then the run is walked forward with the plain successor function, taking the first step, in the
world's own order, that stays among the marked: the same run whatever the threads and the numbering.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from coterie.checks.engine.compiled import Ints
from coterie.checks.engine.space import Range, Space
from coterie.checks.errors import ModelError
from coterie.checks.result import Trace
from coterie.checks.world import Step, Values

Level = Sequence[Range]


class _Marks:
    """The states of one level that are marked: a flag for each."""

    def __init__(self, level: Level, marked: Ints) -> None:
        self._level = level
        self._flags = [np.zeros(end - begin, np.bool_) for begin, end in level]
        self.add(marked)

    def add(self, numbers: Ints) -> None:
        """Mark those of `numbers` that are of this level."""
        for (begin, end), flags in zip(self._level, self._flags, strict=True):
            flags[numbers[(begin <= numbers) & (numbers < end)] - begin] = True

    def among(self, numbers: Ints) -> NDArray[np.bool_]:
        """Return which of `numbers` are marked."""
        found = np.zeros(len(numbers), np.bool_)
        for (begin, end), flags in zip(self._level, self._flags, strict=True):
            here = (begin <= numbers) & (numbers < end)
            found[here] = flags[numbers[here] - begin]
        return found


def shortest(
    space: Space,
    levels: Sequence[Level],
    starts: Ints,
    targets: Ints,
    last: Callable[[Values, Step], bool] | None = None,
) -> Trace:
    """Return the least of the shortest runs from a start to one of `targets`.

    Guard: the targets all stand in the last of `levels`.
    Effect: with `last`, the run goes one step further: the first one for which `last` is true.
    """
    space.show_every_step()
    marks = [_Marks(levels[-1], targets)]
    for level in reversed(levels[:-1]):
        marks.append(_leading(space, level, marks[-1]))
    marks.reverse()
    values = first = space.values(int(starts[marks[0].among(starts)][0]))
    steps: list[Step] = []
    for further in marks[1:]:
        steps.append(_first(space, values, _into(space, further)))
        values = steps[-1].values
    if last is not None:
        steps.append(_first(space, values, last))
    return Trace(first, tuple(steps))


def _leading(space: Space, level: Level, goals: _Marks) -> _Marks:
    """Mark the states of `level` that have a step to one of `goals`."""
    found = _Marks(level, np.empty(0, np.int64))
    shards = range(space.store.shards)
    for _ in space.rounds(level):
        for worker in shards:
            for shard in shards:
                rows, causes = space.successors(worker, shard)
                found.add(causes[goals.among(space.store.find_owned(shard, rows))] >> 1)
    return found


def _into(space: Space, marks: _Marks) -> Callable[[Values, Step], bool]:
    def leads(_: Values, step: Step) -> bool:
        return bool(marks.among(np.array([space.find(step.values)]))[0])

    return leads


def _first(space: Space, values: Values, wanted: Callable[[Values, Step], bool]) -> Step:
    for step in space.world.successors(values):
        if wanted(values, step):
            return step
    raise ModelError(
        "the model is not deterministic: a run that was found cannot be run again",
        {str(key): value for key, value in zip(space.world.slots, values, strict=True) if value},
    )
