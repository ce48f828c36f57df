"""The algorithm of an exchange, over every shape of log and every pair of replicas."""

from collections.abc import Callable
from functools import partial
from typing import Any

from coterie.checks.catalogue.gossip.gdp.shapes import Shape, forests, graphs, parts
from coterie.checks.check import Check, Mutant
from coterie.checks.world import World
from coterie.model.gossip.gdp.algorithm import Algorithm, descendants, look_first
from coterie.model.gossip.gdp.log import by_name
from coterie.model.gossip.gdp.reconciler import Pair, Reconciler
from coterie.spec.gossip.gdp import reconciler as spec


def world(shapes: Callable[[int], list[Shape]], records: int, **fields: Any) -> World:
    """Return every pair of logs over every shape, before an algorithm with these `fields`."""
    starts = [
        {spec.REPLICAS: Pair(shape, one, other)}
        for shape in shapes(records)
        for logs in (parts(shape),)
        for one in logs
        for other in logs
    ]
    return World({spec.REPLICAS: Reconciler(Algorithm(**fields))}, starts=starts)


def as_published(shapes: Callable[[int], list[Shape]], records: int) -> World:
    """Return the same under the published algorithm."""
    return world(shapes, records, walk=look_first, describe=by_name, climbs=False)


CLAIMS = (spec.one_exchange_suffices, spec.exchanges_converge, spec.a_branch_meets_a_hole)

PUBLISHED_CHECK = Check(
    name="gossip.gdp.published.algorithm",
    about="The published exchange over all forests: some pairs of replicas diverge for ever.",
    world=as_published,
    properties=CLAIMS,
    small={"shapes": forests, "records": 4},
    full={"records": 5},
    refuted={"one_exchange_suffices": 1, "exchanges_converge": 0},
    states=18_944,
)

REPAIRED_CHECK = Check(
    name="gossip.gdp.repaired.algorithm",
    about="The repaired exchange over all forests: one suffices for every pair of replicas.",
    world=world,
    properties=CLAIMS,
    small={"shapes": forests, "records": 4},
    full={"records": 5},
    states=18_944,
    mutants={
        "two_records": Mutant(world, {"a_branch_meets_a_hole": None}, {"records": 2}),
        "look_first": Mutant(
            partial(world, walk=look_first),
            {"exchanges_converge": 0},
            {"records": 3},
        ),
        "descendants_only": Mutant(
            partial(world, connected=descendants), {"one_exchange_suffices": 1}
        ),
    },
)

GRAPH_CHECK = Check(
    name="gossip.gdp.repaired.graphs",
    about="The repaired exchange where records may have two parents.",
    world=world,
    properties=CLAIMS,
    small={"shapes": graphs, "records": 4},
    full={"records": 5},
    states=14_336,
    mutants={
        "two_parents_by_name": Mutant(
            partial(world, describe=by_name),
            {"one_exchange_suffices": 1, "exchanges_converge": 0},
        ),
        "no_climbing": Mutant(partial(world, climbs=False), {"one_exchange_suffices": 1}),
    },
)
