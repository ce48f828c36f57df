"""State machine replication with a sequencer: one replica orders all commands for everybody.

This repairs naive replication: all replicas start from the same state and apply the same commands
in the same order. A replica that joins later copies the log and replays it. The sequencer must not
fail: to do without that is what consensus is for.

Source: Jha, "Replication", recitation of CS 5412 Cloud Computing, Cornell University, sections 2
to 4 (the approach, its challenges, a joiner that replays the log); Schneider, "Implementing
Fault-Tolerant Services Using the State Machine Approach", ACM Computing Surveys 1990.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from attrs import evolve, frozen

from coterie.model.machine import (
    Effect,
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Return,
    Send,
    Timeout,
)
from coterie.model.smr.tickets import (
    Book,
    Copy,
    Execute,
    answer,
    applied,
    first_come,
    never_applied,
)


class Membership(Enum):
    """Whether a replica takes part."""

    OUTSIDE = "outside"
    JOINING = "joining"
    MEMBER = "member"


@frozen(cache_hash=True)
class Ordered(Copy):
    """What one replica holds.

    Attributes:
        early: commands by slot that cannot be applied yet, since one before them is missing.
        waiting: the commands whose customers wait here for an answer.
        membership: whether it takes part.
        followers: at the sequencer, whom it tells of every command that it orders.
    """

    early: frozenset[tuple[int, Book]] = frozenset()
    waiting: frozenset[Book] = frozenset()
    membership: Membership = Membership.MEMBER
    followers: tuple[Node, ...] = ()


@frozen(cache_hash=True)
class Request:
    """Order this command, asks a replica of the sequencer."""

    command: Book


@frozen(cache_hash=True)
class Order:
    """The command of this slot; slots are counted from 0."""

    slot: int
    command: Book


@frozen(cache_hash=True)
class Fetch:
    """A joiner asks for the log from slot `first` on, and for all that is to come."""

    first: int


@frozen(cache_hash=True)
class Entries:
    """The log from slot `first` on.

    Attributes:
        first: the slot of the first command.
        commands: the commands, in their order.
    """

    first: int
    commands: tuple[Book, ...]


@frozen(cache_hash=True)
class Join(Timeout):
    """A replica that is outside wants to take part."""


def next_in_line(slot: int, length: int) -> bool:
    """Return whether the command of `slot` may be applied to a log of that `length`."""
    return slot == length


def as_asked(first: int) -> int:
    """Return the slot from which the log is sent to one who asks for it from `first` on."""
    return first


@frozen
class SequencedReplica(Machine[Ordered, None]):
    """One who applies commands in the order that the sequencer gives them.

    Attributes:
        name: its own name.
        sequencer: the replica that orders.
        followers: the replicas that are told of every order from the beginning; the sequencer is
            not among them.
        joins: whether it begins outside, and may join later.
        execute: what a command does to the tickets.
        is_new: the guard of ordering a command, over how many times it is in the log.
        may_apply: the guard of applying a command, over two numbers: its slot and the log's length.
        cut: from which slot the log is sent to a joiner, over the slot that it asks for.
    """

    name: Node
    sequencer: Node
    followers: tuple[Node, ...]
    joins: bool = False
    execute: Execute = first_come
    is_new: Callable[[int], bool] = never_applied
    may_apply: Callable[[int, int], bool] = next_in_line
    cut: Callable[[int], int] = as_asked

    def start(self, memory: None) -> Outcome[Ordered]:
        """Every ticket is free."""
        del memory
        followers = self.followers if self.name == self.sequencer else ()
        membership = Membership.OUTSIDE if self.joins else Membership.MEMBER
        return Outcome(Ordered(membership=membership, followers=followers))

    def options(self, state: Ordered) -> Iterable[Timeout]:
        """Join, if it is outside."""
        return (Join(),) if state.membership is Membership.OUTSIDE else ()

    def step(self, state: Ordered, event: Event) -> Outcome[Ordered] | None:
        """Take customers' commands to the sequencer, and apply what comes back; join."""
        match event:
            case Invoke(Book() as command) if state.membership is Membership.MEMBER:
                return self._invoked(state, command)
            case Join() if state.membership is Membership.OUTSIDE:
                joining = evolve(state, membership=Membership.JOINING)
                return Outcome(joining, (Send(self.sequencer, Fetch(len(state.log))),))
            case Receive(sender, message) if self.name == self.sequencer:
                return self._asked(state, sender, message)
            case Receive(_, message):
                return self._told(state, message)
        return None

    def _invoked(self, state: Ordered, command: Book) -> Outcome[Ordered]:
        if not self.is_new(state.log.count(command)):
            return Outcome(state, (Return(answer(state, command)),))
        waiting = evolve(state, waiting=state.waiting | {command})
        if self.name == self.sequencer:
            return self._order(waiting, command)
        return Outcome(waiting, (Send(self.sequencer, Request(command)),))

    def _asked(self, state: Ordered, sender: Node, message: Any) -> Outcome[Ordered]:
        """Return what the sequencer does: order a command, or let a replica join."""
        match message:
            case Request(command):
                return self._order(state, command)
            case Fetch(first) if sender not in state.followers:
                followers = tuple(sorted((*state.followers, sender)))
                entries = Entries(first, state.log[self.cut(first) :])
                return Outcome(evolve(state, followers=followers), (Send(sender, entries),))
        return Outcome(state)

    def _order(self, state: Ordered, command: Book) -> Outcome[Ordered]:
        if not self.is_new(state.log.count(command)):
            return Outcome(state)
        order = Order(len(state.log), command)
        after, effects = self._applied(state, command)
        sends = tuple(Send(follower, order) for follower in state.followers)
        return Outcome(after, (*effects, *sends))

    def _told(self, state: Ordered, message: Any) -> Outcome[Ordered]:
        """Return what a follower does: keep the orders, and apply those whose turn it is."""
        match message:
            case Order(slot, command):
                return self._caught_up(state, ((slot, command),))
            case Entries(first, commands):
                member = evolve(state, membership=Membership.MEMBER)
                return self._caught_up(member, enumerate(commands, start=first))
        return Outcome(state)

    def _caught_up(self, state: Ordered, orders: Iterable[tuple[int, Book]]) -> Outcome[Ordered]:
        """Return `state` after these orders and all that were waiting for them."""
        effects: tuple[Effect, ...] = ()
        late: set[tuple[int, Book]] = set()
        for slot, command in sorted(state.early | set(orders)):
            if self.may_apply(slot, len(state.log)):
                state, returned = self._applied(state, command)
                effects += returned
            elif slot > len(state.log):
                late.add((slot, command))
        return Outcome(evolve(state, early=frozenset(late)), effects)

    def _applied(self, state: Ordered, command: Book) -> tuple[Ordered, tuple[Effect, ...]]:
        after = applied(state, command, self.execute, self.name)
        if command not in state.waiting:
            return after, ()
        answered = evolve(after, waiting=state.waiting - {command})
        return answered, (Return(answer(answered, command)),)
