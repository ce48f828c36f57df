"""What clients see when servers crash, come back, or begin again after all have crashed."""

from functools import partial

from coterie.checks.catalogue.synchrony.durable import nothing_of_it, some
from coterie.checks.catalogue.synchrony.service.worlds import (
    CLAIM,
    FAIR,
    STABLY,
    WRITE,
    Patient,
    world,
)
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.model.synchrony.service.server import Server
from coterie.spec.synchrony import service as spec

CRASH = Check(
    name="synchrony.service.crash",
    about="One of three servers may crash; its client asks the next one, in fair runs.",
    world=world,
    properties=(
        spec.linearizable,
        spec.contents_are_the_log,
        spec.same_position_same_contents,
        spec.what_is_applied_is_on_every_disk,
        spec.what_is_answered_is_on_most_disks,
        spec.an_answer_is_what_the_log_says,
        spec.batches_under_way_are_counted,
        spec.every_call_is_answered,
        spec.a_client_is_answered_elsewhere,
    ),
    small={
        "size": 3,
        "calls": ((CLAIM, STABLY),),
        "asked": ((1, 0),),
        "client": Patient,
        "retries": 1,
        "faults": {"crashes": 1},
        "fairness": FAIR,
    },
    full={"calls": ((CLAIM, WRITE),), "server": {"in_flight_most": 1}},
    states=18_966,
    mutants={
        "reports_what_some_have": Mutant(
            partial(world, keeping={"everywhere": some}),
            {"what_is_applied_is_on_every_disk": 7, "what_is_answered_is_on_most_disks": 9},
        ),
        "never_asks_elsewhere": Mutant(
            world,
            {"every_call_is_answered": 7, "a_client_is_answered_elsewhere": None},
            {"retries": 0},
        ),
    },
)

RESTART = Check(
    name="synchrony.service.restart",
    about="Both servers may crash; when they are back one calls to a restart, and they go on.",
    world=world,
    properties=(
        spec.linearizable,
        spec.contents_are_the_log,
        spec.same_position_same_contents,
        spec.what_is_applied_is_on_every_disk,
        spec.what_is_answered_is_on_most_disks,
        spec.somebody_serves_again,
    ),
    small={
        "size": 2,
        "calls": ((CLAIM, STABLY),),
        "asked": ((0,),),
        "retries": 1,
        "calling": (2,),
        "faults": {"crashes": 2, "restarts": 2, "duplications": 1},
    },
    full={"calling": (3, 3)},
    states=136_637,
    mutants={
        "stays_out": Mutant(world, {"somebody_serves_again": None}, {"calling": ()}),
    },
)

REJOIN = Check(
    name="synchrony.service.rejoin",
    about="A server that has crashed is let in again, and its store is that of the others.",
    world=world,
    properties=(
        spec.linearizable,
        spec.contents_are_the_log,
        spec.same_position_same_contents,
        spec.what_is_applied_is_on_every_disk,
        spec.an_answer_is_what_the_log_says,
        spec.batches_under_way_are_counted,
        spec.somebody_serves_again,
    ),
    small={
        "size": 3,
        "calls": ((WRITE,),),
        "asked": ((1,),),
        "contacts": (0,),
        "keeping": {"asks_again": True, "tells_again": True},
        "faults": {"crashes": 1, "restarts": 1},
    },
    full={"faults": {"crashes": 1, "restarts": 1, "duplications": 1}, "contacts": ()},
    states=22_441,
    mutants={
        "lets_in_with_nothing": Mutant(
            partial(world, rules={"transfer": {"given": nothing_of_it}}),
            {"what_is_applied_is_on_every_disk": 17},
        ),
        "counts_an_earlier_life": Mutant(
            changed(
                world,
                Server._own,  # noqa: SLF001
                "max(0, since - reported.first) → min(0, since - reported.first)",
            ),
            {"batches_under_way_are_counted": 22},
        ),
        "stays_out": Mutant(
            world, {"somebody_serves_again": None}, {"keeping": {"rejoins": False}}
        ),
    },
)
