"""What a node stands on: a network that carries messages, and a store that keeps its memory.

The node's loop knows these shapes alone, so that real sockets and disks, or a simulated network and
a simulated disk, can stand behind them.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from coterie.model.machine import Node


class Arrivals(Protocol):
    """Where a network hands over what comes in; all of it is called on the node's event loop."""

    def received(self, sender: Node, message: Any) -> bool:
        """Take a message in, always.

        Returns: whether more may come. After False the network stops reading from its peers until
            `Network.resume` is called; what it has read by then may still be handed over.
        """
        ...

    def connected(self, peer: Node) -> None:
        """Learn that a connection with `peer` stands: both ends have said who they are."""
        ...

    def disconnected(self, peer: Node) -> None:
        """Learn that the last connection with `peer` is gone; what was under way may be lost."""
        ...


class Network(Protocol):
    """Carries messages between nodes: in order and once while a connection lasts, or not at all."""

    def send(self, to: Node, message: Any) -> None:
        """Send, without waiting; what cannot be sent now, for want of a connection, is lost."""
        ...

    def resume(self) -> None:
        """Go on reading, after `Arrivals.received` has returned False."""
        ...

    def incarnation(self, peer: Node) -> int | None:
        """Return which process of `peer` is connected, by a number; None where none is."""
        ...


class Storage(Protocol):
    """Keeps a node's durable memory; it blocks, and is called from one thread at a time."""

    def load(self) -> Any:
        """Return the durable memory, or None where nothing was ever committed.

        Raises: StorageError where what is there is damaged, foreign, or of a newer version.
        """
        ...

    def commit(self, changes: Sequence[Any]) -> None:
        """Make these changes durable, in their order, all or none; it returns when they are.

        Raises: StorageError; then none of them counts, and the node must stop.
        """
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


class StorageError(Exception):
    """The store cannot go on; the text says why, and what an operator can do."""
