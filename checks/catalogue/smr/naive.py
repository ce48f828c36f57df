"""Naive replication: the airline sells its ticket twice."""

from functools import partial
from typing import Any

from coterie.checks.check import Check, Mutant
from coterie.checks.world import World
from coterie.model.machine import Node
from coterie.model.smr.naive import NaiveReplica
from coterie.model.smr.tickets import Book, Tickets
from coterie.spec.smr import naive as spec
from coterie.spec.smr import refined


def requests(replicas: int, customers: int, retries: int) -> dict[Node, tuple[Book, ...]]:
    """Return what is asked of each replica.

    Every customer wants the one ticket and asks a replica, in turn; the first so many `retries` of
    them ask the next replica again, with the same command.
    """
    work: dict[Node, tuple[Book, ...]] = {Node("replica", i): () for i in range(replicas)}
    tries = [*range(customers), *range(retries)]
    for place, customer in enumerate(tries):
        again = place >= customers
        at = Node("replica", (customer + again) % replicas)
        work[at] = (*work[at], Book(ticket=0, customer=f"customer{customer}"))
    return work


def world(replicas: int, customers: int, retries: int, **fields: Any) -> World:
    """Return so many replicas with these `fields`."""
    names = [Node("replica", index) for index in range(replicas)]
    return World(
        machines={
            name: NaiveReplica(
                name, **{"peers": tuple(other for other in names if other != name), **fields}
            )
            for name in names
        },
        workload=requests(replicas, customers, retries),
        observers={"sales": spec.SALES},
    )


def expiring(tickets: Tickets, command: Book, at: Node) -> Tickets:
    """Mutant: where the local clock is ahead, an earlier booking seems to have expired."""
    clock_is_ahead = at.index == 1
    if command.ticket in tickets and not clock_is_ahead:
        return tickets
    return tickets.set(command.ticket, command.customer)


def always_new(times: int) -> bool:
    """Mutant: take every retry for a new command."""
    return times >= 0


CHECK = Check(
    name="smr.naive",
    about="Replicas that run requests on arrival and forward them: they sell a ticket twice.",
    world=world,
    properties=(
        spec.same_order,
        spec.state_is_replayed_log,
        spec.applied_once,
        spec.same_commands_same_state,
        spec.agree_at_rest,
        spec.sold_once,
        spec.everything_is_applied_everywhere,
        refined.is_one_replicated_log,
    ),
    small={"replicas": 2, "customers": 2, "retries": 1},
    full={"replicas": 3, "customers": 4, "retries": 2},
    states=34,
    refuted={
        "same_order": 2,
        "same_commands_same_state": 4,
        "agree_at_rest": 6,
        "sold_once": 2,
        "is_one_replicated_log": 2,
    },
    mutants={
        "local_clock": Mutant(partial(world, execute=expiring), {"state_is_replayed_log": 2}),
        "no_dedupe": Mutant(partial(world, is_new=always_new), {"applied_once": 4}),
        "deaf": Mutant(partial(world, peers=()), {"everything_is_applied_everywhere": None}),
    },
)
