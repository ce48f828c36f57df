"""Exchanges of the serving log, whose messages hold one record here; and forks."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.gossip.gdp.service.worlds import (
    BESIDE,
    CHAIN,
    FORKED,
    SERVER,
    SMALL,
    THRICE,
    served,
)
from coterie.checks.catalogue.gossip.gdp.worlds import MIDDLE, ROOT, TIP
from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import weak
from coterie.checks.faults import Faults
from coterie.checks.network import Bag
from coterie.checks.world import World
from coterie.model.gossip.gdp.algorithm import ancestors
from coterie.model.gossip.gdp.log import Log
from coterie.model.gossip.gdp.record import Entry
from coterie.model.gossip.gdp.service.paging import Paged, Room
from coterie.model.gossip.gdp.service.shelf import Shelf, shelf_of, shelved
from coterie.model.machine import Node
from coterie.spec.gossip.gdp import clients
from coterie.spec.gossip.gdp import replica as common
from coterie.spec.gossip.gdp import service as spec

PATIENT = evolve(SERVER, gives_up=False)
"""A replica that waits for every answer, over links that lose nothing."""

FAIR = (weak("timers"), weak("deliveries"))


def roots_first(log: Log, starts: Iterable[str]) -> Iterator[str]:
    """Mutant: send what is connected with a record in the order in which it was written."""
    found = frozenset[str]().union(*(ancestors(log, name) for name in starts))
    return iter(sorted(found, key=len))


def nothing(entry: Entry, writer: Node) -> bool:
    """Mutant: accept no record."""
    del entry, writer
    return False


def first_of_a_place(log: Log, entry: Entry) -> Shelf:
    """Mutant: of two records that go on from one place, keep the first alone."""
    taken = any(log.children.get(parent) for parent in entry.parents)
    return log if taken and isinstance(log, Shelf) else shelved(log, entry)


def last_of_a_place(log: Log, entry: Entry) -> Shelf:
    """Mutant: of two records that go on from one place, keep the last alone."""
    beside = {name for parent in entry.parents for name in log.children.get(parent, ())}
    left = [each for name, each in sorted(log.entries.items()) if name not in beside]
    return shelved(shelf_of(left), entry)


def as_they_come(entries: Iterable[Entry]) -> list[Entry]:
    """Mutant: keep records in the order of their names, the last first."""
    return sorted(entries, key=lambda entry: entry.name, reverse=True)


def fair(**fields: Any) -> World:
    """Return such replicas, whose timers and deliveries are fair."""
    return served(**{"server": PATIENT, "fairness": FAIR, **fields})


PAGES = Check(
    name="gossip.gdp.service.pages",
    about="Replicas whose messages hold one record exchange until they hold the same.",
    world=fair,
    properties=(
        spec.records_can_spread,
        spec.records_spread,
        spec.pages_are_small,
        spec.all_is_everywhere,
    ),
    small={"held": CHAIN},
    full={"held": FORKED},
    states=37,
    mutants={
        "roots_first": Mutant(
            partial(fair, server=evolve(PATIENT, algorithm=Paged(room=SMALL, order=roots_first))),
            {"records_can_spread": 0, "records_spread": 7},
            {"held": FORKED},
        ),
        "all_at_once": Mutant(
            partial(fair, server=evolve(PATIENT, algorithm=Paged(room=Room()))),
            {"pages_are_small": 2},
        ),
        "deaf": Mutant(
            partial(fair, server=evolve(PATIENT, accepts=nothing)),
            {"records_can_spread": 0, "records_spread": 12, "all_is_everywhere": None},
        ),
    },
)

lossy = partial(served, network=Bag(1, "drop"), faults=Faults(losses="any", crashes=1))

LOSSY = Check(
    name="gossip.gdp.service.lossy",
    about="Such replicas get on where messages are lost, and one crashes; no record is lost.",
    world=lossy,
    properties=(
        spec.records_can_spread,
        spec.pages_are_small,
        common.logs_only_grow,
        spec.all_is_everywhere,
    ),
    small={"held": CHAIN},
    full={"held": FORKED},
    states=1_604,
    mutants={
        "roots_first": Mutant(
            partial(lossy, server=evolve(SERVER, algorithm=Paged(room=SMALL, order=roots_first))),
            {"records_can_spread": 0},
            {"held": FORKED},
        ),
        "last_wins": Mutant(
            partial(lossy, server=evolve(SERVER, store=last_of_a_place)),
            {"logs_only_grow": 4},
            {"held": FORKED},
        ),
    },
)

FORKS = Check(
    name="gossip.gdp.service.forks",
    about="Two records of the writer in one place are kept, spread, and shown.",
    world=fair,
    properties=(
        spec.forks_are_never_forgotten,
        spec.forks_reach_all,
        spec.a_fork_is_everywhere,
    ),
    small={"held": FORKED},
    full={"held": (*FORKED, ())},
    states=26,
    mutants={
        "first_of_a_place": Mutant(
            partial(fair, server=evolve(PATIENT, store=first_of_a_place)),
            {"forks_reach_all": 7, "a_fork_is_everywhere": None},
        ),
        "last_of_a_place": Mutant(
            partial(fair, server=evolve(PATIENT, store=last_of_a_place)),
            {"forks_are_never_forgotten": 4},
            {"held": THRICE},
        ),
    },
)

IN_PAIRS = evolve(PATIENT, algorithm=Paged(room=Room(records=2)))
"""A replica that sends two records at once, so that they may come in either order."""

ORDER = Check(
    name="gossip.gdp.service.order",
    about="A replica keeps parents before their children, where they come together.",
    world=partial(fair, server=IN_PAIRS),
    properties=(clients.parents_come_first, spec.records_spread, spec.all_is_everywhere),
    small={"held": CHAIN},
    full={"held": ((ROOT, MIDDLE, TIP), (ROOT, BESIDE))},
    states=26,
    mutants={
        "as_they_come": Mutant(
            partial(fair, server=evolve(IN_PAIRS, ordered=as_they_come)),
            {"parents_come_first": 3},
        ),
    },
)
