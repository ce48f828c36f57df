"""What was sent and what was received: on each way from one node to another, in order and once.

A connection carries messages in order and once, and from one that has been replaced nothing is
handed over any more. So what a node has received from another, in all its starts, must be what that
one has sent to it, in all of its starts, with some left out: those that were lost with a
connection. What was to be sent by a turn that was never committed has never left.

A receipt is matched with the earliest send that is equal, after those that were matched before.
That is right also where equal messages are sent repeatedly. Take any matching that keeps the order,
and the first receipt that it matches later than the earliest equal send: match it with that one
instead. The sends matched before stand earlier, those after stand later than the old match, so the
order is kept, and no send is used twice. So whenever there is a matching the earliest one is found,
and each receipt has its send as early as in any; then it asks the least of the order between nodes.
"""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any

from attrs import define, field, frozen

from coterie.impl.replay.divergence import Place

RECENT = 64
"""How many messages are remembered that have arrived or are lost, to explain one that is wrong."""


@frozen
class Sent:
    """A message that has left a node.

    Attributes:
        message: what it says.
        place: the step that has sent it.
    """

    message: Any
    place: Place


@define
class Way:
    """The way from one node to another.

    Attributes:
        ordered: whether messages keep their order, and arrive once; else each receipt only needs
            some equal send before it.
        sent: what may still arrive.
        passed: the latest of those that have arrived, or may not arrive any more.
        never: the latest of those that a turn was to send that was never committed.
        received: how many messages have arrived.
        lost: how many may not arrive any more, since a later one has.
    """

    ordered: bool = True
    sent: deque[Sent] = field(factory=deque)
    passed: deque[Sent] = field(factory=lambda: deque(maxlen=RECENT))
    never: deque[Sent] = field(factory=lambda: deque(maxlen=RECENT))
    received: int = 0
    lost: int = 0
    _seen: int = 0
    _all: dict[Any, Sent] = field(factory=dict)

    def send(self, message: Any, place: Place, *, leaves: bool, is_there: bool = True) -> None:
        """Take note of a message that a step sends.

        Attributes:
            leaves: whether the step was committed.
            is_there: whether the receiver takes any more steps.
        """
        if leaves and not is_there:
            self.lost += 1
        elif not leaves:
            self.never.append(Sent(message, place))
        elif self.ordered:
            self.sent.append(Sent(message, place))
        else:
            self._all.setdefault(message, Sent(message, place))

    def receive(self, message: Any) -> Sent | None:
        """Return the send that a receipt is matched with; None while there is none.

        Guard: after None the same message is asked for, until it is there.
        """
        if not self.ordered:
            found = self._all.get(message)
            self.received += found is not None
            return found
        for place, sent in enumerate(islice(self.sent, self._seen, None), self._seen):
            if sent.message == message:
                self._pass(place)
                return sent
        self._seen = len(self.sent)
        return None

    def candidates(self) -> Iterator[Sent]:
        """Yield what is known of, that was sent and could be meant by a receipt."""
        yield from self.sent
        yield from self._all.values()
        yield from self.passed

    def _pass(self, place: int) -> None:
        """Drop what stands before a message that has arrived, and the message itself."""
        self.passed.extend(self.sent.popleft() for _ in range(place + 1))
        self.received, self.lost, self._seen = self.received + 1, self.lost + place, 0
