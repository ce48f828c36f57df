"""The recovery by fingerprints: it holds where messages are lost, late and out of order."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.gossip.store import repaired
from coterie.checks.catalogue.gossip.store.service.worlds import (
    TINY,
    colliding,
    in_order,
    serving,
)
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.network import Bag, Network
from coterie.checks.world import World
from coterie.model.gossip.store import recovery
from coterie.model.gossip.store.service import shelf
from coterie.model.gossip.store.service.comparing import answered, heard
from coterie.model.gossip.store.service.index import Calendar, Row
from coterie.model.gossip.store.service.serving import StoreServer
from coterie.model.gossip.store.service.shelf import BLANK, Inserted, Shelf
from coterie.model.machine import Node
from coterie.spec.gossip import store
from coterie.spec.gossip import store_service as spec

ONE_EACH = Bag(capacity=1, full="drop")
TWO_EACH = Bag(capacity=2, full="drop")


def lossy(
    servers: int,
    items: int,
    crashes: int,
    network: Network = ONE_EACH,
    server: StoreServer = TINY,
) -> World:
    """Return servers on channels that lose any message, and drop what does not fit."""
    measures = in_order(items)
    return serving(server, servers, measures, crashes=crashes, network=network, losses="any")


def recovering(
    servers: int,
    items: int,
    crashes: int,
    network: Network = ONE_EACH,
    server: StoreServer = TINY,
) -> World:
    """Return such servers, and a ghost that knows what they have stored."""
    return evolve(
        lossy(servers, items, crashes, network, server), observers={"ledger": store.LEDGER}
    )


def shelf_with(*rows: Row, boots: int = 0) -> Shelf:
    """Return the disk of a server that has these rows."""
    return TINY.recorded(evolve(BLANK, boots=boots), Inserted(rows)) if rows else BLANK


def disks(tables: Mapping[str, Any]) -> dict[Node, Shelf]:
    """Return the disks of the servers that are named, each with its rows."""
    return {Node("server", int(name[-1])): shelf_with(*rows) for name, rows in tables.items()}


def apart(servers: int, server: StoreServer = TINY, **tables: Any) -> World:
    """Return servers that start with tables of their own; the device measures no more."""
    return serving(server, servers, (), network=ONE_EACH, losses="any", starts=disks(tables))


def never(asked: int) -> bool:
    """Mutant: ask nobody again."""
    return asked < 0


def unheeded(boot: int, known: int) -> bool:
    """Mutant: do not heed that a peer has started again."""
    return (boot < 0) & (known < 0)


def whatever_is_left(left: int) -> bool:
    """Mutant: take the first answer of a peer for all that it has."""
    return left >= 0


SILENT = evolve(TINY, sizes=evolve(TINY.sizes, window=0), asks_anew=never)
"""Mutant: ask once, at the start, and never go on."""

MUTANTS = {
    "asks_once": evolve(TINY, asks_anew=never),
    "first_come": evolve(TINY, merge=shelf.first_come),
    "colliding": evolve(TINY, calendar=evolve(TINY.calendar, fingerprint=colliding)),
    "unready": evolve(TINY, has_caught_up=repaired.hears_nobody),
    "read_at_once": evolve(TINY, has_caught_up=recovery.at_once),
    "any_boot": evolve(TINY, is_fresh=repaired.any_boot),
    "any_part": evolve(TINY, is_heard=whatever_is_left),
    "any_peer": evolve(TINY, has_caught_up=repaired.one_heard),
}


def mutants(
    world: Callable[..., World], kills: Mapping[str, Mapping[str, int | None]], **parameters: Any
) -> dict[str, Mutant]:
    """Return the mutants named in `kills`, in `world`, with the given `parameters`."""
    return {
        name: Mutant(partial(world, server=MUTANTS[name]), killed, parameters)
        for name, killed in kills.items()
    }


LOSS = Check(
    name="gossip.store.service.recovery",
    about="Servers that compare fingerprints find what they lack, where any message may be lost.",
    world=recovering,
    properties=(
        spec.tables_converge,
        spec.servers_serve_again,
        spec.rows_only_grow,
        spec.the_index_is_of_its_rows,
        spec.who_serves_knows_what_was_stored,
        spec.a_server_is_back,
    ),
    small={"servers": 2, "items": 2, "crashes": 1},
    full={"crashes": 2},
    states=144_918,
    mutants={
        **mutants(
            recovering,
            {
                "asks_once": {"tables_converge": 3, "servers_serve_again": 3},
                "colliding": {"tables_converge": 5, "who_serves_knows_what_was_stored": 8},
                "unready": {"servers_serve_again": 1, "a_server_is_back": None},
                "read_at_once": {"who_serves_knows_what_was_stored": 4},
                "any_part": {"who_serves_knows_what_was_stored": 8},
            },
        ),
        **mutants(
            partial(recovering, network=TWO_EACH),
            {"any_boot": {"who_serves_knows_what_was_stored": 7}},
            items=1,
        ),
        **mutants(
            recovering,
            {"any_peer": {"who_serves_knows_what_was_stored": 6}},
            servers=3,
            items=1,
        ),
        "shallow": Mutant(
            changed(recovering, heard, "without *pieces"),
            {"tables_converge": 4},
        ),
    },
)

LATE = Check(
    name="gossip.store.service.late",
    about="Answers to what was asked before, and even before a crash, mislead no server.",
    world=partial(recovering, network=TWO_EACH),
    properties=LOSS.properties,
    small={"servers": 2, "items": 1, "crashes": 1},
    full={"crashes": 2},
    states=141_022,
)

DIFFERENT: Mapping[str, Any] = {
    "server0": (Row(1, 10, 0), Row(2, 20, 1)),
    "server1": (Row(1, 11, 0), Row(3, 30, 2)),
}

APART = Check(
    name="gossip.store.service.apart",
    about="Servers with other rows, and another value of one date, come to have the same.",
    world=apart,
    properties=(
        spec.tables_converge,
        spec.servers_serve_again,
        spec.rows_only_grow,
        spec.answers_are_small,
        spec.the_index_is_of_its_rows,
        spec.tables_are_full,
    ),
    small={"servers": 2, **DIFFERENT},
    full={"servers": 3},
    states=1392,
    mutants={
        **mutants(apart, {"first_come": {"tables_converge": 0}}),
        "asks_nobody": Mutant(partial(apart, server=SILENT), {"tables_are_full": None}),
        "all_at_once": Mutant(
            changed(
                apart,
                answered,
                "if mine.count <= (sizes.few if theirs.count else sizes.batch) → if True",
            ),
            {"answers_are_small": 2},
        ),
        "unsummed": Mutant(
            changed(
                apart,
                Calendar._leaf_with,  # noqa: SLF001
                "leaf.mark + added - gone → leaf.mark + added",
            ),
            {"the_index_is_of_its_rows": 5},
        ),
        "keep_least": Mutant(
            changed(
                apart,
                shelf.greatest,
                "max(held, arrived, key=_rank) → min(held, arrived, key=_rank)",
            ),
            {"rows_only_grow": 5},
        ),
    },
)
