"""Whether reads return in the end, where a recovery has left a hole and where it has not."""

from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.diffusion.lookup import NEVER
from coterie.checks.catalogue.diffusion.lookup_worlds import crashing, holed, waiting, with_client
from coterie.checks.check import Check, Mutant
from coterie.checks.world import World
from coterie.model.diffusion.lookup import PUBLISHED, REPAIRED, WITNESSED, Client
from coterie.spec.diffusion import lookup_progress as spec


def by_all(answers: int, f: int) -> bool:
    """Mutant: all servers must say the same, though f may be silent."""
    return answers >= 3 * f + 1


def impatient(client: Client, **parameters: Any) -> World:
    """Return a client whose time δ may be over before any answer has come, again and again."""
    return with_client(waiting(client, **parameters), timely=frozenset())


DEMANDING = evolve(PUBLISHED, believes_value=by_all, believes_none=by_all)

RETURNS = (spec.agreed_reads_return, spec.reads_return, spec.a_read_returns)
COMPOSED = (spec.can_still_return, spec.a_read_returns, spec.a_date_is_missed)

PROGRESS = Check(
    name="diffusion.lookup.published.progress",
    about="The published client reads, in the end, what all correct servers come to have.",
    world=partial(waiting, PUBLISHED),
    properties=RETURNS,
    small={"f": 1},
    full={"f": 2},
    states=3_628,
    mutants={
        "demanding": Mutant(
            partial(waiting, DEMANDING), {"agreed_reads_return": 15, "reads_return": 15}
        ),
        "impatient": Mutant(
            partial(impatient, PUBLISHED), {"agreed_reads_return": 15, "reads_return": 15}
        ),
        "never_enough": Mutant(partial(waiting, NEVER), {"a_read_returns": None}),
    },
)

HOLE = Check(
    name="diffusion.lookup.published.hole",
    about="One correct server that lacks a date for ever, and a silent one: no read of it returns.",
    world=partial(holed, PUBLISHED),
    properties=(spec.reads_return, spec.a_read_returns),
    small={"f": 1, "holes": 1},
    full={"f": 2, "holes": 2},
    refuted={"reads_return": 15},
    states=217,
)

RECOVERY = Check(
    name="diffusion.lookup.published.recovery",
    about="The published recovery of a server after a crash leaves a date that nobody can read.",
    world=partial(crashing, PUBLISHED),
    properties=COMPOSED,
    small={"crashes": 1},
    full={"lies": True},
    refuted={"can_still_return": 8},
    states=86_091,
    mutants={
        "no_crash": Mutant(partial(crashing, PUBLISHED), {"a_date_is_missed": None}, {"crashes": 0})
    },
)

WITNESSED_HOLE = Check(
    name="diffusion.lookup.witnessed.hole",
    about="A client that believes f + 1 equal values reads the date that one server lacks.",
    world=partial(holed, WITNESSED),
    properties=(spec.reads_return, spec.a_read_returns),
    small={"f": 1, "holes": 1},
    full={"f": 2, "holes": 2},
    states=100,
)

REPAIRED_PROGRESS = Check(
    name="diffusion.lookup.repaired.progress",
    about="The repaired client reads, in the end, what all correct servers come to have.",
    world=partial(waiting, REPAIRED),
    properties=RETURNS,
    small={"f": 1},
    full={"f": 2},
    states=7_644,
)

REPAIRED_HOLE = Check(
    name="diffusion.lookup.repaired.hole",
    about="A client that passes on what f + 1 servers say fills the hole, and its read returns.",
    world=partial(holed, REPAIRED),
    properties=(spec.reads_return, spec.a_read_returns),
    small={"f": 1, "holes": 1},
    full={"f": 2, "holes": 2},
    states=377,
    mutants={
        "published": Mutant(partial(holed, PUBLISHED), {"reads_return": 15}),
        "two_holes": Mutant(partial(holed, REPAIRED), {"reads_return": 15}, {"holes": 2}),
    },
)

REPAIRED_RECOVERY = Check(
    name="diffusion.lookup.repaired.recovery",
    about="What the published recovery misses after a crash, the repaired client can still read.",
    world=partial(crashing, REPAIRED),
    properties=COMPOSED,
    small={"crashes": 1},
    full={"lies": True},
    states=104_697,
    mutants={"published": Mutant(partial(crashing, PUBLISHED), {"can_still_return": 8})},
)
