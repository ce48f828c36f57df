"""A counterexample to a claim about whole runs: a way to a fair component, and round in it.

The distances say which way to go; the steps are taken with the plain successor function, the first
one of the world's order that comes nearer: the same run whatever the threads and the numbering.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence

import numpy as np
from attrs import define, field, frozen

from coterie.checks.canonical import canonical
from coterie.checks.engine.compiled import Ints
from coterie.checks.engine.graph import Graph, Mask, identities
from coterie.checks.engine.space import Space
from coterie.checks.engine.streett import Demand
from coterie.checks.errors import ModelError
from coterie.checks.fairness import Strength
from coterie.checks.lasso import cause
from coterie.checks.result import Trace
from coterie.checks.world import Step, Values


@frozen(eq=False)
class Quest:
    """What a run looks like that breaks a claim.

    Attributes:
        debts: the states in which it begins to owe something ...
        prelude: ... the states that it may pass through before ...
        region: ... and those that it must stay in from then on.
        goal: the states that it must come to again and again; None where any will do.
    """

    debts: Mask
    prelude: Mask
    region: Mask
    goal: Mask | None = None


@frozen(eq=False)
class Ways:
    """How far it is, for a quest and the fair components of its region.

    Attributes:
        component: the fair component of each state, -1 where there is none.
        inside: from each state of the region to a fair component.
        owing: the states with a debt that never need be paid.
        total: from each state to such a debt, and on to the component.
    """

    component: Ints
    inside: Ints
    owing: Ints
    total: Ints


def ways(graph: Graph, quest: Quest, component: Ints) -> Ways:
    """Return how far it is to the fair components."""
    inside = graph.distances(np.flatnonzero(component >= 0), allowed=quest.region)
    owing = np.flatnonzero(quest.debts & (inside >= 0))
    total = graph.distances(owing, inside[owing], allowed=quest.prelude)
    return Ways(component, inside, owing, total)


@define(eq=False)
class _Walk:
    """A run under way."""

    space: Space
    values: Values
    steps: list[Step] = field(factory=list)

    def identity(self, values: Values) -> int:
        """Return the identity of a state."""
        number = np.array([self.space.find(values)])
        return int(identities(self.space.store, number)[0])

    @property
    def here(self) -> int:
        """The identity of the state that it has reached."""
        return self.identity(self.values)

    def take(self, wanted: Callable[[Step], bool]) -> None:
        """Take the first step that is wanted and changes something."""
        for step in self.space.world.successors(self.values):
            if step.values != self.values and wanted(step):
                self.steps.append(step)
                self.values = step.values
                return
        raise ModelError("the model is not deterministic: a run that was found cannot be run again")

    def approach(self, distance: Ints) -> None:
        """Take the first step that lessens the distance."""
        nearer = distance[self.here] - 1
        self.take(lambda step: bool(distance[self.identity(step.values)] == nearer))

    def descend(self, distance: Ints) -> None:
        """Go the shortest way to where the distance is 0."""
        while distance[self.here] > 0:
            self.approach(distance)


def lasso(
    space: Space, graph: Graph, demands: Sequence[Demand], quest: Quest, found: Ways, starts: Ints
) -> Trace:
    """Return a run that breaks the claim: a shortest prefix, and a loop in a fair component.

    Guard: some of `starts` has a way there.
    """
    total = found.total[identities(space.store, starts)]
    first = starts[total == total[total >= 0].min()][0]
    walk = _Walk(space, space.values(int(first)))
    start = walk.values
    while found.inside[walk.here] != found.total[walk.here] or not quest.debts[walk.here]:
        walk.approach(found.total)
    walk.descend(found.inside)
    loop = len(walk.steps)
    _go_round(walk, graph, demands, quest, found.component)
    return Trace(start, tuple(walk.steps), loop)


@frozen(eq=False)
class _Duty:
    """What a loop must do: pass one of some `states`, or take one of some steps.

    Attributes:
        states: where it is done, by identity.
        sources: from where a step does it.
        does: whether a step is one of those.
    """

    states: Mask
    sources: Ints
    does: Callable[[Step], bool]


def _go_round(
    walk: _Walk, graph: Graph, demands: Sequence[Demand], quest: Quest, component: Ints
) -> None:
    """Do every duty, then return to where the loop began."""
    first, begun = walk.here, len(walk.steps)
    home = component == component[first]
    duties = list(_duties(walk.space, graph, demands, home, first))
    if quest.goal is not None:
        nowhere = np.empty(0, np.int64)
        duties.append(_Duty(quest.goal & home, nowhere, lambda _: False))
    for duty in duties:
        passed = (walk.identity(step.values) for step in walk.steps[begun:])
        done = any(duty.states[state] for state in (first, *passed))
        if not done and not any(map(duty.does, walk.steps[begun:])):
            _do(walk, graph, duty, home)
    walk.descend(graph.distances(np.array([first]), allowed=home))


def _do(walk: _Walk, graph: Graph, duty: _Duty, home: Mask) -> None:
    """Go the shortest way to where the duty is done, and do it."""
    passing = np.flatnonzero(duty.states)
    seeds = np.concatenate([passing, duty.sources])
    ahead = np.concatenate([np.zeros(len(passing), np.int64), np.ones(len(duty.sources), np.int64)])
    distance = graph.distances(seeds, ahead, allowed=home)
    last = set(duty.sources.tolist())
    while distance[walk.here] > 1 or (distance[walk.here] == 1 and walk.here not in last):
        walk.approach(distance)
    if distance[walk.here] == 1:
        walk.take(lambda step: duty.does(step) and bool(home[walk.identity(step.values)]))


def _duties(
    space: Space, graph: Graph, demands: Sequence[Demand], home: Mask, first: int
) -> Iterator[_Duty]:
    """Yield what fairness asks of a loop in `home` that begins at `first`, in a set order."""
    for each in demands:
        weak = each.fairness.strength is Strength.WEAK
        there = each.states == first if weak else home[each.states]
        owed = set(np.unique(each.enabled[there]).tolist())
        for action in sorted(owed, key=lambda number: canonical(each.actions[number])):
            disabled = home.copy() if weak else np.zeros_like(home)
            disabled[each.states[each.enabled == action]] = False
            steps = each.taken == action
            inside = steps & home[graph.sources] & home[graph.targets]
            sources = np.unique(graph.sources[inside]).astype(np.int64)
            yield _Duty(disabled, sources, _taking(space, each, each.actions[action]))


def _taking(space: Space, each: Demand, action: Hashable) -> Callable[[Step], bool]:
    def does(step: Step) -> bool:
        what = cause(step)
        if step.fault or what is None:
            return False
        return each.fairness.condition(what, space.world.network) == action

    return does
