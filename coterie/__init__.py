"""Replication protocols written once, then explored exhaustively and run for real.

What it takes to write a protocol and to check it can be imported from here; each name is fetched
from its room when it is first used, so that `import coterie` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.checks.adversary import Adversary, repertoire
    from coterie.checks.check import Check, Mutant
    from coterie.checks.engine.explore import explore
    from coterie.checks.errors import ModelError
    from coterie.checks.network import Bag, Fifo, Pool
    from coterie.checks.result import Exploration, Verdict
    from coterie.checks.world import Faults, World
    from coterie.model.keyed import keyed
    from coterie.model.machine import (
        Deliver,
        Event,
        Invoke,
        Machine,
        Node,
        Outcome,
        Receive,
        Record,
        Return,
        Send,
        Timeout,
    )
    from coterie.model.stacked import stacked
    from coterie.spec.observer import Observer
    from coterie.spec.property import (
        View,
        always,
        at_rest,
        each,
        pairs,
        reachable,
        recoverable,
        step_always,
    )

_ROOMS = {
    "model.machine": (
        "Deliver Event Invoke Machine Node Outcome Receive Record Return Send Timeout"
    ),
    "model.keyed": "keyed",
    "model.stacked": "stacked",
    "spec.property": "View always at_rest each pairs reachable recoverable step_always",
    "spec.observer": "Observer",
    "checks.network": "Bag Fifo Pool",
    "checks.world": "Faults World",
    "checks.adversary": "Adversary repertoire",
    "checks.check": "Check Mutant",
    "checks.result": "Exploration Verdict",
    "checks.errors": "ModelError",
    "checks.engine.explore": "explore",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = [
    "Adversary",
    "Bag",
    "Check",
    "Deliver",
    "Event",
    "Exploration",
    "Faults",
    "Fifo",
    "Invoke",
    "Machine",
    "ModelError",
    "Mutant",
    "Node",
    "Observer",
    "Outcome",
    "Pool",
    "Receive",
    "Record",
    "Return",
    "Send",
    "Timeout",
    "Verdict",
    "View",
    "World",
    "always",
    "at_rest",
    "each",
    "explore",
    "keyed",
    "pairs",
    "reachable",
    "recoverable",
    "repertoire",
    "stacked",
    "step_always",
]


def __getattr__(name: str) -> Any:
    """Return a public name, from the room that defines it."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'coterie' has no attribute {name!r}")
    value = getattr(import_module(f"coterie.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
