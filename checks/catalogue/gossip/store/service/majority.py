"""Servers that answer reads when a majority is heard, though one may be down for good."""

from functools import partial

from attrs import evolve

from coterie.checks.catalogue.gossip.store.service.recovery import disks, never
from coterie.checks.catalogue.gossip.store.service.worlds import TINY, serving
from coterie.checks.check import Check, Mutant
from coterie.checks.faults import Faults
from coterie.checks.world import World
from coterie.model.gossip.store import recovery
from coterie.model.gossip.store.service.index import Row
from coterie.model.gossip.store.service.serving import StoreServer, most_heard
from coterie.spec.gossip import store_service as spec

READY = evolve(
    TINY,
    sizes=evolve(TINY.sizes, few=2, batch=2),
    has_caught_up=most_heard,
    asks_anew=never,
)
"""A server that answers reads when a majority is heard; it asks when it starts, and not again."""

FIRST, SECOND = Row(1, 10, 0), Row(2, 20, 1)


def outnumbered(servers: int, crashes: int, server: StoreServer = READY) -> World:
    """Return servers that start with other rows; of the first row a majority has one.

    Some may crash, a minority, and are down for good.
    """
    rows = {f"server{index}": (FIRST,) if index else (SECOND,) for index in range(servers)}
    world = serving(server, servers, (), starts=disks(rows))
    faults = Faults(crashes=crashes, restarts=0, down=crashes, crashing=("server",))
    return evolve(world, faults=faults)


MAJORITY = Check(
    name="gossip.store.service.majority",
    about="Servers that have heard a majority know what is safe, and wait for nobody who is gone.",
    world=outnumbered,
    properties=(
        spec.who_serves_knows_what_was_safe,
        spec.who_is_up_serves,
        spec.a_survivor_serves,
    ),
    small={"servers": 3, "crashes": 1},
    full={"servers": 4},
    states=556_173,
    mutants={
        "read_at_once": Mutant(
            partial(outnumbered, server=evolve(READY, has_caught_up=recovery.at_once)),
            {"who_serves_knows_what_was_safe": 0},
        ),
        "waits_for_all": Mutant(
            partial(outnumbered, server=evolve(READY, has_caught_up=recovery.all_heard)),
            {"who_is_up_serves": 1, "a_survivor_serves": None},
        ),
    },
)
