"""Which of the shortest runs is shown: the one with the fewest faults, then context switches."""

from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from coterie.checks.engine.costs import actor
from coterie.checks.engine.explore import explore
from coterie.checks.errors import ModelError
from coterie.checks.lasso import cause
from coterie.checks.result import Trace
from coterie.checks.view import WorldView
from coterie.checks.world import Step, Values, World
from coterie.spec.property import Kind, Property
from tests.claims import properties
from tests.strategies import worlds

STATES_MOST = 200
Cost = tuple[int, int]


def cost(trace: Trace) -> Cost:
    """Return how many faults a run has, and how often another node acts than before."""
    actors = [actor(cause(step)) for step in trace.steps]
    switches = sum(one != other for one, other in pairwise(actors))
    return sum(step.fault for step in trace.steps), switches


def least(world: World, claim: Property, length: int) -> Cost:
    """Return the least cost of all runs of that `length` that decide the claim, by trying all."""
    runs: dict[tuple[Values, Any], Cost] = {(v, "start"): (0, 0) for v in world.initial()}
    for number in range(length):
        after: dict[tuple[Values, Any], Cost] = {}
        for (values, acted), (faults, switches) in runs.items():
            for step in world.successors(values):
                acts = actor(cause(step))
                key = (step.values, acts)
                paid = (faults + step.fault, switches + (acted not in ("start", acts)))
                is_last = claim.kind is Kind.STEP_ALWAYS and number == length - 1
                if not is_last or violates(world, claim, values, step):
                    after[key] = min(after.get(key, paid), paid)
        runs = after
        assume(len(runs) <= STATES_MOST)
    return min(paid for (values, _), paid in runs.items() if decides(world, claim, values))


def violates(world: World, claim: Property, values: Values, step: Step) -> bool:
    views = (WorldView(world, each) for each in (values, step.values))
    return step.values != values and not claim.holds(*views)


def decides(world: World, claim: Property, values: Values) -> bool:
    """Return whether a run that ends with `values` decides the claim."""
    if claim.kind is Kind.STEP_ALWAYS:
        return True
    return claim.holds(WorldView(world, values)) is (claim.kind is Kind.REACHABLE)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(st.data(), st.sampled_from([1, 2]))
def test_among_the_shortest_runs_the_cheapest_is_shown(data: st.DataObject, workers: int) -> None:
    world = data.draw(worlds())
    claim = data.draw(properties(world))
    assume(claim.kind in {Kind.ALWAYS, Kind.REACHABLE, Kind.STEP_ALWAYS})
    try:
        found = explore(world, [claim], workers=workers, max_states=STATES_MOST).findings[0]
    except ModelError:
        assume(condition=False)
    assume(found.trace is not None)
    assert found.trace is not None

    assert cost(found.trace) == least(world, claim, len(found.trace))
