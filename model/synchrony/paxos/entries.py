"""What the replicas of Multi-Paxos say to one another, write to disk, and remember.

Source: Lamport, "Paxos Made Simple", ACM SIGACT News 2001, section 3: a sequence of separate
instances of consensus; an instance is called a slot here.
"""

from attrs import field, frozen
from immutables import Map

from coterie.model.machine import Node
from coterie.model.oracles.paxos import NONE
from coterie.model.smr.tickets import Book, Copy

NOOP = Book(ticket=NONE, customer="nobody")
"""The command that leaves the state unchanged."""


@frozen(order=True, cache_hash=True)
class Accepted:
    """A vote for `command` in `slot` and `ballot`: on disk, and in a report."""

    slot: int
    ballot: int
    command: Book


@frozen(cache_hash=True)
class Promised:
    """On disk: the node takes part in no ballot below `ballot` any more."""

    ballot: int


@frozen(cache_hash=True)
class Applied:
    """On disk: the command of the next slot."""

    command: Book


@frozen(cache_hash=True)
class Request:
    """Order this command, asks a replica of the leader."""

    command: Book


@frozen(cache_hash=True)
class Ask:
    """1a, for all slots at once.

    Attributes:
        ballot: the ballot that its sender wants to lead.
    """

    ballot: int


@frozen(cache_hash=True)
class Promise:
    """1b, for all slots at once.

    Attributes:
        ballot: the one that is promised.
        votes: the sender's last vote in each slot, by slot.
    """

    ballot: int
    votes: tuple[Accepted, ...]


@frozen(cache_hash=True)
class Propose:
    """2a: the leader of `ballot` asks for votes for `command` in `slot`."""

    ballot: int
    slot: int
    command: Book


@frozen(cache_hash=True)
class Vote:
    """2b: the sender has voted in `slot` for what the leader of `ballot` has proposed."""

    ballot: int
    slot: int


@frozen(cache_hash=True)
class Decided:
    """The command of `slot` is chosen."""

    slot: int
    command: Book


@frozen(cache_hash=True)
class Fetch:
    """A joiner asks for the log from slot `first` on."""

    first: int


@frozen(cache_hash=True)
class Entries:
    """The log from slot `first` on, as far as the sender has it.

    Attributes:
        first: the slot of the first command.
        commands: the commands, in their order.
    """

    first: int
    commands: tuple[Book, ...]


@frozen(cache_hash=True)
class Kept:
    """What a replica has on disk.

    Attributes:
        promised: the highest ballot that it has taken part in.
        votes: its last vote in each slot.
        decisions: the chosen commands by slot, as far as it knows them without a gap.
    """

    promised: int = NONE
    votes: Map[int, Accepted] = field(factory=Map)
    decisions: tuple[Book, ...] = ()


@frozen(cache_hash=True)
class Leading:
    """What a leader, or one who wants to be, knows of its ballot.

    Attributes:
        ballot: its own.
        promises: who has promised it, and which votes they report; none any more once it leads.
        elected: whether enough have promised, so that it leads.
        proposals: what it has proposed in each slot.
        votes: who else has voted in which slot.
    """

    ballot: int
    promises: frozenset[tuple[Node, Promise]] = frozenset()
    elected: bool = False
    proposals: Map[int, Book] = field(factory=Map)
    votes: frozenset[tuple[int, Node]] = frozenset()


@frozen(cache_hash=True)
class Member(Copy):
    """What a replica holds: its copy of the state, and its part in the protocol.

    Attributes:
        kept: what is on disk.
        early: chosen commands by slot, before which one is missing.
        waiting: the command whose customer waits here; None when nobody does.
        leading: its ballot; None when it follows.
    """

    kept: Kept = field(factory=Kept)
    early: frozenset[tuple[int, Book]] = frozenset()
    waiting: Book | None = None
    leading: Leading | None = None
