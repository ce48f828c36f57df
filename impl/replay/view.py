"""The states of the nodes of a run as properties read them.

A property of the checker's worlds reads states and memories, which a run has, and sometimes what
only a world has: channels, observers, budgets. Those that do cannot be asked here.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from attrs import define, field, frozen

from coterie.model.machine import Machine, Node
from coterie.spec.property import View

T = TypeVar("T")


class UnseenError(LookupError):
    """A property reads what a run does not show."""


@frozen(eq=False)
class Standing:
    """A node at some time.

    Attributes:
        machine: what it runs; None before its first start.
        state: None while it is down.
        kept: what is on its disk, while it is down.
    """

    machine: Machine[Any, Any] | None = None
    state: Any = None
    kept: Any = None

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self.state is not None

    @property
    def memory(self) -> Any:
        """What is on its disk."""
        if self.state is None or self.machine is None:
            return self.kept
        return self.machine.memory(self.state)


NOWHERE = Standing()


@frozen(eq=False)
class Looking:
    """How a property sees the nodes: as those of a world that it was written for.

    Guard: while a node is up, what is taken for its memory hangs on what is taken for its state.

    Attributes:
        role: which role it takes them for; the names stay as they are.
        state: what it takes for the state of a node.
        memory: what it takes for the memory, of what is on the disk, or None.
    """

    role: str
    state: Callable[[Any], Any]
    memory: Callable[[Any], Any]

    def is_same(self, one: Standing, other: Standing) -> bool:
        """Return whether a node is up both times, and nothing is different that can be seen."""
        return one.is_up and other.is_up and self.state(one.state) is self.state(other.state)


Read = Callable[[Standing], Any]
"""What a property has looked at, of one node."""


@define(eq=False)
class RunView(View):
    """All nodes at some time.

    Attributes:
        standings: how each node is.
        looking: how the property sees them.
        read: what it has looked at so far, and what it saw: a node and a look each.
    """

    standings: Mapping[Node, Standing]
    looking: Looking
    read: list[tuple[Node, Read, Any]] = field(factory=list)

    def nodes(self, *roles: str) -> tuple[Node, ...]:
        """Return the nodes that have journals, which all have one role."""
        if roles and self.looking.role not in roles:
            return ()
        return tuple(sorted(self.standings))

    def __getitem__(self, node: Node) -> Any:
        return self.see(node, lambda state: state)

    def see(self, node: Node, lens: Callable[[Any], T]) -> T:
        """Return what a lens shows of a node's state."""

        def look(standing: Standing) -> Any:
            return lens(self.looking.state(standing.state)) if standing.is_up else None

        seen: T = self._read(node, look)
        return seen

    def up(self, node: Node) -> bool:
        """Return whether a node runs."""
        return bool(self._read(node, _is_up))

    def memory(self, node: Node) -> Any:
        """Return what is on a node's disk."""
        return self._read(node, lambda standing: self.looking.memory(standing.memory))

    def in_flight(self, sender: Node, receiver: Node) -> tuple[Any, ...]:
        """Refuse: a run does not show what is under way."""
        raise UnseenError(f"what is on its way from {sender} to {receiver} is not seen")

    def observed(self, observer: str) -> Any:
        """Refuse: nobody has observed the run."""
        raise UnseenError(f"there is no observer {observer} of a run")

    def left(self, what: str | Node) -> Any:
        """Refuse: there are no budgets."""
        raise UnseenError(f"nobody knows what is left of {what}")

    def _read(self, node: Node, look: Read) -> Any:
        if node not in self.standings:
            raise UnseenError(f"{node} has no journal")
        seen = look(self.standings[node])
        self.read.append((node, look, seen))
        return seen


def _is_up(standing: Standing) -> bool:
    return standing.is_up
