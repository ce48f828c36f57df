"""How much of a world the runs have seen: shares of true numbers, or honest estimates.

Three things are counted. States; transitions: a state and a step from it; and pairs (state, event):
what happened to a node, and in which state of that node, whatever the rest of the world was doing.
A step that changes nothing is none.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from attrs import define, field, frozen

from coterie.checks.component import Happening
from coterie.checks.result import Trace
from coterie.checks.simulation.steps import Steps, concerned
from coterie.checks.world import Step, Values, World

KINDS = ("states", "transitions", "pairs")
Pair = tuple[Any, Happening]


@frozen
class Counts:
    """How many states, transitions and (state, event) pairs; an estimate need not be whole."""

    states: float
    transitions: float
    pairs: float


@define
class Seen:
    """What some runs saw, and in how many of them.

    Attributes:
        runs: how many runs there were.
        states: for each state, how many runs passed through it.
        transitions: likewise.
        pairs: likewise.
    """

    runs: int = 0
    states: Counter[Values] = field(factory=Counter)
    transitions: Counter[tuple[Values, Step]] = field(factory=Counter)
    pairs: Counter[Pair] = field(factory=Counter)

    def add(self, world: World, run: Trace) -> None:
        """Count what `run` saw: each thing once, however often it did."""
        taken = list(zip(run.states, run.steps, strict=False))
        self.runs += 1
        self.states.update(set(run.states))
        self.transitions.update(set(taken))
        self.pairs.update({pair for it in taken for pair in pairs(world, *it)})

    @property
    def counts(self) -> Counts:
        """How many different ones were seen."""
        return Counts(len(self.states), len(self.transitions), len(self.pairs))

    @property
    def new_in_another(self) -> Counts:
        """How many that no run has seen one more run like these would see: an estimate.

        It is the number of those that a single run saw, divided by the number of runs: what a run
        has seen that all the others have not, on average. The runs are independent of each other,
        so the next one is like them. It says nothing of what such runs never see.

        Guard: there was a run.
        Source: I. J. Good, "The population frequencies of species and the estimation of population
            parameters", Biometrika 40, 1953 (after Turing); here for runs instead of animals.
        """
        each = (getattr(self, kind).values() for kind in KINDS)
        return Counts(*(sum(count == 1 for count in counts) / self.runs for counts in each))

    @property
    def in_one(self) -> Counts:
        """How many a run saw, on average."""
        return Counts(*(getattr(self, kind).total() / self.runs for kind in KINDS))


def pairs(world: World, before: Values, step: Step) -> Iterator[Pair]:
    """Yield each thing that happened to a node in `step`, with the node's value before it."""
    for happening in step.happenings:
        node = concerned(happening)
        if node is not None:
            yield before[world.slots[node]], happening


def enumerated(steps: Steps, transitions_most: int) -> Counts | None:
    """Return how many there are of each, all that can be reached.

    None where there are more than `transitions_most` transitions.
    """
    reached = dict.fromkeys(steps.starts)
    found, transitions, different = list(reached), 0, set[Pair]()
    for values in found:  # which grows
        possible = set(steps.of(values))
        transitions += len(possible)
        if transitions > transitions_most:
            return None
        for step in possible:
            different.update(pairs(steps.world, values, step))
            if step.values not in reached:
                reached[step.values] = None
                found.append(step.values)
    return Counts(len(reached), transitions, len(different))
