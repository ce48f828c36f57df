"""The least shortest run to a state: no parents are stored, the levels are swept backward.

From the targets, each level is expanded again to find the steps that lead to those already marked,
and what it costs from there on. Then the run is walked forward with the plain successor function,
taking the first step, in the world's own order, that keeps the cost: the same run whatever the
threads and the numbering.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from attrs import frozen

from coterie.checks.engine.compiled import Codes, Ints
from coterie.checks.engine.costs import FAULT, Actors, Costs, before
from coterie.checks.engine.space import Range, Space
from coterie.checks.errors import ModelError
from coterie.checks.lasso import cause
from coterie.checks.result import Trace
from coterie.checks.world import Step, Values

Level = Sequence[Range]


@frozen(eq=False)
class Last:
    """Steps, any of which may be the last one of a run.

    Attributes:
        causes: the states that they lead from, doubled, plus one for a fault.
        labels: the numbers of what caused them.
        wanted: whether a step from a state is one of them.
    """

    causes: Ints
    labels: Codes
    wanted: Callable[[Values, Step], bool]


def shortest(
    space: Space,
    levels: Sequence[Level],
    starts: Ints,
    targets: Ints,
    last: Last | None = None,
) -> Trace:
    """Return the least of the shortest runs from a start to one of `targets`.

    Least: by the number of faults, then of changes of the acting node, then the world's own order;
    where nodes are interchangeable, a change from one of them to another is none.
    Guard: the targets all stand in the last of `levels`.
    Effect: with `last`, the run goes one step further, by one of those steps.
    """
    space.show_every_step()
    actors = Actors(space.answers.causes, space.stand_ins)
    costs = [_ending(targets, last, actors)]
    for level in reversed(levels[:-1]):
        costs.append(_leading(space, level, costs[-1], actors))
    costs.reverse()
    return _Walk(space, actors, starts, costs[0]).along(costs[1:], last)


def _ending(targets: Ints, last: Last | None, actors: Actors) -> Costs:
    if last is None:
        return Costs(targets)
    faults = last.causes & 1
    return Costs(last.causes >> 1, actors.of(last.labels), faults * FAULT)


def _leading(space: Space, level: Level, then: Costs, actors: Actors) -> Costs:
    """Return the costs of those states of `level` that have a step to one marked in `then`."""
    found: list[tuple[Ints, Codes, Ints]] = []
    shards = range(space.store.shards)
    for _ in space.rounds(level):
        for worker in shards:
            for shard in shards:
                rows, causes = space.successors(worker, shard)
                targets = space.store.find_owned(shard, rows)
                here = then.has(targets)
                labels = space.labels(worker, shard)[here]
                found.append((causes[here], labels, targets[here]))
    causes, labels, targets = map(np.concatenate, zip(*found, strict=True))
    return before(causes >> 1, causes & 1, actors.of(labels), targets, then)


class _Walk:
    """A run under way, and what it may still cost."""

    def __init__(self, space: Space, actors: Actors, starts: Ints, costs: Costs) -> None:
        self._space, self._actors = space, actors
        starts = starts[costs.has(starts)]
        left = costs.least(starts)
        self._left = int(left.min())
        self._values = self._start = space.values(int(starts[left == self._left][0]))
        self._steps: list[Step] = []
        self._actor: int | None = None

    def along(self, levels: Sequence[Costs], last: Last | None) -> Trace:
        """Go from level to level, and take one of the `last` steps, if there are any."""
        for costs in levels:
            self._take(partial(self._cost, costs))
        if last is not None:
            self._take(lambda step: 0 if last.wanted(self._values, step) else None)
        return Trace(self._start, tuple(self._steps))

    def _cost(self, costs: Costs, step: Step) -> int | None:
        """Return what it costs to go on after `step`; None where that is no shortest run."""
        number = np.array([self._space.find(step.values)])
        if not costs.has(number)[0]:
            return None
        return int(costs.after(number, np.array([self._actors.number(cause(step))]))[0])

    def _take(self, then: Callable[[Step], int | None]) -> None:
        """Take the first step that keeps to the cost that is left."""
        for step in self._space.world.successors(self._values):
            acting = self._actors.number(cause(step))
            switch = self._actor is not None and acting != self._actor
            further = then(step)
            if further is not None and step.fault * FAULT + switch + further == self._left:
                self._steps.append(step)
                self._values, self._left, self._actor = step.values, further, acting
                return
        raise ModelError(
            "the model is not deterministic: a run that was found cannot be run again",
            {
                str(key): value
                for key, value in zip(self._space.world.slots, self._values, strict=True)
                if value
            },
        )
