"""What a connection is one of: the channels of a node, as each connection sees them."""

from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

from coterie.impl.channels.hello import Farewell, Identity
from coterie.impl.channels.limits import Limits
from coterie.impl.channels.reasons import Counters, Quota
from coterie.model.machine import Node

if TYPE_CHECKING:
    from coterie.impl.channels.connection import Connection


class Stage(Enum):
    """How far a connection has come; it only ever goes on."""

    HANDSHAKE = auto()
    GREETING = auto()
    OPEN = auto()
    CLOSED = auto()


class Host(Protocol):
    """What a connection is one of: the channels of a node."""

    @property
    def identity(self) -> Identity:
        """Who this node is."""
        ...

    @property
    def limits(self) -> Limits:
        """What it puts up with."""
        ...

    @property
    def counters(self) -> Counters:
        """What is counted."""
        ...

    @property
    def quota(self) -> Quota:
        """How many refusals of strangers are logged."""
        ...

    def knows(self, peer: Node | None) -> bool:
        """Return whether both ends are servers that know each other."""
        ...

    def rival(self, connection: "Connection") -> Farewell | None:
        """Return why there is no room for a connection whose `Hello` is right, if there is none."""
        ...

    def opened(self, connection: "Connection") -> None:
        """Learn that a connection stands."""
        ...

    def arrived(self, peer: Node, data: bytes) -> None:
        """Take in an encoded message.

        Raises: Malformed where it is none.
        """
        ...

    def ended(self, connection: "Connection") -> None:
        """Learn that a connection that stood does so no longer."""
        ...

    def released(self, connection: "Connection") -> None:
        """Learn that nothing of a connection is left."""
        ...


@frozen
class Dialled:
    """What is known of a connection that this node began.

    Attributes:
        peer: whom it wants to reach.
        attempt: which of the node's attempts to reach anybody it is, counted from 1.
    """

    peer: Node
    attempt: int
