"""What one replica of PBFT remembers, and what its log says.

Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.2: "the
messages are inserted in the log"; every predicate below is one over the log, as there.
"""

from collections.abc import Callable, Iterator

from attrs import evolve, field, frozen

from coterie.model.diffusion.pbft.group import Group
from coterie.model.diffusion.pbft.messages import (
    Agreed,
    Commit,
    Digest,
    Leaving,
    Message,
    Proposed,
    Reached,
)
from coterie.model.diffusion.pbft.service import Apply, Service, append, is_new
from coterie.model.machine import Effect, Node, Outcome, Send
from coterie.model.signature import Signature


def is_first(accepted: int) -> bool:
    """Return whether a backup that has `accepted` so many proposals for a number takes one."""
    return accepted == 0


def is_next(number: int, executed: int) -> bool:
    """Return whether `number` is the one to execute after all up to `executed` are."""
    return number == executed + 1


@frozen
class Member:
    """One replica's parameters.

    Attributes:
        name: whose they are.
        group: the replicas and their quorums.
        views: how many views there may be at most.
        period: after how many requests a checkpoint is made.
        apply: the service.
        is_first: the guard of accepting a proposal, over those accepted for that number and view.
        is_next: the guard of executing a number, over the number and the last executed.
        is_new: the guard of executing a call, over its timestamp and its client's last.
    """

    name: Node
    group: Group
    views: int = 1
    period: int = 2
    apply: Apply = append
    is_first: Callable[[int], bool] = is_first
    is_next: Callable[[int, int], bool] = is_next
    is_new: Callable[[int, int], bool] = is_new

    @property
    def others(self) -> tuple[Node, ...]:
        """The other replicas."""
        return tuple(node for node in self.group.replicas if node != self.name)

    def is_primary(self, view: int) -> bool:
        """Return whether this replica is the primary of `view`."""
        return self.group.primary(view) == self.name

    def signed(self, content: Proposed | Agreed | Reached | Leaving) -> Signature:
        """Return its signature."""
        return Signature(self.name, content)

    def to_others(self, message: Message) -> tuple[Effect, ...]:
        """Return what sends `message` to all other replicas."""
        return tuple(Send(node, message) for node in self.others)


@frozen(cache_hash=True)
class Committed:
    """That `sender` has sent this COMMIT."""

    sender: Node
    commit: Commit


@frozen(cache_hash=True)
class Stable:
    """The last stable checkpoint.

    Attributes:
        number: the number of the last request in it; the low water mark.
        proof: the signed votes that make it stable; none at the start.
    """

    number: int = 0
    proof: frozenset[Signature] = frozenset()


@frozen(cache_hash=True)
class Early:
    """A message of a view that has not begun here, kept until it has.

    Attributes:
        sender: who has sent it.
        message: the message.
    """

    sender: Node
    message: Message


@frozen(cache_hash=True)
class Replica:
    """What one replica remembers.

    Attributes:
        view: the view that it is in, or wants to start.
        is_active: whether the view has begun; if not, it waits for the NEW-VIEW.
        log: the signed words and the commits accepted, its own included.
        stable: its last stable checkpoint; nothing at or below is in the log.
        executed: the number of the last request executed.
        service: the service, after that.
        waiting: the signed calls that it knows of and has not executed, in the order of arrival.
        early: what it cannot use yet, in the order of arrival.
    """

    view: int = 0
    is_active: bool = True
    log: frozenset[Signature | Committed] = frozenset()
    stable: Stable = Stable()
    executed: int = 0
    service: Service = field(factory=Service)
    waiting: tuple[Signature, ...] = ()
    early: tuple[Early, ...] = ()

    def logging(self, *entries: Signature | Committed) -> "Replica":
        """Return the state with these entries in the log."""
        return evolve(self, log=self.log.union(entries))

    def signatures(self) -> Iterator[Signature]:
        """Yield the signed words of the log, in no particular order."""
        return (entry for entry in self.log if isinstance(entry, Signature))

    def proposals(self, view: int) -> list[Signature]:
        """Return the proposals accepted in `view`, by number."""
        found = [
            entry
            for entry in self.signatures()
            if isinstance(entry.content, Proposed) and entry.content.view == view
        ]
        return sorted(found, key=lambda entry: (entry.content.number, repr(entry.content)))

    def votes(self, proposed: Proposed) -> frozenset[Signature]:
        """Return the signed agreements to that proposal."""
        agreed = Agreed(proposed.view, proposed.number, proposed.digest)
        return frozenset(entry for entry in self.signatures() if entry.content == agreed)

    def committing(self, commit: Commit) -> frozenset[Node]:
        """Return who has sent that COMMIT."""
        return frozenset(
            entry.sender
            for entry in self.log
            if isinstance(entry, Committed) and entry.commit == commit
        )

    def changes(self) -> list[Signature]:
        """Return the view changes, in no particular order."""
        return [entry for entry in self.signatures() if isinstance(entry.content, Leaving)]

    def has_executed(self, digest: Digest) -> bool:
        """Return whether that call, or a later one of its client, is executed."""
        last = self.service.last(digest.client) if digest else None
        return last is not None and digest is not None and digest.timestamp <= last.timestamp


def joined(first: Outcome[Replica], then: Outcome[Replica]) -> Outcome[Replica]:
    """Return both outcomes as one: the later state, and the effects of both."""
    return Outcome(then.state, (*first.effects, *then.effects))
