"""What the replicas replicate: an airline's tickets, each of which is sold once.

Source: Jha, "Replication", recitation of CS 5412 Cloud Computing, Cornell University, section 1,
whose operation is book(tid, cid).
"""

from collections.abc import Callable
from typing import TypeVar

from attrs import evolve, field, frozen
from immutables import Map

from coterie.model.machine import Node

Tickets = Map[int, str]
"""The customer of each ticket that is booked."""


@frozen(order=True, cache_hash=True)
class Book:
    """The command to book a ticket.

    Attributes:
        ticket: which.
        customer: for whom.
        number: which of the customer's commands it is; a retry has the number of the first try, so
            that two equal commands are one.
    """

    ticket: int
    customer: str
    number: int = 0


@frozen(cache_hash=True)
class Booked:
    """The answer that the ticket is the customer's."""

    ticket: int
    customer: str


@frozen(cache_hash=True)
class Taken:
    """The answer that another customer has the ticket."""

    ticket: int
    customer: str


@frozen(cache_hash=True)
class Copy:
    """What one replica holds.

    Attributes:
        tickets: who has booked which, as the commands that it has applied have made it.
        log: the commands that it has applied, in that order.
    """

    tickets: Tickets = field(factory=Map)
    log: tuple[Book, ...] = ()


Execute = Callable[[Tickets, Book, Node], Tickets]


def first_come(tickets: Tickets, command: Book, at: Node) -> Tickets:
    """Return `tickets` after `command`: a ticket belongs to the first who books it.

    The result hangs on the state and the command alone, and not on the replica that it runs `at`.
    """
    del at
    return tickets if command.ticket in tickets else tickets.set(command.ticket, command.customer)


def never_applied(times: int) -> bool:
    """Return whether a command that was applied so many `times` is to be applied (again)."""
    return times == 0


C = TypeVar("C", bound=Copy)


def applied(copy: C, command: Book, execute: Execute, at: Node) -> C:
    """Return `copy` with `command` applied to it at that replica."""
    tickets = execute(copy.tickets, command, at)
    return evolve(copy, tickets=tickets, log=(*copy.log, command))


def answer(copy: Copy, command: Book) -> Booked | Taken:
    """Return what the customer is told once the command is applied."""
    mine = copy.tickets.get(command.ticket) == command.customer
    return (Booked if mine else Taken)(command.ticket, command.customer)
