"""What an exploration says."""

from enum import Enum
from typing import Any

from attrs import frozen

from coterie.checks.world import Step, Values, World
from coterie.spec.property import Property


class Verdict(Enum):
    """The answer to one property."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNDETERMINED = "undetermined"


@frozen
class Trace:
    """A run of a world: where it starts, and its steps."""

    start: Values
    steps: tuple[Step, ...] = ()

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def states(self) -> tuple[Values, ...]:
        """Every state that the run passes through, from first to last."""
        return (self.start, *(step.values for step in self.steps))


@frozen
class Finding:
    """The verdict on one property.

    Attributes:
        claim: the property.
        verdict: HOLDS, VIOLATED, or UNDETERMINED when a limit or an interrupt came first.
        trace: a shortest run to a violation (to a witness, where reachability holds), if any.
        violations: how many states were found that violate it (from which a step violates it).
    """

    claim: Property
    verdict: Verdict
    trace: Trace | None = None
    violations: int = 0


@frozen
class Progress:
    """How far an exploration has come.

    Attributes:
        states: distinct states so far.
        transitions: steps taken so far.
        depth: the level that is being expanded.
        frontier: how many states are found and not yet expanded.
        seconds: wall-clock time so far.
        python_calls: how often Python was asked so far.
    """

    states: int = 0
    transitions: int = 0
    depth: int = 0
    frontier: int = 0
    seconds: float = 0.0
    python_calls: int = 0


@frozen
class Exploration:
    """What was explored, and what was found.

    Attributes:
        world: what was explored.
        findings: one for each property, in their order.
        states: distinct states.
        transitions: steps taken, those included that change nothing or lead to a known state.
        depth: the greatest number of steps from a start to a state.
        complete: whether every reachable state was explored.
        stopped: why not, in words.
        seconds: wall-clock time.
        python_calls: how often Python was asked something about the model or a property.
        row_bytes: what one state takes in the store, without its 8 to 16 bytes in the index.
    """

    world: World
    findings: tuple[Finding, ...]
    states: int
    transitions: int
    depth: int
    complete: bool
    stopped: str = ""
    seconds: float = 0.0
    python_calls: int = 0
    row_bytes: int = 0

    def __getitem__(self, name: str) -> Finding:
        """Return the finding on the property of that name."""
        for finding in self.findings:
            if finding.claim.name == name:
                return finding
        raise KeyError(name)

    def summary(self) -> dict[str, Any]:
        """Return what two explorers of one world must agree on."""
        return {
            "states": self.states,
            "transitions": self.transitions,
            "depth": self.depth,
            "complete": self.complete,
            "findings": {
                finding.claim.name: (
                    finding.verdict,
                    None if finding.trace is None else len(finding.trace),
                    finding.violations,
                )
                for finding in self.findings
            },
        }
