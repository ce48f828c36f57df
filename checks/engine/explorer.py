"""A search: breadth first, level by level, on as many threads as there are shards.

Each round, every worker expands some of its states into buffers, one for each shard; then every
shard takes in what is its own; then Python answers the questions that came up, each once. A level
is finished before the next begins, so the first violation found is a nearest one.
"""

import time
from collections.abc import Collection, Iterator, Sequence
from functools import partial

import numpy as np
from attrs import evolve

from coterie.checks.engine.buffers import RESTS
from coterie.checks.engine.checkpoint.point import Point
from coterie.checks.engine.checkpoint.saver import Checkpoints, Saver
from coterie.checks.engine.compiled import Codes, Ints
from coterie.checks.engine.crew import Crew
from coterie.checks.engine.diagnose import remedies
from coterie.checks.engine.graph import Graph, Steps
from coterie.checks.engine.inquiry import (
    AtRest,
    Explored,
    Inquiry,
    Level,
    OfStates,
    OfSteps,
    Recovers,
    Refines,
)
from coterie.checks.engine.judging import Judge, chunks
from coterie.checks.engine.space import Space
from coterie.checks.engine.spill import Spill
from coterie.checks.engine.symmetry import gate
from coterie.checks.engine.temporal import Temporal
from coterie.checks.engine.watch import Watch
from coterie.checks.result import Finding, Progress
from coterie.checks.world import Values, World
from coterie.spec.property import Kind, Property

INQUIRIES: dict[Kind, type[Inquiry]] = {
    Kind.ALWAYS: OfStates,
    Kind.REACHABLE: OfStates,
    Kind.AT_REST: AtRest,
    Kind.STEP_ALWAYS: OfSteps,
    Kind.REFINES: Refines,
    Kind.RECOVERABLE: Recovers,
    Kind.LEADS_TO: Temporal,
    Kind.EVENTUALLY: Temporal,
    Kind.EVENTUALLY_ALWAYS: Temporal,
}


def inquiries(claims: Sequence[Property], space: Space) -> tuple[list[Inquiry], Judge]:
    """Return how each of `claims` will be decided, and who judges states for them."""
    kinds = [INQUIRIES[claim.kind] for claim in claims]
    asked = [kind.asks(claim) for kind, claim in zip(kinds, claims, strict=True)]
    judge = Judge(space, [each for questions in asked for each in questions])
    first = np.cumsum([0, *map(len, asked)]).tolist()
    made = zip(kinds, claims, first, strict=False)
    return [kind(claim, space, judge, place) for kind, claim, place in made], judge


class Explorer:
    """A search that may be under way, at its end, or stopped before it.

    Attributes:
        stopped: why it has stopped before the end, if it has.
        space: the states and steps that are known.
        inquiries: how each property is decided.
        levels: the states by their distance from a start.
        expanded: how many of the levels are expanded.
        starts: the numbers of the starting states.
    """

    def __init__(
        self,
        world: World,
        claims: Sequence[Property],
        fatal: Collection[str],
        crew: Crew,
        watch: Watch,
        checkpoints: Checkpoints | None,
        spill: Spill | None,
    ) -> None:
        self._begun = time.perf_counter()
        self.stopped = ""
        self._fatal = fatal
        kinds = [INQUIRIES[claim.kind] for claim in claims]
        every_step = any(kind.every_step for kind in kinds)
        self.space = Space(world, crew, every_step=every_step, spill=spill)
        self.inquiries, self.judge = inquiries(claims, self.space)
        if self.space.orbits:
            gate.check_claims(world, claims)
            gate.check_world(world)
        self.levels: list[Level] = []
        self.expanded = 0
        self.starts: Ints = np.empty(0, np.int64)
        needs_graph = any(kind.needs_graph for kind in kinds)
        self._steps = Steps(self.space.store) if needs_graph else None
        self._graph: Graph | None = None
        self._ended = False
        self._watch = watch
        self._saver = (
            None
            if checkpoints is None
            else Saver(checkpoints, self.space, self.inquiries, self.judge, self._steps)
        )

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self._begun

    @property
    def explored(self) -> Explored:
        """What it has come to."""
        return Explored(self.starts, self.levels, self.expanded, self._graph, self._ended)

    def now(self) -> Progress:
        """Return how far it is."""
        return Progress(
            states=len(self.space.store),
            transitions=self.space.transitions,
            depth=max(0, len(self.levels) - 1),
            frontier=_size(self.levels[-1]) if self.levels else 0,
            seconds=self.seconds,
            python_calls=self.space.answers.calls + self.judge.calls,
            beyond=max(0, len(self.space.store) - sum(map(_size, self.levels))),
        )

    def run(self) -> None:
        """Explore until every property is decided, or nothing new is found."""
        level = self._begin()
        while _size(level) and not self._is_over():
            self.levels.append(level)
            ends = list(self.space.store.end)
            self._judge_level(level)
            if not self._is_over():
                self._watch.before(len(self.levels) - 1)
                self._expand_level(level)
                self.expanded += 1
                level = self._found_since(ends)
                self._note(level)
        if _size(level) and self.expanded == len(self.levels):
            self.levels.append(level)

    def _begin(self) -> Level:
        """Return the first level, or the one that comes after the last checkpoint."""
        last = self._saver.load() if self._saver is not None else None
        if last is None:
            self.starts = self.space.start()
            level = self._found_since(self.space.store.first)
            self._note(level)
            return level
        self.starts, self.levels, self.expanded = last.starts, last.levels, len(last.levels)
        return last.frontier

    def _note(self, frontier: Level) -> None:
        """Tell the saver, if there is one, that a level is finished."""
        if self._saver is not None:
            point = Point(
                starts=self.starts,
                levels=self.levels,
                finished=self.expanded,
                frontier=frontier,
                transitions=self.space.transitions,
                steps=0 if self._steps is None else self._steps.batches,
                pace=self.space.pace,
                cut=self.space.orbits.cut if self.space.orbits else 0,
                notes=len(self.judge.notes),
                extent=self.space.answers.extent(),
                evidence=tuple(inquiry.evidence() for inquiry in self.inquiries),
            )
            self._saver.note(point)

    def finish(self) -> None:
        """Keep the last level that was finished, where it is kept at all."""
        if self._saver is not None:
            self._saver.finish()
            self._saver = None

    def end(self) -> None:
        """Judge what needs the whole."""
        if self._steps is not None:
            self._graph = self._steps.graph()
            self._steps = None
        for inquiry in self.inquiries:
            inquiry.end(self.explored)
        self._ended = True

    def reached(self, most: int | None = None) -> Iterator[Values]:
        """Yield every state that was found, or about so many spread over all, in no order."""
        store = self.space.store
        shards = zip(store.first, store.end, strict=True)
        numbers = np.concatenate([np.arange(begin, end) for begin, end in shards])
        every = 1 if most is None else len(numbers) // max(1, most) + 1
        for number in numbers[::every].tolist():
            yield self.space.values(number)

    def reductions(self) -> tuple[str, ...]:
        """Return what has made the search smaller than the world, after checking that it may.

        Raises: ModelError where symmetry is declared that the model has not.
        """
        space = self.space
        if space.orbits is None:
            return ()
        claims = [inquiry.claim for inquiry in self.inquiries]
        evaluated = self.judge.evaluated()
        checked = gate.check(space.world, space.answers, evaluated, claims, self.reached)
        return (f"{space.orbits}; {checked}",)

    def diagnosed(self, inquiry: Inquiry, finding: Finding) -> Finding:
        """Return `finding` with what fairness would make the claim true, where it is violated."""
        if not isinstance(inquiry, Temporal) or finding.trace is None or not self.explored.complete:
            return finding
        return evolve(finding, remedies=remedies(inquiry, self.explored))

    def _found_since(self, ends: Sequence[int]) -> Level:
        return list(zip(ends, self.space.store.end, strict=True))

    def _is_over(self) -> bool:
        """Return whether every property is decided, or a fatal violation was found."""
        if self.inquiries and all(inquiry.count for inquiry in self.inquiries):
            self.stopped = ""
            return True
        for inquiry in self.inquiries:
            if inquiry.is_refuted and inquiry.claim.name in self._fatal:
                self.stopped = f"{inquiry.claim.name} is violated"
        return bool(self.stopped)

    def _judge_level(self, level: Level) -> None:
        for inquiry in self.inquiries:
            for states in self._chunks(level):
                inquiry.states(len(self.levels) - 1, states)

    def _chunks(self, level: Level) -> Iterator[Ints]:
        for begin, end in level:
            for states in chunks(begin, end):
                self._look()
                yield states

    def _look(self) -> None:
        """Make room in memory if it is time, and look at the limits."""
        self.space.store.relieve()
        self._watch(self.now())

    def _expand_level(self, level: Level) -> None:
        number, resting = len(self.levels) - 1, [np.empty(0, np.int64)]
        for _ in self.space.rounds(level):
            resting += [out.rest[: out.counts[RESTS]].copy() for out in self.space.outputs]
            for inquiry in self.inquiries:
                inquiry.steps(number)
            self._take_in()
            self._look()
        for inquiry in self.inquiries:
            inquiry.resting(number, np.concatenate(resting))

    def _take_in(self) -> None:
        shards = range(self.space.store.shards)
        for found in self.space.crew.all(partial(self._take_in_one, shard) for shard in shards):
            for steps in found:
                assert self._steps is not None
                self._steps.add(*steps)

    def _take_in_one(self, shard: int) -> list[tuple[Ints, Codes, Ints]]:
        """Take in what belongs to a shard; return the steps, if they are asked for."""
        found, keep = [], self._steps is not None
        for worker in range(self.space.store.shards):
            rows, causes = self.space.successors(worker, shard)
            results = self.space.store.insert(shard, rows, number=keep)
            if keep:
                found.append((causes.copy(), self.space.labels(worker, shard).copy(), results))
        return found


def _size(level: Level) -> int:
    return sum(end - begin for begin, end in level)
