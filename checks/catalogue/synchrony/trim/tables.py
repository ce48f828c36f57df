"""The end of a view by itself, from every table that it may begin with.

All members wedge at the start: they suspect one that is gone, or they have the leader's batch,
which lets somebody in. What each has received and delivered by then is enumerated. Whoever has
ended the view stays where it is, so that what is explored is the trim and nothing else.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import product

from attrs import evolve, frozen

from coterie.model.machine import Deliver, Effect, Event, Halt, Node, Outcome, Receive, Timeout
from coterie.model.synchrony.member import Member, State
from coterie.model.synchrony.multicast import frontier
from coterie.model.synchrony.state import (
    Inside,
    Item,
    at_start,
    delivered_of,
    writing,
)
from coterie.model.synchrony.table import Counts, Row, empty_row
from coterie.model.synchrony.view import Changes, View

Rows = tuple[Row, ...]
Matrix = tuple[Counts, ...]
"""How many messages of each sender each member has received, by the ranks of both."""


@frozen(cache_hash=True)
class Broken:
    """What a member remembers of the time before its view broke off.

    Attributes:
        inside: the member as it was when it was about to wedge.
        suspected: who is gone; the member itself may be.
        changes: the batch that it has from its leader; None if it wedges by suspicion.
        told: whether all the others know already that it has wedged.
    """

    inside: Inside
    suspected: frozenset[Node] = frozenset()
    changes: Changes | None = None
    told: bool = False


@frozen
class Wedging(Member):
    """A member whose memory is all that it knows as it wedges, and that ends this view only."""

    def start(self, memory: Broken | None) -> Outcome[State]:
        """Wedge, and do all that this makes possible; who is gone stops."""
        if memory is None:
            return super().start(None)
        inside = memory.inside
        seen = tuple(map(Deliver, inside.application))
        if self.name in memory.suspected:
            return Outcome(inside, (*seen, Halt()))
        wedged = writing(inside, suspected=memory.suspected, changes=memory.changes)
        outcome = self._settled(wedged if memory.told else inside, wedged)
        return Outcome(outcome.state, (*seen, *outcome.effects))

    def options(self, state: State) -> Iterable[Timeout]:
        """Suspect another member, until the view has ended."""
        return () if self._has_ended(state) else super().options(state)

    def step(self, state: State, event: Event) -> Outcome[State] | None:
        """Take an event in, until the view has ended."""
        if not self._has_ended(state):
            return super().step(state, event)
        return Outcome(state) if isinstance(event, Receive) else None

    def _has_ended(self, state: State) -> bool:
        return isinstance(state, Inside) and state.view.number > self.view.number

    def _entered(self, state: Inside, effects: tuple[Effect, ...]) -> Outcome[State]:
        return Outcome(at_start(state.name, state.view, state.application), effects)


def matrices(size: int, sent: Counts) -> Iterator[Matrix]:
    """Yield who may have received what: every sender has its own messages, others any of them."""
    columns = [
        product(*(((count,) if rank == sender else range(count + 1)) for rank in range(size)))
        for sender, count in enumerate(sent)
    ]
    for matrix in product(*columns):
        yield tuple(zip(*matrix, strict=True))


def starts(
    member: Member, sent: Counts, gone: int | None = None, *, told: bool = False
) -> Iterator[dict[Node, Broken]]:
    """Yield every table with which the first view may break off.

    Attributes:
        sent: how many messages each has multicast, by rank; none beyond.
        gone: the rank of who is suspected; None for a batch that lets somebody in.
        told: whether all know that all have wedged; if not, each knows nothing of the others but
            what it must, and the rest is on its way.
    """
    view, size = member.view, len(member.view.members)
    suspected = frozenset() if gone is None else frozenset({view.members[gone]})
    changes = Changes(joining=(Node("joiner"),)) if gone is None else None
    for matrix in matrices(size, (*sent, *(0,) * (size - len(sent)))):
        stable = member.multicast.stable([frontier(received) for received in matrix])
        rows = tuple(Row(received, suspected=suspected, changes=changes) for received in matrix)
        known = tuple(
            row if rank != gone and (told or (changes and rank == 0)) else empty_row(size)
            for rank, row in enumerate(rows)
        )
        for delivered in product(range(stable + 1), repeat=size):
            yield {
                name: Broken(_inside(view, known, rank, row, slots), suspected, changes, told)
                for rank, (name, row, slots) in enumerate(
                    zip(view.members, matrix, delivered, strict=True)
                )
            }


def _inside(view: View, known: Rows, rank: int, received: Counts, slots: int) -> Inside:
    """Return a member that has received so much, and delivered so many slots."""
    size, senders = len(view.members), view.members
    items = (divmod(slot, size) for slot in range(slots))
    held = (
        tuple(map(partial(said, sender), range(delivered_of(slots, number, size), count)))
        for number, (sender, count) in enumerate(zip(senders, received, strict=True))
    )
    return evolve(
        at_start(senders[rank], view, (), ()),
        rows=(*known[:rank], Row(received), *known[rank + 1 :]),
        held=tuple(held),
        delivered=slots,
        application=tuple(
            Item(view.number, senders[number], said(senders[number], index))
            for index, number in items
        ),
    )


def said(sender: Node, index: int) -> str:
    """Return what the sender says with its message of that index."""
    return f"{sender}.{index}"
