"""What clients and replicas of the register say to one another.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4.
"""

from collections.abc import Callable
from typing import Any

from attrs import evolve, frozen

from coterie.model.machine import Node

CLIENT = "client"
"""The role of all clients; replicas take orders from nobody else."""

TIMESTAMP_BITS = 64
"""How wide a timestamp is; `timestamps_are_bounded` says why that is enough."""


@frozen(cache_hash=True)
class Update:
    """A value and what orders it among all others.

    Attributes:
        timestamp: logical; 0 for the value at the beginning.
        writer: the client's ID; it breaks ties.
        incarnation: how often that client had started before; always 0 in the published version.
        value: what is written.
    """

    timestamp: int
    writer: int
    incarnation: int
    value: Any


INITIAL = Update(timestamp=0, writer=-1, incarnation=0, value=None)
"""The value that every replica begins with."""


def is_newer(one: Update, other: Update) -> bool:
    """Return whether `one` is newer: by timestamp, then by who wrote it."""
    return (one.timestamp, one.writer, one.incarnation) > (
        other.timestamp,
        other.writer,
        other.incarnation,
    )


Newer = Callable[[Update, Update], bool]


@frozen(cache_hash=True)
class Ticket:
    """What tells a client's requests apart; whatever is done for a request carries it.

    Attributes:
        client: who asks.
        incarnation: how often it had started before; always 0 in the published version.
        number: which of its requests, counted since it started.
    """

    client: Node
    incarnation: int
    number: int


def subjects(ticket: Ticket) -> tuple[Any, ...]:
    """Return what is over when `ticket` is: itself, and its client's incarnation."""
    return (ticket, (ticket.client, ticket.incarnation))


def before(ticket: Ticket) -> frozenset[Any]:
    """Return the subjects that are over when a client uses `ticket`: all of its that are older."""
    numbers = (evolve(ticket, number=number) for number in range(ticket.number))
    incarnations = ((ticket.client, earlier) for earlier in range(ticket.incarnation))
    return frozenset((*numbers, *incarnations))


@frozen(cache_hash=True)
class TimestampRequest:
    """A client asks for the timestamp of what a replica stores."""

    ticket: Ticket


@frozen(cache_hash=True)
class Timestamp:
    """A replica answers with the timestamp of what it stores."""

    ticket: Ticket
    timestamp: int


@frozen(cache_hash=True)
class ReadRequest:
    """A client asks for what a replica stores."""

    ticket: Ticket


@frozen(cache_hash=True)
class Stored:
    """A replica answers with what it stores."""

    ticket: Ticket
    update: Update


@frozen(cache_hash=True)
class Copy:
    """An update on its way to all replicas, from a client or from a replica."""

    ticket: Ticket
    update: Update


@frozen(cache_hash=True)
class Echo:
    """The sender, of the same node, has heard of the update; only the repaired replicas say so."""

    ticket: Ticket
    update: Update


@frozen(cache_hash=True)
class Ack:
    """The sender, and the part of the tree behind it, has taken the update in."""

    ticket: Ticket
    update: Update


Message = TimestampRequest | Timestamp | ReadRequest | Stored | Copy | Echo | Ack
