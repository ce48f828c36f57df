"""State machine replication over ordered multicast: every member applies the same commands.

A command is told to the group, and answered where it was called once it is applied there. A client
that hears nothing calls it again, maybe elsewhere: a command has a number, and is applied once. The
numbers that clients have reached are part of the replicated state, so that a joiner knows them.

There are three ways to read. In order: as a command of its own, through the group. At a stable
prefix: from the own state, as soon as all is applied that was received when the read was called.
Local: from the own state as it is; that is weak, for others may have answered what is newer.

Source: Schneider, "Implementing Fault-Tolerant Services Using the State Machine Approach", ACM
Computing Surveys 1990; Jha, "Replication", recitation of CS 5412 Cloud Computing, Cornell
University, sections 2 and 5 (weak consistency); Jha et al., Derecho, ACM TOCS 2019, section 2
(queries).
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, field, frozen
from immutables import Map

from coterie.model.call import Call
from coterie.model.machine import (
    Effect,
    Event,
    Invoke,
    Machine,
    Outcome,
    Receive,
    Return,
    Timeout,
)
from coterie.model.synchrony.member import Leave, Member, State, Tell
from coterie.model.synchrony.state import Inside, Item, row_of
from coterie.model.synchrony.table import Counts


@frozen(cache_hash=True)
class Command:
    """What a client wants to be done.

    Attributes:
        client: who wants it.
        number: which of the client's commands it is, from 1 on; a retry has the first try's.
        call: what to do.
    """

    client: str
    number: int
    call: Call


@frozen(cache_hash=True)
class Query:
    """A read of the own state, as soon as all that was received by now is applied."""


@frozen(cache_hash=True)
class Glance:
    """A read of the own state as it is."""


@frozen(cache_hash=True)
class Applied:
    """The replicated state.

    Attributes:
        value: of the register that is replicated.
        log: the commands that were applied, the oldest first.
        answers: the number and the answer of each client's last command.
    """

    value: Any = None
    log: tuple[Command, ...] = ()
    answers: Map[str, tuple[int, Any]] = field(factory=Map)


def is_new(number: int, last: int) -> bool:
    """Return whether a command of that number is to be applied, after the client's `last`."""
    return number > last


def executed(value: Any, call: Call) -> tuple[Any, Any]:
    """Return the register's next value and the answer, which hang on nothing else."""
    return (call.value, None) if call.f == "write" else (value, value)


@frozen
class Application:
    """What a command does to the replicated state.

    Attributes:
        is_new: the guard of applying a command, over its number and that of the client's last.
        execute: the next value and the answer, of the value and the call.
    """

    is_new: Callable[[int, int], bool] = is_new
    execute: Callable[[Any, Call], tuple[Any, Any]] = executed

    def __call__(self, state: Applied, item: Item) -> Applied:
        """Return the state after an item: a command that is new, or nothing."""
        command = item.payload
        last, _ = state.answers.get(command.client, (0, None))
        if not self.is_new(command.number, last):
            return state
        value, answer = self.execute(state.value, command.call)
        answers = state.answers.set(command.client, (command.number, answer))
        return Applied(value, (*state.log, command), answers)


@frozen(cache_hash=True)
class Serving:
    """What a replica remembers.

    Attributes:
        member: the process of the group below.
        waiting: the command that it owes an answer.
        reading: the counts that must be delivered before it answers a query, and their view.
    """

    member: State
    waiting: Command | None = None
    reading: tuple[int, Counts] | None = None


def received_by_now(inside: Inside) -> Counts:
    """Return up to where a query waits: what the member has received when it is called."""
    return row_of(inside).received


@frozen
class Replica(Machine[Serving, None]):
    """One who serves clients; `member` is its process of the group.

    Attributes:
        member: the machine below, whose application is an `Application`.
        awaits: what must be delivered before a query is answered.
    """

    member: Member
    awaits: Callable[[Inside], Counts] = received_by_now

    def start(self, memory: None) -> Outcome[Serving]:
        """Begin as the process does."""
        outcome = self.member.start(memory)
        return Outcome(Serving(outcome.state), outcome.effects)

    def options(self, state: Serving) -> Iterable[Timeout]:
        """Offer what the process offers."""
        return self.member.options(state.member)

    def step(self, state: Serving, event: Event) -> Outcome[Serving] | None:
        """Serve a client, or let the process take a step; then answer what can be answered."""
        match event:
            case Invoke() if not _serves(state.member) or _is_busy(state):
                return None
            case Invoke(Glance()):
                return Outcome(state, (Return(applied(state).value),))
            case Invoke(Query()):
                assert isinstance(state.member, Inside)
                reading = (state.member.view.number, self.awaits(state.member))
                return self._answered(evolve(state, reading=reading), ())
            case Invoke(Command() as command):
                return self._called(evolve(state, waiting=command), command)
            case Invoke(Leave()) | Receive() | Timeout():
                return self._below(state, event)
        return None

    def closed(self, state: Serving) -> frozenset[Any]:
        """Return what is over for the process."""
        return self.member.closed(state.member)

    def topics(self, message: Any) -> Iterable[Any]:
        """Return what a message of processes is about."""
        return self.member.topics(message)

    def _called(self, state: Serving, command: Command) -> Outcome[Serving] | None:
        last, _ = applied(state).answers.get(command.client, (0, None))
        if command.number <= last:
            return self._answered(state, ())
        return self._below(state, Invoke(Tell((command,))))

    def _below(self, state: Serving, event: Event) -> Outcome[Serving] | None:
        outcome = self.member.step(state.member, event)
        if outcome is None:
            return None
        return self._answered(evolve(state, member=outcome.state), outcome.effects)

    def _answered(self, state: Serving, effects: Iterable[Effect]) -> Outcome[Serving]:
        """Return the answer that the replica owes, if it has it by now; its last word, too."""
        rest = list(effects)
        if state.waiting is not None:
            number, answer = applied(state).answers.get(state.waiting.client, (0, None))
            if number >= state.waiting.number:
                state = evolve(state, waiting=None)
                rest.insert(0, Return(answer))
        elif state.reading is not None and _has_delivered(state.member, *state.reading):
            state = evolve(state, reading=None)
            rest.insert(0, Return(applied(state).value))
        return Outcome(state, rest)


def applied(state: Serving) -> Applied:
    """Return the replicated state, as far as this replica has it."""
    known = state.member.application if isinstance(state.member, Inside) else None
    return known if isinstance(known, Applied) else Applied()


def _serves(member: State) -> bool:
    """Return whether clients may call: who leaves may not know that its last view is over."""
    return isinstance(member, Inside) and not row_of(member).leaving


def _is_busy(state: Serving) -> bool:
    return state.waiting is not None or state.reading is not None


def _has_delivered(member: State, view: int, counts: Counts) -> bool:
    """Return whether these counts of that view are delivered; with the view, all of them are."""
    if not isinstance(member, Inside) or member.view.number > view:
        return True
    received = row_of(member).received
    held = (len(messages) for messages in member.held)
    done = (count - left for count, left in zip(received, held, strict=True))
    return all(has >= asked for has, asked in zip(done, counts, strict=True))
