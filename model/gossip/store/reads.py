"""Reads: what a client asks, and what it is answered.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", sections II-E
and II-F. That a server may answer "recovering" is ours.
"""

from collections.abc import Iterable

from attrs import evolve, frozen

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
class Get:
    """A client asks for the value of `date`; `number` tells its reads apart."""

    number: int
    date: int


@frozen(cache_hash=True)
class Found:
    """The date has this value."""

    value: int


@frozen(cache_hash=True)
class Absent:
    """The date does not exist in the database."""


@frozen(cache_hash=True)
class Recovering:
    """The server does not know yet: ask it later, or ask another."""


@frozen(cache_hash=True)
class Answer:
    """A server answers the `Get` of that number.

    Attributes:
        number: the number of the `Get`.
        result: the value, that there is none, or that the server is recovering.
    """

    number: int
    result: Found | Absent | Recovering


@frozen(cache_hash=True)
class Read:
    """The client's operation: what is the value of `date`, says `server`?"""

    server: Node
    date: int


@frozen(cache_hash=True)
class Unanswered:
    """The client has waited long enough and believes that the server is down."""


@frozen(cache_hash=True)
class Reading:
    """What a `Read` returns.

    Attributes:
        server: who was asked.
        date: for which date.
        result: what it has answered, or that it has not.
    """

    server: Node
    date: int
    result: Found | Absent | Recovering | Unanswered


@frozen(cache_hash=True)
class GiveUp(Timeout):
    """No answer has come for too long."""


@frozen(cache_hash=True)
class Asking:
    """What a client remembers.

    Attributes:
        number: how many reads it has finished; it numbers the one under way.
        read: the read under way.
    """

    number: int = 0
    read: Read | None = None


@frozen
class Client(Machine[Asking, None]):
    """The data's owner: it may only read, one date at a time, from a server that it picks."""

    def start(self, memory: None) -> Outcome[Asking]:
        """Begin."""
        del memory
        return Outcome(Asking())

    def options(self, state: Asking) -> Iterable[Timeout]:
        """While it waits, it may stop waiting."""
        return (GiveUp(),) if state.read else ()

    def step(self, state: Asking, event: Event) -> Outcome[Asking] | None:
        """Ask; return the answer, or that there was none. A late answer changes nothing."""
        match event:
            case Invoke(Read(server, date)) if state.read is None:
                asked = Send(server, Get(state.number, date))
                return Outcome(evolve(state, read=event.operation), (asked,))
            case Receive(sender, Answer(number, result)) if state.read and (sender, number) == (
                state.read.server,
                state.number,
            ):
                return _returned(state, state.read, result)
            case Receive():
                return Outcome(state)
            case GiveUp() if state.read:
                return _returned(state, state.read, Unanswered())
        return None


def _returned(
    state: Asking, read: Read, result: Found | Absent | Recovering | Unanswered
) -> Outcome[Asking]:
    reading = Reading(read.server, read.date, result)
    return Outcome(Asking(state.number + 1), (Return(reading),))
