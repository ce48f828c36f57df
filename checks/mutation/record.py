"""What a model is asked in an exploration: every distinct call, its answer, and its lines."""

import sys
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from functools import cached_property, reduce
from types import FrameType
from typing import Any, Literal

from attrs import define, evolve, field, frozen

from coterie.checks.canonical import alike
from coterie.checks.check import Check
from coterie.checks.component import ACT, Reaction
from coterie.checks.errors import ModelError
from coterie.checks.mutation.exploring import explored
from coterie.checks.mutation.install import Mutant
from coterie.checks.mutation.source import Function, Source, sources
from coterie.checks.nodes import Down, NodeComponent, Running
from coterie.checks.world import World
from coterie.model.machine import (
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Timeout,
)

Name = Literal["start", "options", "step", "memory"]
Line = tuple[str, int]


@frozen(eq=False)
class Call:
    """One distinct call of a machine.

    Attributes:
        node: whose machine it is; one of them, where several nodes have equal machines.
        name: which of its functions.
        arguments: what it was given.
        answer: what it gave; the options as a tuple.
    """

    node: Node
    name: Name
    arguments: tuple[Any, ...]
    answer: Any

    def differs(self, original: World, mutated: World, *, moving: bool = False) -> bool:
        """Return whether this call may change a graph: whether the node then reacts otherwise.

        An option that is refused, or comes second, changes no graph, and neither does a record; so
        where the machine's answers differ, its node's reactions are held against each other.

        Attributes:
            moving: only the reactions that change something count.
        """
        try:
            other = answered(mutated.machines[self.node], self.name, self.arguments)
            if other == self.answer and alike(other, self.answer):
                return False
            if self.name == "memory":
                return True
            one, two = self._reactions(original), self._reactions(mutated)
            return (self._moving(one) != self._moving(two)) if moving else one != two
        except Exception:  # noqa: BLE001 (whatever a wrong model raises)
            return True

    def _reactions(self, world: World) -> Counter[Reaction]:
        """Return how the node reacts to what made it ask its machine."""
        component, argument = world.components[self.node], self.arguments[0]
        assert isinstance(component, NodeComponent)
        if self.name == "start":
            restarts = component.react(Down(argument), ACT)
            return Counter([component.boot(argument), *restarts])
        last = self.arguments[-1]
        event = last if isinstance(last, Receive | Invoke) else ACT
        return Counter(component.react(Running(argument), event))

    def _moving(self, reactions: Counter[Reaction]) -> Counter[Reaction]:
        still = Running(self.arguments[0])
        found = {each: n for each, n in reactions.items() if each.stimuli or each.value != still}
        return Counter(found)

    def keeps_records(self, world: World) -> bool:
        """Return whether the law of records holds of this call in `world`."""
        try:
            return keeps_records(world.machines[self.node], self.name, self.arguments)
        except Exception:  # noqa: BLE001 (whatever a wrong model raises)
            return False


def keeps_records(machine: Machine[Any, Any], name: Name, arguments: tuple[Any, ...]) -> bool:
    """Return whether the law of records holds of this call.

    Folding a step's records over the memory before it gives the memory after it. Worlds take a
    node's memory from its state, so that no property can see a record that is missing.
    """
    if name not in {"start", "step"}:
        return True
    before = arguments[0] if name == "start" else machine.memory(arguments[0])
    outcome = answered(machine, name, arguments)
    if outcome is None or (name == "start" and before is None):
        return True
    records = [effect.change for effect in outcome.effects if isinstance(effect, Record)]
    return bool(reduce(machine.recorded, records, before) == machine.memory(outcome.state))


def answered(machine: Machine[Any, Any], name: Name, arguments: tuple[Any, ...]) -> Any:
    """Return the answer of `machine`; its options as a tuple."""
    answer = getattr(machine, name)(*arguments)
    return tuple(answer) if name == "options" else answer


@define(eq=False)
class Log:
    """The distinct calls, grouped by the lines that they ran.

    Attributes:
        files: the files of the model.
        calls: for each set of lines, the calls that ran these and no others.
    """

    files: frozenset[str]
    calls: dict[frozenset[Line], list[Call]] = field(factory=dict)
    _answers: dict[Hashable, Any] = field(factory=dict)
    _seen: set[Line] = field(factory=set)

    def ask(self, recording: "Recording", name: Name, arguments: tuple[Any, ...]) -> Any:
        """Return the answer, noting the call when it is new."""
        key = (recording.identity, name, arguments)
        if key not in self._answers:
            self._seen.clear()
            before = sys.gettrace()
            sys.settrace(self._enter)
            try:
                answer = answered(recording.machine, name, arguments)
                keeps_records(recording.machine, name, arguments)
            finally:
                sys.settrace(before)
            self._answers[key] = answer
            call = Call(recording.node, name, arguments, answer)
            self.calls.setdefault(frozenset(self._seen), []).append(call)
        return self._answers[key]

    def _enter(self, frame: FrameType, event: str, arg: object) -> Callable[..., Any] | None:
        file = frame.f_code.co_filename
        return self._trace(frame, event, arg) if file in self.files else None

    def _trace(self, frame: FrameType, event: str, arg: object) -> Callable[..., Any]:
        del event, arg
        self._seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self._trace


@frozen(eq=False)
class Recording(Machine[Any, Any]):
    """A machine whose calls are noted.

    Attributes:
        node: whose it is.
        machine: the machine.
        log: where they are noted.
    """

    node: Node
    machine: Machine[Any, Any]
    log: Log

    @cached_property
    def identity(self) -> Hashable:
        """What machines that always answer alike have in common, where that can be told."""
        try:
            hash(self.machine)
        except TypeError:
            return self.node
        return (type(self.machine), self.machine)

    def start(self, memory: Any) -> Outcome[Any]:
        """Start the machine."""
        answer: Outcome[Any] = self.log.ask(self, "start", (memory,))
        return answer

    def options(self, state: Any) -> Iterable[Timeout]:
        """Return the machine's options."""
        answer: Iterable[Timeout] = self.log.ask(self, "options", (state,))
        return answer

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        """Let the machine take its step."""
        answer: Outcome[Any] | None = self.log.ask(self, "step", (state, event))
        return answer

    def memory(self, state: Any) -> Any:
        """Return the machine's durable memory."""
        return self.log.ask(self, "memory", (state,))


@frozen(eq=False)
class Baseline:
    """A check as it is: explored once, with every call of its machines noted.

    A mutant touches a world through its machines' answers alone. So one that answers all of these
    calls alike is explored alike: it has the very same reachable graph, and the same verdicts.

    Attributes:
        check: the check.
        world: its world at size small.
        sources: the modules of its machines.
        log: the calls.
        seconds: how long that took.
    """

    check: Check
    world: World
    sources: tuple[Source, ...]
    log: Log
    seconds: float

    @cached_property
    def lines(self) -> frozenset[Line]:
        """The lines of the model that run."""
        return frozenset().union(*self.log.calls)

    @property
    def running(self) -> list[Source]:
        """The modules of which some line runs."""
        files = {file for file, _ in self.lines}
        return [source for source in self.sources if source.file in files]

    def runs(self, function: Function) -> bool:
        """Return whether some line of `function` runs."""
        file = function.source.file
        return any((file, line) in self.lines for line in function.lines)

    def covers(self, mutant: Mutant) -> bool:
        """Return whether the statement that is changed runs."""
        return any(True for _ in self._touching(mutant))

    def differing(self, mutant: Mutant) -> Call | None:
        """Return a call that `mutant` answers otherwise; None where there is none."""
        mutated = mutant.within(self.world)
        calls = self._touching(mutant)
        return next((call for call in calls if call.differs(self.world, mutated)), None)

    def breaks_a_law(self, mutant: Mutant) -> bool:
        """Return whether the records of some step no longer say what becomes of the memory."""
        mutated = mutant.within(self.world)
        calls = self._touching(mutant)
        return any(not call.keeps_records(mutated) for call in calls)

    def _touching(self, mutant: Mutant) -> Iterable[Call]:
        first, last = mutant.change.span
        file = mutant.function.source.file
        span = {(file, line) for line in range(first, last + 1)}
        for lines, calls in self.log.calls.items():
            if not span.isdisjoint(lines):
                yield from calls


def baseline(check: Check) -> Baseline:
    """Explore `check` at size small, noting what its machines are asked.

    Raises: ModelError where it does not find what it should: nothing could be told from mutants.
    """
    world = check.world(**check.parameters())
    modules = tuple(sources(world.machines.values()))
    log = Log(frozenset(module.file for module in modules))
    machines = {node: Recording(node, machine, log) for node, machine in world.machines.items()}
    found = explored(evolve(world, machines=machines), check.properties)
    for finding in found.findings:
        if finding.verdict is not check.expected(finding.claim):
            raise ModelError(
                f"{check.name}: {finding.claim.name} is {finding.verdict.value} without any change,"
                f" where {check.expected(finding.claim).value} is expected: mend that first"
            )
    return Baseline(check, world, modules, log, found.seconds)
