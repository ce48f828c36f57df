"""The engine: breadth first, level by level, on as many threads as there are shards.

Each round, every worker expands some of its states into buffers, one for each shard; then every
shard takes in what is its own; then Python answers the questions that came up, each once. A level
is finished before the next begins, so the first violation found is a nearest one.
"""

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

import numpy as np
from attrs import define, field

from coterie.checks.engine import retrace
from coterie.checks.engine.buffers import RESTS
from coterie.checks.engine.compiled import Ints
from coterie.checks.engine.crew import Crew
from coterie.checks.engine.judging import Judge, Question, Truth
from coterie.checks.engine.recover import Steps
from coterie.checks.engine.space import Range, Space
from coterie.checks.engine.watch import LimitReachedError, Watch
from coterie.checks.errors import ModelError
from coterie.checks.result import Exploration, Finding, Progress, Trace, Verdict
from coterie.checks.view import WorldView
from coterie.checks.world import Step, Values, World
from coterie.spec.property import Kind, Property

WORKERS_MOST = 2


@define
class _Evidence:
    """What speaks for the answer to one property: against it, or for it where it is `reachable`.

    Attributes:
        level: the level of the nearest states found.
        nearest: their numbers.
        count: how many states were found in all.
        good: where a `recoverable` claim is true, for each tuple of nodes that it is made of.
    """

    level: int = -1
    nearest: Ints = field(factory=lambda: np.empty(0, np.int64))
    count: int = 0
    good: list[list[Ints]] = field(factory=list)

    def add(self, level: int, states: Ints) -> None:
        """Take `states` of `level` in, all different and none known before."""
        if len(states) and self.level in (-1, level):
            self.level = level
            self.nearest = np.concatenate([self.nearest, states])
        self.count += len(states)


class _Explorer:
    def __init__(
        self,
        world: World,
        claims: Sequence[Property],
        fatal: Collection[str],
        crew: Crew,
        watch: Watch,
    ) -> None:
        self._begun = time.perf_counter()
        self.claims = tuple(claims)
        self.stopped = ""
        self._fatal = fatal
        self.evidence = [_Evidence() for _ in claims]
        self._kinds = {claim.kind for claim in claims}
        every_step = bool(self._kinds & {Kind.RECOVERABLE, Kind.STEP_ALWAYS})
        self.space = Space(world, crew, every_step=every_step)
        self.judge = Judge(self.space, self.claims)
        self.levels: list[list[Range]] = []
        self.starts: Ints = np.empty(0, np.int64)
        self.complete = False
        self._steps = Steps()
        self._watch = watch

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self._begun

    def now(self) -> Progress:
        """Return how far it is."""
        return Progress(
            states=len(self.space.store),
            transitions=self.space.transitions,
            depth=max(0, len(self.levels) - 1),
            frontier=_size(self.levels[-1]) if self.levels else 0,
            seconds=self.seconds,
            python_calls=self.space.answers.calls + self.judge.calls,
        )

    def run(self) -> None:
        """Explore until every property is decided, or nothing new is found."""
        self.starts = self.space.start()
        level = self._found_since(self.space.store.first)
        while _size(level):
            self.levels.append(level)
            ends = list(self.space.store.end)
            self._judge_level(level)
            if self._is_over():
                return
            self._expand_level(level)
            level = self._found_since(ends)
            if self._is_over() and _size(level):
                self.levels.append(level)
                return
        self._judge_recovery()
        self.complete = True
        self.stopped = ""

    def _found_since(self, ends: Sequence[int]) -> list[Range]:
        return list(zip(ends, self.space.store.end, strict=True))

    def _is_over(self) -> bool:
        """Return whether every property is decided, or a fatal violation was found."""
        for claim, evidence in zip(self.claims, self.evidence, strict=True):
            if evidence.count and claim.name in self._fatal and claim.kind is not Kind.REACHABLE:
                self.stopped = f"{claim.name} is violated"
        decided = bool(self.claims) and all(evidence.count for evidence in self.evidence)
        if decided:
            self.stopped = ""
        return decided or bool(self.stopped)

    def _judge_level(self, level: Sequence[Range]) -> None:
        for place, claim in enumerate(self.claims):
            question, evidence = self.judge.questions[place], self.evidence[place]
            if claim.kind is Kind.RECOVERABLE:
                evidence.good = evidence.good or [[] for _ in question.each()]
                for each, good in zip(question.each(), evidence.good, strict=True):
                    good += [states[truth] for states, truth in self._judged(each, level)]
            elif claim.kind in (Kind.ALWAYS, Kind.REACHABLE):
                for states, truth in self._judged(question, level):
                    self._note(place, states, truth)

    def _judged(self, question: Question, level: Sequence[Range]) -> Iterator[tuple[Ints, Truth]]:
        for begin, end in level:
            for judged in self.judge.range(question, begin, end):
                self._watch(self.now())
                yield judged

    def _note(self, place: int, states: Ints, truth: Truth) -> None:
        wanted = self.claims[place].kind is Kind.REACHABLE
        self.evidence[place].add(len(self.levels) - 1, states[truth == wanted])

    def _expand_level(self, level: Sequence[Range]) -> None:
        resting: list[Ints] = []
        for _ in self.space.rounds(level):
            resting += [out.rest[: out.counts[RESTS]].copy() for out in self.space.outputs]
            self._judge_steps()
            self._take_in()
            self._watch(self.now())
        for place, claim in enumerate(self.claims):
            if claim.kind is Kind.AT_REST:
                states = np.concatenate([np.empty(0, np.int64), *resting])
                self._note(place, states, self.judge.states(self.judge.questions[place], states))

    def _take_in(self) -> None:
        store, keep = self.space.store, Kind.RECOVERABLE in self._kinds
        jobs = [partial(self._take_in_one, shard, keep=keep) for shard in range(store.shards)]
        for found in self.space.crew.all(jobs):
            for causes, results in found:
                self._steps.add(causes, results)

    def _take_in_one(self, shard: int, *, keep: bool) -> list[tuple[Ints, Ints]]:
        found = []
        for worker in range(self.space.store.shards):
            rows, causes = self.space.successors(worker, shard)
            results = self.space.store.insert(shard, rows, number=keep)
            if keep:
                found.append((causes.copy(), results))
        return found

    def _judge_steps(self) -> None:
        for place, claim in enumerate(self.claims):
            if claim.kind is not Kind.STEP_ALWAYS:
                continue
            bad: list[Ints] = []
            for worker in range(self.space.store.shards):
                for shard in range(self.space.store.shards):
                    rows, causes = self.space.successors(worker, shard)
                    truth = self.judge.states(self.judge.questions[place], causes >> 1, rows)
                    bad.append(causes[~truth] >> 1)
            self.evidence[place].add(len(self.levels) - 1, np.unique(np.concatenate(bad)))

    def _judge_recovery(self) -> None:
        for place, claim in enumerate(self.claims):
            if claim.kind is Kind.RECOVERABLE:
                evidence = self.evidence[place]
                each = [self._steps.unrecoverable(self.space.store, g) for g in evidence.good]
                lost = np.unique(np.concatenate([np.empty(0, np.int64), *each]))
                for number, level in enumerate(self.levels):
                    evidence.add(number, _within(lost, level))

    def finding(self, place: int) -> Finding:
        """Return the verdict on one property, with its trace."""
        claim, evidence = self.claims[place], self.evidence[place]
        if not evidence.count:
            silent = Verdict.VIOLATED if claim.kind is Kind.REACHABLE else Verdict.HOLDS
            return Finding(claim, silent if self.complete else Verdict.UNDETERMINED)
        verdict = Verdict.HOLDS if claim.kind is Kind.REACHABLE else Verdict.VIOLATED
        trace = self._trace(claim, evidence) if self.space.store.intact else None
        return Finding(claim, verdict, trace, evidence.count)

    def _trace(self, claim: Property, evidence: _Evidence) -> Trace:
        world = self.space.world

        def violates(before: Values, step: Step) -> bool:
            changed = step.values != before
            return changed and not claim.holds(
                *(WorldView(world, v) for v in (before, step.values))
            )

        last = violates if claim.kind is Kind.STEP_ALWAYS else None
        levels = self.levels[: evidence.level + 1]
        return retrace.shortest(self.space, levels, self.starts, evidence.nearest, last)


def _size(level: Sequence[Range]) -> int:
    return sum(end - begin for begin, end in level)


def _within(states: Ints, level: Sequence[Range]) -> Ints:
    parts = [states[(begin <= states) & (states < end)] for begin, end in level]
    return np.concatenate(parts)


def explore(
    world: World,
    properties: Sequence[Property] = (),
    *,
    fatal: Collection[str] = (),
    workers: int | None = None,
    max_states: int | None = None,
    max_seconds: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Exploration:
    """Explore `world` whole, unless every property is decided before, or a limit comes first.

    Attributes:
        fatal: the names of properties whose violation ends the search, at the end of its level.
        workers: threads; None for one a processor, at most two. More gain little on one machine.
        max_states: stop when there are more states than that.
        max_seconds: stop after so many seconds.
        progress: called a few times a second.
    Raises: ModelError where the model or a property is wrong.
    """
    names = [claim.name for claim in properties]
    if len(set(names)) < len(names):
        raise ModelError(f"two properties have one name: {', '.join(sorted(names))}")
    crew = Crew(workers or min(WORKERS_MOST, os.cpu_count() or 1))
    try:
        watch = Watch(max_states, max_seconds, progress)
        explorer = _Explorer(world, properties, fatal, crew, watch)
        stopped = _run(explorer)
        now = explorer.now()
        explorer.space.answers.audit()
        findings = tuple(explorer.finding(place) for place in range(len(properties)))
    finally:
        crew.close()
    return Exploration(
        world,
        findings,
        states=now.states,
        transitions=now.transitions,
        depth=now.depth,
        complete=explorer.complete,
        stopped=stopped,
        seconds=explorer.seconds,
        python_calls=now.python_calls,
        row_bytes=8 * explorer.space.store.width,
    )


def _run(explorer: _Explorer) -> str:
    try:
        explorer.run()
    except LimitReachedError as limit:
        return str(limit)
    except MemoryError as limit:
        return f"memory ran out: {limit}"
    except KeyboardInterrupt:
        return "interrupted"
    return explorer.stopped
