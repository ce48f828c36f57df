"""What it costs to go on from a state: first the faults, then the changes of the acting node.

Among the shortest runs that one is wanted that a reader follows most easily: with the fewest
faults, and then with the fewest context switches. Levels are swept from the last one backward.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from coterie.checks.component import (
    Crashed,
    Delivered,
    Duplicated,
    Fired,
    Forged,
    Happening,
    Invoked,
    Restarted,
)
from coterie.checks.engine.compiled import Codes, Ints
from coterie.model.machine import Node

FAULT = 1 << 32
NOWHERE = 1 << 62
_ACTORS = 16


def actor(cause: Happening | None) -> Node | None:
    """Return the node that acts in a step with this cause; None for the network."""
    match cause:
        case Delivered() | Duplicated() | Forged():
            return cause.receiver
        case Fired() | Invoked() | Crashed() | Restarted():
            return cause.node
    return None


class Actors:
    """Numbers for the nodes that act.

    Attributes:
        causes: what the labels of steps stand for; it may grow.
    """

    def __init__(
        self, causes: Sequence[Happening | None], stand_ins: Mapping[Node, Node] | None = None
    ) -> None:
        self.causes = causes
        self._stand_ins: Mapping[Node, Node] = stand_ins or {}
        self._numbers: dict[Node | None, int] = {}

    def number(self, cause: Happening | None) -> int:
        """Return the number of the node that acts in a step with this cause, or its stand-in's."""
        node = actor(cause)
        if node is not None:
            node = self._stand_ins.get(node, node)
        return self._numbers.setdefault(node, len(self._numbers))

    def of(self, labels: Codes) -> Ints:
        """Return the numbers of the nodes that act in steps of these labels."""
        numbers = np.array([self.number(each) for each in self.causes] or [0], np.int64)
        return np.asarray(numbers[labels], np.int64)


class Costs:
    """The least cost to go on from each marked state of one level, by who acts first.

    A level where the run ends has no steps: there, going on costs nothing.
    """

    def __init__(self, states: Ints, actors: Ints | None = None, costs: Ints | None = None) -> None:
        self.ends = actors is None
        self.states = np.unique(states)
        if actors is None or costs is None:
            return
        order = np.lexsort((costs, actors, states))
        keys = states[order] << _ACTORS | actors[order]
        first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        self._keys, self._costs = keys[first], costs[order][first]
        whose = np.searchsorted(self.states, self._keys >> _ACTORS)
        self._least = np.full(len(self.states), NOWHERE, np.int64)
        np.minimum.at(self._least, whose, self._costs)

    def least(self, states: Ints) -> Ints:
        """Return the least cost from marked states, whoever acts first."""
        if self.ends:
            return np.zeros(len(states), np.int64)
        return np.asarray(self._least[np.searchsorted(self.states, states)], np.int64)

    def after(self, states: Ints, actors: Ints) -> Ints:
        """Return the least cost from marked states, when these actors have just acted."""
        least = self.least(states)
        if self.ends:
            return least
        keys = states << _ACTORS | actors
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        same = np.where(self._keys[place] == keys, self._costs[place], NOWHERE)
        return np.minimum(same, least + 1)

    def has(self, states: Ints) -> Any:
        """Return which of `states` are marked."""
        place = np.minimum(np.searchsorted(self.states, states), len(self.states) - 1)
        return self.states[place] == states


def before(sources: Ints, faults: Ints, actors: Ints, targets: Ints, then: Costs) -> Costs:
    """Return the costs of the level from which these steps lead to the level of `then`."""
    return Costs(sources, actors, faults * FAULT + then.after(targets, actors))
