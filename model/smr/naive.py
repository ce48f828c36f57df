"""Replication, naively: every replica runs its own requests on arrival and forwards them.

Requests that arrive at two replicas at the same time are run in different orders, and then the
replicas differ for ever: the counterexample that state machine replication starts from.

Source: Jha, "Replication", recitation of CS 5412 Cloud Computing, Cornell University, section 1.
"""

from collections.abc import Callable

from attrs import frozen

from coterie.model.machine import Event, Invoke, Machine, Node, Outcome, Receive, Return, Send
from coterie.model.smr.tickets import (
    Book,
    Copy,
    Execute,
    answer,
    applied,
    first_come,
    never_applied,
)


@frozen(cache_hash=True)
class Forward:
    """Another replica has run this command."""

    command: Book


@frozen
class NaiveReplica(Machine[Copy, None]):
    """One who runs requests as they come.

    Attributes:
        name: its own name.
        peers: the other replicas.
        execute: what a command does to the tickets.
        is_new: the guard of applying a command, over how many times it was applied here before.
    """

    name: Node
    peers: tuple[Node, ...]
    execute: Execute = first_come
    is_new: Callable[[int], bool] = never_applied

    def start(self, memory: None) -> Outcome[Copy]:
        """Every ticket is free."""
        del memory
        return Outcome(Copy())

    def step(self, state: Copy, event: Event) -> Outcome[Copy] | None:
        """Apply a command; if it is a customer's own, answer and forward it."""
        match event:
            case Invoke(Book() as command):
                after = self._applied(state, command)
                forwards = [Send(peer, Forward(command)) for peer in self.peers]
                return Outcome(after, (Return(answer(after, command)), *forwards))
            case Receive(message=Forward(command)):
                return Outcome(self._applied(state, command))
            case Receive():
                return Outcome(state)
        return None

    def _applied(self, state: Copy, command: Book) -> Copy:
        if self.is_new(state.log.count(command)):
            return applied(state, command, self.execute, self.name)
        return state
