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
from attrs import define, evolve, field

from coterie.impl.codec import Codec, Malformed, Unwritable
from coterie.impl.config import node_of
from coterie.impl.core import Core, Step, changes
from coterie.impl.journal import digest_of
from coterie.impl.replay.differences import words
from coterie.impl.replay.divergence import BROKEN, EFFECTS, EVENT, Place
from coterie.impl.replay.happening import Fell, Happened, Taken
from coterie.impl.replay.mistakes import cause_of, impossible, lost, otherwise, wrong
from coterie.impl.replay.reading import Entry, Reader, Turn, Unknown
from coterie.impl.service import Service
from coterie.model.machine import Event, Invoke, Machine, Node, Receive, Timeout

KEPT = 32
"""How many of the latest memories are kept, to name the one that an old disk holds."""


@define
class Stepper:
    """Takes the steps of one node again.

    Attributes:
        node: which.
        reader: of its journal.
        service_of: finds a service by its name.
        codecs: those made so far, by the service; nodes of one run share them.
        memory: what is on the disk.
        steps: how many steps were taken again.
        starts: how many times the node has started.
        undone: the places at which a turn begins that was never committed.
    """

    node: Node
    reader: Reader
    service_of: Callable[[str], Service]
    codecs: dict[str, Codec] = field(factory=dict)
    memory: Any = None
    steps: int = 0
    starts: int = 0
    undone: list[Place] = field(factory=list)
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
        if not self._kept or self._kept[-1][1] is not self.memory:
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
            raise wrong(EVENT, self.node, entry, "a start", "A start stands first in its file.")
        if digest_of(self.memory, self._codec) != entry.said.boot:
            raise lost(self.node, entry, self.memory, self._codec, self._kept)
        return self._core.boot(self.memory)

    def _stepped(self, turn: Turn, entry: Entry) -> Step:
        if turn.is_first and entry is turn.entries[0]:
            raise wrong(EVENT, self.node, entry, "", "The first step of a file is a start.")
        event = self._event(entry)
        if self._core.halted:
            note = "The machine had asked to be stopped, and takes no more steps."
            raise wrong(EVENT, self.node, entry, words(event), note)
        if isinstance(event, Timeout) and event not in tuple(self._core.options()):
            raise impossible(self.node, entry, event, self._core.options())
        if isinstance(event, Receive) and not self._can_hear(event.sender):
            note = f"There is no {event.sender} that could send {self.node} anything."
            raise wrong(EVENT, self.node, entry, words(event), note)
        try:
            step = self._core.step(event)
        except Exception as error:
            note = f"The machine fails: {type(error).__name__}: {error}"
            raise wrong(EVENT, self.node, entry, words(event), note) from error
        if step is None:
            raise impossible(self.node, entry, event, self._core.options())
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
            raise wrong(BROKEN, self.node, entry, "", f"The event is none: {error}.") from error
        if not isinstance(event, Receive | Invoke | Timeout):
            raise wrong(BROKEN, self.node, entry, "", f"This is no event: {words(event)}")
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
            raise wrong(
                EFFECTS, self.node, entry, cause_of(step), f"They are none: {error}."
            ) from error
        if entry.body != head + what + b',"effects":' + effects:
            raise otherwise(self.node, entry, step, self._codec)

    # What the headings say.

    def _machine(self, turn: Turn) -> Machine[Any, Any]:
        heading = turn.heading
        if heading.get("node") != str(self.node):
            note = f"The file is of {heading.get('node')}, in the journal of {self.node}."
            raise wrong(BROKEN, self.node, turn.entries[0], "a start", note)
        try:
            service = self.service_of(heading["service"])
            self._servers = tuple(map(node_of, heading["servers"]))
            return service.machine(self.node, self._servers, service.chosen(heading["options"]))
        except (LookupError, ValueError, TypeError) as error:
            note = f"The first line of the file makes no machine: {error}"
            raise wrong(BROKEN, self.node, turn.entries[0], "a start", note) from error

    def _codec_of(self, turn: Turn) -> Codec:
        name = turn.heading["service"]
        if name not in self.codecs:
            self.codecs[name] = Codec(self.service_of(name).values)
        return self.codecs[name]
