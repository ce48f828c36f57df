"""How each kind of claim is decided while the states come in, level by level."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar

import numpy as np
from attrs import evolve, frozen

from coterie.checks.engine import retrace
from coterie.checks.engine.compiled import Codes, Ints
from coterie.checks.engine.graph import Graph, Mask, numbers_of, where
from coterie.checks.engine.judging import Judge, Question, Truth, chunks
from coterie.checks.engine.space import Range, Space
from coterie.checks.result import Finding, Trace, Verdict
from coterie.checks.view import WorldView
from coterie.checks.world import Step, Values
from coterie.spec.property import Kind, Property
from coterie.spec.refinement import Refinement

Level = Sequence[Range]


@frozen(eq=False)
class Explored:
    """What an exploration has come to.

    Attributes:
        starts: the numbers of the starting states.
        levels: the states by their distance from a start.
        expanded: how many of the levels were expanded.
        graph: the steps, if any inquiry asked for them.
        ended: whether every inquiry has judged the whole.
    """

    starts: Ints
    levels: Sequence[Level]
    expanded: int
    graph: Graph | None = None
    ended: bool = False

    @property
    def whole(self) -> bool:
        """Whether every state was expanded."""
        return self.expanded == len(self.levels)

    @property
    def complete(self) -> bool:
        """Whether every state was expanded, and every claim judged to its end."""
        return self.whole and self.ended

    def states(self) -> Iterator[Range]:
        """Yield the states that were expanded."""
        for level in self.levels[: self.expanded]:
            yield from level


class Inquiry:
    """The search for what decides a claim: a violation, or a witness where it is `reachable`.

    Attributes:
        every_step: whether it must be shown every step, not only one to each state.
        needs_graph: whether it needs all steps at the end.
        count: how many states were found that decide it.
        met: whether any state (or step) was found that the claim is about.
        nothing: what to say where none was.
    """

    every_step: ClassVar[bool] = False
    needs_graph: ClassVar[bool] = False
    nothing: ClassVar[str] = ""

    def __init__(self, claim: Property, space: Space, judge: Judge, first: int) -> None:
        self.claim, self.space, self.judge = claim, space, judge
        self.question = judge.questions[first]
        self.count = 0
        self.met = True
        self._level = -1
        self._nearest: Ints = np.empty(0, np.int64)

    @staticmethod
    def asks(claim: Property) -> list[Property]:
        """Return what is asked of states (or steps), to decide the claim."""
        return [claim]

    @property
    def is_refuted(self) -> bool:
        """Whether a violation was found."""
        return bool(self.count) and self.claim.kind is not Kind.REACHABLE

    def states(self, level: int, states: Ints) -> None:
        """Judge states of a level, before it is expanded."""

    def steps(self, level: int) -> None:
        """Judge the steps that the last round has found."""

    def resting(self, level: int, states: Ints) -> None:
        """Judge those states of a level that only faults can change."""

    def end(self, explored: Explored) -> None:
        """Judge what needs the whole; called as well when the search has stopped before."""

    def evidence(self) -> dict[str, Any]:
        """Return what was found so far: numbers, and arrays that nobody changes."""
        found = {"count": self.count, "met": self.met}
        return {**found, "level": self._level, "nearest": self._nearest}

    def resume(self, evidence: Mapping[str, Any], levels: Sequence[Level]) -> None:
        """Go on from what was found before in these levels."""
        self.count, self._level = evidence["count"], evidence["level"]
        self.met = evidence["met"]
        self._nearest = evidence["nearest"]

    def add(self, level: int, states: Ints) -> None:
        """Take in `states` of `level` that decide the claim, all different and none known."""
        if len(states) and self._level in (-1, level):
            self._level = level
            self._nearest = np.concatenate([self._nearest, states])
        self.count += len(states)

    def vacuous(self) -> str:
        """Return why a claim that holds says nothing about this world; nothing where it does."""
        if not self.question.each():
            return "it is made of no nodes: the world has too few of them"
        if self.judge.is_constant(self.question):
            return "it reads nothing of the world"
        return "" if self.met else self.nothing

    def finding(self, explored: Explored) -> Finding:
        """Return the verdict, with its trace."""
        found = self._finding(explored)
        return evolve(found, vacuous=self.vacuous() if found.verdict is Verdict.HOLDS else "")

    def _finding(self, explored: Explored) -> Finding:
        if not self.count:
            silent = Verdict.VIOLATED if self.claim.kind is Kind.REACHABLE else Verdict.HOLDS
            return Finding(self.claim, silent if explored.complete else Verdict.UNDETERMINED)
        verdict = Verdict.HOLDS if self.claim.kind is Kind.REACHABLE else Verdict.VIOLATED
        trace = self.trace(explored) if self.space.store.intact else None
        return Finding(self.claim, verdict, trace, self.count)

    def trace(self, explored: Explored) -> Trace:
        """Return the least of the shortest runs to a state that decides the claim."""
        levels = explored.levels[: self._level + 1]
        return retrace.shortest(self.space, levels, explored.starts, self._nearest)


class OfStates(Inquiry):
    """Of every state, or of some."""

    def states(self, level: int, states: Ints) -> None:
        truth = self.judge.states(self.question, states)
        self.add(level, states[truth == (self.claim.kind is Kind.REACHABLE)])


class AtRest(Inquiry):
    """Of the states that only faults can change."""

    nothing = "no state is at rest"

    def __init__(self, claim: Property, space: Space, judge: Judge, first: int) -> None:
        super().__init__(claim, space, judge, first)
        self.met = False

    def resting(self, level: int, states: Ints) -> None:
        self.met |= len(states) > 0
        self.add(level, states[~self.judge.states(self.question, states)])


class OfSteps(Inquiry):
    """Of every step that changes something."""

    every_step = True
    nothing = "no step changes anything"

    def __init__(self, claim: Property, space: Space, judge: Judge, first: int) -> None:
        super().__init__(claim, space, judge, first)
        self.met = False
        self._bad: list[tuple[Ints, Codes]] = []

    def evidence(self) -> dict[str, Any]:
        none = (np.empty(0, np.int64), np.empty(0, np.int32))
        causes, labels = map(np.concatenate, zip(none, *self._bad, strict=True))
        return {**super().evidence(), "causes": causes, "labels": labels}

    def resume(self, evidence: Mapping[str, Any], levels: Sequence[Level]) -> None:
        super().resume(evidence, levels)
        self._bad = [(evidence["causes"], evidence["labels"])]

    def steps(self, level: int) -> None:
        shards = range(self.space.store.shards)
        bad = [self._violating(worker, shard) for worker in shards for shard in shards]
        if self._level in {-1, level}:
            self._bad += bad
        self.add(level, np.unique(np.concatenate([causes >> 1 for causes, _ in bad])))

    def _violating(self, worker: int, shard: int) -> tuple[Ints, Codes]:
        """Return the causes and the labels of the steps that break the claim."""
        rows, causes, labels = self.space.steps(worker, shard)
        self.met |= len(rows) > 0
        false = ~self.judge.states(self.question, causes >> 1, rows)
        return causes[false], labels[false]

    def trace(self, explored: Explored) -> Trace:
        causes, labels = map(np.concatenate, zip(*self._bad, strict=True))
        last = retrace.Last(causes, labels, self._is_violated)
        levels = explored.levels[: self._level + 1]
        return retrace.shortest(self.space, levels, explored.starts, self._nearest, last)

    def _is_violated(self, before: Values, step: Step) -> bool:
        views = (WorldView(self.space.world, values) for values in (before, step.values))
        return step.values != before and not self.claim.holds(*views)


class Refines(OfSteps):
    """Of every start and every step: the abstract machine begins there, and can follow.

    A start from which the abstract machine does not begin is a violation without a step.
    """

    def states(self, level: int, states: Ints) -> None:
        refinement = self.claim.claim
        assert isinstance(refinement, Refinement)
        if level == 0:
            views = (WorldView(self.space.world, self.space.values(each)) for each in states)
            wrong = [not refinement.begins(view) for view in views]
            self.add(-2, states[np.array(wrong, np.bool_)])

    def add(self, level: int, states: Ints) -> None:
        if level == -2 or self._level != -2:
            super().add(level, states)

    def trace(self, explored: Explored) -> Trace:
        if self._level == -2:
            wrong = explored.starts[np.isin(explored.starts, self._nearest)]
            return Trace(self.space.values(int(wrong[0])))
        return super().trace(explored)


class OfGraph(Inquiry):
    """Of paths: every state is judged as it comes, and the paths at the end."""

    every_step = True
    needs_graph = True

    def __init__(self, claim: Property, space: Space, judge: Judge, first: int) -> None:
        super().__init__(claim, space, judge, first)
        self.each = self.question.each()
        self._true: dict[Question, list[tuple[Ints, Truth]]] = {}

    def judged(self, questions: Sequence[Question], states: Ints) -> None:
        """Note where each of `questions` is true among `states`."""
        kept = self.space.store.keep(states)
        for question in questions:
            truth = self.space.store.keep(self.judge.states(question, states))
            self._true.setdefault(question, []).append((kept, truth))

    def states(self, level: int, states: Ints) -> None:
        self.judged(self.each, states)

    def resume(self, evidence: Mapping[str, Any], levels: Sequence[Level]) -> None:
        super().resume(evidence, levels)
        for number, level in enumerate(levels):
            for states in chain.from_iterable(chunks(*part) for part in level):
                self.states(number, states)

    def true(self, question: Question, graph: Graph) -> Mask:
        """Return where `question` is true."""
        return where(self.space.store, self._true.get(question, ()), graph.states)

    def expanded(self, explored: Explored, graph: Graph) -> Mask:
        """Return which states were expanded."""
        ranges = [np.arange(begin, end) for begin, end in explored.states()]
        everything = [(states, np.ones(len(states), np.bool_)) for states in ranges]
        return where(self.space.store, everything, graph.states)


class Recovers(OfGraph):
    """From every state, some path without faults: backward from where the claim is true."""

    def end(self, explored: Explored) -> None:
        if explored.graph is None or not explored.whole:
            return
        graph = explored.graph
        there = self.expanded(explored, graph)
        lost = np.zeros(graph.states, np.bool_)
        for question in self.each:
            good = np.flatnonzero(self.true(question, graph))
            lost |= there & (graph.distances(good, allowed=there, without_faults=True) < 0)
        states = numbers_of(self.space.store, np.flatnonzero(lost))
        for number, level in enumerate(explored.levels):
            parts = [states[(begin <= states) & (states < end)] for begin, end in level]
            self.add(number, np.concatenate(parts))


def premise_of(claim: Property) -> Property:
    """Return the premise of a claim, as a claim of its own."""
    assert claim.premise is not None
    return evolve(claim, claim=claim.premise)
