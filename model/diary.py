"""The least application of a session: what it says bears the number of its own start.

It shows its application what it says and what it hears, and keeps nothing of it.
"""

from typing import Any

from attrs import frozen

from coterie.model.machine import (
    Deliver,
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Send,
)
from coterie.model.postbox import Say


@frozen(cache_hash=True)
class Entry:
    """A word, and which start of its writer it was written after.

    Attributes:
        start: how many times the writer had started, this one included.
        word: what it says.
    """

    start: int
    word: Any


@frozen(cache_hash=True)
class Written:
    """The node tells `entry` to `to`."""

    to: Node
    entry: Entry


@frozen(cache_hash=True)
class Read:
    """The node hears `entry` from `sender`, after so many starts of its own."""

    start: int
    sender: Node
    entry: Entry


@frozen(cache_hash=True)
class Opened:
    """A change of memory: the node has started so many times."""

    count: int


@frozen
class Diary(Machine[int, int]):
    """Says words and hears them; its state is the count of its starts."""

    def start(self, memory: int | None) -> Outcome[int]:
        """Count one start more."""
        count = (memory or 0) + 1
        return Outcome(count, (Record(Opened(count)),))

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        """Say a word, or hear one."""
        match event:
            case Invoke(Say(to, word)):
                entry = Entry(state, word)
                return Outcome(state, (Deliver(Written(to, entry)), Send(to, entry)))
            case Receive(sender, Entry() as entry):
                return Outcome(state, (Deliver(Read(state, sender, entry)),))
            case Receive():
                return Outcome(state)
        return None

    def memory(self, state: int) -> int:
        """Return the count of starts."""
        return state

    def recorded(self, memory: int | None, change: Any) -> int:
        """Return the count after one start more."""
        del memory
        count: int = change.count
        return count
