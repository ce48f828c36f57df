"""Processes that are back ask to be let in again, over links that may say things twice."""

from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.synchrony import durable
from coterie.checks.catalogue.synchrony.durable import keeping
from coterie.checks.catalogue.synchrony.worlds import NEWS, group
from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import weak
from coterie.checks.faults import Faults
from coterie.checks.world import World
from coterie.spec.synchrony import durable as spec_of_logs
from coterie.spec.synchrony import rejoin as spec

FAIR = (weak("deliveries"), weak("timers"))
"""Messages arrive, and whoever is outside asks."""


def world(
    size: int,
    told: tuple[int, ...] = (),
    joiners: int = 0,
    contacts: tuple[int, ...] = (),
    crashing: tuple[str, ...] = (),
    crashes: int = 1,
    duplications: int = 0,
    **fields: Any,
) -> World:
    """Return members that keep logs, and processes that want to join; whoever crashes is back.

    Attributes:
        told: how many messages the user of each member multicasts, by rank; none beyond.
        contacts: the ranks of those whom a process asks to be let in; none for all.
        crashing: the roles that may crash; all when empty.
        duplications: how many messages the network may repeat, also across a crash.
        fields: of those who keep logs.
    """
    made = group(size, told, joiners=joiners, contacts=contacts, network=NEWS, fairness=FAIR)
    return evolve(
        made,
        machines={node: keeping(member, **fields) for node, member in made.machines.items()},
        faults=Faults(crashes=crashes, crashing=crashing, duplications=duplications),
        observers={spec.NAME: spec.INSTALLED, spec_of_logs.NAME: spec_of_logs.REPORTED},
    )


def total(duplications: int, **parameters: Any) -> World:
    """Return a group of which all may crash, over a network that may repeat so many messages."""
    made = durable.world(**parameters)
    return evolve(
        made,
        network=NEWS,
        faults=evolve(made.faults, duplications=duplications),
        observers={**made.observers, spec.NAME: spec.INSTALLED},
    )


def any_view(number: int, bound: int) -> bool:
    """Mutant: a process is let into any view, also into one that it was in before."""
    return number >= min(number, bound)


def nobody(number: int, bound: int | None) -> bool:
    """Mutant: nobody who asks is taken for failed."""
    return number < 0 and bound is not None


def unlawful(made: Callable[..., World]) -> Callable[..., World]:
    """Return a maker of worlds that drop no message: what is over there need not stay over."""
    return lambda **parameters: evolve(made(**parameters), closing=())


PERSISTENT = {"asks_again": True, "tells_again": True}
JOINER = {"size": 2, "joiners": 1, "contacts": (0,), "crashing": ("joiner",), "duplications": 0}

BACK = Check(
    name="synchrony.durable.back",
    about="A member that is back asks until it is let in, and what it had taken in comes again.",
    world=world,
    properties=(
        spec.who_is_back_gets_in,
        spec.views_go_up,
        spec_of_logs.one_view_a_number,
        spec.somebody_comes_in_again,
    ),
    small={"size": 3, "contacts": (0, 1), "duplications": 1, **PERSISTENT},
    full={**JOINER, "duplications": 1},
    states=845,
    mutants={
        "asks_once": Mutant(world, {"who_is_back_gets_in": 8}, {"asks_again": False}),
        "takes_no_notice": Mutant(
            partial(world, must_have_left=nobody), {"who_is_back_gets_in": 5}
        ),
        "tells_once": Mutant(world, {"who_is_back_gets_in": 12}, {**JOINER, "tells_again": False}),
        "enters_any_view": Mutant(
            unlawful(partial(world, may_enter=any_view)),
            {"views_go_up": 10},
            {**JOINER, "duplications": 1, "asks_again": False},
        ),
        "never_rejoins": Mutant(partial(world, rejoins=False), {"somebody_comes_in_again": None}),
    },
)

ONCE = Check(
    name="synchrony.durable.back.once",
    about="A member that is back and asks each contact once may wait for ever.",
    world=world,
    properties=(spec.who_is_back_gets_in, spec.views_go_up),
    small={"size": 3, "contacts": (0, 1), "duplications": 1},
    refuted={"who_is_back_gets_in": 8},
    states=597,
)

LOG = Check(
    name="synchrony.durable.back.log",
    about="Logs stay one log when a member is back and what it had taken in comes again.",
    world=world,
    properties=(
        spec.views_go_up,
        spec_of_logs.all_reports_are_of_one_log,
        spec_of_logs.what_is_reported_is_on_every_disk,
        spec_of_logs.later_views_have_what_was_reported,
        spec_of_logs.one_view_a_number,
        spec_of_logs.somebody_is_let_in_again,
    ),
    small={"size": 3, "told": (1,), "contacts": (0,), "duplications": 1, **PERSISTENT},
    full={"told": (0, 1)},
    states=51_508,
)

TOTAL = Check(
    name="synchrony.durable.total.repeated",
    about="A group of which all have crashed begins again, though old messages come again.",
    world=total,
    properties=(
        spec.views_go_up,
        spec_of_logs.all_reports_are_of_one_log,
        spec_of_logs.what_is_reported_is_on_every_disk,
        spec_of_logs.later_views_have_what_was_reported,
        spec_of_logs.one_view_a_number,
        spec_of_logs.something_is_reported_later,
    ),
    small={
        "size": 2,
        "told": (0, 1),
        "crashes": 2,
        "restarts": 2,
        "leads": (1,),
        "duplications": 2,
    },
    full={"crashes": 3, "restarts": 3, "leads": (1, 1), "duplications": 1},
    states=5_953,
)
