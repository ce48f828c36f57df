"""A state of a world as properties read it."""

from collections.abc import Callable, Hashable
from enum import Enum
from types import BuiltinFunctionType, FunctionType
from typing import Any, TypeVar

from attrs import field, frozen

from coterie.checks.component import Channel, Key
from coterie.checks.errors import ModelError
from coterie.checks.nodes import Down, NodeComponent, Running
from coterie.checks.world import Values, World
from coterie.model.machine import Node
from coterie.spec.property import View

T = TypeVar("T")


@frozen(cache_hash=True)
class Lens:
    """What a property sees of one slot's value; two of the same `identity` see the same."""

    identity: Hashable
    function: Callable[[Any], Any] = field(eq=False)


ITSELF = Lens("itself", lambda value: value)
UP = Lens("up", lambda value: isinstance(value, Running))


class WorldView(View):
    """The view of one state: the values of a world's slots.

    An engine that wants to know what was read overrides `read`, through which everything goes.
    """

    def __init__(self, world: World, values: Values) -> None:
        self._world = world
        self.values = values

    def look(self, key: Key, lens: Lens) -> Any:
        """Return what `lens` sees of the value at `key`."""
        slot = self._world.slots.get(key)
        if slot is None:
            raise ModelError(f"the property asks for {key}, which this world has not")
        return self.read(slot, lens)

    def read(self, slot: int, lens: Lens) -> Any:
        """Return what `lens` sees of the value in `slot`."""
        return lens.function(self.values[slot])

    def nodes(self, *roles: str) -> tuple[Node, ...]:
        return tuple(node for node in self._world.machines if not roles or node.role in roles)

    def __getitem__(self, node: Node) -> Any:
        return _state(node, self.look(node, ITSELF))

    def see(self, node: Node, lens: Callable[[Any], T]) -> T:
        identity = _identity(lens)
        if identity is None:
            return lens(self[node])
        seen: T = self.look(node, Lens(identity, lambda value: lens(_state(node, value))))
        return seen

    def up(self, node: Node) -> bool:
        return bool(self.look(node, UP))

    def memory(self, node: Node) -> Any:
        component = self._world.components[node]
        assert isinstance(component, NodeComponent)
        return self.look(node, Lens("memory", component.durable))

    def in_flight(self, sender: Node, receiver: Node) -> tuple[Any, ...]:
        channel = Channel(sender, receiver)
        if channel not in self._world.slots:
            return ()
        messages: tuple[Any, ...] = self.look(channel, ITSELF)
        return messages

    def observed(self, observer: str) -> Any:
        return self.look(observer, ITSELF)

    def left(self, what: str | Node) -> Any:
        return self.look(("workload", what) if isinstance(what, Node) else what, ITSELF)


def _state(node: Node, value: Any) -> Any:
    if isinstance(value, Down):
        raise ModelError(f"the property reads the state of {node}, which is down: ask `up` first")
    return value.state


PLAIN = (int, float, str, bytes, bool, type(None), Node, Enum, type, BuiltinFunctionType)


def _identity(value: Any) -> Hashable:
    """Return what two makings of one lens have in common: its code and what it closes over.

    None where that cannot be told; then the whole state counts as read, which is always right.
    """
    if isinstance(value, PLAIN):
        return (type(value), value)
    parts: list[Any] = []
    if isinstance(value, FunctionType):
        parts = [cell.cell_contents for cell in value.__closure__ or ()]
        parts += [value.__defaults__, *(value.__kwdefaults__ or {}).items()]
    elif type(value) is tuple:
        parts = list(value)
    else:
        return None
    identities = tuple(map(_identity, parts))
    return None if None in identities else (getattr(value, "__code__", tuple), identities)
