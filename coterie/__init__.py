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
    from coterie.checks.fairness import Fairness, strong, weak
    from coterie.checks.faults import Faults
    from coterie.checks.network import Bag, Fifo, Latest, Pool
    from coterie.checks.result import Exploration, Verdict
    from coterie.checks.world import World
    from coterie.commands.fuzzing import machine_of
    from coterie.model.call import Call
    from coterie.model.detector import Suspect
    from coterie.model.keyed import keyed
    from coterie.model.machine import (
        Deliver,
        Event,
        Halt,
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
    from coterie.spec.history.claims import linearizable, regular, safe, sequential
    from coterie.spec.history.conditions import (
        is_linearizable,
        is_regular,
        is_safe,
        is_sequential,
    )
    from coterie.spec.history.objects import KEY_VALUE, LOG, QUEUE, REGISTER, SequentialObject
    from coterie.spec.history.observer import HISTORY
    from coterie.spec.history.operation import DONE, Operation
    from coterie.spec.observer import Observer
    from coterie.spec.property import (
        View,
        always,
        at_rest,
        each,
        eventually,
        eventually_always,
        leads_to,
        pairs,
        reachable,
        recoverable,
        step_always,
    )
    from coterie.spec.refinement import refines

_ROOMS = {
    "model.machine": (
        "Deliver Event Halt Invoke Machine Node Outcome Receive Record Return Send Timeout"
    ),
    "model.call": "Call",
    "model.detector": "Suspect",
    "model.keyed": "keyed",
    "model.stacked": "stacked",
    "spec.property": (
        "View always at_rest each eventually eventually_always leads_to pairs reachable recoverable"
        " step_always"
    ),
    "spec.refinement": "refines",
    "spec.observer": "Observer",
    "spec.history.operation": "DONE Operation",
    "spec.history.objects": "KEY_VALUE LOG QUEUE REGISTER SequentialObject",
    "spec.history.observer": "HISTORY",
    "spec.history.claims": "linearizable regular safe sequential",
    "spec.history.conditions": "is_linearizable is_regular is_safe is_sequential",
    "checks.fairness": "Fairness strong weak",
    "checks.network": "Bag Fifo Latest Pool",
    "checks.faults": "Faults",
    "checks.world": "World",
    "checks.adversary": "Adversary repertoire",
    "checks.check": "Check Mutant",
    "checks.result": "Exploration Verdict",
    "checks.errors": "ModelError",
    "checks.engine.explore": "explore",
    "commands.fuzzing": "machine_of",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = [
    "DONE",
    "HISTORY",
    "KEY_VALUE",
    "LOG",
    "QUEUE",
    "REGISTER",
    "Adversary",
    "Bag",
    "Call",
    "Check",
    "Deliver",
    "Event",
    "Exploration",
    "Fairness",
    "Faults",
    "Fifo",
    "Halt",
    "Invoke",
    "Latest",
    "Machine",
    "ModelError",
    "Mutant",
    "Node",
    "Observer",
    "Operation",
    "Outcome",
    "Pool",
    "Receive",
    "Record",
    "Return",
    "Send",
    "SequentialObject",
    "Suspect",
    "Timeout",
    "Verdict",
    "View",
    "World",
    "always",
    "at_rest",
    "each",
    "eventually",
    "eventually_always",
    "explore",
    "is_linearizable",
    "is_regular",
    "is_safe",
    "is_sequential",
    "keyed",
    "leads_to",
    "linearizable",
    "machine_of",
    "pairs",
    "reachable",
    "recoverable",
    "refines",
    "regular",
    "repertoire",
    "safe",
    "sequential",
    "stacked",
    "step_always",
    "strong",
    "weak",
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
