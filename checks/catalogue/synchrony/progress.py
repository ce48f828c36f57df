"""What a group comes to in fair runs, with no more than a minority of failures."""

from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.synchrony.membership import LeaderOnce, NoNewLeader, nobody
from coterie.checks.catalogue.synchrony.twins import none
from coterie.checks.catalogue.synchrony.worlds import group
from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import Fairness, weak
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.synchrony.transfer import Transfer
from coterie.spec.synchrony import progress as spec
from coterie.spec.synchrony import told

FAIR = (weak("deliveries"), weak("timers"))
"""Rows arrive, who is down is suspected, and who wants to join asks."""


def world(founders: int = 3, fairness: tuple[Fairness, ...] = FAIR, **parameters: Any) -> World:
    """Return a group of so many, in fair runs, with a ghost of what users have said."""
    made = group(founders, fairness=fairness, **parameters)
    return evolve(made, observers={told.TOLD: told.OBSERVER})


def all_of_them(alive: int, members: int) -> bool:
    """Mutant: go on only as long as nobody fails."""
    return alive == members


leader_once = partial(world, rules={"member": {"trim": LeaderOnce()}})

CRASH = Check(
    name="synchrony.progress.crash",
    about="A member multicasts in a group of three, one of which may crash, in fair runs.",
    world=world,
    properties=(
        spec.every_view_change_ends,
        spec.what_a_survivor_tells_is_delivered,
        spec.the_living_agree_on_who_lives,
        spec.who_stops_has_failed_or_left,
        spec.a_view_change_has_ended,
    ),
    small={"told": (0, 1), "crashes": 1},
    full={"told": (0, 1, 1)},
    states=1_350,
    mutants={
        "no_new_leader": Mutant(
            partial(world, rules={"member": {"membership": NoNewLeader()}}),
            {"every_view_change_ends": 4, "the_living_agree_on_who_lives": 4},
        ),
        "never_ends": Mutant(
            partial(world, rules={"trim": {"all_echo": nobody}}),
            {"every_view_change_ends": 6, "a_view_change_has_ended": None},
            {"told": ()},
        ),
        "loses_the_rest": Mutant(
            partial(world, rules={"transfer": {"resent": none}}),
            {"what_a_survivor_tells_is_delivered": 7},
        ),
        "all_must_live": Mutant(
            partial(world, rules={"membership": {"has_majority": all_of_them}}),
            {"who_stops_has_failed_or_left": 2},
            {"told": ()},
        ),
        "never_suspects": Mutant(
            partial(world, fairness=(weak("deliveries"),)),
            {"what_a_survivor_tells_is_delivered": 4, "the_living_agree_on_who_lives": 1},
        ),
    },
)

JOIN = Check(
    name="synchrony.progress.join",
    about="A process joins a group of three, one of which may crash, in fair runs.",
    world=world,
    properties=(
        spec.every_view_change_ends,
        spec.who_wants_in_gets_in,
        spec.the_living_agree_on_who_lives,
        spec.who_stops_has_failed_or_left,
        spec.a_view_change_has_ended,
    ),
    small={"joiners": 1, "contacts": (1,), "crashes": 1, "crashing": ("member",)},
    full={"contacts": (1, 2), "crashing": ()},
    states=3_437,
    mutants={
        "deaf": Mutant(
            changed(world, Transfer.asked, "joining | {process} → joining"),
            {"who_wants_in_gets_in": 2},
        ),
    },
)

LEADER_ONCE = Check(
    name="synchrony.progress.leader_once",
    about="Who leads is settled once for the end of a view, as a published program seems to do it.",
    world=leader_once,
    properties=(
        spec.every_view_change_ends,
        spec.the_living_agree_on_who_lives,
        spec.a_view_change_has_ended,
    ),
    small={"leaving": (2,), "crashes": 1},
    full={"leaving": (1, 2)},
    refuted={"every_view_change_ends": 9, "the_living_agree_on_who_lives": 9},
    states=1_136,
)

LEAVING = Check(
    name="synchrony.progress.leaving",
    about="A member of two leaves and stops; suspected before its row is read, it has failed.",
    world=world,
    properties=(spec.every_view_change_ends, spec.who_stops_has_failed_or_left),
    small={
        "founders": 2,
        "leaving": (1,),
        "joiners": 1,
        "contacts": (0,),
        "crashes": 1,
        "crashing": ("joiner",),
    },
    full={"founders": 3, "leaving": (1, 2)},
    refuted={"who_stops_has_failed_or_left": 6},
    states=534,
)
