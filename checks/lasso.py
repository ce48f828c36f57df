"""Runs without end: a prefix and a loop, held against the world step by step.

Nothing of the engine is used here: what it gives out as a counterexample to a claim about whole
runs is judged by the plain successors and the definition of fairness.
"""

from collections.abc import Hashable, Iterable, Sequence

from coterie.checks.component import Happening
from coterie.checks.errors import ModelError
from coterie.checks.fairness import Fairness, Strength
from coterie.checks.result import Trace
from coterie.checks.view import WorldView
from coterie.checks.world import Step, Values, World
from coterie.model.machine import Node
from coterie.spec.property import Kind, Property


def enabled(world: World, values: Values) -> list[Step]:
    """Return the steps that count for fairness: they change something and are no faults."""
    return [step for step in world.successors(values) if step.values != values and not step.fault]


def cause(step: Step) -> Happening | None:
    """Return what the step began with."""
    return step.happenings[0] if step.happenings else None


def actions(world: World, fairness: Fairness, steps: Iterable[Step]) -> set[Hashable]:
    """Return the actions of `fairness` that the steps take."""
    causes = (what for step in steps if (what := cause(step)) is not None and not step.fault)
    found = {fairness.condition(each, world.network) for each in causes}
    return found - {None}


def is_fair(world: World, loop: Sequence[Values], steps: Sequence[Step]) -> bool:
    """Return whether going round for ever keeps every promise of the world's fairness."""
    offers = [enabled(world, values) for values in loop]
    for fairness in world.fairness:
        offered = [actions(world, fairness, steps_there) for steps_there in offers]
        weak = fairness.strength is Strength.WEAK
        owed = set.intersection(*offered) if weak else set.union(*offered)
        if owed - actions(world, fairness, steps):
            return False
    return True


def breaks(claim: Property, world: World, trace: Trace, nodes: tuple[Node, ...]) -> bool:
    """Return whether the run without end breaks the claim about these nodes."""
    assert trace.loop is not None
    truth = [claim.claim(WorldView(world, values), *nodes) for values in trace.states]
    if claim.kind is Kind.EVENTUALLY_ALWAYS:
        return not all(truth[trace.loop :])
    last = max((place for place, true in enumerate(truth) if true), default=-1)
    if last >= trace.loop:
        return False
    if claim.kind is Kind.EVENTUALLY:
        return last < 0
    assert claim.premise is not None
    views = (WorldView(world, values) for values in trace.states[last + 1 :])
    return any(claim.premise(view, *nodes) for view in views)


def validate(world: World, claim: Property, trace: Trace) -> None:
    """Hold a counterexample against the world.

    Raises: ModelError where it is none; then the checker, or a model that is no function, is wrong.
    """
    assert trace.loop is not None
    loop, steps = trace.states[trace.loop :], trace.steps[trace.loop :]
    problems = {
        "it does not begin where the world begins": trace.start not in set(world.initial()),
        "a step is not one of the world's": not _runs(world, trace),
        "its loop does not close": loop[0] != loop[-1],
        "its loop is not fair": not is_fair(world, loop, steps),
        "it does not break the claim": not any(
            breaks(claim, world, trace, nodes) for nodes in claim.instances(WorldView(world, ()))
        ),
    }
    for problem, found in problems.items():
        if found:
            raise ModelError(f"the counterexample to {claim.name} is none: {problem}")


def _runs(world: World, trace: Trace) -> bool:
    pairs = zip(trace.states, trace.steps, strict=False)
    return all(step in world.successors(before) for before, step in pairs)


def starved(world: World, trace: Trace) -> tuple[Happening, ...]:
    """Return what could happen all along the loop, or else somewhere on it, and never does."""
    assert trace.loop is not None
    offers = [
        {what: None for step in enabled(world, values) if (what := cause(step)) is not None}
        for values in trace.states[trace.loop :]
    ]
    taken = {cause(step) for step in trace.steps[trace.loop :]}
    somewhere = [each for offer in offers for each in offer if each not in taken]
    always = [each for each in somewhere if all(each in offer for offer in offers)]
    return tuple(dict.fromkeys(always or somewhere))
