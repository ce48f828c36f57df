"""Hypothesis walks through a world: each example is a run, and a failing one is shrunk.

One rule takes the next step. It draws a number and a preference for faults, both of which shrink to
the plainest: no fault, and the first possible step.
"""

from collections.abc import Callable, Sequence
from functools import cached_property

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from coterie.checks.result import Trace
from coterie.checks.simulation.judge import Judge
from coterie.checks.simulation.shrink import shrunk
from coterie.checks.simulation.steps import Steps
from coterie.checks.world import Step, Values
from coterie.spec.property import Kind, Property

Told = Callable[[Steps, Property, Trace], str]
_PLACES = st.integers(0, 2**16 - 1)
_PHASES = [phase for phase in Phase if phase is not Phase.explain]
_FAULTS = st.sampled_from([False, False, False, True])


class ViolatedError(AssertionError):
    """A run violates a property.

    Its text is the run without the steps that the violation does not need; it is only made when
    somebody reads it, for Hypothesis meets many violations while it shrinks one.

    Attributes:
        claim: the property.
        trace: the run as Hypothesis made it, up to the violation.
    """

    def __init__(self, judge: Judge, claim: Property, trace: Trace, told: Told) -> None:
        super().__init__(claim.name)
        self.claim, self.trace = claim, trace
        self._judge, self._told = judge, told

    @cached_property
    def minimal(self) -> Trace:
        """The run without the steps that the violation does not need."""
        return shrunk(self._judge, self.claim, self.trace)

    @cached_property
    def _text(self) -> str:
        return self._told(self._judge.steps, self.claim, self.minimal)

    def __str__(self) -> str:
        return self._text


class WorldMachine(RuleBasedStateMachine):
    """Runs of a world, for Hypothesis to draw; `machine_of` fills in of which.

    Attributes:
        judge: the steps of the world, and the properties that no run may violate.
        told: how a run that violates one is told.
    """

    judge: Judge
    told: Told

    @initialize(place=_PLACES)
    def start(self, place: int) -> None:
        """Begin in one of the starting states."""
        starts = self.judge.steps.starts
        self._start = starts[place % len(starts)]
        self._taken: list[Step] = []
        self._arrive(None, self._start)

    @rule(place=_PLACES, fault=_FAULTS)
    def step(self, place: int, *, fault: bool) -> None:
        """Take a step, a fault if one is wanted and possible; none where the run has ended."""
        before = self._taken[-1].values if self._taken else self._start
        possible = self.judge.steps.of(before)
        wanted = [step for step in possible if step.fault is fault] or possible
        if wanted:
            self._taken.append(wanted[place % len(wanted)])
            self._arrive(before, self._taken[-1].values)

    def _arrive(self, before: Values | None, values: Values) -> None:
        for claim in self.judge.decided(before, values):
            trace = Trace(self._start, tuple(self._taken))
            raise ViolatedError(self.judge, claim, trace, type(self).told)


def machine_of(steps: Steps, properties: Sequence[Property], told: Told) -> type[WorldMachine]:
    """Return a machine that fails where a run violates one of `properties`.

    What should be reachable is left out: one run that does not reach it proves nothing. Its
    `TestCase.settings` leave out Hypothesis' phase `explain`, which traces every line of the model:
    the violation explains itself.

    Raises: ValueError where a run can violate none of them.
    """
    violable = [claim for claim in properties if claim.kind is not Kind.REACHABLE]
    judge = Judge(steps, violable)
    if not judge.claims:
        raise ValueError("none of these properties can be violated by one run")
    filled = {"judge": judge, "told": staticmethod(told)}
    machine: type[WorldMachine] = type("WorldMachine", (WorldMachine,), filled)
    machine.TestCase.settings = settings(machine.TestCase.settings, phases=_PHASES)
    return machine
