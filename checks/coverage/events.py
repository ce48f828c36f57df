"""Which kinds of events the machines of a world were asked about, and which did something."""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

import attrs
from attrs import define, field, frozen

from coterie.checks.coverage.patterns import declared
from coterie.checks.coverage.recorder import has_effect
from coterie.checks.world import World
from coterie.model.machine import Event, Invoke, Machine, Node, Receive

PLAIN = (str, bytes, int, Enum, type(None))


class Way(Enum):
    """How an event comes to a machine."""

    MESSAGE = "message"
    OPERATION = "operation"
    TIMEOUT = "timeout"
    RESTART = "restart"


@frozen
class Kind:
    """A kind of event: of one class, or of one plain value.

    Attributes:
        way: how it comes.
        kind: the class of the message, operation or timeout; None for a restart.
        value: the message or operation itself where it is a plain value, as a string.
    """

    way: Way
    kind: type | None = None
    value: Any = None

    def __str__(self) -> str:
        if self.kind is None:
            return self.way.value
        plain = issubclass(self.kind, PLAIN)
        return f"{self.way.value} {repr(self.value) if plain else self.kind.__name__}"


RESTART = Kind(Way.RESTART)


def kind_of(way: Way, what: Any) -> Kind:
    """Return the kind of a message, operation or timeout."""
    return Kind(way, type(what), what if isinstance(what, PLAIN) else None)


def of_event(event: Event) -> Kind:
    """Return the kind of an event."""
    match event:
        case Receive(message=message):
            return kind_of(Way.MESSAGE, message)
        case Invoke(operation):
            return kind_of(Way.OPERATION, operation)
    return Kind(Way.TIMEOUT, type(event))


@define
class Asked:
    """What the machines of one world were asked, by their classes.

    Attributes:
        effects: for each machine class and kind of event whether anything ever came of it.
        sent: the kinds of messages that were sent to machines of a class.
    """

    effects: dict[tuple[type, Kind], bool] = field(factory=dict)
    sent: set[tuple[type, Kind]] = field(factory=set)

    def stepped(self, machine: Machine[Any, Any], state: Any, event: Any, outcome: Any) -> None:
        """Note a step."""
        self.note(machine, of_event(event), effect=has_effect(state, outcome))

    def note(self, machine: Machine[Any, Any], kind: Kind, *, effect: bool) -> None:
        """Note that a machine was asked, and whether it did anything."""
        pair = (type(machine), kind)
        self.effects[pair] = self.effects.get(pair, False) or effect


@frozen
class Unasked:
    """Kinds of events that do nothing in a check.

    Attributes:
        machine: the name of the machine's class.
        never: those that it never was asked about, though it, or its world, provides for them.
        idle: those that never changed anything, wherever they came.
    """

    machine: str
    never: tuple[str, ...]
    idle: tuple[str, ...]


def unasked(world: World, asked: Asked, *, library: bool) -> list[Unasked]:
    """Return what does nothing, for each class of machines in the world.

    Attributes:
        library: whether machines of coterie's own are looked at.
    """
    found = []
    own = {type(machine) for machine in world.machines.values()}
    kinds = dict.fromkeys(type(each) for top in world.machines.values() for each in within(top))
    passing = {type(each) for top in world.machines.values() for each in within(top) if inner(each)}
    for kind in kinds:
        if not library and kind.__module__.split(".")[0] == "coterie":
            continue
        could = set(() if kind in passing else expected(kind))
        could |= set(provided(world, asked, kind)) if kind in own else set()
        effects = {each: did for (of, each), did in asked.effects.items() if of is kind}
        never = {str(each) for each in could if not any(covers(each, one) for one in effects)}
        idle = {str(one) for one, did in effects.items() if not did and kind not in passing}
        if never or idle:
            found.append(Unasked(kind.__name__, tuple(sorted(never)), tuple(sorted(idle))))
    return found


def covers(wanted: Kind, seen: Kind) -> bool:
    """Return whether an event of the kind `seen` is one of the kind `wanted`."""
    if wanted.way is not seen.way or wanted.value not in {None, seen.value}:
        return False
    if wanted.kind is None or seen.kind is None:
        return wanted.kind is seen.kind
    return issubclass(seen.kind, wanted.kind)


def expected(machine: type) -> Iterator[Kind]:
    """Yield the kinds of events that the steps of a machine class name in their patterns."""
    for event, what in declared(machine):
        way = {Receive: Way.MESSAGE, Invoke: Way.OPERATION}.get(event, Way.TIMEOUT)
        yield Kind(way, what) if isinstance(what, type) else kind_of(way, what)


def provided(world: World, asked: Asked, machine: type) -> Iterator[Kind]:
    """Yield the kinds of events that the world provides for machines of a class."""
    nodes = [node for node, each in world.machines.items() if type(each) is machine]
    for node in nodes:
        yield from (kind_of(Way.OPERATION, each) for each in world.workload.get(node, ()))
    if any(_restarts(world, node) for node in nodes):
        yield RESTART
    yield from (kind for to, kind in asked.sent if to is machine)
    if world.adversary and _are_lied_to(world, nodes):
        yield from (kind_of(Way.MESSAGE, each) for each in world.adversary.repertoire)


def _restarts(world: World, node: Node) -> bool:
    faults = world.faults
    crashes = faults.crashes > 0 and (not faults.crashing or node.role in faults.crashing)
    return crashes and faults.restarts != 0


def _are_lied_to(world: World, nodes: Iterable[Node]) -> bool:
    towards = world.adversary.towards if world.adversary else ()
    return any(not towards or node.role in towards for node in nodes)


def inner(machine: Machine[Any, Any]) -> list[Machine[Any, Any]]:
    """Return the machines that a machine passes events on to: its fields."""
    kind: type = type(machine)
    if not attrs.has(kind):
        return []
    values = (getattr(machine, each.name) for each in attrs.fields(kind))
    return [value for value in values if isinstance(value, Machine)]


def within(machine: Machine[Any, Any]) -> Iterator[Machine[Any, Any]]:
    """Yield a machine, and those that it is made of."""
    yield machine
    for each in inner(machine):
        yield from within(each)
