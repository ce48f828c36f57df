"""Whether a run shows what is said of a property: a violation, or that something can be reached."""

from coterie.checks.errors import ModelError
from coterie.checks.lasso import validate
from coterie.checks.result import Trace, Verdict
from coterie.checks.view import WorldView
from coterie.checks.world import Values, World
from coterie.spec.property import Kind, Property
from coterie.spec.refinement import Refinement


def shows(world: World, claim: Property, verdict: Verdict, trace: Trace) -> bool:
    """Return whether `trace`, a run of `world`, proves that `verdict` on `claim`.

    To show that a `recoverable` claim is violated every state is visited that the last one leads to
    without faults; the other kinds cost no more than the run.
    """
    if verdict is not (Verdict.HOLDS if claim.kind is Kind.REACHABLE else Verdict.VIOLATED):
        return False
    if claim.kind.is_temporal:
        return _breaks(world, claim, trace)
    views = [WorldView(world, values) for values in trace.states]
    last = trace.states[-1]
    match claim.kind:
        case Kind.REACHABLE:
            return claim.holds(views[-1])
        case Kind.AT_REST:
            steps = world.successors(last)
            rests = all(step.fault or step.values == last for step in steps)
            return rests and not claim.holds(views[-1])
        case Kind.RECOVERABLE:
            return _is_lost(world, claim, last)
        case Kind.REFINES if isinstance(claim.claim, Refinement) and not trace.steps:
            return not claim.claim.begins(views[0])
        case _ if claim.kind.is_of_steps:
            moved = trace.steps and trace.states[-2] != last
            return bool(moved) and not claim.holds(*views[-2:])
    return not claim.holds(views[-1])


def _breaks(world: World, claim: Property, trace: Trace) -> bool:
    if trace.loop is None:
        return False
    try:
        validate(world, claim, trace)
    except ModelError:
        return False
    return True


def _is_lost(world: World, claim: Property, values: Values) -> bool:
    """Return whether no path without faults makes the claim true, for some tuple of nodes."""
    found, todo = {values}, [values]
    never = set(claim.instances(WorldView(world, values)))
    while todo and never:
        values = todo.pop()
        view = WorldView(world, values)
        never = {nodes for nodes in never if not claim.claim(view, *nodes)}
        ends = {step.values for step in world.successors(values) if not step.fault} - found
        found |= ends
        todo += ends
    return bool(never)
