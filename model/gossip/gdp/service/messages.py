"""What the writer and the readers of a log, and its replicas, say to one another.

A `Bring` is answered with `Kept`, and with `Refused` for each record that is not taken; a `Fetch`
with `Fetched`, a `Survey` with `Heads`, and a `Follow` with a `Page`, which may have to wait until
there is something new.
"""

from attrs import frozen

from coterie.model.gossip.gdp.record import Entry


@frozen(cache_hash=True)
class Bring:
    """The writer adds records to the log, parents first.

    Attributes:
        entries: the records, each after its parents.
    """

    entries: tuple[Entry, ...]


@frozen(cache_hash=True)
class Kept:
    """A replica has the records of these names on its disk."""

    names: tuple[str, ...]


@frozen(cache_hash=True)
class Refused:
    """A replica does not take the record of that name, and says why."""

    name: str
    why: str


@frozen(cache_hash=True)
class Resumed:
    """A replica has started, and remembers nothing of what it was asked before."""


@frozen(cache_hash=True)
class Fetch:
    """A reader wants the record of that name."""

    name: str


@frozen(cache_hash=True)
class Fetched:
    """A replica's answer to a `Fetch`.

    Attributes:
        name: that was asked for.
        entry: the record; None where the replica does not hold it.
    """

    name: str
    entry: Entry | None


@frozen(cache_hash=True)
class Survey:
    """A reader wants to know how far the log goes."""


@frozen(cache_hash=True)
class Heads:
    """A replica's answer to a `Survey`.

    Attributes:
        count: how many records it holds.
        names: of those that no record points at, in order.
        missing: of those that some record points at, and that it does not hold.
    """

    count: int
    names: tuple[str, ...]
    missing: tuple[str, ...]


@frozen(cache_hash=True)
class Follow:
    """A reader subscribes: it wants what comes after a record in the replica's own order.

    Attributes:
        after: the last record that it has from this replica; `""` for all from the beginning.
    """

    after: str


@frozen(cache_hash=True)
class Page:
    """A replica pushes records to a reader; it sends the next when the reader follows again.

    Attributes:
        after: the record that they come after; `""` where the replica begins from the beginning,
            as it does for a reader that is after a record which the replica does not hold.
        entries: the records, in the replica's order; none where the replica only shows that it is
            there.
    """

    after: str
    entries: tuple[Entry, ...]
