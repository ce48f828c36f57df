"""Worlds of the whole of PBFT: correct replicas and clients, and one Byzantine replica."""

from itertools import combinations, product
from typing import Any

from attrs import evolve

from coterie.checks.adversary import Adversary, repertoire
from coterie.checks.world import World
from coterie.model.diffusion.pbft.client import PbftClient
from coterie.model.diffusion.pbft.group import Group
from coterie.model.diffusion.pbft.messages import (
    Agreed,
    Call,
    Certificate,
    Checkpoint,
    Commit,
    Digest,
    Leaving,
    NewView,
    Prepare,
    PrePrepare,
    Proposed,
    Reached,
    Reply,
    Request,
    ViewChange,
)
from coterie.model.diffusion.pbft.quorums import replica_count
from coterie.model.diffusion.pbft.replica import PbftReplica
from coterie.model.diffusion.pbft.service import Answer, Service
from coterie.model.diffusion.pbft.state import Member
from coterie.model.machine import Machine, Node
from coterie.model.signature import Signature
from coterie.spec.diffusion.pbft import whole as spec

EVERYTHING = "Request+PrePrepare+Prepare+Commit+Checkpoint+ViewChange+NewView+Reply"


def operation(client: int, place: int) -> tuple[int, int]:
    """Return the operation that a client calls in that place; no two are the same."""
    return client, place


def world(
    *,
    clients: int,
    calls: int,
    views: int,
    faulty: int | None = 0,
    lies: str = EVERYTHING,
    period: int = 2,
    group: dict[str, Any] | None = None,
    **fields: Any,
) -> World:
    """Return four replicas and their clients.

    Attributes:
        faulty: which replica is Byzantine; None for none. That of index 0 is the first primary.
        lies: the kinds of message that it sends, with a + between them; none where it is silent.
        group: fields of the group; the other `fields` are those of its members.
    """
    names = tuple(Node("replica", index) for index in range(replica_count(1)))
    whole = Group(1, names, **(group or {}))
    correct = [name for name in names if name.index != faulty]
    users = [Node("client", index) for index in range(clients)]
    machines: dict[Node, Machine[Any, Any]] = {
        name: PbftReplica(Member(name, whole, views=views, period=period, **fields))
        for name in correct
    }
    machines |= {user: PbftClient(user, whole) for user in users}
    work = {user: tuple(operation(user.index, k) for k in range(calls)) for user in users}
    made = [Call(user, 1 + k, work[user][k]) for user in users for k in range(calls)]
    adversary = None
    if faulty is not None:
        words = said(names, faulty, made, views)
        kept = [one for one in words if type(one).__name__ in lies.split("+")]
        adversary = Adversary((names[faulty],), tuple(kept))
    observers = {"executed": spec.EXECUTED}
    return World(machines=machines, adversary=adversary, workload=work, observers=observers)


def said(names: tuple[Node, ...], faulty: int, calls: list[Call], views: int) -> tuple[Any, ...]:
    """Return what a Byzantine replica may say: anything about these calls and the first numbers.

    One call besides is in a client's name, and not by that client. Its view changes, and those that
    it shows in a NEW-VIEW, are without certificates, or with one that only it has signed.
    """
    me = names[faulty]
    forged = Call(calls[0].client, 1, ("forged", 0))
    digests: list[Digest] = [*calls, forged]
    return (
        *_orders(me, len(names), digests, views),
        *_reached(me, calls, forged),
        *_changes(me, names, digests, views),
        *repertoire(Reply, domains={int: (0, 1), (Reply, "result"): (0, 1)}),
        Request(Signature(me, forged)),
    )


def _orders(me: Node, size: int, digests: list[Digest], views: int) -> tuple[Any, ...]:
    own = [view for view in range(views) if view % size == me.index]
    signed = [
        Signature(me, Proposed(view, number, digest))
        for view, number, digest in product(own, (1, 2), digests)
    ]
    fields = {
        (PrePrepare, "proposal"): signed,
        (PrePrepare, "request"): [_request(me, digest) for digest in digests if digest],
    }
    proposals = [
        message
        for message in repertoire(PrePrepare, domains=fields)
        if message.proposal.content.digest == message.request.content
    ]
    votes = [Signature(me, Agreed(v, 1, d)) for v in range(views) for d in digests]
    commits = {(Commit, "view"): range(views), (Commit, "number"): [1], (Commit, "digest"): digests}
    return (*proposals, *map(Prepare, votes), *repertoire(Commit, domains=commits))


def _request(me: Node, call: Call) -> Signature:
    """Return the client's signed call, or one that only claims to be."""
    return Signature(me if call.operation[0] == "forged" else call.client, call)


def _reached(me: Node, calls: list[Call], forged: Call) -> list[Checkpoint]:
    states = [
        Service((call.operation,), (Answer(call.client, call.timestamp, 0),))
        for call in (calls[-1], forged)
    ]
    return [Checkpoint(Signature(me, Reached(2, state))) for state in states]


def _changes(
    me: Node, names: tuple[Node, ...], digests: list[Digest], views: int
) -> list[ViewChange | NewView]:
    found: list[ViewChange | NewView] = []
    for view in range(1, views):
        bare = Leaving(view, 0, frozenset(), frozenset())
        thin = evolve(bare, certificates=frozenset({_thin(me, digests[-1])}))
        found += [ViewChange(Signature(me, each)) for each in (bare, thin)]
        if view % len(names) == me.index:
            quorums = combinations([Signature(name, bare) for name in names], 3)
            shown = [frozenset(quorum) for quorum in quorums]
            orders = [(), *((Signature(me, Proposed(view, 1, d)),) for d in (None, *digests))]
            found += [NewView(view, changes, order) for changes in shown for order in orders]
    return found


def _thin(me: Node, digest: Digest) -> Certificate:
    """Return what would be a certificate, if one replica were enough."""
    vote = Signature(me, Agreed(0, 1, digest))
    return Certificate(Signature(me, Proposed(0, 1, digest)), frozenset({vote}))
