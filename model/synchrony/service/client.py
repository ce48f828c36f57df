"""A client of the replicated store: one session, which has one request under way.

It asks a server. If that cannot serve it, or a timer says that this takes too long, it asks the
next one for the same under the same number, for nobody does a command twice. A server that says at
once that it cannot serve is passed over at once; when all have said so, the timer decides.

Source: Schneider, The State Machine Approach, ACM Computing Surveys 1990, section 3 (clients that
number their requests); Liskov and Cowling, Viewstamped Replication Revisited, 2012, section 4.
"""

from collections.abc import Iterable
from typing import Any

from attrs import evolve, frozen

from coterie.model.call import Call
from coterie.model.machine import (
    Effect,
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
from coterie.model.synchrony.service.messages import STABLE, STALE, Done, Look, NotNow, Read, Submit
from coterie.model.synchrony.service.store import is_known


@frozen(cache_hash=True)
class Query:
    """An operation: look at a key, at one server; a command reads in its turn instead.

    Attributes:
        key: which key.
        level: `STABLE` or `STALE`: see `Look`.
    """

    key: str
    level: str


@frozen(cache_hash=True)
class Retry(Timeout):
    """Ask `server` for what has not been answered yet."""

    server: Node


@frozen(cache_hash=True)
class Calling:
    """What a client remembers.

    Attributes:
        number: how many requests its session has made.
        at: which server it asks, by its index.
        seen: how much of the log its session has seen.
        doing: what it waits for; None between operations.
        refused: how many servers have said that they cannot serve, since the timer last decided.
        retries: how many times the timer has decided, for this request.
    """

    number: int = 0
    at: int = 0
    seen: int = 0
    doing: Call | Query | None = None
    refused: int = 0
    retries: int = 0


@frozen
class Client(Machine[Calling, None]):
    """One session of a client; `Invoke` a `Call`, which goes through the group, or a `Query`.

    Attributes:
        servers: whom it may ask, in this order, and from the last one to the first.
        session: a number that no earlier session of this node had: it has no memory.
        retries_most: how often the timer may decide, for one request; None for any number.
    """

    servers: tuple[Node, ...]
    session: int = 0
    retries_most: int | None = None

    def start(self, memory: None) -> Outcome[Calling]:
        """Begin with the first server."""
        del memory
        return Outcome(Calling())

    def options(self, state: Calling) -> Iterable[Timeout]:
        """Wait no longer for the server that was asked."""
        if state.doing is not None and state.retries != self.retries_most:
            yield Retry(self.servers[self._next(state)])

    def step(self, state: Calling, event: Event) -> Outcome[Calling] | None:
        """Ask; ask again; or return what is answered."""
        match event:
            case Invoke(Call() | Query() as operation) if is_fit(operation):
                return self._called(state, operation)
            case Retry(server) if server in self.servers and state.doing is not None:
                again = evolve(state, at=self.servers.index(server), refused=0)
                return self._asking(evolve(again, retries=state.retries + 1))
            case Receive(_, Done(_, _, result, position) as done):
                return self._answered(state, done, result, position)
            case Receive(_, Read(_, _, value, position) as read):
                return self._answered(state, read, value, position)
            case Receive(server, NotNow() as refusal):
                return self._refused(state, server, refusal)
            case Receive():
                return Outcome(state)
        return None

    def _called(self, state: Calling, operation: Call | Query) -> Outcome[Calling] | None:
        if state.doing is not None:
            return None
        number = state.number + 1
        return self._asking(evolve(state, number=number, doing=operation, refused=0, retries=0))

    def _asking(self, state: Calling) -> Outcome[Calling]:
        """Return the request on its way to the server whose turn it is."""
        match state.doing:
            case Query(key, level):
                seen = 0 if level == STALE else state.seen
                request: Submit | Look = Look(self.session, state.number, key, level, seen)
            case call:
                assert call is not None
                request = Submit(self.session, state.number, call)
        return Outcome(state, (Send(self.servers[state.at], request),))

    def _answered(
        self, state: Calling, answer: Done | Read, result: Any, position: int
    ) -> Outcome[Calling]:
        """Return the result; an answer to what is not asked any more changes nothing."""
        if not self._is_awaited(state, answer):
            return Outcome(state)
        seen = max(state.seen, position)
        effects: tuple[Effect, ...] = (Return(result),)
        return Outcome(Calling(state.number, state.at, seen), effects)

    def _refused(self, state: Calling, server: Node, refusal: NotNow) -> Outcome[Calling]:
        """Go on to the next server at once, unless all have said that they cannot serve."""
        if not self._is_awaited(state, refusal) or server != self.servers[state.at]:
            return Outcome(state)
        after = evolve(state, refused=state.refused + 1)
        if after.refused >= len(self.servers):
            return Outcome(evolve(after, refused=len(self.servers)))
        return self._asking(evolve(after, at=self._next(state)))

    def _is_awaited(self, state: Calling, answer: Done | Read | NotNow) -> bool:
        known = (answer.session, answer.number) == (self.session, state.number)
        return known and state.doing is not None

    def _next(self, state: Calling) -> int:
        return (state.at + 1) % len(self.servers)


def is_fit(operation: Call | Query) -> bool:
    """Return whether a server would know what to do."""
    if isinstance(operation, Query):
        return isinstance(operation.key, str) and operation.level in {STABLE, STALE}
    return is_known(operation)
