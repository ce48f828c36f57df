"""What happened, in words."""

from typing import Any

from coterie.checks.budgets import Budget, Workload
from coterie.checks.canonical import canonical
from coterie.checks.component import (
    Crashed,
    Delivered,
    Duplicated,
    Fired,
    Forged,
    Happening,
    Invoked,
    Key,
    Lost,
    Restarted,
)
from coterie.checks.nodes import Down, Running
from coterie.checks.world import World


def text(value: Any) -> str:
    """Return `value` as traces show it: canonically, or as Python does where that is impossible."""
    match value:
        case Running(state):
            return text(state)
        case Down(memory):
            return f"down, with {text(memory)} in durable memory"
    try:
        return canonical(value)
    except TypeError:
        return repr(value)


def place(world: World, key: Key) -> str:
    """Return what to call the component of that key."""
    match world.components[key], key:
        case Workload(node=node), _:
            return f"workload of {node}"
        case Budget(), "down":
            return "nodes that may go down"
        case Budget(), _:
            return f"{key} left"
    return str(key)


def happening(what: Happening) -> str:
    """Return `what` happened, in a line."""
    match what:
        case Delivered() | Lost() | Duplicated() | Forged():
            sent = f"{what.sender} → {what.receiver}: {text(what.message)}"
            return sent + _fate(what)
        case Fired(node, event):
            return f"{node}: {text(event)}"
        case Invoked(node, operation):
            return f"a user of {node} calls {text(operation)}"
        case Crashed(node, midway):
            kept = "; what it recorded is kept, nothing else left it" if midway else ""
            return f"{node} crashes{kept}"
        case Restarted(node):
            return f"{node} restarts from its durable memory"


def _fate(what: Delivered | Lost | Duplicated | Forged) -> str:
    """Return what became of a message, if it did not just arrive."""
    match what:
        case Lost():
            return f" is lost ({what.because})"
        case Duplicated():
            return ", and a copy stays in the network"
        case Forged():
            return ", forged"
    return ""
