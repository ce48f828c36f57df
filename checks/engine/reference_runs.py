"""Claims about whole runs, plainly: the definition of what the engine must compute for them.

A run without end visits some states again and again: a strongly connected set. It breaks a claim
when that set is fair, lies where the claim's debt is never paid, and can be reached.
"""

from collections.abc import Callable, Collection, Hashable, Iterable

from coterie.checks.fairness import Fairness, Strength
from coterie.checks.lasso import actions
from coterie.checks.result import Finding, Trace, Verdict
from coterie.checks.view import WorldView
from coterie.checks.world import Step, Values, World
from coterie.model.machine import Node
from coterie.spec.property import Kind, Property

Graph = dict[Values, list[Step]]
Steps = Callable[[Values], Iterable[Values]]


def finding(world: World, graph: Graph, claim: Property, *, complete: bool) -> Finding:
    """Return the verdict on a claim about whole runs, given the states that were expanded."""
    owing: set[Values] = set()
    traces: list[Trace] = []
    for nodes in claim.instances(WorldView(world, ())):
        debts, prelude, region, goal = _quest(world, graph, claim, nodes)
        fair = fair_states(world, graph, region, goal)
        lost = {state for state in debts if fair & _reach(graph, [state], region)}
        owing |= lost
        if (distance := _distance(world, graph, lost, prelude, region, fair)) is not None:
            start = next(iter(world.initial()))
            traces.append(Trace(start, (Step((), fault=False, values=start),) * distance, distance))
    if traces:
        nearest = min(traces, key=len)
        return Finding(claim, Verdict.VIOLATED, nearest, len(owing))
    return Finding(claim, Verdict.HOLDS if complete else Verdict.UNDETERMINED)


def _quest(
    world: World, graph: Graph, claim: Property, nodes: tuple[Node, ...]
) -> tuple[set[Values], set[Values], set[Values], set[Values] | None]:
    """Return the debts, what may be passed before and after one, and what must be met for ever."""
    false = {v for v in graph if not claim.claim(WorldView(world, v), *nodes)}
    everything = set(graph)
    if claim.kind is Kind.EVENTUALLY_ALWAYS:
        return everything, set(), everything, false
    if claim.kind is Kind.EVENTUALLY:
        return false & set(world.initial()), set(), false, None
    assert claim.premise is not None
    asked = {v for v in false if claim.premise(WorldView(world, v), *nodes)}
    return asked, everything, false, None


def fair_states(
    world: World, graph: Graph, region: set[Values], goal: set[Values] | None
) -> set[Values]:
    """Return the states of `region` in which a fair run may stay, meeting `goal` for ever."""
    fair: set[Values] = set()
    parts = [region]
    while parts:
        for component in _components(graph, parts.pop()):
            if goal is not None and not component & goal:
                continue
            unfair = set().union(*(_unfair(world, graph, component, f) for f in world.fairness))
            if not unfair:
                fair |= component
            elif component - unfair:
                parts.append(component - unfair)
    return fair


def _unfair(world: World, graph: Graph, component: set[Values], fairness: Fairness) -> set[Values]:
    """Return the states that must go, since an action is owed there and never taken."""
    offered = {v: actions(world, fairness, _moving(graph, v)) for v in component}
    inside = [s for v in component for s in _moving(graph, v) if s.values in component]
    taken = actions(world, fairness, inside)
    if fairness.strength is Strength.WEAK:
        owed = set.intersection(*offered.values()) - taken
        return component if owed else set()
    return {v for v, there in offered.items() if there - taken}


def _moving(graph: Graph, values: Values) -> list[Step]:
    return [step for step in graph[values] if step.values != values]


def _components(graph: Graph, part: set[Values]) -> list[set[Values]]:
    """Return the strongly connected components of `part`: who reaches each other, by definition."""
    reach = {v: _reach(graph, [v], part) for v in part}
    found: list[set[Values]] = []
    left = set(part)
    while left:
        one = next(iter(left))
        found.append({v for v in reach[one] if one in reach[v]})
        left -= found[-1]
    return found


def _reach(graph: Graph, sources: Collection[Values], within: set[Values]) -> set[Values]:
    """Return what can be reached from `sources` without leaving `within`."""
    found = set(sources) & within
    level = list(found)
    while level:
        level = list({s.values for v in level for s in graph[v] if s.values in within} - found)
        found.update(level)
    return found


def _distance(
    world: World,
    graph: Graph,
    debts: set[Values],
    prelude: set[Values],
    region: set[Values],
    fair: set[Values],
) -> int | None:
    """Return the least number of steps from a start to a debt and on to a fair state."""
    level: set[tuple[Values, bool]] = {(v, False) for v in world.initial() if v in graph}
    found: set[Hashable] = set()
    distance = 0
    while level:
        level |= {(v, True) for v, owes in level if v in debts and not owes}
        if any(owes and v in fair for v, owes in level):
            return distance
        found |= level
        steps = ((s.values, owes) for v, owes in level if owes or v in prelude for s in graph[v])
        level = {(v, owes) for v, owes in steps if v in (region if owes else graph)} - found
        distance += 1
    return None
