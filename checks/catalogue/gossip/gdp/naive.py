"""The naive policy as a conversation: as published, and as repaired."""

from functools import partial

from coterie.checks.catalogue.gossip.gdp import worlds
from coterie.checks.catalogue.gossip.gdp.worlds import replicated
from coterie.checks.check import Check, Mutant
from coterie.checks.faults import Faults
from coterie.checks.network import Bag
from coterie.model.gossip.gdp.naive import Lacking, NaiveReplica
from coterie.model.gossip.gdp.record import has_a_name
from coterie.spec.gossip.gdp import replica as spec

world = partial(replicated, NaiveReplica)

PUBLISHED = Check(
    name="gossip.gdp.published.naive",
    about="Two replicas with the naive policy that begin at the same moment put each other off.",
    world=partial(world, accepts=has_a_name, turns=True),
    properties=(spec.logs_are_equal_at_rest, spec.a_record_is_replicated),
    small={"logs": worlds.APART, "timer": False, "asked": (1, 1)},
    refuted={"logs_are_equal_at_rest": 4},
    states=23,
)

REPAIRED = Check(
    name="gossip.gdp.repaired.naive",
    about="The naive policy without turns: every exchange that is asked for has its effect.",
    world=world,
    properties=(spec.logs_are_equal_at_rest, spec.a_record_is_replicated),
    small={"logs": worlds.different(2), "timer": False, "asked": (1, 1), "network": Bag()},
    full={"logs": worlds.different(3), "asked": (2, 2)},
    states=1_072,
    mutants={
        "bringing_not_stored": Mutant(
            partial(world, believed=(Lacking,)), {"logs_are_equal_at_rest": 4}, {"asked": (1, 0)}
        ),
        "nobody_yields": Mutant(partial(world, turns=True), {"logs_are_equal_at_rest": 4}),
        "deaf": Mutant(partial(world, believed=()), {"a_record_is_replicated": None}),
    },
)

ONCE = Check(
    name="gossip.gdp.repaired.naive_once",
    about="One exchange by the naive policy brings both replicas up to date.",
    world=world,
    properties=(spec.logs_are_equal_at_rest, spec.a_record_is_replicated),
    small={"logs": worlds.different(2), "timer": False, "asked": (1, 0), "network": Bag()},
    full={"logs": worlds.different(3)},
    states=199,
    mutants={
        "bringing_not_stored": Mutant(
            partial(world, believed=(Lacking,)), {"logs_are_equal_at_rest": 4}
        ),
        "deaf": Mutant(partial(world, believed=()), {"a_record_is_replicated": None}),
    },
)

LOSSY = Check(
    name="gossip.gdp.repaired.naive_lossy",
    about="The naive policy without turns over a network that loses and reorders, with crashes.",
    world=world,
    properties=(spec.logs_can_become_equal, spec.a_record_is_replicated),
    small={
        "logs": worlds.different(2),
        "writes": ("z",),
        "network": Bag(1, "drop"),
        "faults": Faults(losses="any", crashes=1),
    },
    full={"logs": worlds.different(3)},
    states=29_018,
    mutants={
        "deaf": Mutant(
            partial(world, believed=()),
            {"logs_can_become_equal": 0, "a_record_is_replicated": None},
        ),
    },
)
