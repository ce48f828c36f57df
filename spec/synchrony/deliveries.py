"""What every process has delivered: a ghost that outlives the process.

A member that has crashed has no state left, and yet its user, or its disk, may have seen what it
delivered. Uniform properties are about that.
"""

from typing import Any

from immutables import Map

from coterie.model.machine import Deliver, Node
from coterie.model.synchrony.state import Item
from coterie.spec.observer import Observer, Seen

Deliveries = Map[Node, tuple[Item, ...]]


def noted(deliveries: Deliveries, node: Node, seen: Seen) -> Deliveries:
    """Return `deliveries` with what `node` has just handed to its application."""
    match seen:
        case Deliver(Item() as item):
            return deliveries.set(node, (*deliveries.get(node, ()), item))
    return deliveries


NAME = "deliveries"
DELIVERIES = Observer(Map(), noted)


def words(items: tuple[Item, ...]) -> tuple[tuple[Node, Any], ...]:
    """Return who said what, in this order, whatever the view."""
    return tuple((item.sender, item.payload) for item in items)


def is_prefix(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Return whether `one` is how `other` begins."""
    return other[: len(one)] == one
