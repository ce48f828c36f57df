"""The two-phase lookup: a client asks all servers at once, and believes what enough of them say.

At most f of 3f + 1 servers are Byzantine. The published client returns what 2f + 1 servers say
alike, be it a value or that there is none; else it waits for a while and asks all of them again.
One correct server that lacks a date for ever, beside f silent ones, makes it ask without end. The
obvious remedy believes f + 1 equal values, and then a later read may find nothing. The repaired
client tells all servers what f + 1 of them say, and returns as the published one does.

All three are one machine with other fields: `PUBLISHED`, `WITNESSED` and `REPAIRED` at the end. The
servers are those of `coterie.model.gossip.store`.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", section V-B;
`WITNESSED` and `REPAIRED` are ours.
"""

from collections.abc import Callable, Iterable

from attrs import evolve, frozen
from immutables import Map

from coterie.model.diffusion.lookup_quorums import is_vouched, is_witnessed
from coterie.model.gossip.store.reads import Absent, Answer, Found, Get
from coterie.model.gossip.store.server import Data
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

Result = Found | Absent
Quorum = Callable[[int, int], bool]

UNANSWERED: Map[Node, Result] = Map()


@frozen(cache_hash=True)
class Lookup:
    """The client's operation: what is the value of `date`? It returns a `Found` or an `Absent`."""

    date: int


@frozen(cache_hash=True)
class Retry(Timeout):
    """The time δ is over: consider the request as failed, and ask all servers anew."""


@frozen(cache_hash=True)
class Looking:
    """What a client remembers.

    Attributes:
        number: the number of the latest attempt; answers carry it back.
        date: what it looks up; None while it is idle.
        answers: what each server has answered in this attempt; its first answer counts.
    """

    number: int = 0
    date: int | None = None
    answers: Map[Node, Result] = UNANSWERED


def is_current(number: int, latest: int) -> bool:
    """Return whether an answer of that number belongs to the latest attempt, and is not late."""
    return number == latest


@frozen
class Client(Machine[Looking, None]):
    """A client that only reads, and asks all servers; by default the published one.

    Attributes:
        servers: all servers, the Byzantine ones among them.
        f: how many of them may be Byzantine.
        believes_value: the guard of returning a value: how many servers say it, and f.
        believes_none: the guard of returning that there is none, over the same.
        passes_on: the guard of telling all servers a value that some of them say, over the same;
            None where they are told nothing.
        is_current: which answers count: their number, and that of the latest attempt.
        attempts: how many attempts it makes in all its reads; None for any number of them.
        numbers: how many numbers it has for its attempts, which it uses in turns; None for a new
            one each time. Where channels hold one message, and whoever would send one more waits,
            two will do: no attempt begins before every correct server has the last one's request,
            and none takes that before its answer to the one before is received. If n messages may
            be lost, n + 2 will do.
        timely: the servers whose answers come before the time δ is over.
        first: a number that no attempt of an earlier process of the same name had: it has no
            memory, and an answer to that one may still be under way.
    """

    servers: tuple[Node, ...]
    f: int
    believes_value: Quorum = is_vouched
    believes_none: Quorum = is_vouched
    passes_on: Quorum | None = None
    is_current: Callable[[int, int], bool] = is_current
    attempts: int | None = None
    numbers: int | None = None
    timely: frozenset[Node] = frozenset()
    first: int = 0

    def start(self, memory: None) -> Outcome[Looking]:
        """Begin."""
        del memory
        return Outcome(Looking(self.first))

    def options(self, state: Looking) -> Iterable[Timeout]:
        """While it waits, and the timely servers have answered, it may ask anew."""
        return (Retry(),) if self._may_retry(state) else ()

    def step(self, state: Looking, event: Event) -> Outcome[Looking] | None:
        """Ask all servers; count an answer; ask all servers anew.

        Source: section V-B.
        """
        match event:
            case Invoke(Lookup(date)) if state.date is None and self._may_ask(state):
                return self._asked(state, date)
            case Retry() if self._may_retry(state):
                assert state.date is not None
                return self._asked(state, state.date)
            case Receive(sender, Answer(number, (Found() | Absent()) as result)):
                if self._counts(state, sender, number):
                    return self._counted(state, sender, result)
                return Outcome(state)
            case Receive():
                return Outcome(state)
        return None

    def _may_ask(self, state: Looking) -> bool:
        return self.attempts is None or state.number < self.attempts

    def _may_retry(self, state: Looking) -> bool:
        waits = state.date is not None and self._may_ask(state)
        return waits and all(server in state.answers for server in self.timely)

    def _asked(self, state: Looking, date: int) -> Outcome[Looking]:
        """Ask every server, and forget what they have answered to the last attempt."""
        number = state.number + 1
        if self.numbers is not None:
            number %= self.numbers
        asked = (Send(server, Get(number, date)) for server in self.servers)
        return Outcome(Looking(number, date), asked)

    def _counts(self, state: Looking, sender: Node, number: int) -> bool:
        """Return whether this is the first answer of one of the servers to this attempt."""
        first = sender in self.servers and sender not in state.answers
        return first and state.date is not None and self.is_current(number, state.number)

    def _counted(self, state: Looking, sender: Node, result: Result) -> Outcome[Looking]:
        """Return what enough servers say; until then, pass on what is certain."""
        answers = state.answers.set(sender, result)
        votes = sum(each == result for each in answers.values())
        believes = self.believes_value if isinstance(result, Found) else self.believes_none
        if believes(votes, self.f):
            return Outcome(Looking(state.number), (Return(result),))
        waiting = evolve(state, answers=answers)
        if isinstance(result, Found) and self.passes_on and self.passes_on(votes, self.f):
            return Outcome(waiting, self._told(waiting, result.value))
        return Outcome(waiting)

    def _told(self, state: Looking, value: int) -> Iterable[Effect]:
        """Tell all servers a value, as the device would."""
        assert state.date is not None
        return (Send(server, Data(state.date, value)) for server in self.servers)


PUBLISHED = Client((), 0)
"""The client of the paper: 2f + 1 servers vouch for what it returns."""

WITNESSED = Client((), 0, believes_value=is_witnessed)
"""A client that returns a value which f + 1 servers say, since a correct one is among them."""

REPAIRED = Client((), 0, passes_on=is_witnessed)
"""A client that tells all servers such a value, so that 2f + 1 of them can come to vouch for it."""
