"""What Byzantine replicas of the register may say."""

from collections.abc import Iterator, Mapping
from typing import Any

from coterie.checks.adversary import repertoire
from coterie.checks.faults import Faults
from coterie.model.call import Call
from coterie.model.diffusion.register.client import Client
from coterie.model.diffusion.register.messages import (
    INITIAL,
    TIMESTAMP_BITS,
    Ack,
    Copy,
    Echo,
    Stored,
    Ticket,
    Timestamp,
    Update,
)
from coterie.model.diffusion.register.replica import Replica
from coterie.model.machine import Machine, Node

FORGED = Update(timestamp=(1 << TIMESTAMP_BITS) - 1, writer=0, incarnation=0, value="forged")
Work = Mapping[Node, tuple[Call, ...]]
Machines = Mapping[Node, Machine[Any, Any]]


def lies(
    machines: Machines, work: Work, faults: Faults, liars: tuple[Node, ...]
) -> tuple[Any, ...]:
    """Return every message, over all that there may be to say.

    A timestamp may be any that occurs, or an inflated one. An update may be the first one, any that
    a client may be writing, or one that nobody writes, with an inflated timestamp; but what is
    passed on under a ticket is an update that may be on its way under it, or the one that nobody
    writes: no correct replica ever repeats such a lie, so that one stands for all of them. And each
    of the `liars` may pretend to be a client.
    """
    restarts = faults.crashes if faults.restarts is None else faults.restarts
    clients = {node: each for node, each in machines.items() if isinstance(each, Client)}
    updates = tuple(dict.fromkeys(_updates(clients, work, restarts)))
    asking, spreading = _tickets(clients, work, restarts)
    domains: dict[Any, Any] = {
        (Timestamp, "ticket"): asking["write"],
        (Timestamp, "timestamp"): (*range(len(updates) + 1), FORGED.timestamp),
        (Stored, "ticket"): asking["read"],
        (Stored, "update"): (INITIAL, *updates, FORGED),
        (Ack, "update"): updates,
        Ticket: spreading,
        Update: (*updates, FORGED),
    }
    said = repertoire(Timestamp, Stored, Ack, *_among_replicas(machines), domains=domains)
    pretended = (Copy(Ticket(liar, 0, 0), FORGED) for liar in liars)
    on_the_way = (each for each in said if _may_be_on_its_way(each, clients, spreading[0]))
    return (*on_the_way, *pretended)


def _among_replicas(machines: Machines) -> tuple[type, ...]:
    """Return what replicas say to each other."""
    replicas = [each for each in machines.values() if isinstance(each, Replica)]
    copies = (Copy,) if any(each.neighbours for each in replicas) else ()
    echoes = (Echo,) if any(each.peers for each in replicas) else ()
    return (*copies, *echoes)


def _may_be_on_its_way(message: Any, clients: Mapping[Node, Client], first: Ticket) -> bool:
    match message:
        case Copy(ticket, update) | Echo(ticket, update) | Ack(ticket, update):
            if update == FORGED:
                return ticket == first
            writes_back = clients[ticket.client].writes_back
            return writes_back or update.writer == ticket.client.index
    return True


def _updates(clients: Mapping[Node, Client], work: Work, restarts: int) -> Iterator[Update]:
    """Yield what the writers may write, each write with every timestamp that it may have."""
    writes = sum(call.f == "write" for each in work.values() for call in each)
    for node, own in work.items():
        incarnations = range(restarts + 1 if clients[node].names_incarnation else 1)
        for place, call in enumerate(call for call in own if call.f == "write"):
            last = writes - (len(own) - place - 1)
            for timestamp in range(1 if restarts else place + 1, last + 1):
                for incarnation in incarnations:
                    yield Update(timestamp, node.index, incarnation, call.value)


def _tickets(
    clients: Mapping[Node, Client], work: Work, restarts: int
) -> tuple[dict[str, list[Ticket]], list[Ticket]]:
    """Return the tickets under which clients ask, by what they are called for, and spread."""
    asking: dict[str, list[Ticket]] = {"read": [], "write": []}
    spreading: list[Ticket] = []
    for node, client in clients.items():
        for incarnation in range(restarts + 1):
            number = 0
            for call in work[node]:
                asking[call.f].append(Ticket(node, incarnation, number))
                number += 1
                if call.f == "write" or client.writes_back:
                    spreading.append(Ticket(node, incarnation, number))
                    number += 1
    return asking, spreading
