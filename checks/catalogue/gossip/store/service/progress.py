"""What the serving servers' recovery comes to in the end, over links that lose in crashes alone."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.gossip.store import repaired
from coterie.checks.catalogue.gossip.store.service import recovery
from coterie.checks.catalogue.gossip.store.service.worlds import TINY, in_order, serving
from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import weak
from coterie.checks.world import World
from coterie.model.gossip.store.service import shelf
from coterie.model.gossip.store.service.serving import StoreServer, when_idle
from coterie.model.machine import Node
from coterie.spec.gossip import store_service as spec

PATIENT = evolve(TINY, asks_anew=when_idle)
"""A server that asks from the beginning when it is idle, or when a peer has started again."""

FAIR = (weak("timers", "server"), weak("deliveries"), weak("restarts"))


def fair(
    servers: int,
    items: int,
    crashes: int,
    server: StoreServer = PATIENT,
    starts: Mapping[Node, Any] | None = None,
) -> World:
    """Return servers on queues that lose messages in crashes alone."""
    world = serving(server, servers, in_order(items), crashes=crashes, starts=starts)
    return evolve(world, fairness=FAIR)


def fair_apart(servers: int, crashes: int, server: StoreServer = PATIENT, **tables: Any) -> World:
    """Return such servers with tables of their own; the device measures no more."""
    return fair(servers, 0, crashes, server, recovery.disks(tables))


PROGRESS = Check(
    name="gossip.store.service.progress",
    about="Servers that compare fingerprints come back, with equal tables.",
    world=fair,
    properties=(spec.servers_come_back, spec.tables_become_the_same, spec.a_server_is_back),
    small={"servers": 2, "items": 1, "crashes": 1},
    full={"items": 2},
    states=4946,
    mutants={
        "asks_once": Mutant(
            partial(fair, server=evolve(PATIENT, asks_anew=recovery.never)),
            {"tables_become_the_same": 7},
        ),
        "unready": Mutant(
            partial(fair, server=evolve(PATIENT, has_caught_up=repaired.hears_nobody)),
            {"servers_come_back": 16, "a_server_is_back": None},
        ),
    },
)

APART = Check(
    name="gossip.store.service.progress_apart",
    about="Servers with other rows come to have the same ones in the end.",
    world=fair_apart,
    properties=(spec.servers_come_back, spec.tables_become_the_same, spec.tables_are_full),
    small={"servers": 2, "crashes": 1, **recovery.DIFFERENT},
    full={"crashes": 2},
    states=2661,
    mutants={
        "first_come": Mutant(
            partial(fair_apart, server=evolve(PATIENT, merge=shelf.first_come)),
            {"tables_become_the_same": 26},
        ),
        "waits_for_ever": Mutant(
            partial(fair_apart, server=evolve(PATIENT, has_restarted=recovery.unheeded)),
            {"servers_come_back": 16, "tables_become_the_same": 16},
        ),
    },
)
