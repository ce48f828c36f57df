"""What a process that keeps a log has on its disk, and the records that are written there.

Source: Jha et al., Derecho, ACM TOCS 2019, section 3 (durable logs, total failure).
"""

from attrs import evolve, frozen

from coterie.model.synchrony.state import Item
from coterie.model.synchrony.table import Counts
from coterie.model.synchrony.view import View

Log = tuple[Item, ...]


@frozen(cache_hash=True)
class Ending:
    """How a view ends.

    Attributes:
        next: the view after it.
        trim: how many messages of each sender belong to the view that ends; None in a restart,
            where that is what the log says.
    """

    next: View
    trim: Counts | None = None


@frozen(cache_hash=True)
class Memory:
    """What is on a process's disk.

    Attributes:
        view: the last view that it has installed, or, in a restart, that this one follows on.
        log: the items delivered since the group began.
        ending: how that view ends, as far as it knows.
        promised: the highest number under which it was called to a restart.
    """

    view: View
    log: Log = ()
    ending: Ending | None = None
    promised: int = 0


@frozen(cache_hash=True)
class Begun:
    """A record: a view begins, and the whole log at that time."""

    view: View
    log: Log


@frozen(cache_hash=True)
class Appended:
    """A record: the log goes on.

    Attributes:
        items: what is new at its end.
    """

    items: Log


@frozen(cache_hash=True)
class Ended:
    """A record: how the view ends."""

    ending: Ending


@frozen(cache_hash=True)
class Promised:
    """A record: the process takes part in nothing below this number any more."""

    number: int


@frozen(cache_hash=True)
class Prepare:
    """A record: a restart, as all who take part in it have it; and the message that asks for it.

    Attributes:
        view: the newest view of which a report tells.
        log: what the group goes on with.
        next: the view that it goes on in.
    """

    view: View
    log: Log
    next: View


Change = Begun | Appended | Ended | Promised | Prepare


def bound_of(memory: Memory) -> int:
    """Return the highest number that a process has promised, or knows a view of."""
    known = max(memory.promised, memory.view.number)
    return known if memory.ending is None else max(known, memory.ending.next.number)


def written(memory: Memory | None, change: Change) -> Memory | None:
    """Return what is on a disk after one record; the first begins a view."""
    if isinstance(change, Begun):
        return Memory(change.view, change.log)
    if memory is None:
        return None
    match change:
        case Appended(items):
            return evolve(memory, log=memory.log + items)
        case Ended(ending):
            return evolve(memory, ending=ending)
        case Promised(number):
            return evolve(memory, promised=number)
        case Prepare(view, log, following):
            return evolve(memory, view=view, log=log, ending=Ending(following))
