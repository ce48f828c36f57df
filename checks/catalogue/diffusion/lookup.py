"""The two-phase lookup: what the published client, the obvious remedy and the repaired one keep."""

from functools import partial

from attrs import evolve

from coterie.checks.catalogue.diffusion.lookup_worlds import asking, poisoned
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.model.diffusion.lookup import PUBLISHED, REPAIRED, WITNESSED, Client
from coterie.model.diffusion.lookup_quorums import is_witnessed
from coterie.model.diffusion.lookup_server import Wary
from coterie.spec.diffusion import lookup as spec


def by_f(answers: int, f: int) -> bool:
    """Mutant: f equal answers suffice; all may be lies."""
    return answers >= f


def by_two_f(answers: int, f: int) -> bool:
    """Mutant: 2f equal answers suffice, of 3f servers."""
    return answers >= 2 * f


def at_any_time(number: int, latest: int) -> bool:
    """Mutant: the answers to earlier attempts count as well."""
    return (number == latest) | (number != latest)


def by_more_than_all(answers: int, f: int) -> bool:
    """Mutant: more equal answers are wanted than there are servers."""
    return answers > 3 * f + 1


HALF = evolve(PUBLISHED, believes_value=is_witnessed, believes_none=is_witnessed)
GULLIBLE = evolve(PUBLISHED, believes_value=by_f, believes_none=by_f)
FEW = evolve(PUBLISHED, believes_value=by_two_f, believes_none=by_two_f)
NEVER = evolve(PUBLISHED, believes_value=by_more_than_all, believes_none=by_more_than_all)
LATE = evolve(PUBLISHED, is_current=at_any_time)
CHATTER = evolve(REPAIRED, passes_on=by_f)

PROMISES = (
    spec.ATOMIC,
    spec.no_forgery,
    spec.no_value_is_forgotten,
    spec.no_value_is_overlooked,
    spec.no_read_is_interrupted,
    spec.a_value_is_returned,
    spec.none_before_a_value,
)

PUBLISHED_CHECK = Check(
    name="diffusion.lookup.published",
    about="A client that believes 2f + 1 equal answers of 3f + 1 servers, f of them Byzantine.",
    world=partial(asking, PUBLISHED),
    properties=PROMISES,
    small={"f": 1, "reads": 2},
    full={"f": 2},
    states=10_191,
    mutants={
        "half": Mutant(
            partial(asking, HALF),
            {"linearizable": 13, "no_value_is_forgotten": 13, "no_value_is_overlooked": 7},
        ),
        "gullible": Mutant(
            partial(asking, GULLIBLE),
            {
                "linearizable": 2,
                "no_forgery": 2,
                "no_value_is_forgotten": 7,
                "no_value_is_overlooked": 5,
            },
        ),
        "three_f": Mutant(
            partial(asking, FEW),
            {"linearizable": 12, "no_value_is_forgotten": 12},
            {"servers": 3},
        ),
        "outvoted": Mutant(
            partial(asking, PUBLISHED),
            {"linearizable": 14, "no_value_is_forgotten": 14},
            {"faulty": 2},
        ),
        "late_answers": Mutant(partial(asking, LATE), {"no_value_is_overlooked": 15}),
        "trusting": Mutant(
            changed(
                partial(asking, PUBLISHED),
                Wary.step,
                "case Receive(sender, message) if not self._believes(sender, message) → never",
            ),
            {"no_forgery": 8},
        ),
        "interrupted": Mutant(
            changed(
                partial(asking, PUBLISHED),
                Client.step,
                "case Invoke(Lookup(date)) if state.date is None and self._may_ask(state)"
                " → case Invoke(Lookup(date))",
            ),
            {"no_read_is_interrupted": 5},
        ),
        "never_enough": Mutant(
            partial(asking, NEVER), {"a_value_is_returned": None, "none_before_a_value": None}
        ),
    },
)

POISONED = Check(
    name="diffusion.lookup.published.poisoned",
    about="The store's own recovery believes one helper, and a Byzantine one makes it lie.",
    world=partial(poisoned, PUBLISHED),
    properties=(spec.no_forgery,),
    small={"f": 1, "reads": 1},
    full={"reads": 2},
    refuted={"no_forgery": 8},
    states=2_519,
)

WITNESSED_CHECK = Check(
    name="diffusion.lookup.witnessed",
    about="A client that believes f + 1 equal values: a later read may find none.",
    world=partial(asking, WITNESSED),
    properties=PROMISES,
    small={"f": 1, "reads": 2},
    full={"f": 2},
    refuted={"linearizable": 16, "no_value_is_forgotten": 16},
    states=11_137,
)

REPAIRED_CHECK = Check(
    name="diffusion.lookup.repaired",
    about="A client that tells all servers the value that f + 1 of them say.",
    world=partial(asking, REPAIRED),
    properties=PROMISES,
    small={"f": 1, "reads": 2},
    full={"f": 2},
    states=15_863,
    mutants={
        "chatter": Mutant(partial(asking, CHATTER), {"linearizable": 21, "no_forgery": 21}),
    },
)
