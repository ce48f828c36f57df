"""Reads of a serving store: one date, a range of dates, or the latest; and how far the server is.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", sections II-E
and II-F for one date, section VI for queries that return many rows, which it leaves to future work.
"""

from collections.abc import Iterable

from attrs import evolve, frozen

from coterie.model.gossip.store.reads import Absent, Found, GiveUp, Recovering, Unanswered
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


@frozen(cache_hash=True)
class ValueAt:
    """What is the value of `date`? Answered with `Found` or `Absent`."""

    date: int


@frozen(cache_hash=True)
class Between:
    """What is there from `first` to `last`? Answered with a `Page`.

    Attributes:
        limit: how many rows the answer may have; a server may send fewer.
    """

    first: int
    last: int
    limit: int


@frozen(cache_hash=True)
class Latest:
    """What is the latest date, and its value? Answered with a `Newest` or `Absent`."""


What = ValueAt | Between | Latest


@frozen(cache_hash=True)
class Page:
    """The rows of a range, up to a limit; empty where there are none.

    Attributes:
        rows: dates and values, ascending by date.
        rest: the first date that is not looked at yet, to go on from; None where all is told.
    """

    rows: tuple[tuple[int, int], ...]
    rest: int | None


@frozen(cache_hash=True)
class Newest:
    """The latest date has this value."""

    date: int
    value: int


Result = Found | Absent | Page | Newest | Recovering


@frozen(cache_hash=True)
class Query:
    """A client asks; `number` tells its reads apart.

    Attributes:
        number: which of the client's reads it is.
        what: what it asks for.
    """

    number: int
    what: What


@frozen(cache_hash=True)
class Replied:
    """A server answers the `Query` of that number.

    Attributes:
        number: that of the query.
        result: the answer.
        position: how many of the device's measurements the server has, without a gap.
        agreed: how many are agreed, as far as the server knows. A server whose position is less
            lags behind the others.
    """

    number: int
    result: Result
    position: int
    agreed: int


@frozen(cache_hash=True)
class Inquire:
    """The client's operation: ask `server`.

    Attributes:
        server: whom.
        what: what for.
    """

    server: Node
    what: What


@frozen(cache_hash=True)
class Reported:
    """What an `Inquire` returns.

    Attributes:
        server: who was asked.
        what: what was asked.
        result: the answer, or that there was none.
        position: as in `Replied`; 0 where there was none.
        agreed: likewise.
    """

    server: Node
    what: What
    result: Result | Unanswered
    position: int = 0
    agreed: int = 0

    @property
    def lag(self) -> int:
        """How many of the agreed measurements the server lacks, from the first that it lacks on."""
        return max(0, self.agreed - self.position)


@frozen(cache_hash=True)
class Inquiring:
    """What a client remembers.

    Attributes:
        number: how many reads it has finished; it numbers the one under way.
        asked: the read under way.
    """

    number: int = 0
    asked: Inquire | None = None


@frozen
class Inquirer(Machine[Inquiring, None]):
    """The data's owner: it may only read, one query at a time, from a server that it picks.

    Attributes:
        first: the number of its first query. It has no memory: an answer to an earlier process of
            the same name may still be under way, so that one's numbers must be left out.
    """

    first: int = 0

    def start(self, memory: None) -> Outcome[Inquiring]:
        """Begin."""
        del memory
        return Outcome(Inquiring(self.first))

    def options(self, state: Inquiring) -> Iterable[Timeout]:
        """While it waits, it may stop waiting."""
        return (GiveUp(),) if state.asked else ()

    def step(self, state: Inquiring, event: Event) -> Outcome[Inquiring] | None:
        """Ask; return the answer, or that there was none. A late answer changes nothing."""
        match event:
            case Invoke(Inquire(server, what)) if state.asked is None:
                asked = Send(server, Query(state.number, what))
                return Outcome(evolve(state, asked=event.operation), (asked,))
            case Receive(sender, Replied(number, result, position, agreed)) if state.asked and (
                (sender, number) == (state.asked.server, state.number)
            ):
                told = Reported(sender, state.asked.what, result, position, agreed)
                return Outcome(Inquiring(state.number + 1), (Return(told),))
            case Receive():
                return Outcome(state)
            case GiveUp() if state.asked:
                none = Reported(state.asked.server, state.asked.what, Unanswered())
                return Outcome(Inquiring(state.number + 1), (Return(none),))
        return None
