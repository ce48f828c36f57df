"""The log: records of one writer, signed and linked by hashes, on every replica."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from coterie.impl.codec import Codec, vocabulary
from coterie.impl.keys import signing_key
from coterie.impl.seals import Seal, public_of
from coterie.impl.service import Service
from coterie.impl.storage.keeper import Keeper, StackedKeeper
from coterie.impl.storage.records import RecordsKeeper
from coterie.impl.storage.whole import Whole
from coterie.impl.timers import Pace
from coterie.model import machine, session, signature, stacked
from coterie.model.gossip.gdp import graph, log, record, replica
from coterie.model.gossip.gdp.service import messages, reader, scribe, serving, shelf
from coterie.model.gossip.gdp.service.paging import Paged, Room
from coterie.model.gossip.gdp.service.serving import LogServer, Serving
from coterie.model.machine import Machine, Node, Timeout

WRITER = Node("writer", 0)
KEY = "writer"
"""The name of the key, in the cluster's folder of keys, with which the writer signs records."""


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an operator may choose.

    Attributes:
        writer: the writer's public key, in hexadecimal: whose records count.
        exchange_seconds: how often a replica begins an exchange with each other one.
        page: how many records a message has at most.
    """

    writer: str
    exchange_seconds: float = 1.0
    page: Annotated[int, msgspec.Meta(ge=1, le=serving.MOST_AT_ONCE)] = 200


def machine_of(node: Node, servers: tuple[Node, ...], options: Options) -> Machine[Any, Any]:
    """Return the machine of a replica, over links between incarnations."""
    seal, room = Seal(options.writer), Room(options.page)
    served = LogServer(
        node,
        WRITER,
        tuple(server for server in servers if server != node),
        accepts=seal.accepts,
        explains=seal.why_not,
        algorithm=Paged(room=room),
        room=room,
        author=WRITER,
    )
    return stacked.stacked(served, session.Session())


def keeper(made: Machine[Any, Any], codec: Codec) -> Keeper:
    """Return how a replica's memory is kept: records as rows, and the number of starts."""
    assert isinstance(made, stacked.Stacked)
    return StackedKeeper(RecordsKeeper(), Whole(made.lower, codec, "starts"))


def paces(options: Options) -> Mapping[type[Timeout], Pace]:
    """Return when the options of a replica happen."""
    return {
        replica.Heartbeat: options.exchange_seconds,
        graph.GiveUp: 10.0,
        serving.StillHere: 1.0,
        session.Acknowledge: 0.01,
        session.Resend: 30.0,
    }


def facts(running: Any) -> Mapping[str, Any]:
    """Return what an operator wants to know of a replica."""
    state: Serving = running.above
    heads = sorted(state.log.ends)
    return {
        "state": "serving",
        "records": len(state.log.entries),
        "heads": [name[:12] for name in heads[:8]],
        "pieces": len(state.log.begins),
        "branches": len(state.log.branches),
        "refused": state.refused,
        "readers": len(state.readers),
    }


def prepare(folder: Path) -> Mapping[str, Any]:
    """Make the writer's key, and return the option that tells replicas of it."""
    return {"writer": public_of(signing_key(folder, KEY))}


SERVICE = Service(
    name="log",
    options=Options,
    machine=machine_of,
    values=vocabulary(
        machine,
        session,
        stacked,
        signature,
        record,
        log,
        graph,
        replica,
        messages,
        shelf,
        serving,
        scribe,
        reader,
    ),
    keeper=keeper,
    paces=paces,
    client_paces={
        reader.Ask: 0.0,
        reader.MoveOn: 3.0,
        session.Acknowledge: 0.01,
        session.Resend: 30.0,
    },
    hastened=(session.Resend, replica.Heartbeat),
    facts=facts,
    prepare=prepare,
)
