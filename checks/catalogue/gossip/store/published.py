"""The paper's recovery, and its code's: where it holds, and how soon it fails."""

from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.gossip.store.worlds import (
    brokered,
    device_starts_again,
    direct,
    one_value_a_date,
)
from coterie.checks.check import Check, Mutant
from coterie.checks.network import Bag
from coterie.checks.world import World
from coterie.model.gossip.store import disk
from coterie.model.gossip.store.server import CODE, PAPER, Server
from coterie.spec.gossip import store as spec


def in_order(
    servers: int, items: int, crashes: int, losses: int = 0, server: Server = PAPER
) -> World:
    """Return servers that see everything in one order, and a device that measures so many items."""
    return brokered(server, servers, one_value_a_date(items), crashes=crashes, losses=losses)


def repeating(servers: int, items: int, crashes: int) -> World:
    """Return such servers, and a device that counts its dates from the beginning again."""
    return brokered(PAPER, servers, device_starts_again(items), crashes=crashes)


def apart(servers: int, items: int, crashes: int, server: Server = PAPER, **world: Any) -> World:
    """Return servers that each have a channel of their own from the device and the others."""
    return direct(server, servers, one_value_a_date(items), crashes=crashes, **world)


def colliding(servers: int, items: int) -> World:
    """Return servers that get several values for one date, in any order."""
    return direct(PAPER, servers, device_starts_again(items), network=Bag())


def reading(servers: int, items: int, crashes: int, server: Server = PAPER) -> World:
    """Return servers apart, and a client that reads one date twice from the first of them."""
    ghosts = {"ledger": spec.LEDGER, "readings": spec.READINGS}
    return apart(servers, items, crashes, server, reads=(1, 1), observers=ghosts)


AT_REST = (
    spec.complete_at_rest,
    spec.no_hole_at_rest,
    spec.agree_at_rest,
    spec.log_sorted_at_rest,
    spec.converges,
)

LATE = evolve(PAPER, at_start=False)
NULL = evolve(PAPER, unbounded=False)
LOG_FIRST = evolve(PAPER, split=disk.log_first)
UNSORTED = evolve(PAPER, sorting=disk.unsorted)

CONTROL = Check(
    name="gossip.store.published.control",
    about="The paper's recovery holds after one crash, if all see one order of everything.",
    world=in_order,
    properties=(*AT_REST, spec.all_is_stored),
    small={"servers": 2, "items": 3, "crashes": 1},
    full={"servers": 3},
    states=1_862,
    mutants={
        "nothing_measured": Mutant(in_order, {"all_is_stored": None}, {"items": 0}),
        "late_request": Mutant(
            partial(in_order, server=LATE),
            {"complete_at_rest": 15, "no_hole_at_rest": 15, "converges": 7},
        ),
        "null_span": Mutant(
            partial(in_order, server=NULL), {"complete_at_rest": 15, "converges": 4}
        ),
        "log_first": Mutant(
            partial(in_order, server=LOG_FIRST),
            {
                "complete_at_rest": 14,
                "no_hole_at_rest": 14,
                "log_sorted_at_rest": 14,
                "converges": 5,
            },
        ),
        "unsorted": Mutant(partial(in_order, server=UNSORTED), {"log_sorted_at_rest": 14}),
        "lossy": Mutant(
            partial(in_order, losses=1),
            {"complete_at_rest": 9, "no_hole_at_rest": 9, "converges": 3},
        ),
        "device_restarts": Mutant(repeating, {"agree_at_rest": 15, "converges": 5}),
    },
)

HELPER_LAG = Check(
    name="gossip.store.published.helper_lag",
    about="The paper's recovery asks a helper that has not yet what it should send.",
    world=apart,
    properties=AT_REST,
    small={"servers": 2, "items": 2, "crashes": 1},
    full={"servers": 3},
    refuted={"complete_at_rest": 9, "converges": 6},
    states=346,
)

HOLE = Check(
    name="gossip.store.published.hole",
    about="The paper's recovery never asks for what is missing in the middle of its log.",
    world=in_order,
    properties=AT_REST,
    small={"servers": 2, "items": 3, "crashes": 2},
    full={"items": 4},
    refuted={"complete_at_rest": 16, "no_hole_at_rest": 16, "converges": 7},
    states=55_721,
)

REORDER = Check(
    name="gossip.store.published.reorder",
    about="The paper's recovery, where one measurement may overtake another.",
    world=partial(apart, network=Bag()),
    properties=AT_REST,
    small={"servers": 2, "items": 3, "crashes": 1},
    full={"crashes": 2},
    refuted={
        "complete_at_rest": 12,
        "no_hole_at_rest": 12,
        "log_sorted_at_rest": 9,
        "converges": 6,
    },
    states=10_984,
)

COLLISION = Check(
    name="gossip.store.published.collision",
    about="The paper's ON CONFLICT DO NOTHING keeps whichever value of a date comes first.",
    world=colliding,
    properties=AT_REST,
    small={"servers": 2, "items": 2},
    full={"servers": 3, "items": 3},
    refuted={"agree_at_rest": 6, "converges": 4},
    states=30,
)

TOTAL_LOSS = Check(
    name="gossip.store.published.total_loss",
    about="The published code drops its table whenever it starts, and so can lose all.",
    world=partial(apart, server=CODE),
    properties=(spec.nothing_is_lost,),
    small={"servers": 2, "items": 1, "crashes": 2},
    full={"servers": 3, "crashes": 3},
    refuted={"nothing_is_lost": 5},
    states=190,
)

READS = Check(
    name="gossip.store.published.reads",
    about="The paper's servers answer reads while they recover.",
    world=reading,
    properties=(spec.caught_up_knows_what_was_stored, spec.no_read_goes_back),
    small={"servers": 2, "items": 1, "crashes": 1},
    full={"items": 2, "crashes": 2},
    refuted={"caught_up_knows_what_was_stored": 4},
    states=2_971,
    mutants={
        "amnesia": Mutant(
            partial(reading, server=CODE),
            {"caught_up_knows_what_was_stored": 4, "no_read_goes_back": 10},
        )
    },
)
