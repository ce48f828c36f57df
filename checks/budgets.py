"""Small components: budgets of faults, workloads of operations, observers."""

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from coterie.checks.component import (
    Act,
    Component,
    Invoked,
    Observe,
    Owe,
    Reaction,
    Refund,
    Spend,
)
from coterie.model.machine import Invoke, Node
from coterie.spec.observer import Observer


@frozen
class Budget(Component):
    """How many times something may still happen: a number, below 0 where more was owed."""

    def react(self, value: Any, stimulus: Any) -> Iterable[Reaction]:
        """Spend one, or get one back."""
        match stimulus:
            case Spend() if value > 0:
                return (Reaction(value - 1),)
            case Owe():
                return (Reaction(value - 1),)
            case Refund():
                return (Reaction(value + 1),)
        return ()


@frozen
class Workload(Component):
    """The operations that the user of `node` will still call, in this order."""

    node: Node

    def react(self, value: Any, stimulus: Any) -> Iterable[Reaction]:
        """Call the next operation."""
        if isinstance(stimulus, Act) and value:
            operation = value[0]
            call = ((self.node, Invoke(operation)),)
            return (Reaction(value[1:], call, (Invoked(self.node, operation),)),)
        return ()


@frozen
class ObserverComponent(Component):
    """A ghost variable of the world."""

    observer: Observer

    def react(self, value: Any, stimulus: Any) -> Iterable[Reaction]:
        """See, and remember."""
        match stimulus:
            case Observe(node, seen):
                return (Reaction(self.observer.observe(value, node, seen)),)
        return ()
