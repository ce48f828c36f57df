"""What fairness would make a claim about whole runs true: the smallest sets of assumptions.

Every set of assumptions that is too weak leaves a fair run that breaks the claim, and that run says
which assumptions would have forbidden it. So a set that suffices hits all those sets of them: they
are tried from the smallest on, and each failure adds a run to be hit.

Source: Reiter, "A Theory of Diagnosis from First Principles", 1987.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from attrs import evolve

from coterie.checks.component import Delivered, Fired, Happening, Invoked, Restarted
from coterie.checks.engine.graph import Graph
from coterie.checks.engine.inquiry import Explored
from coterie.checks.engine.temporal import Temporal
from coterie.checks.fairness import Actions, Fairness, Strength
from coterie.checks.lasso import is_fair
from coterie.checks.result import Trace
from coterie.checks.world import World

Assumptions = tuple[Fairness, ...]

TOGETHER_MOST = 4


def remedies(inquiry: Temporal, explored: Explored) -> tuple[Assumptions, ...]:
    """Return the smallest sets of assumptions, beside the world's, that make the claim true.

    Shape: all of one size, at most four; none where no such set is enough. Weak fairness stands for
    strong fairness where it suffices.
    """
    graph, world = explored.graph, inquiry.space.world
    assert graph is not None
    choices = list(candidates(inquiry.space.answers.causes))
    to_hit: list[set[Fairness]] = []
    for size in range(1, TOGETHER_MOST + 1):
        found: list[Assumptions] = []
        for chosen in sorted(combinations(choices, size), key=_strength):
            known = any(_is_stronger(chosen, each) for each in found)
            if known or not all(set(chosen) & forbidding for forbidding in to_hit):
                continue
            run = _broken(inquiry, explored, graph, chosen)
            if run is None:
                found.append(chosen)
                continue
            to_hit.append({each for each in choices if not _keeps(world, run, each)})
            if not to_hit[-1]:
                return ()
        if found:
            return tuple(found)
    return ()


def candidates(causes: Sequence[Happening | None]) -> Iterator[Fairness]:
    """Yield what might be assumed of the actions with these causes: for each role and class."""
    seen: dict[tuple[Actions, str, tuple[type, ...]], None] = {}
    for each in causes:
        match each:
            case Delivered(_, node, message):
                seen["deliveries", node.role, (type(message),)] = None
            case Fired(node, event):
                seen["timers", node.role, (type(event),)] = None
            case Invoked(node, operation):
                seen["operations", node.role, (type(operation),)] = None
            case Restarted(node):
                seen["restarts", node.role, ()] = None
    for actions, role, only in sorted(seen, key=str):
        for strength in Strength:
            yield Fairness(strength, actions, (role,), only)


def _strength(chosen: Assumptions) -> int:
    return sum(each.strength is Strength.STRONG for each in chosen)


def _is_stronger(chosen: Assumptions, known: Assumptions) -> bool:
    """Return whether `chosen` assumes at least as much as `known`."""
    return all(each in chosen or evolve(each, strength=Strength.STRONG) in chosen for each in known)


def _broken(
    inquiry: Temporal, explored: Explored, graph: Graph, chosen: Assumptions
) -> Trace | None:
    """Return a run that keeps these assumptions, and breaks the claim; None where there is none."""
    fairness = (*inquiry.space.world.fairness, *chosen)
    demands = inquiry.demands(graph, fairness)
    broken = inquiry.broken(explored, graph, demands)
    return inquiry.run(explored, graph, demands, broken) if broken else None


def _keeps(world: World, run: Trace, assumption: Fairness) -> bool:
    assert run.loop is not None
    loop, steps = run.states[run.loop :], run.steps[run.loop :]
    return is_fair(evolve(world, fairness=(assumption,)), loop, steps)
