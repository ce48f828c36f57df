"""What users have asked to be multicast: a ghost that outlives the processes that were asked."""

from typing import Any

from immutables import Map

from coterie.model.machine import Invoke, Node
from coterie.model.synchrony.member import Tell
from coterie.spec.observer import Observer, Seen

Told = Map[Node, tuple[Any, ...]]


def noted(told: Told, node: Node, seen: Seen) -> Told:
    """Return `told` with what the user of `node` has just asked it to multicast."""
    match seen:
        case Invoke(Tell(payloads)):
            return told.set(node, (*told.get(node, ()), *payloads))
    return told


TOLD = "told"
OBSERVER = Observer(Map(), noted)
