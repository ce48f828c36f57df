"""A client of PBFT: it asks the primary, then everybody, and believes f + 1 equal replies.

Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.1.
"""

from collections.abc import Iterable
from typing import Any

from attrs import evolve, frozen

from coterie.model.diffusion.pbft.group import Group
from coterie.model.diffusion.pbft.messages import Call, Reply, Request
from coterie.model.machine import (
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Return,
    Send,
    Timeout,
)
from coterie.model.signature import Signature


@frozen(cache_hash=True)
class Replied:
    """What `replica` has replied."""

    replica: Node
    reply: Reply


@frozen(cache_hash=True)
class Client:
    """What a client remembers.

    Attributes:
        timestamp: how many calls it has made.
        asking: the call under way.
        has_asked_all: whether it has sent that one to all replicas.
        replies: the first reply of each replica to the call under way.
        view: the view that it believes the replicas to be in.
        results: the results of its calls, in order.
    """

    timestamp: int = 0
    asking: Call | None = None
    has_asked_all: bool = False
    replies: frozenset[Replied] = frozenset()
    view: int = 0
    results: tuple[Any, ...] = ()


@frozen(cache_hash=True)
class Retransmit(Timeout):
    """No result has come in time: ask all replicas."""


@frozen
class PbftClient(Machine[Client, None]):
    """A client.

    Attributes:
        name: the client itself.
        group: the replicas and their quorums.
    """

    name: Node
    group: Group

    def start(self, memory: None) -> Outcome[Client]:
        """It has asked for nothing."""
        del memory
        return Outcome(Client())

    def options(self, state: Client) -> Iterable[Timeout]:
        """Ask everybody, when the primary has not helped."""
        if state.asking is not None and not state.has_asked_all:
            yield Retransmit()

    def step(self, state: Client, event: Event) -> Outcome[Client] | None:
        """Ask, ask again, or take a reply."""
        match event:
            case Invoke(operation) if state.asking is None:
                return self._asked(state, operation)
            case Retransmit() if state.asking is not None and not state.has_asked_all:
                after = evolve(state, has_asked_all=True)
                sends = (Send(node, self._request(state.asking)) for node in self.group.replicas)
                return Outcome(after, tuple(sends))
            case Receive(sender, Reply() as reply) if sender in self.group.replicas:
                return self._replied(state, Replied(sender, reply))
            case Receive():
                return Outcome(state)
        return None

    def _asked(self, state: Client, operation: Any) -> Outcome[Client]:
        timestamp = state.timestamp + 1
        call = Call(self.name, timestamp, operation)
        after = Client(timestamp, call, view=state.view, results=state.results)
        return Outcome(after, (Send(self.group.primary(state.view), self._request(call)),))

    def _request(self, call: Call) -> Request:
        return Request(Signature(self.name, call))

    def _replied(self, state: Client, replied: Replied) -> Outcome[Client]:
        """Take the first reply of each replica; the call returns when enough are equal."""
        is_repeated = any(each.replica == replied.replica for each in state.replies)
        is_mine = state.asking is not None and replied.reply.timestamp == state.timestamp
        if is_repeated or not is_mine:
            return Outcome(state)
        after = evolve(state, replies=state.replies | {replied})
        result = replied.reply.result
        views = [each.reply.view for each in after.replies if each.reply.result == result]
        if not self.group.is_reply_certain(len(views), self.group.f):
            return Outcome(after)
        done = Client(state.timestamp, view=min(views), results=(*state.results, result))
        return Outcome(done, (Return(result),))
