"""The graph policy as a conversation: as published, and as repaired."""

from functools import partial

from coterie.checks.catalogue.gossip.gdp import worlds
from coterie.checks.catalogue.gossip.gdp.worlds import replicated
from coterie.checks.check import Check, Mutant
from coterie.checks.faults import Faults
from coterie.checks.mutation.named import changed
from coterie.checks.network import Bag
from coterie.model.gossip.gdp.algorithm import PUBLISHED, Algorithm, look_first
from coterie.model.gossip.gdp.graph import Fourth, GraphReplica, Third, nobody_yields
from coterie.model.gossip.gdp.record import has_a_name
from coterie.model.gossip.gdp.writer import Writer
from coterie.spec.gossip.gdp import graph as spec
from coterie.spec.gossip.gdp import replica as common

world = partial(replicated, GraphReplica)
as_published = partial(
    world,
    algorithm=PUBLISHED,
    accepts=has_a_name,
    closes=False,
    yields=nobody_yields,
    tolerant=False,
)

DIVERGENCE = Check(
    name="gossip.gdp.published.divergence",
    about="The published graph policy never fills a gap between two records that both hold.",
    world=as_published,
    properties=(common.logs_can_become_equal,),
    small={"logs": worlds.GAP},
    full={"logs": worlds.different(3)},
    refuted={"logs_can_become_equal": 0},
    states=22,
)

LIVELOCK = Check(
    name="gossip.gdp.published.livelock",
    about="After the first exchange of a pair, none is ever completed again.",
    world=as_published,
    properties=(spec.exchanges_complete,),
    small={"logs": worlds.BEHIND},
    refuted={"exchanges_complete": 5},
    states=22,
)

WAITING = Check(
    name="gossip.gdp.published.waiting",
    about="A second exchange with the same peer leaves its initiator waiting for ever.",
    world=as_published,
    properties=(common.nobody_waits_at_rest, common.a_record_is_replicated),
    small={"logs": worlds.BEHIND, "timer": False, "asked": (2, 0)},
    refuted={"nobody_waits_at_rest": 7},
    states=8,
)

CROSSING = Check(
    name="gossip.gdp.published.crossing",
    about="Two replicas that begin at the same moment put each other off.",
    world=as_published,
    properties=(common.logs_are_equal_at_rest, common.a_record_is_replicated),
    small={"logs": worlds.APART, "timer": False, "asked": (1, 1)},
    refuted={"logs_are_equal_at_rest": 4},
    states=15,
)

RELIABLE = Check(
    name="gossip.gdp.repaired.graph",
    about="The repaired graph policy over a reliable network, while the writer goes on.",
    world=world,
    properties=(
        common.logs_can_become_equal,
        spec.exchanges_complete,
        common.a_record_is_replicated,
        common.a_new_record_is_replicated,
    ),
    small={"logs": worlds.different(2), "writes": ("z",)},
    full={"logs": worlds.different(3), "writes": ("y", "z")},
    states=3_042,
    mutants={
        "silent": Mutant(
            changed(world, Writer.step, "without Send(replica, Append(entry))"),
            {"a_new_record_is_replicated": None},
        ),
        "look_first": Mutant(
            partial(world, algorithm=Algorithm(walk=look_first)),
            {"logs_can_become_equal": 0},
            {"logs": worlds.GAP, "writes": ()},
        ),
        "livelock": Mutant(
            partial(world, tolerant=False, closes=False, yields=nobody_yields),
            {"exchanges_complete": 5},
        ),
    },
)

LOSSY = Check(
    name="gossip.gdp.repaired.lossy",
    about="The repaired graph policy over a network that loses and reorders, with crashes.",
    world=partial(world, gives_up=True),
    properties=(
        common.logs_can_become_equal,
        spec.exchanges_complete,
        spec.a_complete_exchange_leaves_equal_logs,
        common.a_record_is_replicated,
    ),
    small={
        "logs": worlds.GAP,
        "network": Bag(2, "drop"),
        "faults": Faults(losses="any", crashes=1),
    },
    full={"logs": worlds.different(2)},
    states=18_557,
    mutants={
        "look_first": Mutant(
            partial(world, gives_up=True, algorithm=Algorithm(walk=look_first)),
            {"logs_can_become_equal": 0, "a_complete_exchange_leaves_equal_logs": 4},
        ),
        "no_time_out": Mutant(world, {"exchanges_complete": 2, "logs_can_become_equal": 2}),
        "second_not_stored": Mutant(
            partial(world, gives_up=True, believed=(Third, Fourth)),
            {"a_complete_exchange_leaves_equal_logs": 4},
        ),
    },
)

LOSSY_WRITES = Check(
    name="gossip.gdp.repaired.lossy_writes",
    about="The repaired graph policy over a lossy network, while the writer goes on.",
    world=partial(world, gives_up=True),
    properties=(
        common.logs_can_become_equal,
        spec.exchanges_complete,
        common.a_record_is_replicated,
    ),
    small={
        "logs": worlds.GAP,
        "writes": ("z",),
        "network": Bag(1, "drop"),
        "faults": Faults(losses="any", crashes=1),
    },
    full={"network": Bag(2, "drop")},
    states=8_440,
    mutants={
        "no_time_out": Mutant(world, {"exchanges_complete": 2, "logs_can_become_equal": 2}),
    },
)

SIMULTANEOUS = Check(
    name="gossip.gdp.repaired.crossing",
    about="Two replicas that begin at the same moment both have their exchange, or the first has.",
    world=world,
    properties=(
        common.logs_are_equal_at_rest,
        common.nobody_waits_at_rest,
        spec.a_complete_exchange_leaves_equal_logs,
        common.a_record_is_replicated,
    ),
    small={"logs": worlds.different(2), "timer": False, "asked": (1, 1)},
    full={"logs": worlds.different(3), "asked": (2, 2)},
    states=886,
    mutants={
        "nobody_yields": Mutant(
            partial(world, yields=nobody_yields), {"logs_are_equal_at_rest": 4}
        ),
        "stays_open": Mutant(partial(world, closes=False), {"nobody_waits_at_rest": 5}),
        "deaf": Mutant(partial(world, believed=()), {"a_record_is_replicated": None}),
    },
)

THREE = Check(
    name="gossip.gdp.repaired.three",
    about="Three replicas under the repaired graph policy, each exchanging with both others.",
    world=world,
    properties=(
        common.logs_can_become_equal,
        spec.exchanges_complete,
        common.a_record_is_replicated,
    ),
    small={"logs": worlds.SCATTERED},
    states=312_751,
    mutants={
        "livelock": Mutant(
            partial(world, tolerant=False, closes=False, yields=nobody_yields),
            {"exchanges_complete": 15},
        ),
    },
)
