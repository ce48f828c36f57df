"""What machines do, found by asking them: runs of small worlds in which every answer is noted.

The table of a protocol's transitions is not written by hand, and not read off the code: the steps
of its worlds are taken, at random but always the same ones, and what came of each is noted.
"""

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from itertools import islice
from random import Random
from typing import Any

from attrs import define, evolve, field, frozen

from coterie.checks.component import (
    ACT,
    Delivered,
    Fired,
    Happening,
    Key,
    Reaction,
)
from coterie.checks.world import Values, World
from coterie.model.machine import Event, Machine, Node, Outcome

Question = tuple[Any, Event]
STARTS_MOST, RUN, MANY = 20, 30, 8
CALM = (0.0, 0.2, 0.5)


@define(eq=False)
class Notes:
    """What the nodes of one role and machine were asked, and what they answered.

    Attributes:
        role: the nodes' role.
        machine: the class of their machine.
        answers: the outcome of each state and event; None where the machine refuses it.
        starts: what it starts with, and what it sends as it does.
    """

    role: str
    machine: type
    answers: dict[Question, Outcome[Any] | None] = field(factory=dict)
    starts: list[Outcome[Any]] = field(factory=list)

    def add(self, others: "Notes") -> None:
        """Take over what others have noted of such nodes."""
        self.answers |= others.answers
        self.starts += others.starts


@frozen
class Noting(Machine[Any, Any]):
    """A machine that answers as another does, and notes it.

    Attributes:
        machine: the other.
        notes: where it is noted.
        known: what it has answered before.
    """

    machine: Machine[Any, Any]
    notes: Notes = field(eq=False)
    known: dict[Question, Outcome[Any] | None] = field(factory=dict, eq=False, repr=False)

    def start(self, memory: Any) -> Outcome[Any]:
        """Start as the other does."""
        outcome = self.machine.start(memory)
        self.notes.starts.append(outcome)
        return outcome

    def options(self, state: Any) -> Iterable[Any]:
        """Offer what the other does."""
        return self.machine.options(state)

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        """Answer as the other does."""
        question = (state, event)
        if question not in self.known:
            self.known[question] = self.machine.step(state, event)
            self.notes.answers[question] = self.known[question]
        return self.known[question]

    def closed(self, state: Any) -> frozenset[Any]:
        """Close what the other does."""
        return self.machine.closed(state)

    def topics(self, message: Any) -> Iterable[Any]:
        """Return the topics that the other finds."""
        return self.machine.topics(message)

    def memory(self, state: Any) -> Any:
        """Remember what the other does."""
        return self.machine.memory(state)

    def recorded(self, memory: Any, change: Any) -> Any:
        """Record as the other does."""
        return self.machine.recorded(memory, change)


def asked(worlds: Iterable[World], *, steps: int) -> list[Notes]:
    """Return what the machines of `worlds` answer in some runs.

    Attributes:
        steps: how many steps are tried in each world, in all its runs together.
    """
    notes: dict[tuple[str, type], Notes] = {}
    for world in worlds:
        own: dict[tuple[str, type], Notes] = {}
        walk = Walk(evolve(world, machines=_noting(world.machines, own)), list(own.values()))
        left, faults = steps, False
        while left > 0:
            left -= 1 + walk.go(RUN, faults=faults)
            faults = not faults
        for key, found in own.items():
            notes.setdefault(key, Notes(*key)).add(found)
    return list(notes.values())


def _noting(
    machines: Mapping[Node, Machine[Any, Any]], notes: dict[tuple[str, type], Notes]
) -> dict[Node, Machine[Any, Any]]:
    found: dict[Node, Machine[Any, Any]] = {}
    for node, machine in machines.items():
        key = (node.role, type(machine))
        found[node] = Noting(machine, notes.setdefault(key, Notes(*key)))
    return found


@define(eq=False)
class Walk:
    """Runs of a world at random, the same ones every time; a component is asked each thing once.

    A run begins where an earlier one has met something new, and in the first half of some runs
    some kinds of things do not happen: so what takes many steps, or a certain order, is met too.

    Attributes:
        world: the world.
        notes: what its nodes note.
    """

    world: World
    notes: list[Notes]
    _random: Random = field(init=False, factory=lambda: Random(0))  # noqa: S311 (no secret)
    _starts: list[Values] = field(init=False)
    _promising: list[Values] = field(init=False, factory=list)
    _known: dict[tuple[Key, Any, Any], tuple[Reaction, ...]] = field(init=False, factory=dict)
    _keys: list[Key] = field(init=False)
    _idle: dict[Key, set[Any]] = field(init=False)
    _resting: dict[Hashable, bool] = field(init=False, factory=dict)
    _calm: float = field(init=False, default=0.0)

    def __attrs_post_init__(self) -> None:
        """Begin with some of the starting states."""
        self._starts = list(dict.fromkeys(islice(self.world.initial(), STARTS_MOST)))
        self._keys = list(self.world.components)
        self._idle = {key: set() for key in self._keys}

    def go(self, steps: int, *, faults: bool) -> int:
        """Take up to `steps` steps; where `faults`, also those that are some.

        Returns: how many it took; fewer where nothing more can happen.
        """
        begin = self._random.choice([self._starts, self._promising or self._starts])
        values = self._random.choice(begin)
        self._resting, self._calm = {"faults": not faults}, self._random.choice(CALM)
        for taken in range(steps):
            if taken == steps // 2:
                self._resting, self._calm = {"faults": not faults}, 0.0
            known = self._asked
            after = self._next(values)
            if after is None:
                return taken
            values = after
            if self._asked > known:
                self._promising.append(values)
        return steps

    @property
    def _asked(self) -> int:
        return sum(len(each.answers) for each in self.notes)

    def _next(self, values: Values) -> Values | None:
        """Return the state after some step; None where there is none."""
        for key in self._random.sample(self._keys, len(self._keys)):
            if values[self.world.slots[key]] in self._idle[key]:
                continue
            after = self._step(values, key)
            if after is not None:
                return after
        return None

    def _step(self, values: Values, begun: Key) -> Values | None:
        """Return the state after a step that `begun` begins; None where there is none."""
        agenda: deque[tuple[Key, Any]] = deque([(begun, ACT)])
        while agenda:
            key, stimulus = agenda.popleft()
            slot = self.world.slots[key]
            reaction = self._one_of(self._react(key, values[slot], stimulus))
            if reaction is None:
                return None
            values = (*values[:slot], reaction.value, *values[slot + 1 :])
            agenda.extendleft(reversed(reaction.stimuli))
        return values

    def _one_of(self, reactions: tuple[Reaction, ...]) -> Reaction | None:
        """Return one that may happen in this run; of many, one that is soon found."""
        if len(reactions) > MANY:
            reactions = tuple(self._random.choices(reactions, k=MANY))
        willing = [each for each in reactions if self._may(each)]
        return self._random.choice(willing) if willing else None

    def _may(self, reaction: Reaction) -> bool:
        """Return whether this kind of thing may happen in this run."""
        if reaction.fault and self._resting["faults"]:
            return False
        return not any(self._rests(each) for each in reaction.happenings)

    def _rests(self, happening: Happening) -> bool:
        kind = type(happening), *_kind(happening)
        if kind not in self._resting:
            self._resting[kind] = self._random.random() < self._calm
        return self._resting[kind]

    def _react(self, key: Key, value: Any, stimulus: Any) -> tuple[Reaction, ...]:
        question = (key, value, stimulus)
        known = self._known.get(question)
        if known is None:
            known = self._known[question] = tuple(self.world.components[key].react(value, stimulus))
            if not known and stimulus is ACT:
                self._idle[key].add(value)
        return known


def _kind(happening: Happening) -> tuple[Hashable, ...]:
    match happening:
        case Fired(_, event):
            return (type(event).__qualname__,)
        case Delivered(_, _, message):
            return (type(message).__qualname__,)
    return ()
