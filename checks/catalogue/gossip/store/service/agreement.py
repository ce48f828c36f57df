"""Agreed batches: what is agreed is held, who lags is seen; and what the device knows of it."""

from functools import partial

from attrs import evolve

from coterie.checks.catalogue.gossip.store.service.recovery import ONE_EACH, never
from coterie.checks.catalogue.gossip.store.service.worlds import TINY, in_order, serving
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.network import Fifo, Network
from coterie.checks.world import World
from coterie.model.gossip.store.service import positions
from coterie.model.gossip.store.service.queries import Latest
from coterie.model.gossip.store.service.serving import StoreServer
from coterie.spec.gossip import store_agreement as spec

SINGLE = evolve(TINY, every=1, sizes=evolve(TINY.sizes, few=2, batch=2))
"""A server whose batches are of one measurement."""

TELLING = evolve(TINY, every=2, asks_anew=never)
"""A server that asks nobody, so that what it knows of others it was told by them."""


def announcing(servers: int, items: int, queries: int, server: StoreServer = TELLING) -> World:
    """Return servers that announce their batches over queues, and a client of the first one."""
    return serving(server, servers, in_order(items), queries=(Latest(),) * queries, network=Fifo())


def forgetful(
    servers: int,
    items: int,
    crashes: int,
    server: StoreServer = SINGLE,
    network: Network = ONE_EACH,
) -> World:
    """Return servers that crash, on channels that lose what they announce."""
    measures = in_order(items)
    return serving(server, servers, measures, crashes=crashes, network=network, losses="any")


def one_will_do(servers: int) -> int:
    """Mutant: take for agreed what one of the servers has."""
    return min(1, servers)


def boasting(position: int, agreed: int) -> int:
    """Mutant: state what is agreed, where the server is behind it."""
    return max(position, agreed)


ANNOUNCED = Check(
    name="gossip.store.service.agreement",
    about="Servers announce their batches; what a majority has is agreed, and who lags is seen.",
    world=announcing,
    properties=(
        spec.positions_are_true,
        spec.what_is_agreed_is_held,
        spec.what_is_agreed_stays_so,
        spec.who_lags_says_so,
        spec.a_laggard_is_seen,
        spec.a_batch_is_agreed,
    ),
    small={"servers": 3, "items": 2, "queries": 1},
    full={"items": 4},
    states=2254,
    mutants={
        "alone": Mutant(
            partial(announcing, server=evolve(TELLING, quorum=one_will_do)),
            {"what_is_agreed_is_held": 4},
        ),
        "boasts": Mutant(
            partial(announcing, server=evolve(TELLING, says=boasting)),
            {"who_lags_says_so": 10},
        ),
        "untold": Mutant(
            changed(
                announcing,
                StoreServer._telling,  # noqa: SLF001
                "without yield from (Send(peer, Progress(whole)) for peer in self.peers)",
            ),
            {"a_laggard_is_seen": None, "a_batch_is_agreed": None},
        ),
    },
)

FORGOTTEN = Check(
    name="gossip.store.service.agreement_lost",
    about="What is agreed stays so through a crash, and is learnt again where news of it are lost.",
    world=forgetful,
    properties=(
        spec.positions_are_true,
        spec.what_is_agreed_is_held,
        spec.what_is_agreed_stays_so,
        spec.all_comes_to_be_agreed,
        spec.a_batch_is_agreed,
    ),
    small={"servers": 2, "items": 2, "crashes": 1},
    full={"crashes": 2},
    states=157_102,
    mutants={
        "gaps": Mutant(
            changed(
                forgetful,
                positions._has_all_before,  # noqa: SLF001
                "place < index.count and row_at(index, place).number == place"
                " → place < index.count",
            ),
            {"positions_are_true": 4, "what_is_agreed_is_held": 6},
        ),
        "forgets": Mutant(
            changed(
                forgetful,
                StoreServer._agreed,  # noqa: SLF001
                "if count <= state.shelf.agreed → if False",
            ),
            {"what_is_agreed_stays_so": 7},
        ),
        "tells_nothing": Mutant(
            changed(
                forgetful,
                StoreServer._told,  # noqa: SLF001
                "state.told.set(peer, max(whole, state.told.get(peer, 0))) → state.told",
            ),
            {"all_comes_to_be_agreed": 2},
        ),
        "asks_once": Mutant(
            partial(forgetful, server=evolve(SINGLE, asks_anew=never)),
            {"all_comes_to_be_agreed": 3},
        ),
    },
)
