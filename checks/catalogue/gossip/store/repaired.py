"""The repaired recovery: it holds under loss, reordering and repeated crashes."""

from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.gossip.store.worlds import (
    device_starts_again,
    direct,
    one_value_a_date,
)
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.network import Bag, Fifo, Network, Pool
from coterie.checks.world import World
from coterie.model.gossip.store import disk, recovery
from coterie.model.gossip.store.disk import Booted, Wiped
from coterie.model.gossip.store.reads import Client
from coterie.model.gossip.store.server import REPAIRED, Server, _looked_up
from coterie.spec.gossip import store as spec
from coterie.spec.gossip import store_reads


def lossy(
    servers: int, items: int, crashes: int, network: Any = Bag, server: Server = REPAIRED
) -> World:
    """Return servers on channels of two messages, which lose any of them and drop a third."""
    channels = network(capacity=2, full="drop")
    measures = one_value_a_date(items)
    return direct(server, servers, measures, crashes=crashes, network=channels, losses="any")


def colliding(servers: int, items: int, crashes: int, server: Server = REPAIRED) -> World:
    """Return such servers, and a device that measures several values for one date."""
    channels = Bag(capacity=2, full="drop")
    measures = device_starts_again(items)
    return direct(server, servers, measures, crashes=crashes, network=channels, losses="any")


def reading(
    servers: int,
    items: int,
    crashes: int,
    reads: int,
    server: Server = REPAIRED,
    network: Network = Pool(),  # noqa: B008  it is frozen
) -> World:
    """Return servers whose messages may be lost, repeated and late, and a client.

    The client reads the first date that often from the first server.
    """
    return direct(
        server,
        servers,
        one_value_a_date(items),
        crashes=crashes,
        network=network,
        reads=(1,) * reads,
        observers={"ledger": spec.LEDGER, "readings": spec.READINGS},
    )


def hears_nobody(heard: int, peers: int) -> bool:
    """Mutant: never have caught up."""
    return heard > peers


def one_heard(heard: int, peers: int) -> bool:
    """Mutant: have caught up when one peer has answered."""
    return (heard >= 1) & (peers >= 1)


def any_boot(asked: int, boots: int) -> bool:
    """Mutant: count the answer to a request from before the latest start."""
    return asked <= boots


def any_part(parts: int) -> bool:
    """Mutant: count any part of an answer for the whole."""
    return parts >= 1


def mutants(
    world: Callable[..., World], kills: dict[str, dict[str, int | None]], **parameters: Any
) -> dict[str, Mutant]:
    """Return the mutants named in `kills`, in `world`, with the given `parameters`."""
    return {
        name: Mutant(partial(world, server=MUTANTS[name]), killed, parameters)
        for name, killed in kills.items()
    }


MUTANTS = {
    "range_only": evolve(REPAIRED, describe=recovery.first_and_last),
    "one_shot": evolve(REPAIRED, asking=recovery.never),
    "no_follow_up": evolve(REPAIRED, asking=recovery.until_heard),
    "one_way": evolve(REPAIRED, two_way=False),
    "keep_first": evolve(REPAIRED, merge=disk.keep_first),
    "done": evolve(REPAIRED, done=True),
    "table_first": evolve(REPAIRED, split=disk.table_first),
    "log_first": evolve(REPAIRED, split=disk.log_first),
    "unsorted": evolve(REPAIRED, sorting=disk.unsorted),
    "amnesia": evolve(REPAIRED, setup=(Wiped(), Booted())),
    "unready": evolve(REPAIRED, has_caught_up=hears_nobody),
    "read_at_once": evolve(REPAIRED, has_caught_up=recovery.at_once),
    "any_boot": evolve(REPAIRED, is_fresh=any_boot),
    "any_part": evolve(REPAIRED, is_complete=any_part, batch=1),
    "any_peer": evolve(REPAIRED, has_caught_up=one_heard),
}

PROMISES = (
    spec.converges,
    spec.recovery_ends,
    spec.log_lists_the_table,
    spec.nothing_is_lost,
    spec.a_server_catches_up,
)

REORDER = Check(
    name="gossip.store.repaired",
    about="The repaired recovery, where messages are lost and overtake each other.",
    world=lossy,
    properties=PROMISES,
    small={"servers": 2, "items": 2, "crashes": 1},
    full={"crashes": 2},
    states=179_182,
    mutants=mutants(
        lossy,
        {
            "one_shot": {"converges": 3, "recovery_ends": 3},
            "no_follow_up": {"converges": 3},
            "one_way": {"converges": 3},
            "done": {"converges": 3, "recovery_ends": 4},
            "table_first": {"log_lists_the_table": 2},
            "log_first": {"log_lists_the_table": 2},
            "unsorted": {"log_lists_the_table": 4},
            "amnesia": {"nothing_is_lost": 4},
            "unready": {"recovery_ends": 1, "a_server_catches_up": None},
        },
    ),
)

LOSS = Check(
    name="gossip.store.repaired.loss",
    about="The repaired recovery over queues that lose messages, through two crashes.",
    world=partial(lossy, network=Fifo),
    properties=PROMISES,
    small={"servers": 2, "items": 2, "crashes": 2},
    full={"items": 3},
    states=410_928,
)

COLLISION = Check(
    name="gossip.store.repaired.collision",
    about="The repaired recovery keeps the greatest value of a date, on every server.",
    world=colliding,
    properties=(*PROMISES, spec.values_only_grow),
    small={"servers": 2, "items": 2, "crashes": 1},
    full={"crashes": 2},
    states=86_955,
    mutants={
        **mutants(colliding, {"keep_first": {"converges": 4}, "range_only": {"converges": 5}}),
        "keep_least": Mutant(
            changed(colliding, disk.keep_greatest, "max(held, arrived) → min(held, arrived)"),
            {"values_only_grow": 4},
        ),
    },
)

ONE_EACH = Bag(capacity=1, full="drop")

READS = Check(
    name="gossip.store.repaired.reads",
    about="The repaired servers answer no read before they know what they owe.",
    world=reading,
    properties=(
        spec.caught_up_knows_what_was_stored,
        spec.no_read_goes_back,
        store_reads.says_that_it_recovers,
        store_reads.no_read_is_forgotten,
        store_reads.a_client_gives_up,
        store_reads.a_read_finds,
        spec.a_server_catches_up,
    ),
    small={"servers": 2, "items": 1, "crashes": 1, "reads": 2},
    full={"crashes": 2},
    states=85_669,
    mutants={
        **mutants(
            reading,
            {
                "read_at_once": {"caught_up_knows_what_was_stored": 4},
                "any_boot": {"caught_up_knows_what_was_stored": 7},
                "unready": {"a_server_catches_up": None},
                "amnesia": {"caught_up_knows_what_was_stored": 6, "no_read_goes_back": 12},
            },
        ),
        **mutants(
            partial(reading, network=ONE_EACH),
            {"any_peer": {"caught_up_knows_what_was_stored": 6}},
            servers=3,
            reads=0,
        ),
        **mutants(
            partial(reading, network=ONE_EACH),
            {"any_part": {"caught_up_knows_what_was_stored": 8}},
            items=2,
            reads=0,
        ),
        "pretends": Mutant(
            changed(reading, _looked_up, "if state.recovering → if False"),
            {"says_that_it_recovers": 4},
        ),
        "interrupted": Mutant(
            changed(
                reading,
                Client.step,
                "case Invoke(Read(server, date)) if state.read is None"
                " → case Invoke(Read(server, date))",
            ),
            {"no_read_is_forgotten": 2},
        ),
        "never_gives_up": Mutant(
            changed(reading, Client.step, "case GiveUp() if state.read → never"),
            {"a_client_gives_up": None},
        ),
        "mute": Mutant(
            changed(
                reading,
                Server._received,  # noqa: SLF001
                "without Send(sender, Answer(number, _looked_up(state, date)))",
            ),
            {"a_read_finds": None},
        ),
    },
)

THREE = Check(
    name="gossip.store.repaired.three",
    about="Three repaired servers: one answers reads when it has heard both others.",
    world=partial(reading, network=ONE_EACH),
    properties=(spec.caught_up_knows_what_was_stored, spec.a_server_catches_up),
    small={"servers": 3, "items": 1, "crashes": 1, "reads": 0},
    full={"crashes": 2},
    states=415_258,
)
