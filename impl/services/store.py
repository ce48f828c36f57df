"""The store: what a device measures, kept by every server; whoever missed something recovers it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from coterie.impl.codec import Codec, vocabulary
from coterie.impl.service import Service
from coterie.impl.storage.keeper import Keeper, StackedKeeper
from coterie.impl.storage.shelves import ShelfKeeper
from coterie.impl.storage.whole import Whole
from coterie.impl.timers import Pace
from coterie.model import machine, session, stacked
from coterie.model.diffusion import lookup
from coterie.model.gossip.store import reads
from coterie.model.gossip.store.edge import Measure
from coterie.model.gossip.store.server import Data, Restarted, Stored, Sync
from coterie.model.gossip.store.service import (
    comparing,
    index,
    positions,
    queries,
    sensor,
    serving,
    shelf,
)
from coterie.model.gossip.store.service.sensor import Sensor
from coterie.model.gossip.store.service.serving import Keeping, StoreServer
from coterie.model.machine import Machine, Node, Timeout

DEVICE = Node("device", 0)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an operator may choose.

    Attributes:
        every: how many measurements servers agree on at once.
        sync_seconds: how often a server asks each other one for what it lacks.
    """

    every: int = 10
    sync_seconds: float = 5.0


def machine_of(node: Node, servers: tuple[Node, ...], options: Options) -> Machine[Any, Any]:
    """Return the machine of a server, over links between incarnations."""
    peers = tuple(server for server in servers if server != node)
    served = StoreServer(
        peers,
        device=DEVICE,
        sources=frozenset({DEVICE}),
        every=options.every,
        has_caught_up=serving.most_heard,
    )
    return stacked.stacked(served, session.Session())


def keeper(made: Machine[Any, Any], codec: Codec) -> Keeper:
    """Return how a server's memory is kept: readings as rows, and the number of starts."""
    assert isinstance(made, stacked.Stacked)
    return StackedKeeper(ShelfKeeper(), Whole(made.lower, codec, "starts"))


def diary(made: Machine[Any, Any], codec: Codec) -> Keeper:
    """Return how the device's memory is kept."""
    assert isinstance(made, stacked.Stacked)
    assert isinstance(made.upper, Sensor)
    return StackedKeeper(Whole(made.upper, codec, "diary"), Whole(made.lower, codec, "starts"))


def paces(options: Options) -> Mapping[type[Timeout], Pace]:
    """Return when the options of a server happen."""
    return {Sync: options.sync_seconds, session.Acknowledge: 0.01, session.Resend: 30.0}


def facts(running: Any) -> Mapping[str, Any]:
    """Return what an operator wants to know of a server."""
    keeping: Keeping = running.above
    return {
        "state": "recovering" if keeping.recovering else "serving",
        "readings": keeping.shelf.index.count,
        "position": keeping.position,
        "agreed": keeping.shelf.agreed,
        "boots": keeping.shelf.boots,
    }


SERVICE = Service(
    name="store",
    options=Options,
    machine=machine_of,
    values=vocabulary(
        machine,
        session,
        stacked,
        reads,
        lookup,
        comparing,
        index,
        positions,
        queries,
        sensor,
        serving,
        shelf,
    )
    | {Data, Restarted, Stored, Sync, Measure},
    keeper=keeper,
    paces=paces,
    client_paces={
        reads.GiveUp: 2.0,
        lookup.Retry: 1.0,
        session.Acknowledge: 0.01,
        session.Resend: 30.0,
    },
    hastened=(session.Resend, Sync),
    facts=facts,
)
