"""Telling a mutant from its original: the shortest run to a state where their steps differ.

The engine finds the nearest state in which a machine is asked what the mutant answers otherwise.
Mostly the steps differ there. Where they do not (what differs is refused elsewhere, say), both are
walked in lock-step with the plain successor function, breadth first; and when that ends without a
difference, the two reachable graphs are the same. A step that changes nothing is no part of them.
"""

import time
from collections import Counter
from collections.abc import Hashable
from typing import Any

from attrs import define, evolve, field, frozen

from coterie.checks.errors import ModelError
from coterie.checks.mutation.exploring import explored
from coterie.checks.mutation.install import Mutant
from coterie.checks.mutation.record import Call, Name, answered
from coterie.checks.result import Trace
from coterie.checks.world import Step, Values, World
from coterie.model.machine import Event, Machine, Node, Outcome, Timeout
from coterie.spec.property import View, always


@frozen
class Difference:
    """Where a mutant first does something else.

    Attributes:
        trace: a shortest run to there, which original and mutant have in common.
        lost: what only the original may do next; after no step at all, how only it may start.
        gained: what only the mutant may do instead.
        error: what is wrong with the mutant, if it cannot go on at all.
    """

    trace: Trace | None
    lost: tuple[Step, ...] = ()
    gained: tuple[Step, ...] = ()
    error: str = ""


class OutOfTimeError(Exception):
    """The walk has not ended in time, and nothing has differed so far."""


@define(eq=False)
class _Watch:
    """Notes whether the mutant would have answered one of the calls otherwise.

    Attributes:
        original: the world as it is.
        mutated: the world with the mutant in it.
        touched: whether it was so since this was last set to False.
    """

    original: World
    mutated: World
    touched: bool = False
    _answers: dict[Hashable, tuple[Any, bool]] = field(factory=dict)

    def ask(self, node: Node, name: Name, arguments: tuple[Any, ...]) -> Any:
        key = (node, name, arguments)
        if key not in self._answers:
            answer = answered(self.original.machines[node], name, arguments)
            call = Call(node, name, arguments, answer)
            self._answers[key] = answer, call.differs(self.original, self.mutated, moving=True)
        answer, differs = self._answers[key]
        self.touched |= differs
        return answer


@frozen(eq=False)
class _Watched(Machine[Any, Any]):
    """The machine of a node as it was written, watched."""

    node: Node
    watch: _Watch

    def start(self, memory: Any) -> Outcome[Any]:
        answer: Outcome[Any] = self.watch.ask(self.node, "start", (memory,))
        return answer

    def options(self, state: Any) -> tuple[Timeout, ...]:
        answer: tuple[Timeout, ...] = self.watch.ask(self.node, "options", (state,))
        return answer

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        answer: Outcome[Any] | None = self.watch.ask(self.node, "step", (state, event))
        return answer

    def memory(self, state: Any) -> Any:
        return self.watch.ask(self.node, "memory", (state,))


@frozen(cache_hash=True)
class _Mark(Timeout):
    """The state, or the memory, of a node whose mutant would have done something else."""


@frozen(eq=False)
class _Marking(_Watched):
    """The machine of a node, which ends where the mutant would have done something else."""

    def start(self, memory: Any) -> Outcome[Any]:
        answer = super().start(memory)
        return Outcome(_Mark()) if self._differs() else answer

    def options(self, state: Any) -> tuple[Timeout, ...]:
        answer = super().options(state)
        return (*answer, _Mark()) if self._differs() else answer

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        if event == _Mark():
            return Outcome(_Mark())
        answer = super().step(state, event)
        return Outcome(_Mark()) if self._differs() else answer

    def memory(self, state: Any) -> Any:
        if state == _Mark():
            return state
        answer = super().memory(state)
        return _Mark() if self._differs() else answer

    def _differs(self) -> bool:
        differs, self.watch.touched = self.watch.touched, False
        return differs


@always
def _unmarked(world: View) -> bool:
    """No node's mutant would have done something else."""
    return all(
        (world[node] if world.up(node) else world.memory(node)) != _Mark() for node in world.nodes()
    )


def difference(world: World, mutant: Mutant, seconds: float) -> Difference | None:
    """Return where `mutant` first differs in `world`; None where the graphs are the same.

    Raises: OutOfTimeError where neither is known after so many seconds.
    """
    mutated = mutant.within(world)
    if found := _starting_otherwise(list(world.initial()), mutated):
        return found
    nearest = _nearest(world, mutated, seconds)
    if nearest is None:
        return None
    values = nearest.states[-1]
    other = _going_otherwise(values, list(world.successors(values)), mutated)
    return evolve(other, trace=nearest) if other else _in_lock_step(world, mutated, seconds)


def _nearest(world: World, mutated: World, seconds: float) -> Trace | None:
    """Return a shortest run to a state where a machine is asked what the mutant answers otherwise.

    None where there is no such state at all; then the two graphs are the same.

    Raises: OutOfTimeError.
    """
    watch = _Watch(world, mutated)
    marking = evolve(world, machines={node: _Marking(node, watch) for node in world.machines})
    found = explored(marking, [_unmarked], max_seconds=seconds)
    trace = found["_unmarked"].trace
    if trace is not None:
        return Trace(trace.start, trace.steps[:-1])
    if not found.complete:
        raise OutOfTimeError
    return None


def _in_lock_step(world: World, mutated: World, seconds: float) -> Difference | None:
    """Return the nearest difference, with the plain successor function."""
    end = time.perf_counter() + seconds
    watch = _Watch(world, mutated)
    original = evolve(world, machines={node: _Watched(node, watch) for node in world.machines})
    starts = list(dict.fromkeys(original.initial()))
    parents: dict[Values, tuple[Values, Step] | None] = dict.fromkeys(starts)
    level = starts
    while level:
        fresh: list[Values] = []
        for values in level:
            if time.perf_counter() > end:
                raise OutOfTimeError
            watch.touched = False
            steps = list(original.successors(values))
            if watch.touched and (other := _going_otherwise(values, steps, mutated)):
                return evolve(other, trace=_trace(values, parents))
            for step in steps:
                if step.values not in parents:
                    parents[step.values] = (values, step)
                    fresh.append(step.values)
        level = fresh
    return None


def _starting_otherwise(starts: list[Values], mutated: World) -> Difference | None:
    try:
        others = list(dict.fromkeys(mutated.initial()))
    except ModelError as error:
        return Difference(None, error=str(error))
    if set(others) == set(starts):
        return None
    return Difference(
        None,
        tuple(Step((), False, values) for values in starts if values not in others),
        tuple(Step((), False, values) for values in others if values not in starts),
    )


def _going_otherwise(values: Values, steps: list[Step], mutated: World) -> Difference | None:
    try:
        others = list(mutated.successors(values))
    except ModelError as error:
        return Difference(None, error=str(error))
    one, two = (Counter(s for s in each if s.values != values) for each in (steps, others))
    lost, gained = one - two, two - one
    if not lost and not gained:
        return None
    return Difference(None, tuple(lost.elements()), tuple(gained.elements()))


def _trace(values: Values, parents: dict[Values, tuple[Values, Step] | None]) -> Trace:
    steps: list[Step] = []
    while (parent := parents[values]) is not None:
        values, step = parent
        steps.append(step)
    return Trace(values, tuple(reversed(steps)))
