"""What an exploration says."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from attrs import Factory, frozen

from coterie.checks.fairness import Fairness
from coterie.checks.world import Step, Values, World
from coterie.spec.property import Property


class Verdict(Enum):
    """The answer to one property."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNDETERMINED = "undetermined"


@frozen
class Trace:
    """A run of a world.

    Attributes:
        start: where it starts.
        steps: its steps.
        loop: where it goes on for ever: the steps from this one on are repeated without end; none
            are left where the run stops. None for a run that is told to its end.
    """

    start: Values
    steps: tuple[Step, ...] = ()
    loop: int | None = None

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
        trace: a shortest run to a violation (to a witness, where reachability holds), if any; for a
            claim about whole runs one with a loop, the way to which is a shortest one.
        violations: how many states were found that violate it (from which a step violates it; in
            which a run begins to owe what it need never do).
        remedies: the smallest sets of further fairness that would make a violated claim about runs
            true, none where no fairness does; None where nobody has asked.
        vacuous: why the claim holds without saying anything of this world, as where its premise is
            never true; nothing where that cannot be told, or is not so.
    """

    claim: Property
    verdict: Verdict
    trace: Trace | None = None
    violations: int = 0
    remedies: tuple[tuple[Fairness, ...], ...] | None = None
    vacuous: str = ""

    @property
    def distance(self) -> int | None:
        """How many steps it is to what was found, or to its loop; None where there is no trace."""
        if self.trace is None:
            return None
        return len(self.trace) if self.trace.loop is None else self.trace.loop


@frozen
class Progress:
    """How far an exploration has come.

    Attributes:
        states: distinct states so far.
        transitions: steps taken so far.
        depth: the level that is being expanded.
        frontier: how many states that level has.
        beyond: how many states are found after that level, so that they are not yet expanded.
        seconds: wall-clock time so far.
        python_calls: how often Python was asked so far.
    """

    states: int = 0
    transitions: int = 0
    depth: int = 0
    frontier: int = 0
    seconds: float = 0.0
    python_calls: int = 0
    beyond: int = 0


@frozen
class Limit:
    """A limit of the search, which is no part of the statement: once hit, nothing "holds".

    Attributes:
        name: `states`, `seconds`, `depth` or `memory`.
        most: how much was allowed: states, seconds, steps from a start, or bytes.
        hit: whether it ended the search.
    """

    name: str
    most: float
    hit: bool = False

    def __str__(self) -> str:
        amount = f"{self.most / 1e9:.1f} GB of memory" if self.name == "memory" else ""
        return amount or f"{self.most:,g} {self.name}"


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
        limits: the limits that were set, each with whether it was hit.
        reductions: what made the search smaller than the world, in words; none for the whole graph.
        memo: how much was remembered: distinct `values` of components, `stimuli`, and `answers`.
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
    limits: tuple[Limit, ...] = ()
    reductions: tuple[str, ...] = ()
    memo: Mapping[str, int] = Factory(dict)

    @property
    def verdict(self) -> Verdict:
        """The worst of the verdicts: VIOLATED before UNDETERMINED before HOLDS.

        Where nothing was claimed, HOLDS says that everything was explored.
        """
        verdicts = {finding.verdict for finding in self.findings}
        for worst in (Verdict.VIOLATED, Verdict.UNDETERMINED):
            if worst in verdicts:
                return worst
        return Verdict.HOLDS if verdicts or self.complete else Verdict.UNDETERMINED

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
                    finding.distance,
                    finding.violations,
                )
                for finding in self.findings
            },
        }
