"""Everything in a world is a component: a value in a slot, and a pure function of stimuli.

A node, a channel, a budget, a workload, an observer: each answers a stimulus with the reactions
that it may have. A reaction is a next value and stimuli for other components; no reaction at all
refuses, and with it the whole step. A step of the world begins with `ACT` to one component and is
done when no stimulus is left. Since a component sees nothing but its own value and the stimulus,
its answer can be remembered: that is what makes the engine fast.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable
from typing import Any

from attrs import frozen

from coterie.model.machine import Node, Timeout

Key = Hashable


@frozen
class Act:
    """Do something of your own accord."""


ACT = Act()


@frozen(cache_hash=True)
class Channel:
    """The key of the channel from `sender` to `receiver`."""

    sender: Node
    receiver: Node

    def __str__(self) -> str:
        return f"{self.sender}→{self.receiver}"


@frozen(cache_hash=True)
class Put:
    """Carry `message`: the stimulus of a channel."""

    message: Any


@frozen(cache_hash=True)
class Spend:
    """Take one from a budget; refused when none is left."""


@frozen(cache_hash=True)
class Owe:
    """Take one from a budget, though none may be left."""


@frozen(cache_hash=True)
class Refund:
    """Give one back to a budget."""


@frozen(cache_hash=True)
class IsDown:
    """A guard: accepted by a node that is down, refused by one that is up."""


@frozen(cache_hash=True)
class IsUp:
    """A guard: accepted by a node that is up, refused by one that is down."""


@frozen(cache_hash=True)
class Close:
    """Drop the messages on these `topics`, which are over: the stimulus of a channel."""

    topics: frozenset[Any]


@frozen(cache_hash=True)
class CloseAll:
    """Drop every message: the receiver is down for good; the stimulus of a channel."""


@frozen(cache_hash=True)
class Wanted:
    """A guard: accepted by a node to which `message` from `sender` may still matter."""

    sender: Node
    message: Any


@frozen(cache_hash=True)
class Unwanted:
    """A guard: accepted by a node to which `message` from `sender` matters no more."""

    sender: Node
    message: Any


@frozen(cache_hash=True)
class Observe:
    """Tell an observer what a user of `node` or its application has just seen."""

    node: Node
    seen: Any


@frozen(cache_hash=True)
class Delivered:
    """`receiver` receives `message`."""

    sender: Node
    receiver: Node
    message: Any


@frozen(cache_hash=True)
class Fired:
    """`node` takes one of its options."""

    node: Node
    event: Timeout


@frozen(cache_hash=True)
class Invoked:
    """A user calls `operation` at `node`."""

    node: Node
    operation: Any


@frozen(cache_hash=True)
class Lost:
    """The network loses `message`, `because` of a budget or of a node that is down."""

    sender: Node
    receiver: Node
    message: Any
    because: str


@frozen(cache_hash=True)
class Duplicated:
    """`receiver` receives `message`, of which the network keeps a copy."""

    sender: Node
    receiver: Node
    message: Any


@frozen(cache_hash=True)
class Forged:
    """The Byzantine `sender` makes `receiver` receive `message`."""

    sender: Node
    receiver: Node
    message: Any


@frozen(cache_hash=True)
class Crashed:
    """`node` crashes; in the middle of a step when it has `recorded` but sent nothing."""

    node: Node
    midway: bool = False


@frozen(cache_hash=True)
class Restarted:
    """`node` starts again from its durable memory."""

    node: Node


Happening = Delivered | Fired | Invoked | Lost | Duplicated | Forged | Crashed | Restarted


@frozen
class Reaction:
    """One way in which a component may answer a stimulus.

    Attributes:
        value: its next value.
        stimuli: (key, stimulus) for other components, handled in this order.
        happenings: what to call it in a trace; none when it goes without saying.
        fault: whether it is a fault or the adversary's doing.
    """

    value: Any
    stimuli: tuple[tuple[Key, Any], ...] = ()
    happenings: tuple[Happening, ...] = ()
    fault: bool = False


class Component(ABC):
    """A value in a slot of the world, and how it answers."""

    @abstractmethod
    def react(self, value: Any, stimulus: Any) -> Iterable[Reaction]:
        """Return the reactions that `stimulus` may have at `value`, in an order always the same."""
