"""One node's journal against its machine: every step again, from what was on the disk.

A start begins from all that was committed before it. That is what all turns have recorded, but for
the last turn of each start: its steps were written down before its records were committed, and
whether they came to be shows in the memory that the next start has found. A turn that did not never
happened, as far as anybody can tell: nothing of it has left the node. Where both memories are the
same it makes no difference, and the turn counts; and so it does in the last start of all.
"""

from collections import deque
from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

import msgspec
from attrs import define, evolve, field, frozen

from coterie.impl.codec import Codec, Malformed, Unwritable
from coterie.impl.config import node_of
from coterie.impl.core import Boot, Core, Step, changes
from coterie.impl.journal import digest_of
from coterie.impl.replay.differences import first_difference, nearest, words
from coterie.impl.replay.divergence import (
    BROKEN,
    EFFECTS,
    EVENT,
    MEMORY,
    Divergence,
    DivergenceError,
    Place,
    Side,
)
from coterie.impl.replay.reading import Entry, Reader, Turn, Unknown
from coterie.impl.service import Service
from coterie.model.machine import Event, Halt, Invoke, Machine, Node, Receive, Timeout

KEPT = 16
"""After how many of the latest turns the memory is kept, to name one that an old disk holds."""
SHOWN = 5
"""How many of the possible events are shown where another one is not."""


@frozen
class Taken:
    """A step that the model takes as the journal says.

    Attributes:
        node: whose.
        place: the line.
        at: when, by the node's clock: a hint, and no more.
        step: what happened.
        before: the state before it; None at a start.
        after: the state after it.
        machine: what the node ran.
        counts: whether it came to anything: False in a turn that was never committed.
    """

    node: Node
    place: Place
    at: float
    step: Step
    before: Any
    after: Any
    machine: Machine[Any, Any]
    counts: bool = True

    @property
    def is_halt(self) -> bool:
        """Whether the node was down from then on."""
        return any(isinstance(effect, Halt) for effect in self.step.effects)


@frozen
class Fell:
    """A node is down: the next thing that it does is to start again.

    Attributes:
        node: which.
        at: when it had taken its last step.
        memory: what is on its disk.
        machine: what it ran.
    """

    node: Node
    at: float
    memory: Any
    machine: Machine[Any, Any]


Happened = Taken | Fell


@define
class Stepper:
    """Takes the steps of one node again.

    Attributes:
        node: which.
        reader: of its journal.
        service_of: finds a service by its name.
        memory: what is on the disk.
        steps: how many steps were taken again.
        starts: how many times the node has started.
        undone: the places at which a turn begins that was never committed.
    """

    node: Node
    reader: Reader
    service_of: Callable[[str], Service]
    memory: Any = None
    steps: int = 0
    starts: int = 0
    undone: list[Place] = field(factory=list)
    _codecs: dict[str, Codec] = field(factory=dict)
    _kept: deque[tuple[Place, Any]] = field(factory=lambda: deque(maxlen=KEPT))
    _core: Core = field(init=False)
    _codec: Codec = field(init=False)
    _servers: tuple[Node, ...] = field(default=(), init=False)

    def happened(self) -> Iterator[Happened]:
        """Yield the steps, and when the node was down.

        Raises: DivergenceError at the first step that is not the model's.
        """
        for turn in self.reader.turns():
            if turn.is_first:
                self.starts += 1
                self._core, self._codec = Core(self._machine(turn)), self._codec_of(turn)
            yield from self._turn(turn)
            if turn.is_last and not isinstance(turn.found, Unknown):
                yield Fell(self.node, turn.entries[-1].said.at, self.memory, self._core.machine)

    def _turn(self, turn: Turn) -> Iterator[Taken]:
        """Yield the steps of a turn, which change the memory if they were committed."""
        if isinstance(turn.found, Unknown):
            taken = []
            for entry in turn.entries:
                taken.append(self._taken(turn, entry))
                yield taken[-1]
            self.memory = self._after(taken)
        else:
            taken = [self._taken(turn, entry) for entry in turn.entries]
            yield from self._doubted(taken, turn.found)
        self._kept.append((turn.entries[-1].place, self.memory))

    def _doubted(self, taken: list[Taken], found: str | None) -> Iterator[Taken]:
        """Yield the steps of the last turn of a start, which was committed if it was found."""
        after = self._after(taken)
        if after is self.memory or digest_of(after, self._codec) == found:
            self.memory = after
            yield from taken
        elif digest_of(self.memory, self._codec) == found:
            self.undone.append(taken[0].place)
            yield from (evolve(each, counts=False) for each in taken)
        else:
            self.memory = after  # the next start is wrong, and says so
            yield from taken

    def _after(self, taken: list[Taken]) -> Any:
        """Return the memory after what these steps record."""
        machine = self._core.machine
        return reduce(machine.recorded, changes(each.step for each in taken), self.memory)

    def _taken(self, turn: Turn, entry: Entry) -> Taken:
        """Take one step again.

        Raises: DivergenceError where the model does not take it so.
        """
        core, before = self._core, self._core.state
        step = self._booted(turn, entry) if entry.said.is_start else self._stepped(turn, entry)
        self._compare(entry, step)
        self.steps += 1
        return Taken(self.node, entry.place, entry.said.at, step, before, core.state, core.machine)

    def _booted(self, turn: Turn, entry: Entry) -> Step:
        if not turn.is_first or entry is not turn.entries[0]:
            raise self._wrong(EVENT, entry, "a start", "A start stands first in its file.")
        digest = digest_of(self.memory, self._codec)
        if digest != entry.said.boot:
            raise self._lost(entry, digest)
        return self._core.boot(self.memory)

    def _stepped(self, turn: Turn, entry: Entry) -> Step:
        if turn.is_first and entry is turn.entries[0]:
            raise self._wrong(EVENT, entry, "", "The first step of a file is a start.")
        event = self._event(entry)
        if self._core.halted:
            note = "The machine had asked to be stopped, and takes no more steps."
            raise self._wrong(EVENT, entry, words(event), note)
        if isinstance(event, Timeout) and event not in tuple(self._core.options()):
            raise self._impossible(entry, event)
        if isinstance(event, Receive) and not self._can_hear(event.sender):
            note = f"There is no {event.sender} that could send {self.node} anything."
            raise self._wrong(EVENT, entry, words(event), note)
        try:
            step = self._core.step(event)
        except Exception as error:
            note = f"The machine fails: {type(error).__name__}: {error}"
            raise self._wrong(EVENT, entry, words(event), note) from error
        if step is None:
            raise self._impossible(entry, event)
        return step

    def _can_hear(self, sender: Node) -> bool:
        """Return whether a node may exist, and send: another server, or a client of any name."""
        if sender.role == self.node.role:
            return sender != self.node and sender in self._servers
        return True

    def _event(self, entry: Entry) -> Event:
        assert isinstance(entry.said.event, msgspec.Raw)
        try:
            event = self._codec.from_json(entry.said.event)
        except Malformed as error:
            raise self._wrong(BROKEN, entry, "", f"The event is none: {error}.") from error
        if not isinstance(event, Receive | Invoke | Timeout):
            raise self._wrong(BROKEN, entry, "", f"This is no event: {words(event)}")
        return event

    def _compare(self, entry: Entry, step: Step) -> None:
        """Hold the line against the one that the node would have written for this step."""
        said = entry.said
        if isinstance(said.event, msgspec.Raw):
            what = b'"event":' + bytes(said.event)
        else:
            what = b'"boot":' + msgspec.json.encode(said.boot)
        head = b'{"n":%d,"turn":%d,"at":%.6f,' % (said.n, said.turn, said.at)
        try:
            effects = self._codec.to_json(step.effects)
        except Unwritable as error:
            raise self._wrong(EFFECTS, entry, _cause(step), f"They are none: {error}.") from error
        if entry.body != head + what + b',"effects":' + effects:
            raise self._otherwise(entry, step)

    # What is wrong, in words.

    def _otherwise(self, entry: Entry, step: Step) -> DivergenceError:
        """Return the error for a line with other effects, or one that is written otherwise."""
        cause = _cause(step)
        try:
            said = self._codec.from_json(entry.said.effects)
        except Malformed as error:
            return self._wrong(BROKEN, entry, cause, f"The effects are none: {error}.")
        difference = first_difference(said, step.effects, "effects")
        if difference is None:
            return self._wrong(BROKEN, entry, cause, "No node writes such a line in this way.")
        said = said if isinstance(said, tuple) else (said,)
        sides = (
            Side("in the journal", _around(said, step.effects)),
            Side("by the model", _around(step.effects, said)),
        )
        divergence = Divergence(EFFECTS, str(self.node), entry.place, cause, difference, sides)
        return DivergenceError(divergence)

    def _impossible(self, entry: Entry, event: Event) -> DivergenceError:
        """Return the error for an event that is not possible, with those that are."""
        possible = list(self._core.options())
        closest = nearest(event, possible)
        possible.sort(key=lambda each: each is not closest)
        shown = tuple(words(each) for each in possible[:SHOWN])
        more = len(possible) - len(shown)
        notes = [f"And {more} more are possible."] if more else []
        if not possible:
            notes.append("Nothing can happen there by itself.")
        divergence = Divergence(
            EVENT,
            str(self.node),
            entry.place,
            words(event),
            closest and first_difference(event, closest, "event"),
            (Side("in the journal", (words(event),)), Side("possible instead", shown)),
            tuple(notes),
        )
        return DivergenceError(divergence)

    def _lost(self, entry: Entry, digest: str | None) -> DivergenceError:
        """Return the error for a start from another memory; say which one, if that is known."""
        said = entry.said.boot
        notes = ["The last turn of the start before may have been committed, or not: neither fits."]
        for place, memory in reversed(self._kept):
            if digest_of(memory, self._codec) == said:
                notes = [f"It is the memory as it was after {place}: what came later was lost."]
                break
        if self.memory is None:
            notes = ["Nothing had been committed before, by this journal."]
        elif said is None:
            notes = ["The disk was empty."]
        sides = (
            Side("in the journal", (f"digest {said}",)),
            Side("by the model", (f"digest {digest}", words(self.memory))),
        )
        place, node = entry.place, str(self.node)
        return DivergenceError(
            Divergence(MEMORY, node, place, "a start", sides=sides, notes=tuple(notes))
        )

    def _wrong(self, kind: str, entry: Entry, cause: str, note: str) -> DivergenceError:
        return DivergenceError(Divergence(kind, str(self.node), entry.place, cause, notes=(note,)))

    # What the headings say.

    def _machine(self, turn: Turn) -> Machine[Any, Any]:
        heading = turn.heading
        if heading.get("node") != str(self.node):
            note = f"The file is of {heading.get('node')}, in the journal of {self.node}."
            raise self._wrong(BROKEN, turn.entries[0], "a start", note)
        try:
            service = self.service_of(heading["service"])
            self._servers = tuple(map(node_of, heading["servers"]))
            return service.machine(self.node, self._servers, service.chosen(heading["options"]))
        except (LookupError, ValueError, TypeError) as error:
            note = f"The first line of the file makes no machine: {error}"
            raise self._wrong(BROKEN, turn.entries[0], "a start", note) from error

    def _codec_of(self, turn: Turn) -> Codec:
        name = turn.heading["service"]
        if name not in self._codecs:
            self._codecs[name] = Codec(self.service_of(name).values)
        return self._codecs[name]


def _around(effects: tuple[Any, ...], others: tuple[Any, ...]) -> tuple[str, ...]:
    """Return the effects from the first on that differs from the others, not all, by place."""
    pairs = zip(effects, others, strict=False)
    first = next((place for place, (one, other) in enumerate(pairs) if one != other), None)
    if first is None:
        first = min(len(effects), len(others))
    shown = [f"{place}: {words(effects[place])}" for place in range(first, len(effects))]
    return tuple(shown[:SHOWN]) or (f"{first}: nothing",)


def _cause(step: Step) -> str:
    return "a start" if isinstance(step.cause, Boot) else words(step.cause)
