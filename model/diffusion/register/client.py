"""A client: it reads and writes at one node of the tree, and waits for 3b + 1 of its replicas.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4: the read
protocol, and rules 1 and 7 of the write protocol. Two repairs are ours: a client counts how often
it has started, and a reader writes back what it has read.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, frozen

from coterie.model.call import Call
from coterie.model.diffusion.quorums import (
    is_acknowledged,
    is_answered,
    is_outdated,
    is_supported,
    trusted_rank,
)
from coterie.model.diffusion.register.messages import (
    Ack,
    Copy,
    Newer,
    ReadRequest,
    Stored,
    Ticket,
    Timestamp,
    TimestampRequest,
    Update,
    before,
    is_newer,
    subjects,
)
from coterie.model.machine import (
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Return,
    Send,
)


@frozen(cache_hash=True)
class NoConsistentValue:
    """What a read returns when no answer has enough supporters: the paper's error code."""


ERROR = NoConsistentValue()


@frozen(cache_hash=True)
class Asking:
    """It waits for answers: timestamps for a write, updates for a read.

    Attributes:
        call: what it was called for.
        heard: the replicas that have answered; the first answer of each counts.
        answers: what they said, in ascending order; who said what matters no more.
    """

    call: Call
    heard: frozenset[Node] = frozenset()
    answers: tuple[Any, ...] = ()


@frozen(cache_hash=True)
class Spreading:
    """It waits for acknowledgements of an update, to return `result`.

    Attributes:
        update: what it writes, or writes back.
        result: what it returns then.
        acks: the replicas that have acknowledged.
    """

    update: Update
    result: Any
    acks: frozenset[Node] = frozenset()


@frozen(cache_hash=True)
class Session:
    """What a client remembers.

    Attributes:
        incarnation: how often it had started before.
        number: how many requests it has finished since then.
        doing: what it waits for; None between operations.
    """

    incarnation: int = 0
    number: int = 0
    doing: Asking | Spreading | None = None


def candidates(
    answers: Iterable[Update],
    b: int,
    outdated: Callable[[int, int], bool] = is_outdated,
    supported: Callable[[int, int], bool] = is_supported,
) -> tuple[Update, ...]:
    """Return the updates that a read may return: steps 2 and 3 of the read protocol."""
    answers = tuple(answers)
    current = [
        one
        for one in answers
        if not outdated(sum(each.timestamp > one.timestamp for each in answers), b)
    ]
    distinct = tuple(dict.fromkeys(current))
    return tuple(one for one in distinct if supported(current.count(one), b))


def newest(updates: Iterable[Update], newer: Newer = is_newer) -> Update:
    """Return the one that no other is newer than."""
    updates = tuple(updates)
    return next(one for one in updates if not any(newer(each, one) for each in updates))


@frozen
class Client(Machine[Session, int]):
    """A correct client.

    Attributes:
        name: its own; the index is the client's ID.
        b: how many replicas may be Byzantine.
        entry: the replicas of the node that it reads and writes at.
        names_incarnation: whether its updates say how often it has started, so that what it writes
            after a restart is not taken for what it wrote before; ours.
        writes_back: whether a reader returns a value only when a write of it has ended; ours.
        rank: which of the sorted timestamps a write builds on, of b.
        answered: the guard of having asked enough replicas, over answers and b.
        acknowledged: the guard of ending a write, over acknowledgements and b.
        outdated: which answers a read discards, over how many are newer and b.
        supported: which of the rest a read may return, over how many are the same and b.
        newer: whether one update is newer than another.
    """

    name: Node
    b: int
    entry: tuple[Node, ...]
    names_incarnation: bool = True
    writes_back: bool = True
    rank: Callable[[int], int] = trusted_rank
    answered: Callable[[int, int], bool] = is_answered
    acknowledged: Callable[[int, int], bool] = is_acknowledged
    outdated: Callable[[int, int], bool] = is_outdated
    supported: Callable[[int, int], bool] = is_supported
    newer: Newer = is_newer

    def start(self, memory: int | None) -> Outcome[Session]:
        """Begin, and count it."""
        if memory is None:
            return Outcome(Session())
        return Outcome(Session(memory + 1), (Record(memory + 1),))

    def memory(self, state: Session) -> int:
        """Return how often it has started before: a new session, whose tickets are new."""
        return state.incarnation

    def recorded(self, memory: int | None, change: Any) -> int:
        """Return the new count."""
        del memory
        assert isinstance(change, int)
        return change

    def step(self, state: Session, event: Event) -> Outcome[Session] | None:
        """Ask a node's replicas; write; return. A late answer changes nothing."""
        match event, state.doing:
            case Invoke(Call("write" | "read") as call), None:
                return self._asking(state, call)
            case Receive(sender, Timestamp() as said), Asking(Call("write")) as asking:
                return self._answered(state, asking, sender, said.ticket, said.timestamp)
            case Receive(sender, Stored() as said), Asking(Call("read")) as asking:
                return self._answered(state, asking, sender, said.ticket, said.update)
            case Receive(sender, Ack(ticket, update)), Spreading() as spreading:
                return self._acknowledged(state, spreading, sender, Copy(ticket, update))
            case Receive(), _:
                return Outcome(state)
        return None

    def closed(self, state: Session) -> frozenset[Any]:
        """Return what it has finished."""
        return before(self._ticket(state))

    def topics(self, message: Any) -> tuple[Any, ...]:
        """Return the subjects of the ticket that a replica answers."""
        ticket = getattr(message, "ticket", message)
        return subjects(ticket) if isinstance(ticket, Ticket) else (message,)

    def _ticket(self, state: Session) -> Ticket:
        return Ticket(self.name, state.incarnation, state.number)

    def _silent(self, heard: frozenset[Node]) -> frozenset[Node]:
        """Return the replicas that have not been heard."""
        return frozenset(self.entry) - heard

    def _to_all(self, message: Any) -> tuple[Send, ...]:
        return tuple(Send(replica, message) for replica in self.entry)

    def _asking(self, state: Session, call: Call) -> Outcome[Session]:
        request = TimestampRequest if call.f == "write" else ReadRequest
        message = request(self._ticket(state))
        return Outcome(evolve(state, doing=Asking(call)), self._to_all(message))

    def _answered(
        self, state: Session, asking: Asking, sender: Node, ticket: Ticket, answer: Any
    ) -> Outcome[Session]:
        """Count one more answer; enough of them decide what to write, or what was read."""
        if ticket != self._ticket(state) or sender not in self._silent(asking.heard):
            return Outcome(state)
        answers = tuple(sorted((*asking.answers, answer), key=_order))
        asking = evolve(asking, heard=asking.heard | {sender}, answers=answers)
        if not self.answered(len(answers), self.b):
            return Outcome(evolve(state, doing=asking))
        done = evolve(state, number=state.number + 1, doing=None)
        if asking.call.f == "write":
            return self._spreading(done, self._update(state, asking), None)
        return self._read(done, candidates(answers, self.b, self.outdated, self.supported))

    def _update(self, state: Session, asking: Asking) -> Update:
        timestamp = asking.answers[self.rank(self.b)] + 1
        incarnation = state.incarnation if self.names_incarnation else 0
        return Update(timestamp, self.name.index, incarnation, asking.call.value)

    def _read(self, state: Session, found: tuple[Update, ...]) -> Outcome[Session]:
        if not found:
            return Outcome(state, (Return(ERROR),))
        update = newest(found, self.newer)
        if self.writes_back:
            return self._spreading(state, update, update.value)
        return Outcome(state, (Return(update.value),))

    def _spreading(self, state: Session, update: Update, result: Any) -> Outcome[Session]:
        spreading = Spreading(update, result)
        copy = Copy(self._ticket(state), update)
        return Outcome(evolve(state, doing=spreading), self._to_all(copy))

    def _acknowledged(
        self, state: Session, spreading: Spreading, sender: Node, copy: Copy
    ) -> Outcome[Session]:
        expected = Copy(self._ticket(state), spreading.update)
        if copy != expected or sender not in self._silent(spreading.acks):
            return Outcome(state)
        acks = spreading.acks | {sender}
        if not self.acknowledged(len(acks), self.b):
            return Outcome(evolve(state, doing=evolve(spreading, acks=acks)))
        done = evolve(state, number=state.number + 1, doing=None)
        return Outcome(done, (Return(spreading.result),))


def _order(answer: int | Update) -> tuple[Any, ...]:
    """Return what sorts answers: by timestamp; among equal ones, any order that is the same."""
    if isinstance(answer, Update):
        return (answer.timestamp, answer.writer, answer.incarnation, repr(answer.value))
    return (answer,)
