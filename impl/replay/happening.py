"""What has happened at a node, as its journal tells and its machine confirms."""

from typing import Any

from attrs import frozen

from coterie.impl.core import Step
from coterie.impl.replay.divergence import Place
from coterie.model.machine import Halt, Machine, Node


@frozen
class Taken:
    """A step that the model takes as the journal says.

    Attributes:
        node: whose.
        place: the line.
        at: when, by the node's clock: a hint, and no more.
        step: what happened.
        before: the state before it; None at a start.
        after: the state after it.
        machine: what the node ran.
        counts: whether it came to anything: False in a turn that was never committed.
    """

    node: Node
    place: Place
    at: float
    step: Step
    before: Any
    after: Any
    machine: Machine[Any, Any]
    counts: bool = True

    @property
    def is_halt(self) -> bool:
        """Whether the node was down from then on."""
        return any(isinstance(effect, Halt) for effect in self.step.effects)


@frozen
class Fell:
    """A node is down: the next thing that it does is to start again.

    Attributes:
        node: which.
        at: when it had taken its last step.
        memory: what is on its disk.
        machine: what it ran.
    """

    node: Node
    at: float
    memory: Any
    machine: Machine[Any, Any]


Happened = Taken | Fell
