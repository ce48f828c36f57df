"""What a protocol is made of: roles, state, messages and transitions, drawn from the code.

Which classes travel, and what a step may change, is found by asking the machines: in runs of the
chapter's small worlds, always the same ones.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache
from typing import Any

import attrs
from attrs import field, frozen

from coterie.checks.coverage.events import within
from coterie.checks.coverage.patterns import declared
from coterie.commands.book.asking import Notes, asked
from coterie.commands.book.chapters import Chapter
from coterie.commands.book.classes import Description, described, name_of, parts
from coterie.commands.book.places import Place, place_of, step_of
from coterie.model.machine import (
    Deliver,
    Effect,
    Event,
    Halt,
    Invoke,
    Node,
    Outcome,
    Receive,
    Record,
    Return,
    Send,
)

STEPS, STEPS_LEAST = 2_000, 300
START = "starts"
WORDS = 4


@frozen
class Transition:
    """What one kind of event may do to a machine.

    Attributes:
        event: the kind, in words: `receives Data`.
        changes: the fields that it may change, as paths: `store.table`.
        effects: what the machine may ask for: `sends Rows to server`.
        times: in how many different states and ways it happened.
        idle: whether it may do nothing at all.
        refused: whether the machine may answer "not now".
    """

    event: str
    changes: tuple[str, ...]
    effects: tuple[str, ...]
    times: int
    idle: bool
    refused: bool


@frozen
class Role:
    """The nodes of one role, where they run one machine.

    Attributes:
        name: the role.
        machine: the machine's class.
        within: the classes of the machines that it is made of.
        transitions: what each kind of event may do, a restart included.
        unseen: the kinds of events that its `step` names, and which did not happen.
        step: where its transition function is.
    """

    name: str
    machine: Description
    within: tuple[Description, ...]
    transitions: tuple[Transition, ...]
    unseen: tuple[str, ...]
    step: Place | None
    notes: Notes = field(repr=False, eq=False)


@frozen
class Anatomy:
    """What a protocol is made of.

    Attributes:
        roles: who takes part.
        state: the classes of what nodes remember, the whole before its parts.
        messages: the classes of what nodes send one another.
        operations: the classes of what users call, and of what they are answered.
        timeouts: the classes of timers and of other choices of a node's own.
        deliveries: the classes of what is handed to the application.
        records: the classes of what is written into durable memory.
        parts: the classes of what stands in these, and is none of these itself.
        asked: how many different questions the transitions are drawn from.
    """

    roles: tuple[Role, ...]
    state: tuple[Description, ...]
    messages: tuple[Description, ...]
    operations: tuple[Description, ...]
    timeouts: tuple[Description, ...]
    deliveries: tuple[Description, ...]
    records: tuple[Description, ...]
    parts: tuple[Description, ...]
    asked: int

    @property
    def vocabulary(self) -> tuple[tuple[str, tuple[Description, ...]], ...]:
        """The kinds of things that are said, each under its heading, where there are some."""
        every = (
            ("Messages", self.messages),
            ("Operations and answers", self.operations),
            ("Timers and choices", self.timeouts),
            ("Deliveries", self.deliveries),
            ("Records", self.records),
            ("What they are made of", self.parts),
        )
        return tuple((heading, some) for heading, some in every if some)


@cache
def anatomy(chapter: Chapter) -> Anatomy:
    """Return what a protocol is made of; the same every time."""
    worlds = chapter.worlds
    steps = max(STEPS_LEAST, STEPS // max(1, len(worlds)))
    notes = asked(worlds.values(), steps=steps)
    order = list(chapter.machines)
    notes.sort(key=lambda each: order.index(each.machine))
    machines = {
        type(machine): [type(each) for each in within(machine)][1:]
        for world in worlds.values()
        for machine in world.machines.values()
    }
    said = _said(notes)
    return Anatomy(
        roles=tuple(_role(each, machines[each.machine]) for each in notes),
        **{name: tuple(map(described, kinds)) for name, kinds in said.items()},
        asked=sum(len(each.answers) for each in notes),
    )


def _role(notes: Notes, inner: list[type]) -> Role:
    transitions = tuple(_transitions(notes))
    known = " ".join(each.event for each in transitions)
    wanted = (notes.machine, *inner)
    names = [_declared(event, what) for kind in wanted for event, what in declared(kind)]
    unseen = tuple(each for each in dict.fromkeys(names) if each.split(" ")[-1] not in known)
    within_it = tuple(map(described, dict.fromkeys(inner)))
    place = place_of(step_of(notes.machine))
    return Role(notes.role, described(notes.machine), within_it, transitions, unseen, place, notes)


def _declared(event: type, what: Any) -> str:
    name = what.__name__ if isinstance(what, type) else name_of(what)
    return f"{_VERBS.get(event, 'chooses')} {name}"


_VERBS: dict[type, str] = {Receive: "receives", Invoke: "is called"}


def event_name(event: Event) -> str:
    """Return the kind of an event, in words."""
    match event:
        case Receive(_, message):
            return f"receives {name_of(message)}"
        case Invoke(operation):
            return f"is called {name_of(operation)}"
    return f"chooses {name_of(event)}"


def _transitions(notes: Notes) -> Iterator[Transition]:
    yield from _started(notes.starts)
    kinds: dict[str, list[tuple[Any, Outcome[Any] | None]]] = {}
    for (state, event), outcome in notes.answers.items():
        kinds.setdefault(event_name(event), []).append((state, outcome))
    for kind in sorted(kinds, key=_rank):
        yield _transition(kind, kinds[kind])


def _rank(event: str) -> tuple[int, str]:
    ways = ("is called", "receives", "chooses")
    return next(i for i, way in enumerate(ways) if event.startswith(way)), event


def _started(starts: list[Outcome[Any]]) -> Iterator[Transition]:
    effects = sorted({_effect(effect) for outcome in starts for effect in outcome.effects})
    if effects:
        idle = any(not outcome.effects for outcome in starts)
        yield Transition(START, (), tuple(effects), len(starts), idle, refused=False)


def _transition(event: str, answers: list[tuple[Any, Outcome[Any] | None]]) -> Transition:
    taken = [(state, outcome) for state, outcome in answers if outcome is not None]
    changes = (each for state, outcome in taken for each in changed(state, outcome.state))
    effects = {_effect(effect) for _, outcome in taken for effect in outcome.effects}
    return Transition(
        event,
        _merged(changes),
        tuple(sorted(effects)),
        len(answers),
        any(outcome.state == state and not outcome.effects for state, outcome in taken),
        len(taken) < len(answers),
    )


Changed = tuple[str, str]


def changed(old: Any, new: Any, path: str = "") -> Iterator[Changed]:
    """Yield the paths of the fields that differ, the whole being called `state`.

    With each comes what it goes from and to, where that is a word: `WORKING → PREPARED`.
    """
    if old == new:
        return
    if attrs.has(type(old)) and type(old) is type(new) and not isinstance(old, Node):
        for name in (each.name for each in attrs.fields(type(old))):
            below = f"{path}.{name}" if path else name
            yield from changed(getattr(old, name), getattr(new, name), below)
    else:
        words = [_word(old), _word(new)]
        yield path or "state", " → ".join(words) if all(words) and words[0] != words[1] else ""


def _word(value: Any) -> str:
    """Return a value that is a word: a member of an enumeration, a name, or a form of a state."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, str) and value.isidentifier():
        return value
    return type(value).__name__ if attrs.has(type(value)) and not isinstance(value, Node) else ""


def _merged(changes: Iterable[Changed]) -> tuple[str, ...]:
    """Return the paths, each with its words where they are few."""
    found: dict[str, set[str]] = {}
    for path, words in changes:
        found.setdefault(path, set()).add(words)
    return tuple(
        line
        for path, some in sorted(found.items())
        for line in (
            [path]
            if "" in some or len(some) > WORDS
            else [f"{path}: {words}" for words in sorted(some)]
        )
    )


def _effect(effect: Effect) -> str:
    match effect:
        case Send(to, message):
            return f"sends {name_of(message)} to {to.role}"
        case Return(result):
            return "returns" if result is None else f"returns {name_of(result)}"
        case Deliver(item):
            return f"delivers {name_of(item)}"
        case Record(change):
            return f"records {name_of(change)}"
        case Halt():
            return "halts"


def _said(notes: Iterable[Notes]) -> dict[str, list[type]]:
    """Return the classes of what is remembered and said, each once, where it is first met."""
    tops: dict[str, dict[type, None]] = {name: {} for name in _KINDS}
    states: dict[type, None] = {}
    every: dict[type, None] = {}
    remembered: set[int] = set()
    spoken_of: set[int] = set()
    for some in notes:
        for started in some.starts:
            states |= dict.fromkeys(parts(started.state, remembered))
        for (state, event), outcome in some.answers.items():
            states |= dict.fromkeys(parts(state, remembered))
            for name, value in _topics(event, outcome):
                tops[name] |= dict.fromkeys(_tops(value))
                every |= dict.fromkeys(parts(value, spoken_of))
    known: dict[type, None] = dict(states)
    found: dict[str, list[type]] = {}
    for name, kinds in tops.items():
        found[name] = [kind for kind in kinds if kind not in known]
        known |= kinds
    spoken = {kind for kinds in tops.values() for kind in kinds}
    state = [kind for kind in states if kind not in spoken]
    for name, kinds in tops.items():
        found[name] += [kind for kind in kinds if kind in states]
    rest = [kind for kind in every if kind not in known]
    return {"state": state, **found, "parts": rest}


_KINDS = ("messages", "operations", "timeouts", "deliveries", "records")


def _topics(event: Event, outcome: Outcome[Any] | None) -> Iterator[tuple[str, Any]]:
    match event:
        case Receive(_, message):
            yield "messages", message
        case Invoke(operation):
            yield "operations", operation
        case _:
            yield "timeouts", event
    for effect in outcome.effects if outcome else ():
        match effect:
            case Send(_, message):
                yield "messages", message
            case Return(result):
                yield "operations", result
            case Deliver(item):
                yield "deliveries", item
            case Record(change):
                yield "records", change


def _tops(value: Any) -> Iterator[type]:
    """Yield the class of a value, and of what it carries that may be of any kind."""
    kind = type(value)
    if isinstance(value, Node) or not attrs.has(kind):
        return
    yield kind
    for each in attrs.fields(kind):
        if each.type is Any:
            yield from _tops(getattr(value, each.name))
