"""The lookup that PBFT orders, as published, and with the device's writes ordered as well."""

from functools import partial
from typing import Any

from coterie.checks.adversary import Adversary, repertoire
from coterie.checks.check import Check, Mutant
from coterie.checks.world import World
from coterie.model.diffusion.pbft.lookup import (
    Answer,
    Computed,
    Device,
    Lookup,
    LookupClient,
    LookupServer,
    Order,
    Write,
)
from coterie.model.diffusion.pbft.quorums import is_committed, replica_count
from coterie.model.machine import Machine, Node
from coterie.spec.diffusion.pbft import lookup as spec

ORDER, DEVICE, CLIENT = Node("order"), Node("device"), Node("client")
FORGED = 9


def world(*, lookups: int, lies: str, ordered: bool, believed: Any = is_committed) -> World:
    """Return three correct servers and a Byzantine one, a device that writes once, and a client.

    Attributes:
        lookups: how often the client looks that date up.
        lies: the kinds of message that the Byzantine server sends, with a + between them.
        ordered: whether the device's write is ordered as well.
        believed: the client's guard.
    """
    servers = tuple(Node("server", index) for index in range(replica_count(spec.F)))
    correct, byzantine = servers[:-1], servers[-1]
    machines: dict[Node, Machine[Any, Any]] = {
        server: LookupServer(server, servers, CLIENT, spec.F) for server in correct
    }
    machines |= {
        ORDER: Order(servers),
        DEVICE: Device(servers, ORDER if ordered else None),
        CLIENT: LookupClient(ORDER, servers, spec.F, believed),
    }
    kinds = [kind for kind in (Computed, Answer) if kind.__name__ in lies.split("+")]
    words = repertoire(*kinds, domains={**_results(Computed), **_results(Answer)})
    return World(
        machines=machines,
        adversary=Adversary((byzantine,), words, ("server", "client")),
        workload={DEVICE: (Write(0, 0),), CLIENT: (Lookup(0),) * lookups},
    )


def _results(kind: type) -> dict[Any, Any]:
    return {(kind, "number"): (1, 2), (kind, "result"): (None, FORGED)}


def by_one(answers: int, f: int) -> bool:
    """Mutant: believe anybody."""
    return (answers >= 1) & (f >= 0)


def by_nobody(answers: int, f: int) -> bool:
    """Mutant: wait for more answers than there are servers."""
    return answers >= 3 * f + 2


MUTANTS = {
    "any_answer": Mutant(partial(world, believed=by_one), {"results_are_vouched_for": 4}),
    "nobody_believed": Mutant(
        partial(world, believed=by_nobody), {"a_written_value_is_found": None}
    ),
}

PUBLISHED = Check(
    name="diffusion.pbft.lookup.published",
    about="A lookup ordered by PBFT waits for ever when a write reaches the servers around it.",
    world=world,
    properties=(
        spec.results_are_vouched_for,
        spec.executed_on_equal_tables,
        spec.answered_at_rest,
        spec.a_written_value_is_found,
    ),
    small={"lookups": 1, "lies": "Answer", "ordered": False},
    full={"lookups": 2},
    refuted={"executed_on_equal_tables": 6, "answered_at_rest": 16},
    states=111_616,
    mutants=MUTANTS,
)

REPAIRED = Check(
    name="diffusion.pbft.lookup.repaired",
    about="With the device's writes ordered as well every lookup is answered.",
    world=world,
    properties=PUBLISHED.properties,
    small={**PUBLISHED.small, "ordered": True},
    full=PUBLISHED.full,
    states=72_768,
    mutants={
        **MUTANTS,
        "past_the_order": Mutant(
            world,
            {"executed_on_equal_tables": 6, "answered_at_rest": 16},
            {"ordered": False},
        ),
    },
)
