"""What exchanges come to in the end: as published never to an end, as repaired always to one."""

from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.gossip.gdp import graph, naive, worlds
from coterie.checks.catalogue.gossip.gdp.worlds import replicated
from coterie.checks.catalogue.gossip.links import Distinct
from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import Fairness, strong, weak
from coterie.checks.faults import Faults
from coterie.checks.network import Bag, Fifo
from coterie.checks.world import World
from coterie.model.gossip.gdp.algorithm import Algorithm, look_first
from coterie.model.gossip.gdp.graph import nobody_yields
from coterie.model.gossip.gdp.record import has_a_name
from coterie.model.gossip.gdp.turnless import TurnlessReplica
from coterie.spec.gossip.gdp import progress as spec
from coterie.spec.gossip.gdp import replica as common

UTMOST = (strong("timers"), strong("deliveries"), strong("operations"))
WEAK = (weak("timers"), weak("deliveries"))
FAIR_LOSS = (weak("timers"), strong("deliveries"), weak("restarts"))
LOSSY = Faults(losses="any", crashes=1)


def fairly(
    made: Callable[..., World], fairness: tuple[Fairness, ...], **parameters: Any
) -> Callable[..., World]:
    """Return a maker of the worlds that `made` makes, whose schedules owe them `fairness`."""

    def world(**others: Any) -> World:
        return evolve(made(**{**parameters, **others}), fairness=fairness)

    return world


turnless = fairly(partial(replicated, TurnlessReplica), FAIR_LOSS)
reliable = fairly(graph.world, WEAK)
impatient = fairly(graph.world, UTMOST, gives_up=True, network=Fifo(1))
without_turns = fairly(naive.world, FAIR_LOSS)

PUBLISHED = Check(
    name="gossip.gdp.published.progress",
    about="Two replicas with the published graph policy put each other off for ever.",
    world=fairly(graph.as_published, UTMOST),
    properties=(spec.exchanges_go_on, spec.logs_become_equal),
    small={"logs": worlds.BEHIND},
    refuted={"exchanges_go_on": 4, "logs_become_equal": 4},
    states=22,
)

PUBLISHED_WAITING = Check(
    name="gossip.gdp.published.progress_waiting",
    about="The initiator of a second published exchange with the same peer waits for ever.",
    world=fairly(graph.as_published, UTMOST, timer=False),
    properties=(spec.waiting_ends,),
    small={"logs": worlds.BEHIND, "asked": (2, 0)},
    refuted={"waiting_ends": 7},
    states=8,
)

PUBLISHED_NAIVE = Check(
    name="gossip.gdp.published.naive_progress",
    about="Two replicas with the published naive policy put each other off for ever.",
    world=fairly(naive.world, UTMOST, accepts=has_a_name, turns=True, network=Fifo(1)),
    properties=(spec.logs_become_equal,),
    small={"logs": worlds.APART},
    refuted={"logs_become_equal": 4},
    states=124,
)

RELIABLE = Check(
    name="gossip.gdp.repaired.progress",
    about="The repaired graph policy over a reliable network: each pair exchanges without end.",
    world=reliable,
    properties=(
        spec.exchanges_go_on,
        spec.waiting_ends,
        spec.logs_become_equal,
        common.a_record_is_replicated,
    ),
    small={"logs": worlds.different(2), "writes": ("z",)},
    full={"logs": worlds.SCATTERED, "writes": ()},
    states=3_042,
    mutants={
        "look_first": Mutant(
            partial(reliable, algorithm=Algorithm(walk=look_first)),
            {"logs_become_equal": 7},
            {"logs": worlds.GAP, "writes": ()},
        ),
        "nobody_yields": Mutant(
            partial(reliable, yields=nobody_yields),
            {"exchanges_go_on": 4, "waiting_ends": 4, "logs_become_equal": 4},
        ),
        "stays_open": Mutant(
            partial(reliable, closes=False, tolerant=False),
            {"exchanges_go_on": 17},
            {"logs": worlds.BEHIND, "writes": ()},
        ),
    },
)

WAITING = Check(
    name="gossip.gdp.repaired.progress_waiting",
    about="The repaired graph policy with a time-out, over a network that loses and reorders.",
    world=fairly(graph.world, (weak("timers"),), network=Bag(1, "drop"), faults=LOSSY),
    properties=(spec.waiting_ends, common.a_record_is_replicated),
    small={"logs": worlds.GAP, "gives_up": True},
    full={"logs": worlds.different(2)},
    states=835,
    mutants={
        "no_time_out": Mutant(
            fairly(graph.world, UTMOST, network=Bag(1, "drop"), faults=LOSSY),
            {"waiting_ends": 2},
            {"gives_up": False},
        ),
    },
)

IMPATIENT = Check(
    name="gossip.gdp.repaired.progress_impatient",
    about="A time-out that always comes too early keeps exchanges with turns from their ends.",
    world=impatient,
    properties=(spec.exchanges_go_on, spec.logs_become_equal),
    small={"logs": worlds.APART},
    refuted={"exchanges_go_on": 10, "logs_become_equal": 10},
    states=312,
)

TURNLESS = Check(
    name="gossip.gdp.turnless",
    about="The graph policy without turns, over a network that loses and reorders, with a crash.",
    world=turnless,
    properties=(spec.logs_become_equal, common.a_record_is_replicated),
    small={"logs": worlds.GAP, "network": Distinct(), "faults": LOSSY},
    full={"logs": worlds.APART, "faults": Faults(losses="any")},
    states=15_488,
    mutants={
        "look_first": Mutant(
            partial(turnless, algorithm=Algorithm(walk=look_first)), {"logs_become_equal": 10}
        ),
        "turns": Mutant(
            impatient,
            {"logs_become_equal": 10},
            {"logs": worlds.APART, "network": Fifo(1), "faults": Faults()},
        ),
        "deaf": Mutant(partial(turnless, believed=()), {"logs_become_equal": 10}),
    },
)

NAIVE = Check(
    name="gossip.gdp.repaired.naive_progress",
    about="The naive policy without turns, over a network that loses and reorders, with a crash.",
    world=without_turns,
    properties=(spec.logs_become_equal, common.a_record_is_replicated),
    small={"logs": worlds.GAP, "network": Distinct(), "faults": LOSSY},
    full={"logs": worlds.different(2)},
    states=3_968,
    mutants={
        "deaf": Mutant(partial(without_turns, believed=()), {"logs_become_equal": 8}),
    },
)
