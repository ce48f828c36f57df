"""Fair components: the states in which a run may stay for ever and keep every fairness promise.

A run that stays in a set of states visits each of them and takes each of its steps again and again.
So a strongly connected set is fair when every action is fair there: a weak one is taken inside or
disabled in some state, a strong one is taken inside or enabled in none. An unfair weak action dooms
the whole component; the states that enable an unfair strong action are removed, and the rest is
decomposed again: linear in the number of actions, never a product over them.

A run may also stop in a state; that is a component of one state and no step.

Source: Emerson and Lei, "Modalities for Model Checking", 1987; Duret-Lutz, Poitrenaud and
Couvreur, "On-the-fly Emptiness Check of Transition-based Streett Automata", 2009.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from attrs import frozen

from coterie.checks.component import Happening
from coterie.checks.engine.compiled import Codes, Ints, kernel
from coterie.checks.engine.graph import Graph, Mask
from coterie.checks.fairness import Fairness, Strength
from coterie.checks.network import Network


@frozen(eq=False)
class Demand:
    """One declaration of fairness, as a graph knows it.

    Attributes:
        fairness: the declaration.
        actions: the actions that it is about, each with its fairness condition.
        taken: the action that each step takes, -1 for none.
        states: the states that enable an action, once for every action ...
        enabled: ... that they enable.
    """

    fairness: Fairness
    actions: tuple[Hashable, ...]
    taken: Codes
    states: Codes
    enabled: Codes


def demand(
    fairness: Fairness, graph: Graph, causes: Sequence[Happening | None], network: Network
) -> Demand:
    """Return what `fairness` demands of runs in `graph`, whose labels stand for these `causes`."""
    numbers: dict[Hashable, int] = {}
    of_label = np.full(len(causes) + 1, -1, np.int32)
    for label, cause in enumerate(causes):
        action = None if cause is None else fairness.condition(cause, network)
        if action is not None:
            of_label[label] = numbers.setdefault(action, len(numbers))
    taken = of_label[graph.labels]
    taken[graph.faults] = -1
    states, enabled = (np.empty(int((taken >= 0).sum()), np.int32) for _ in range(2))
    seen = np.full(len(numbers), -1, np.int64)
    count = _enabled(graph.sources, taken, seen, states, enabled)
    return Demand(fairness, tuple(numbers), taken, states[:count], enabled[:count])


@kernel
def _enabled(sources: Codes, taken: Codes, seen: Ints, states: Codes, enabled: Codes) -> int:
    """Write each (state, action that it enables) once; return how many there are."""
    count = 0
    for step in range(sources.size):
        action = taken[step]
        if action >= 0 and seen[action] != sources[step]:
            seen[action] = sources[step]
            states[count], enabled[count] = sources[step], action
            count += 1
    return count


def fair_components(
    graph: Graph, demands: Sequence[Demand], region: Mask, goal: Mask | None = None
) -> Ints:
    """Return the fair component of each state of `region`, -1 for a state that is in none.

    Attributes:
        goal: where it is given, a component must have a state of it.
    """
    alive = region.copy()
    while True:
        component, inside = _components(graph, alive)
        doomed = _without(component, alive, goal)
        for each in demands:
            doomed |= _unfair(graph, each, component, alive, inside)
        doomed &= alive
        if not doomed.any():
            return np.where(alive, component, -1)
        alive &= ~doomed


def _components(graph: Graph, alive: Mask) -> tuple[Ints, Ints]:
    """Return the component of each state, 0 for a dead one, and the steps that stay inside one."""
    component = np.zeros(graph.states, np.int64)
    index, low, at, path, opened = (np.zeros(graph.states, np.int64) for _ in range(5))
    _tarjan(graph.offsets, graph.targets, alive, component, index, low, at, path, opened)
    members = np.bincount(component)
    inside = np.empty(len(graph.targets), np.int64)
    count = _inside(graph.sources, graph.targets, component, members, inside)
    return component, inside[:count]


@kernel
def _inside(sources: Codes, targets: Codes, component: Ints, members: Ints, inside: Ints) -> int:
    """Write the steps within a component of several states; return how many there are."""
    count = 0
    for step in range(sources.size):
        home = component[sources[step]]
        if home > 0 and members[home] > 1 and component[targets[step]] == home:
            inside[count] = step
            count += 1
    return count


@kernel
def _tarjan(
    offsets: Ints,
    targets: Codes,
    alive: Mask,
    component: Ints,
    index: Ints,
    low: Ints,
    at: Ints,
    path: Ints,
    opened: Ints,
) -> None:
    """Number the strongly connected components of the living states from 1 on.

    Source: Tarjan, "Depth-First Search and Linear Graph Algorithms", 1972; here without recursion.
    """
    count = time = 0
    for root in range(alive.size):
        depth = waiting = -1
        if alive[root] and index[root] == 0:
            depth = waiting = 0
            path[0] = opened[0] = root
            time += 1
            index[root] = low[root] = time
            at[root] = offsets[root]
        while depth >= 0:
            state = path[depth]
            if at[state] < offsets[state + 1]:
                to = targets[at[state]]
                at[state] += 1
                if alive[to] and index[to] == 0:
                    depth += 1
                    waiting += 1
                    path[depth] = opened[waiting] = to
                    time += 1
                    index[to] = low[to] = time
                    at[to] = offsets[to]
                elif alive[to] and component[to] == 0:
                    low[state] = min(low[state], index[to])
                continue
            depth -= 1
            if depth >= 0:
                low[path[depth]] = min(low[path[depth]], low[state])
            if low[state] == index[state]:
                count += 1
                while component[state] == 0:
                    component[opened[waiting]] = count
                    waiting -= 1


def _without(component: Ints, alive: Mask, goal: Mask | None) -> Mask:
    """Return the states whose component has no state of `goal`."""
    if goal is None:
        return np.zeros(len(component), np.bool_)
    has = np.zeros(int(component.max(initial=0)) + 1, np.bool_)
    has[component[goal & alive]] = True
    return np.asarray(~has[component], np.bool_)


def _unfair(graph: Graph, each: Demand, component: Ints, alive: Mask, inside: Ints) -> Mask:
    """Return the states that must go: they cannot be part of a run that is fair to `each`."""
    size = max(1, len(each.actions))
    members = np.bincount(component)
    gone = np.zeros(len(component), np.bool_)
    shared = np.empty(len(each.states), np.int64)
    count = _alone(each.states, alive, component, members, gone, shared)
    states = each.states[shared[:count]]
    keys = component[states] * size + each.enabled[shared[:count]]
    taken = inside[each.taken[inside] >= 0]
    missed = ~np.isin(keys, component[graph.sources[taken]] * size + each.taken[taken])
    if each.fairness.strength is Strength.STRONG:
        gone[states[missed]] = True
        return gone
    owed, counts = np.unique(keys[missed], return_counts=True)
    doomed = np.zeros(len(members), np.bool_)
    doomed[owed[counts == members[owed // size]] // size] = True
    return np.asarray(gone | doomed[component], np.bool_)


@kernel
def _alone(
    states: Codes, alive: Mask, component: Ints, members: Ints, gone: Mask, shared: Ints
) -> int:
    """Mark the lonely states, which take no action that they enable; return how many others.

    The places of the pairs whose state shares its component are written into `shared`.
    """
    count = 0
    for pair in range(states.size):
        state = states[pair]
        if alive[state]:
            if members[component[state]] == 1:
                gone[state] = True
            else:
                shared[count] = pair
                count += 1
    return count
