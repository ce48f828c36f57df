"""What recoveries come to in the end: the paper's to a hole, the repaired one to equal tables."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.gossip.links import Distinct
from coterie.checks.catalogue.gossip.store import published, repaired
from coterie.checks.catalogue.gossip.store.worlds import (
    device_starts_again,
    direct,
    one_value_a_date,
)
from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import strong, weak
from coterie.checks.mutation.named import changed
from coterie.checks.network import Network, Pool
from coterie.checks.world import World
from coterie.model.gossip.store.edge import Measure
from coterie.model.gossip.store.server import REPAIRED, Server
from coterie.spec.gossip import store as common
from coterie.spec.gossip import store_progress as spec

PLAIN = (weak("deliveries"), weak("restarts"))
FAIR_LOSS = (weak("timers", "server"), strong("deliveries"), weak("restarts"))
UTMOST = (
    strong("timers"),
    strong("deliveries"),
    strong("restarts"),
    strong("operations"),
)


def in_order(**parameters: Any) -> World:
    """Return the paper's servers around a broker, with no more fairness than they need."""
    return evolve(published.in_order(**parameters), fairness=PLAIN)


def in_order_at_best(**parameters: Any) -> World:
    """Return the paper's servers around a broker, with all the fairness there is."""
    return evolve(published.in_order(**parameters), fairness=UTMOST)


def apart_at_best(**parameters: Any) -> World:
    """Return the paper's servers without a broker, with all the fairness there is."""
    return evolve(published.apart(**parameters), fairness=UTMOST)


def lossy(
    servers: int,
    crashes: int,
    measures: tuple[Measure, ...],
    server: Server = REPAIRED,
    network: Network = Distinct(),  # noqa: B008  it is frozen
) -> World:
    """Return servers on fair-loss links."""
    made = direct(server, servers, measures, crashes=crashes, network=network, losses="any")
    return evolve(made, fairness=FAIR_LOSS)


def reading(servers: int, items: int, crashes: int, reads: int) -> World:
    """Return servers on links that keep what is sent, and a client that need not give up."""
    made = direct(
        REPAIRED,
        servers,
        one_value_a_date(items),
        crashes=crashes,
        network=Pool(),
        reads=(1,) * reads,
    )
    return evolve(made, fairness=PLAIN)


def mutants(kills: Mapping[str, Mapping[str, int]]) -> dict[str, Mutant]:
    """Return the mutants of the repaired server that are named in `kills`, on fair-loss links."""
    return {
        name: Mutant(partial(lossy, server=repaired.MUTANTS[name]), killed)
        for name, killed in kills.items()
    }


CONTROL = Check(
    name="gossip.store.published.progress_control",
    about="The paper's recovery ends well after one crash, if all see one order of everything.",
    world=in_order,
    properties=(
        spec.recoveries_end,
        spec.tables_become_equal,
        spec.holes_are_filled,
        common.all_is_stored,
    ),
    small={"servers": 2, "items": 3, "crashes": 1},
    full={"servers": 3},
    states=1_862,
    mutants={
        "lossy": Mutant(
            partial(in_order_at_best, losses=1),
            {"recoveries_end": 11, "tables_become_equal": 9, "holes_are_filled": 9},
        ),
        "null_span": Mutant(
            partial(in_order_at_best, server=published.NULL),
            {"tables_become_equal": 15, "holes_are_filled": 15},
        ),
    },
)

TWICE = Check(
    name="gossip.store.published.progress",
    about="After two crashes the paper's recovery ends never, or with a hole for ever.",
    world=in_order_at_best,
    properties=(spec.recoveries_end, spec.tables_become_equal, spec.holes_are_filled),
    small={"servers": 2, "items": 3, "crashes": 2},
    full={"items": 4},
    refuted={"recoveries_end": 17, "tables_become_equal": 16, "holes_are_filled": 16},
    states=55_721,
)

HELPER_LAG = Check(
    name="gossip.store.published.progress_helper_lag",
    about="A helper that lags leaves the paper's server behind for ever, after a single crash.",
    world=apart_at_best,
    properties=(spec.tables_become_equal,),
    small={"servers": 2, "items": 2, "crashes": 1},
    full={"servers": 3},
    refuted={"tables_become_equal": 9},
    states=346,
)

REPAIRED_LOSSY = Check(
    name="gossip.store.repaired.progress",
    about="The repaired recovery over fair-loss links ends, and with equal tables.",
    world=lossy,
    properties=(
        spec.recoveries_end,
        spec.tables_become_equal,
        common.a_server_catches_up,
    ),
    small={"servers": 2, "crashes": 1, "measures": one_value_a_date(1)},
    full={"crashes": 2},
    states=7_292,
    mutants=mutants(
        {
            "one_shot": {"recoveries_end": 3, "tables_become_equal": 3},
            "no_follow_up": {"tables_become_equal": 3},
            "one_way": {"tables_become_equal": 6},
            "unready": {"recoveries_end": 7},
        }
    ),
)

COLLISION = Check(
    name="gossip.store.repaired.progress_collision",
    about="The repaired recovery over fair-loss links brings two values of a date to the greater.",
    world=lossy,
    properties=(
        spec.recoveries_end,
        spec.tables_become_equal,
        common.all_is_stored,
    ),
    small={"servers": 2, "crashes": 0, "measures": device_starts_again(2)},
    full={"crashes": 1},
    states=7_304,
    mutants=mutants({"keep_first": {"tables_become_equal": 9}}),
)

READS = Check(
    name="gossip.store.repaired.progress_reads",
    about="The repaired servers answer every read in the end, whether or not its client gives up.",
    world=reading,
    properties=(
        spec.reads_return,
        spec.recoveries_end,
        spec.tables_become_equal,
        common.a_server_catches_up,
    ),
    small={"servers": 2, "items": 1, "crashes": 1, "reads": 1},
    full={"reads": 2},
    states=8_279,
    mutants={
        "mute": Mutant(
            changed(
                reading,
                Server._received,  # noqa: SLF001
                "without Send(sender, Answer(number, _looked_up(state, date)))",
            ),
            {"reads_return": 1},
        ),
    },
)
