"""The plain explorer: the definition of what the engine must compute.

Breadth first, level by level, sets and dictionaries of whole states. A level is judged, then
expanded; when every property is decided, or nothing new is found, it is over.
"""

from collections.abc import Iterable, Sequence

from coterie.checks.engine import reference_runs
from coterie.checks.engine.reference_runs import Graph
from coterie.checks.result import Exploration, Finding, Trace, Verdict
from coterie.checks.view import WorldView
from coterie.checks.world import Step, Values, World
from coterie.spec.property import Kind, Property
from coterie.spec.refinement import Refinement


def explore(world: World, properties: Sequence[Property] = ()) -> Exploration:
    """Explore `world` whole, unless every property is decided before."""
    depth_of: dict[Values, int] = dict.fromkeys(world.initial(), 0)
    graph: Graph = {}
    bad: dict[Property, list[Trace]] = {claim: [] for claim in properties}
    parents: dict[Values, tuple[Values, Step]] = {}
    level, depth, transitions = list(depth_of), 0, 0

    def judge(claims: Sequence[Property], values: Values, *after: Step) -> None:
        views = [WorldView(world, each) for each in (values, *(step.values for step in after))]
        for claim in claims:
            if claim.holds(*views) is (claim.kind is Kind.REACHABLE):
                bad[claim].append(_trace(values, parents, after))

    for claim in properties:
        bad[claim] = [Trace(values) for values in level if not _begins(world, claim, values)]
    of_states = [c for c in properties if c.kind in {Kind.ALWAYS, Kind.REACHABLE}]
    of_steps = [c for c in properties if c.kind.is_of_steps and not bad[c]]
    at_rest = [c for c in properties if c.kind is Kind.AT_REST]
    while level:
        for values in level:
            judge(of_states, values)
        if properties and all(bad.values()):
            break
        found: list[Values] = []
        for values in level:
            graph[values] = list(world.successors(values))
            transitions += len(graph[values])
            for step in graph[values]:
                if step.values != values:
                    judge(of_steps, values, step)
                if step.values not in depth_of:
                    depth_of[step.values] = depth + 1
                    parents[step.values] = (values, step)
                    found.append(step.values)
            if all(step.fault or step.values == values for step in graph[values]):
                judge(at_rest, values)
        if found:
            depth += 1
        level = found
        if properties and all(bad.values()):
            break
    complete = len(graph) == len(depth_of)
    for claim in properties:
        if claim.kind is Kind.RECOVERABLE and complete:
            lost = _unrecoverable(world, graph, claim)
            bad[claim] = [_trace(values, parents) for values in lost]
    findings = tuple(
        reference_runs.finding(world, graph, claim, complete=complete)
        if claim.kind.is_temporal
        else _finding(claim, bad[claim], complete=complete)
        for claim in properties
    )
    return Exploration(world, findings, len(depth_of), transitions, depth, complete)


def _begins(world: World, claim: Property, values: Values) -> bool:
    """Return whether a claim that the world refines a machine is true of this start."""
    if not isinstance(claim.claim, Refinement):
        return True
    return claim.claim.begins(WorldView(world, values))


def _trace(
    values: Values, parents: dict[Values, tuple[Values, Step]], steps: tuple[Step, ...] = ()
) -> Trace:
    while values in parents:
        values, step = parents[values]
        steps = (step, *steps)
    return Trace(values, steps)


def _unrecoverable(world: World, graph: Graph, claim: Property) -> Iterable[Values]:
    """Return the states from which, for some tuple of nodes, no path without faults leads there."""
    lost: set[Values] = set()
    for nodes in claim.instances(WorldView(world, ())):
        good = {values for values in graph if claim.claim(WorldView(world, values), *nodes)}
        while more := {
            values
            for values, steps in graph.items()
            if values not in good and any(s.values in good and not s.fault for s in steps)
        }:
            good |= more
        lost |= graph.keys() - good
    return [values for values in graph if values in lost]


def _finding(claim: Property, bad: list[Trace], *, complete: bool) -> Finding:
    if claim.kind is Kind.REACHABLE:
        verdict = Verdict.HOLDS if bad else Verdict.VIOLATED
    else:
        verdict = Verdict.VIOLATED if bad else Verdict.HOLDS
    if not bad and not complete:
        verdict = Verdict.UNDETERMINED
    of_steps = claim.kind.is_of_steps
    states = {trace.states[-2 if of_steps and trace.steps else -1] for trace in bad}
    return Finding(claim, verdict, min(bad, key=len, default=None), len(states))
