"""Fairness: what the schedule owes the world, without which nothing ever need happen.

An action is weakly fair when it is taken again and again, or is disabled again and again; strongly
fair when it is taken again and again, or is enabled only finitely often. A step that changes
nothing neither enables nor takes an action, and neither does a fault.

Source: Lamport, "The Temporal Logic of Actions", TOPLAS 1994, section 5.3.
"""

from collections.abc import Hashable
from enum import Enum
from typing import Literal, get_args

from attrs import field, frozen

from coterie.checks.component import Delivered, Fired, Happening, Invoked, Restarted
from coterie.checks.network import Fifo, Network
from coterie.model.machine import Node

Actions = Literal["deliveries", "timers", "operations", "restarts", "nodes"]

_EACH: dict[Actions, str] = {
    "deliveries": "each delivery",
    "timers": "each option",
    "operations": "each operation called",
    "restarts": "each restart",
    "nodes": "whatever a node does",
}


class Strength(Enum):
    """How much an action must be enabled before it must be taken."""

    WEAK = "weak"
    STRONG = "strong"


def _known(_: object, __: object, actions: str) -> None:
    if actions not in get_args(Actions):
        raise ValueError(f"{actions!r} are no actions: choose among {', '.join(get_args(Actions))}")


@frozen
class Fairness:
    """A fairness condition for each action of a kind.

    Attributes:
        strength: weak or strong.
        actions: `deliveries`, one a message and channel (one a channel where it keeps the order);
            `timers`, one an option of a node; `operations`, one a call of a node's user;
            `restarts`, one a node; `nodes`, one a node, which any step of that node takes.
        roles: those of the nodes that act (for a delivery: that receive); all when empty.
        only: the classes of messages, options or operations; all when empty.
    """

    strength: Strength
    actions: Actions = field(validator=_known)
    roles: tuple[str, ...] = ()
    only: tuple[type, ...] = ()

    def condition(self, cause: Happening, network: Network) -> Hashable | None:
        """Return the action that a step with this cause takes; None where it is not ours."""
        node, what = _acting(cause)
        if node is None or (self.roles and node.role not in self.roles):
            return None
        if self.only and not isinstance(what, self.only):
            return None
        match self.actions, cause:
            case "nodes", _:
                return node
            case "deliveries", Delivered(sender, receiver):
                return (sender, receiver) if isinstance(network, Fifo) else cause
            case ("timers", Fired()) | ("operations", Invoked()) | ("restarts", Restarted()):
                return cause
        return None

    def __str__(self) -> str:
        whose = f" at {' and '.join(self.roles)}" if self.roles else ""
        which = f" of {' or '.join(kind.__name__ for kind in self.only)}" if self.only else ""
        return f"{self.strength.value} fairness of {_EACH[self.actions]}{which}{whose}"


def _acting(cause: Happening) -> tuple[Node | None, object]:
    """Return the node that acts, and on what; nobody where it is a fault."""
    match cause:
        case Delivered(_, receiver, message):
            return receiver, message
        case Fired(node, event):
            return node, event
        case Invoked(node, operation):
            return node, operation
        case Restarted(node):
            return node, None
    return None, None


def weak(actions: Actions, *roles: str, only: type | tuple[type, ...] = ()) -> Fairness:
    """Return: each such action that stays enabled for ever is taken, again and again."""
    return Fairness(Strength.WEAK, actions, roles, _classes(only))


def strong(actions: Actions, *roles: str, only: type | tuple[type, ...] = ()) -> Fairness:
    """Return: each such action that is enabled again and again is taken, again and again."""
    return Fairness(Strength.STRONG, actions, roles, _classes(only))


def _classes(only: type | tuple[type, ...]) -> tuple[type, ...]:
    return (only,) if isinstance(only, type) else only
