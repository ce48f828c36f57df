"""The group: a key-value store that every member replicates, in one order, durable everywhere."""

from collections.abc import Mapping
from typing import Any

import msgspec

from coterie.impl.codec import Codec, vocabulary
from coterie.impl.service import Service
from coterie.impl.storage.groups import GroupKeeper
from coterie.impl.storage.keeper import Keeper, StackedKeeper
from coterie.impl.storage.whole import Whole
from coterie.impl.timers import Pace
from coterie.model import call, detector, keyed, machine, session, stacked
from coterie.model.detector import Suspect
from coterie.model.machine import Machine, Node, Timeout
from coterie.model.synchrony import (
    disk,
    durable,
    member,
    restart,
    returning,
    state,
    table,
    transfer,
    view,
)
from coterie.model.synchrony.durable import DurableMember, Keeping
from coterie.model.synchrony.member import Member
from coterie.model.synchrony.service import client, messages, server
from coterie.model.synchrony.service.server import Server, Serving


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an operator may choose.

    Attributes:
        batch_most: how many commands go to the group at once.
        in_flight_most: how many batches of one server are under way.
        pending_most: how many commands wait at a server before it asks clients to come later.
        patience: seconds without a connection after which a member is taken for failed.
    """

    batch_most: int = 256
    in_flight_most: int = 4
    pending_most: int = 4096
    patience: float = 1.0


def machine_of(node: Node, servers: tuple[Node, ...], options: Options) -> Machine[Any, Any]:
    """Return the machine of a server: the replicated store over links between incarnations."""
    own = Member(node, view.first_view(*servers), contacts=servers)
    inside = DurableMember(own, asks_again=True, tells_again=True)
    served = Server(
        inside,
        batch_most=options.batch_most,
        in_flight_most=options.in_flight_most,
        pending_most=options.pending_most,
    )
    return stacked.stacked(served, session.Session())


def keeper(made: Machine[Any, Any], codec: Codec) -> Keeper:
    """Return how the memory is kept: the log as rows, and the number of starts."""
    assert isinstance(made, stacked.Stacked)
    return StackedKeeper(GroupKeeper(codec), Whole(made.lower, codec, "starts"))


def paces(options: Options) -> Mapping[type[Timeout], Pace]:
    """Return when the options of a server happen.

    Why: a log is written at once, with all that the turn has brought. Who is back first asks to be
    let in; it calls for a restart of the group only when that has led to nothing for a while.
    """
    del options
    return {
        durable.Store: 0.0,
        member.Join: 1.0,
        Suspect: "detected",
        returning.Propose: 0.2,
        server.CallRestart: (2.0, 8.0),
        session.Acknowledge: 0.01,
        session.Resend: 30.0,
    }


def facts(running: Any) -> Mapping[str, Any]:
    """Return what an operator wants to know of a server."""
    serving: Serving = running.above
    inside = serving.member
    if not isinstance(inside, Keeping):
        known = inside.memory
        return {"state": "apart", "log": len(known.log) if known else 0}
    return {
        "state": "member",
        "view": inside.inside.view.number,
        "members": [str(node) for node in inside.inside.view.members],
        "log": len(inside.inside.application),
        "durable": inside.reported,
        "keys": len(serving.contents.values),
        **({"pending": len(serving.pending)} if serving.pending else {}),
    }


SERVICE = Service(
    name="group",
    options=Options,
    machine=machine_of,
    values=vocabulary(
        machine,
        call,
        session,
        stacked,
        view,
        table,
        state,
        member,
        transfer,
        disk,
        durable,
        restart,
        returning,
        messages,
        server,
        client,
        keyed,
        detector,
    ),
    keeper=keeper,
    paces=paces,
    client_paces={client.Retry: 2.0, session.Acknowledge: 0.01, session.Resend: 30.0},
    hastened=(session.Resend,),
    patience=lambda options: options.patience,
    facts=facts,
)
