"""Which properties a run decides.

A run is evidence against what must always hold, and for what must be reachable. It says nothing of
claims about all the runs that may follow: those are left to the explorer.
"""

from collections.abc import Iterable, Sequence

from coterie.checks.result import Finding, Trace, Verdict
from coterie.checks.simulation.steps import Steps
from coterie.checks.view import WorldView
from coterie.checks.world import Values
from coterie.spec.property import Kind, Property

_OF_STATES = {Kind.ALWAYS, Kind.REACHABLE, Kind.AT_REST}


def can_be_judged(claim: Property) -> bool:
    """Return whether one run may decide `claim`."""
    return claim.kind in _OF_STATES or claim.kind.is_of_steps


class Judge:
    """Holds the states and the steps of runs against properties.

    Attributes:
        steps: the steps of the world.
        claims: the properties that a run can decide, in their order.
    """

    def __init__(self, steps: Steps, properties: Iterable[Property]) -> None:
        self.steps = steps
        self.claims = tuple(claim for claim in properties if can_be_judged(claim))

    def decided(self, before: Values | None, values: Values) -> list[Property]:
        """Return the claims that are decided by arriving at `values`.

        Shape: those that are false there, or of the step from `before`, which is None at the start
        of a run; of what should be reachable, those that are true.
        """
        return [claim for claim in self.claims if self._decides(claim, before, values)]

    def first(self, claim: Property, states: Sequence[Values]) -> int | None:
        """Return the place of the first of a run's `states` that decides `claim`; None for none."""
        befores: list[Values | None] = [None, *states[:-1]]
        for place, (before, values) in enumerate(zip(befores, states, strict=True)):
            if self._decides(claim, before, values):
                return place
        return None

    def cut(self, claim: Property, trace: Trace) -> Trace | None:
        """Return the run up to where it decides `claim`; None where it does not."""
        place = self.first(claim, trace.states)
        return None if place is None else Trace(trace.start, trace.steps[:place])

    def _decides(self, claim: Property, before: Values | None, values: Values) -> bool:
        world = self.steps.world
        if claim.kind.is_of_steps:
            if before is None or before == values:
                return False
            return not claim.holds(WorldView(world, before), WorldView(world, values))
        if claim.kind is Kind.AT_REST and not self.steps.at_rest(values):
            return False
        return claim.holds(WorldView(world, values)) is (claim.kind is Kind.REACHABLE)


def finding(claim: Property, trace: Trace) -> Finding:
    """Return what a run that decides `claim` has found: a violation, or a witness."""
    reached = claim.kind is Kind.REACHABLE
    return Finding(claim, Verdict.HOLDS if reached else Verdict.VIOLATED, trace, 1)
