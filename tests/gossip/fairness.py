"""What the tests of all claims about whole runs of gossip ask."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve

from coterie.checks.check import Check
from coterie.checks.component import Happening
from coterie.checks.engine import reference
from coterie.checks.engine.explore import explore
from coterie.checks.fairness import Fairness, Strength
from coterie.checks.lasso import cause
from coterie.checks.result import Exploration, Trace, Verdict
from coterie.checks.world import World
from coterie.spec.property import Property


def temporal(check: Check) -> list[Property]:
    """Return the check's claims about whole runs."""
    return [claim for claim in check.properties if claim.kind.is_temporal]


def weaker(fairness: Sequence[Fairness]) -> Iterator[tuple[Fairness, ...]]:
    """Yield what is left without one of these conditions, or with a strong one made weak."""
    for place, one in enumerate(fairness):
        before, after = fairness[:place], fairness[place + 1 :]
        yield (*before, *after)
        if one.strength is Strength.STRONG:
            yield (*before, evolve(one, strength=Strength.WEAK), *after)


def is_broken(world: World, claims: Sequence[Property]) -> bool:
    """Return whether some fair run breaks some of the claims."""
    return explore(world, claims, workers=1).verdict is Verdict.VIOLATED


def needless(check: Check) -> list[str]:
    """Return the weaker fairness under which the check's claims hold as well: none is wanted."""
    world, claims = check.world(**check.parameters()), temporal(check)
    return [
        "; ".join(map(str, less))
        for less in weaker(world.fairness)
        if not is_broken(evolve(world, fairness=less), claims)
    ]


def both(check: Check, **parameters: object) -> tuple[Exploration, Exploration]:
    """Return what the engine finds on whole runs, and what the plain explorer finds."""
    world = check.world(**check.parameters(**parameters))
    claims = temporal(check)
    return explore(world, claims, workers=1), reference.explore(world, claims)


def run(check: Check, name: str, parameters: Mapping[str, object] | None = None) -> Trace:
    """Return the run without end that refutes the property `name`."""
    world = check.world(**check.parameters(**(parameters or {})))
    claims = [claim for claim in check.properties if claim.name == name]
    trace = explore(world, claims, workers=1)[name].trace
    assert trace is not None
    assert trace.loop is not None
    return trace


def causes(trace: Trace) -> tuple[list[Happening | None], list[Happening | None]]:
    """Return what the steps of a run begin with: those before its loop, and those of the loop."""
    told = [cause(step) for step in trace.steps]
    return told[: trace.loop], told[trace.loop :]
