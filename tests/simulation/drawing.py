"""Random worlds with properties that a run can decide, and random runs of them."""

from attrs import frozen
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

from coterie.checks.errors import ModelError
from coterie.checks.result import Trace
from coterie.checks.simulation.steps import Steps
from coterie.checks.simulation.walk import Plan, walk
from coterie.checks.world import Step, World
from coterie.spec.property import Kind, Property
from tests.claims import properties
from tests.strategies import worlds

JUDGED = (Kind.ALWAYS, Kind.STEP_ALWAYS, Kind.AT_REST, Kind.REACHABLE)
PATIENT = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@frozen
class Case:
    """A world with properties, and a plan of runs."""

    world: World
    claims: tuple[Property, ...]
    plan: Plan


def plans() -> st.SearchStrategy[Plan]:
    """Draw a plan of a few short runs."""
    return st.builds(
        Plan,
        seed=st.integers(0, 999),
        runs=st.integers(1, 4),
        steps=st.integers(1, 12),
        schedule=st.sampled_from(["random", "pct"]),
        depth=st.integers(1, 4),
        faults=st.sampled_from([0.0, 0.2, 0.8, 1.0]),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a world that has a start, properties of it, and a plan."""
    world = draw(worlds())
    claims = [draw(properties(world, number)) for number in range(draw(st.integers(0, 3)))]
    chosen = tuple(claim for claim in claims if claim.kind in JUDGED)
    case = Case(world, chosen, draw(plans()))
    try:
        tuple(world.initial())
    except ModelError:
        assume(condition=False)
    return case


def run_of(steps: Steps, plan: Plan, number: int) -> Trace:
    """Return the run of that number."""
    start, *taken = walk(steps, plan, number)
    assert not isinstance(start, Step)
    return Trace(start, tuple(step for step in taken if isinstance(step, Step)))
