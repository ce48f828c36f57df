"""Ordered multicast within a view.

The members take turns: message number k of the member of rank r has slot k·n + r, and slots are
delivered in order, each as soon as every member is known to have received all up to it. A member
that has nothing to say sends a null, so that nobody waits for it: but only for a slot that somebody
has already gone past.

Source: Jha et al., Derecho, ACM TOCS 2019, sections 3.2.1 (delivery, flow control) and 3.3.3
(nulls).
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, frozen

from coterie.model.synchrony.state import (
    Inside,
    Item,
    all_delivered,
    delivered_of,
    rank_of,
    row_of,
    with_row_and_held,
    writing,
)
from coterie.model.synchrony.table import Counts, Push, is_wedged, with_received


def frontier(received: Counts) -> int:
    """Return up to which slot everything is here, of one who has received so many of each."""
    fewest = min(received)
    return fewest * len(received) + received.index(fewest)


def stable(frontiers: Iterable[int]) -> int:
    """Return how many slots every member has received, of the slots that each is known to have."""
    return min(frontiers)


def lags_behind_later(own: int, seen: int) -> bool:
    """Return whether a message `seen` of a later rank waits for our next one; by their indexes."""
    return own <= seen


def lags_behind_earlier(own: int, seen: int) -> bool:
    """Return whether a message `seen` of an earlier rank waits for our next one; by indexes."""
    return own < seen


def within_window(index: int, delivered: int, window: int) -> bool:
    """Return whether message `index` may leave when all have `delivered` so many of its sender."""
    return index < delivered + window


@frozen
class Multicast:
    """How messages are sent, received and delivered.

    Attributes:
        window: how many messages a sender may be ahead of the slowest delivery; None for any.
        ordered: whether delivery waits for order and stability; else it is on receipt, and what
            the end of a view leaves undone is nobody's concern.
        stable: how far delivery may go, over the frontiers of all members.
        lags_behind_later: whether a null is owed, over the index of our next message and one seen
            of a higher rank.
        lags_behind_earlier: likewise, of a lower rank.
        within_window: the guard of sending, over the index, what all have delivered, the window.
    """

    window: int | None = None
    ordered: bool = True
    stable: Callable[[Iterable[int]], int] = stable
    lags_behind_later: Callable[[int, int], bool] = lags_behind_later
    lags_behind_earlier: Callable[[int, int], bool] = lags_behind_earlier
    within_window: Callable[[int, int, int], bool] = within_window

    def received(self, inside: Inside, rank: int, push: Push) -> Inside:
        """Return `inside` with the messages of `push` taken in; a wedged member takes none.

        Why: a push before it may be lost, when its writer crashes; what follows a gap is no use.
        """
        if not push.run:
            return inside
        row = row_of(inside)
        count = row.received[rank]
        new = push.run[max(0, count - push.first) :]
        if not new or push.first > count or is_wedged(row):
            return inside
        return _taking(inside, rank, new)

    def sent(self, inside: Inside) -> tuple[Inside, tuple[Any, ...]]:
        """Return `inside` with all multicast that may be, or nulls that it owes; and those."""
        rank = rank_of(inside)
        row = inside.rows[rank]
        if is_wedged(row):
            return inside, ()
        count = row.received[rank]
        due = max(len(inside.queue), self._owed(row.received, rank, count))
        if not due:
            return inside, ()
        allowed = sum(1 for ahead in range(due) if self._may_send(inside, rank, count + ahead))
        if not allowed:
            return inside, ()
        run = (*inside.queue, *(None,) * due)[:allowed]
        taken = _taking(inside, rank, run)
        return evolve(taken, queue=inside.queue[allowed:]) if inside.queue else taken, run

    def delivered(self, inside: Inside) -> tuple[Inside, tuple[Item, ...]]:
        """Return `inside` with all delivered that may be, and what it hands to the application."""
        if not self.ordered:
            return on_receipt(inside)
        frontiers = [frontier(row.received) for row in inside.rows]
        everywhere = self.stable(frontiers)
        if everywhere <= inside.delivered:
            return inside, ()
        return delivered_until(inside, min(everywhere, frontiers[rank_of(inside)]))

    def ended(self, inside: Inside, trim: Counts) -> tuple[Inside, tuple[Item, ...]]:
        """Return `inside` with the rest of its view delivered, and what that hands over."""
        if not self.ordered:
            return inside, ()
        return delivered_until(inside, len(trim) * max(trim), trim)

    def told(self, inside: Inside) -> Inside:
        """Return `inside` with its deliveries told, where senders go by them."""
        if self.window is None or row_of(inside).delivered == inside.delivered:
            return inside
        return writing(inside, delivered=inside.delivered)

    def _owed(self, seen: Counts, rank: int, count: int) -> int:
        """Return how many messages others wait for; whoever speaks out of turn waits for none."""
        if not self.ordered:
            return 0
        owed = 0
        while self._is_awaited(seen, rank, count + owed):
            owed += 1
        return owed

    def _is_awaited(self, seen: Counts, rank: int, index: int) -> bool:
        """Return whether any message `seen` waits for that one of the sender of this rank."""
        for other, count in enumerate(seen):
            if count and other != rank:
                lags = self.lags_behind_later if other > rank else self.lags_behind_earlier
                if lags(index, count - 1):
                    return True
        return False

    def _may_send(self, inside: Inside, rank: int, index: int) -> bool:
        if self.window is None:
            return True
        least = min(self._delivered_everywhere(inside, rank))
        return self.within_window(index, least, self.window)

    def _delivered_everywhere(self, inside: Inside, rank: int) -> Iterable[int]:
        if not self.ordered:
            return (row.received[rank] for row in inside.rows)
        size = len(inside.rows)
        return (delivered_of(row.delivered, rank, size) for row in inside.rows)


def _taking(inside: Inside, rank: int, new: tuple[Any, ...]) -> Inside:
    """Return `inside` with more messages of the sender of that rank."""
    own, held = rank_of(inside), inside.held
    row = inside.rows[own]
    received = row.received
    after = (*received[:rank], received[rank] + len(new), *received[rank + 1 :])
    more = (*held[:rank], held[rank] + new, *held[rank + 1 :])
    return with_row_and_held(inside, own, with_received(row, after), more)


def delivered_until(
    inside: Inside, slots: int, trim: Counts | None = None
) -> tuple[Inside, tuple[Item, ...]]:
    """Return `inside` with the first `slots` delivered, and the items among them.

    Attributes:
        trim: how many messages of each sender count; the slots of the others are passed over.
    """
    if slots <= inside.delivered:
        return inside, ()
    held = [list(messages) for messages in inside.held]
    items, size = [], len(held)
    for slot in range(inside.delivered, slots):
        index, rank = divmod(slot, size)
        if trim is not None and index >= trim[rank]:
            continue
        payload = held[rank].pop(0)
        if payload is not None:
            items.append(Item(inside.view.number, inside.view.members[rank], payload))
    return evolve(inside, held=tuple(map(tuple, held)), delivered=slots), tuple(items)


def on_receipt(inside: Inside) -> tuple[Inside, tuple[Item, ...]]:
    """Return `inside` with whatever has been received delivered, sender by sender."""
    if not any(inside.held):
        return inside, ()
    number, members = inside.view.number, inside.view.members
    items = tuple(
        Item(number, sender, payload)
        for sender, held in zip(members, inside.held, strict=True)
        for payload in held
    )
    return evolve(inside, held=((),) * len(members)), items


def undelivered(inside: Inside, trim: Counts) -> tuple[Any, ...]:
    """Return what this member has multicast in vain: its own messages above the trim, no nulls."""
    rank = rank_of(inside)
    kept = max(0, trim[rank] - all_delivered(inside)[rank])
    return tuple(payload for payload in inside.held[rank][kept:] if payload is not None)
