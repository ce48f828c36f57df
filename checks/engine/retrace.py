"""The least shortest run to a state: no parents are stored, the levels are swept backward.

From the targets, each level is expanded again to find the states that lead to those already marked.
Then the run is walked forward with the plain successor function, taking the first step, in the
world's own order, that stays among the marked: the same run whatever the threads and the numbering.
"""

from collections.abc import Callable, Sequence

import numpy as np

from coterie.checks.engine.compiled import Ints
from coterie.checks.engine.space import Range, Space
from coterie.checks.errors import ModelError
from coterie.checks.result import Trace
from coterie.checks.world import Step, Values

Level = Sequence[Range]


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
    marked = [set(targets.tolist())]
    for level in reversed(levels[:-1]):
        marked.append(_leading(space, level, marked[-1]))
    marked.reverse()
    first = next(number for number in starts.tolist() if number in marked[0])
    values = space.values(first)
    steps: list[Step] = []
    for further in marked[1:]:
        steps.append(_first(space, values, lambda _, step: space.find(step.values) in further))  # noqa: B023 (called at once)
        values = steps[-1].values
    if last is not None:
        steps.append(_first(space, values, last))
    return Trace(space.values(first), tuple(steps))


def _first(space: Space, values: Values, wanted: Callable[[Values, Step], bool]) -> Step:
    for step in space.world.successors(values):
        if wanted(values, step):
            return step
    raise ModelError(
        "the model is not deterministic: a run that was found cannot be run again",
        {str(key): value for key, value in zip(space.world.slots, values, strict=True) if value},
    )


def _leading(space: Space, level: Level, marked: set[int]) -> set[int]:
    """Return the states of `level` that have a step into `marked`."""
    goals = np.fromiter(marked, np.int64, len(marked))
    found: list[Ints] = []
    for _ in space.rounds(level):
        for worker in range(space.store.shards):
            for shard in range(space.store.shards):
                rows, causes = space.successors(worker, shard)
                into = np.isin(space.store.find_owned(shard, rows), goals)
                found.append(np.unique(causes[into] >> 1))
    return set(np.concatenate(found).tolist())
