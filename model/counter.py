"""A counter that every replica adds to at once, and tells the others.

It needs a link that hands up each message exactly once: additions commute, but do not forgive a
repetition.

Source: the operation-based counter; Shapiro, Preguiça, Baquero and Zawirski, A comprehensive
study of Convergent and Commutative Replicated Data Types, INRIA report 7506, 2011.
"""

from typing import Any

from attrs import frozen

from coterie.model.machine import (
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Return,
    Send,
)


@frozen(cache_hash=True)
class Add:
    """Add so much: an operation, a message, and a change of memory.

    Attributes:
        amount: how much.
    """

    amount: int


@frozen
class Counter(Machine[int, int]):
    """One replica of a counter; its state is the count.

    Attributes:
        peers: the other replicas.
    """

    peers: tuple[Node, ...]

    def start(self, memory: int | None) -> Outcome[int]:
        """Begin at zero, or where memory ends."""
        return Outcome(memory or 0)

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        """Add what a user or another replica adds; tell the others what a user did."""
        match event:
            case Invoke(Add(amount) as added):
                sends = tuple(Send(peer, added) for peer in self.peers)
                return Outcome(state + amount, (Record(added), Return(state + amount), *sends))
            case Receive(message=Add(amount) as added):
                return Outcome(state + amount, (Record(added),))
            case Receive():
                return Outcome(state)
        return None

    def memory(self, state: int) -> int:
        """Return the count."""
        return state

    def recorded(self, memory: int | None, change: Any) -> int:
        """Return the count after one addition."""
        amount: int = change.amount
        return (memory or 0) + amount
