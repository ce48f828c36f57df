"""Ordered multicast over one table that all members see at once.

The members do what `Multicast` says, to the letter; but a row is known to everybody as soon as it
is written, and only messages travel. So there is one machine, which holds them all. What is left
to chance is who multicasts next, and who takes which message next: nulls and deliveries follow at
once. It is the smallest world in which stability and nulls can go wrong. It says nothing of what an
old copy of a row can do; nor of order, for all deliver at the same moment.

Source: Jha et al., Derecho, ACM TOCS 2019, sections 3.2.1 and 3.3.3.
"""

from collections.abc import Iterable
from itertools import permutations

from attrs import evolve, field, frozen

from coterie.model.machine import Event, Machine, Node, Outcome, Receive, Timeout
from coterie.model.synchrony.multicast import Multicast
from coterie.model.synchrony.state import Inside, at_start, row_of
from coterie.model.synchrony.table import Push, Row
from coterie.model.synchrony.view import first_view


@frozen(cache_hash=True)
class Board:
    """All members, and the table that they share.

    Attributes:
        members: by rank; all hold the same rows, and what each has delivered is its application.
        told: how many messages the user of each has asked to multicast.
    """

    members: tuple[Inside, ...]
    told: tuple[int, ...]


@frozen(cache_hash=True)
class Say(Timeout):
    """The user of the member of that rank multicasts its next message."""

    rank: int


@frozen(cache_hash=True)
class Take(Timeout):
    """A member takes the next message of another, that it has not; both by rank.

    Attributes:
        reader: who takes it.
        writer: whose message it is.
    """

    reader: int
    writer: int


@frozen
class Shared(Machine[Board, None]):
    """The members of a group that see one table.

    Attributes:
        messages: how many messages the user of each member multicasts: 0, 1, and so on.
        multicast: how messages are sent and delivered.
    """

    messages: tuple[int, ...]
    multicast: Multicast = field(factory=Multicast)

    def start(self, memory: None) -> Outcome[Board]:
        """All are in the first view, and nothing is said."""
        del memory
        view = first_view(*(Node("member", rank) for rank in range(len(self.messages))))
        fresh = tuple(at_start(name, view, ()) for name in view.members)
        return Outcome(Board(fresh, (0,) * len(fresh)))

    def options(self, state: Board) -> Iterable[Timeout]:
        """Multicast the next message; take the next one that another has multicast."""
        for rank, told in enumerate(state.told):
            if told < self.messages[rank]:
                yield Say(rank)
        for reader, writer in permutations(range(len(state.members)), 2):
            if _lacks(state, reader, writer):
                yield Take(reader, writer)

    def step(self, state: Board, event: Event) -> Outcome[Board] | None:
        """Do it, and let everybody do what that makes possible."""
        match event:
            case Receive():
                return Outcome(state)
            case Say(rank) if state.told[rank] < self.messages[rank]:
                return Outcome(self._settled(_said(state, rank)))
            case Take(reader, writer) if _lacks(state, reader, writer):
                return Outcome(self._settled(self._taken(state, reader, writer)))
        return None

    def _taken(self, state: Board, reader: int, writer: int) -> Board:
        """Return `state` with a message taken; its sender holds it until all have it."""
        inside, first = state.members[reader], _received(state, reader, writer)
        sender, sent = state.members[writer], _received(state, writer, writer)
        message = sender.held[writer][first - sent]
        push = Push(sender.view.number, sender.name, row_of(sender), first, (message,))
        return _with(state, reader, self.multicast.received(inside, writer, push))

    def _settled(self, state: Board) -> Board:
        """Return `state` when each has sent and delivered all that it may."""
        while True:
            rows = tuple(map(row_of, state.members))
            state = evolve(state, members=tuple(self._ruled(each, rows) for each in state.members))
            if rows == tuple(map(row_of, state.members)):
                return state

    def _ruled(self, inside: Inside, rows: tuple[Row, ...]) -> Inside:
        sent, _ = self.multicast.sent(evolve(inside, rows=rows))
        after, items = self.multicast.delivered(sent)
        told = self.multicast.told(after)
        return evolve(told, application=(*inside.application, *items)) if items else told


def _received(state: Board, reader: int, writer: int) -> int:
    return row_of(state.members[reader]).received[writer]


def _lacks(state: Board, reader: int, writer: int) -> bool:
    return _received(state, reader, writer) < _received(state, writer, writer)


def _said(state: Board, rank: int) -> Board:
    inside, number = state.members[rank], state.told[rank]
    said = _with(state, rank, evolve(inside, queue=(*inside.queue, number)))
    return evolve(said, told=(*state.told[:rank], number + 1, *state.told[rank + 1 :]))


def _with(state: Board, rank: int, inside: Inside) -> Board:
    members = (*state.members[:rank], inside, *state.members[rank + 1 :])
    return evolve(state, members=members)
