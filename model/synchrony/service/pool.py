"""Many sessions of one client, as one machine: several requests may be under way at once.

A session is a client of its own: its requests and answers say which one they belong to. A call that
a session takes returns at once; the result is delivered when it is there, with the session on it.
"""

from collections.abc import Iterable

from attrs import evolve, frozen

from coterie.model.keyed import At
from coterie.model.machine import (
    Deliver,
    Effect,
    Event,
    Invoke,
    Machine,
    Outcome,
    Receive,
    Return,
    Timeout,
)
from coterie.model.synchrony.service.client import Calling, Client
from coterie.model.synchrony.service.messages import Done, NotNow, Read

Pooled = tuple[Calling, ...]


@frozen
class Pool(Machine[Pooled, None]):
    """The sessions of one client; `Invoke(At(session, operation))` calls in one of them.

    Attributes:
        clients: the sessions; their numbers follow one another, from that of the first.
    """

    clients: tuple[Client, ...]

    def start(self, memory: None) -> Outcome[Pooled]:
        """Begin all sessions."""
        return Outcome(tuple(client.start(memory).state for client in self.clients))

    def options(self, state: Pooled) -> Iterable[Timeout]:
        """Offer what each session offers."""
        for client, calling in zip(self.clients, state, strict=True):
            yield from (At(client.session, event) for event in client.options(calling))

    def step(self, state: Pooled, event: Event) -> Outcome[Pooled] | None:
        """Let the session act that the event is for."""
        match event:
            case Invoke(At(int() as session, operation)) if self._has(session):
                return self._stepped(state, session, Invoke(operation), Return(None))
            case Receive(_, Done() | Read() | NotNow() as answer) if self._has(answer.session):
                return self._stepped(state, answer.session, event)
            case Receive():
                return Outcome(state)
            case At(int() as session, timeout) if self._has(session):
                return self._stepped(state, session, timeout)
        return None

    def _has(self, session: int) -> bool:
        return 0 <= session - self.clients[0].session < len(self.clients)

    def _stepped(
        self, state: Pooled, session: int, event: Event, *first: Effect
    ) -> Outcome[Pooled] | None:
        place = session - self.clients[0].session
        outcome = self.clients[place].step(state[place], event)
        if outcome is None:
            return None
        after = (*state[:place], outcome.state, *state[place + 1 :])
        return Outcome(after, (*first, *(_told(session, each) for each in outcome.effects)))


def _told(session: int, effect: Effect) -> Effect:
    """Return what a session asks for; its results are told with the session on them."""
    match effect:
        case Return(result):
            return Deliver(At(session, result))
    return effect


def pool_of(client: Client, count: int) -> Pool:
    """Return so many sessions like `client`, whose number is the first of theirs."""
    numbers = range(client.session, client.session + count)
    return Pool(tuple(evolve(client, session=session) for session in numbers))
