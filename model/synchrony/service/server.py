"""A server of the replicated store: a member that keeps a log of what clients want done.

Commands wait until few enough batches are under way, and then go to the group together. Once a
batch is durable everywhere the server does what it says, and answers those who wait here. So
nothing is answered that a crash could take back, and whatever is answered is on every disk of the
view before anybody hears of it. The server has no memory but the log: after a restart it knows what
the log says, as soon as it is in a view and the log is durable everywhere again.

A look at a key does not go through the group. A stable one waits until all is durable that is in
the server's log by then, for whatever anybody of its view has answered is there. A stale one waits
for nothing. Where a server does not know that the others have gone on without it, its stable looks
may miss what they do; but they never miss what the session has seen.

Source: Schneider, The State Machine Approach, ACM Computing Surveys 1990; Jha et al., Derecho, ACM
TOCS 2019, sections 2 (queries of a stable state) and 3 (durable logs).
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, field, frozen
from immutables import Map

from coterie.model.machine import (
    Deliver,
    Effect,
    Event,
    Halt,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Send,
    Timeout,
)
from coterie.model.synchrony import durable
from coterie.model.synchrony.disk import Change, Memory, bound_of
from coterie.model.synchrony.durable import Durable, DurableMember, Keeping
from coterie.model.synchrony.member import Leave, Tell
from coterie.model.synchrony.returning import Apart, Lead
from coterie.model.synchrony.service.looks import Waiting, answer, without_older
from coterie.model.synchrony.service.messages import (
    APART,
    BUSY,
    LEAVING,
    REBUILDING,
    STALE,
    TOO_LARGE,
    UNKNOWN,
    Batch,
    Command,
    Done,
    Look,
    NotNow,
    Submit,
)
from coterie.model.synchrony.service.store import (
    Application,
    Caller,
    Contents,
    answered,
    is_known,
    weight,
)
from coterie.model.synchrony.state import Item, row_of


@frozen(cache_hash=True)
class CallRestart(Timeout):
    """A process that is back calls the others to a restart, or calls them again."""


@frozen(cache_hash=True)
class Serving:
    """What a server remembers.

    Attributes:
        member: the process of the group below; how much of the log it has reported is how much of
            it the contents are the state after.
        contents: the replicated state.
        since: how long the log was when the process came in: its own batches stand after that.
        in_flight: how many of its batches are under way.
        pending: the commands that are in no batch yet, oldest first.
        awaited: the number of the command that is awaited here, by session.
        waiting: the looks that are not answered yet, oldest first.
    """

    member: durable.State
    contents: Contents = field(factory=Contents)
    since: int = 0
    in_flight: int = 0
    pending: tuple[Command, ...] = ()
    awaited: Map[Caller, int] = field(factory=Map)
    waiting: tuple[Waiting, ...] = ()


def has_room(in_flight: int, most: int) -> bool:
    """Return whether another batch may leave, with so many under way."""
    return in_flight < most


def what_is_here(keeping: Keeping) -> int:
    """Return how much of the log a stable look waits for: all of it that is here."""
    return len(keeping.inside.application)


@frozen
class Server(Machine[Serving, Memory]):
    """One who serves clients.

    Attributes:
        member: the machine below; who is in its group has its role.
        batch_most: how many commands one batch has at most.
        bytes_most: how large a request may be; a batch is at most about twice as large.
        in_flight_most: how many batches may be under way.
        pending_most: how many commands may wait for a batch, and how many looks may wait.
        looks_most: how many looks of one client may wait.
        calls_below: the first number under which it calls to no restart; None for any.
        application: what batches do.
        has_room: the guard of another batch, over how many are under way, and may be.
        awaits: how much of the log a stable look waits for.
    """

    member: DurableMember
    batch_most: int = 100
    bytes_most: int = 1 << 22
    in_flight_most: int = 2
    pending_most: int = 1_000
    looks_most: int = 64
    calls_below: int | None = None
    application: Application = field(factory=Application)
    has_room: Callable[[int, int], bool] = has_room
    awaits: Callable[[Keeping], int] = what_is_here

    @property
    def name(self) -> Node:
        """Its own name."""
        return self.member.member.name

    def start(self, memory: Memory | None) -> Outcome[Serving]:
        """Begin as the process does, with nothing applied."""
        begun = self.member.start(memory)
        return self._served(Serving(begun.state), begun.effects)

    def options(self, state: Serving) -> Iterable[Timeout]:
        """Offer what the process offers; and to call the others to a restart."""
        yield from self.member.options(state.member)
        if self._may_call(state.member):
            yield CallRestart()

    def step(self, state: Serving, event: Event) -> Outcome[Serving] | None:
        """Serve a client, or let the process take a step; then go on with what waits."""
        match event:
            case Receive(client, Submit() as submit):
                return self._submitted(state, client, submit)
            case Receive(client, Look() as look):
                return self._looked(state, client, look)
            case Receive(sender, _) if sender.role != self.name.role:
                return Outcome(state)
            case CallRestart():
                may = self._may_call(state.member)
                return self._below(state, Invoke(Lead())) if may else None
            case Receive() | Timeout() | Invoke(Leave()):
                return self._below(state, event)
        return None

    def closed(self, state: Serving) -> frozenset[Any]:
        """Return what is over for the process."""
        return self.member.closed(state.member)

    def topics(self, message: Any) -> Iterable[Any]:
        """Return what a message of processes is about."""
        return self.member.topics(message)

    def memory(self, state: Serving) -> Memory | None:
        """Return what the process has on its disk: the log is all there is."""
        return self.member.memory(state.member)

    def recorded(self, memory: Memory | None, change: Change) -> Memory | None:
        """Return what is on the disk after one record."""
        return self.member.recorded(memory, change)

    def _may_call(self, member: durable.State) -> bool:
        """Return whether the process may call to a restart, as one that was in a view before."""
        if not isinstance(member, Apart) or member.memory is None:
            return False
        return self.calls_below is None or bound_of(member.memory) + 1 < self.calls_below

    def _submitted(self, state: Serving, client: Node, submit: Submit) -> Outcome[Serving]:
        """Answer again, or take the command in, or say that this cannot be now."""
        if submit.number < 1 or not is_known(submit.call):
            return _refused(state, client, submit, UNKNOWN)
        if weight(submit.call) > self.bytes_most:
            return _refused(state, client, submit, TOO_LARGE)
        command = Command(client, submit.session, submit.number, submit.call)
        caller = self.application.caller_of(command)
        number, result = answered(state.contents, caller)
        if number >= submit.number or state.awaited.get(caller, 0) >= submit.number:
            known = number == submit.number
            return Outcome(state, (self._done(state, command, result),) if known else ())
        why = self._refusal(state)
        if why is not None:
            return _refused(state, client, submit, why)
        return self._served(_queued(state, caller, command), ())

    def _refusal(self, state: Serving) -> str | None:
        """Return why no command is taken in; None where one is."""
        if not isinstance(state.member, Keeping):
            return APART
        if row_of(state.member.inside).leaving:
            return LEAVING
        return BUSY if len(state.pending) >= self.pending_most else None

    def _looked(self, state: Serving, client: Node, look: Look) -> Outcome[Serving]:
        """Answer a look, or let it wait, or say that this cannot be now."""
        keeping = state.member
        if not isinstance(keeping, Keeping):
            return _refused(state, client, look, APART)
        if keeping.reported < state.since:
            return _refused(state, client, look, REBUILDING)
        stale = look.level == STALE
        until = 0 if stale else max(self.awaits(keeping), look.after)
        waiting = Waiting(client, look, until)
        if until <= keeping.reported:
            return Outcome(state, (answer(waiting, state.contents, keeping.reported),))
        others = without_older(state.waiting, waiting)
        own = sum(each.client == client for each in others)
        if len(others) >= self.pending_most or own >= self.looks_most:
            return _refused(state, client, look, BUSY)
        return Outcome(evolve(state, waiting=(*others, waiting)))

    def _below(self, state: Serving, event: Event) -> Outcome[Serving] | None:
        outcome = self.member.step(state.member, event)
        if outcome is None:
            return None
        return self._served(_over(state, outcome.state), outcome.effects)

    def _served(self, state: Serving, effects: tuple[Effect, ...]) -> Outcome[Serving]:
        """Do what has become durable; then let batches leave, as many as may."""
        out: list[Effect] = []
        while True:
            state = self._done_with(state, effects, out)
            if not self._may_tell(state) or Halt() in effects:
                return Outcome(state, tuple(out))
            batch = self._batch(state.pending)
            told = self.member.step(state.member, Invoke(Tell((Batch(batch),))))
            assert told is not None
            left = state.pending[len(batch) :]
            state = evolve(state, pending=left, in_flight=state.in_flight + 1)
            state, effects = _over(state, told.state), told.effects

    def _may_tell(self, state: Serving) -> bool:
        """Return whether there is another batch, and it may leave now."""
        return bool(state.pending) and self.has_room(state.in_flight, self.in_flight_most)

    def _batch(self, pending: tuple[Command, ...]) -> tuple[Command, ...]:
        """Return the commands of the next batch: as many as it may have, and not too many bytes."""
        first, total = pending[: self.batch_most], 0
        for count, command in enumerate(first, 1):
            total += weight(command.call)
            if total > self.bytes_most:
                return first[:count]
        return first

    def _done_with(self, state: Serving, effects: tuple[Effect, ...], out: list[Effect]) -> Serving:
        """Return the server after what was reported, which goes no further; the rest goes `out`."""
        for effect in effects:
            match effect:
                case Deliver(Durable() as reported):
                    state = self._applied(state, reported, out)
                case _:
                    out.append(effect)
        return state

    def _applied(self, state: Serving, reported: Durable, out: list[Effect]) -> Serving:
        """Return the server with these items applied, and who waits for that answered."""
        contents = self.application.after(state.contents, (item.payload for item in reported.items))
        own = self._own(reported, state.since)
        state = evolve(state, contents=contents, in_flight=state.in_flight - len(own))
        return self._told(self._answered(state, reported.items, out), out)

    def _own(self, reported: Durable, since: int) -> tuple[Item, ...]:
        """Return those of the items that this process has multicast since it came in."""
        items = reported.items[max(0, since - reported.first) :]
        return tuple(item for item in items if item.sender == self.name)

    def _answered(self, state: Serving, items: tuple[Item, ...], out: list[Effect]) -> Serving:
        """Return the server with those answered who await one of these commands here."""
        if not state.awaited:
            return state
        awaited = state.awaited.mutate()
        for item in items:
            for command in item.payload.commands:
                caller = self.application.caller_of(command)
                wanted = awaited.get(caller)
                if wanted is None or wanted > command.number:
                    continue
                del awaited[caller]
                number, result = answered(state.contents, caller)
                if wanted == command.number == number:
                    out.append(self._done(state, command, result))
        return evolve(state, awaited=awaited.finish())

    def _told(self, state: Serving, out: list[Effect]) -> Serving:
        """Return the server with those looks answered for which it has applied enough by now."""
        assert isinstance(state.member, Keeping)
        position = state.member.reported
        due = [each for each in state.waiting if each.until <= position]
        out += (answer(each, state.contents, position) for each in due)
        if not due:
            return state
        return evolve(state, waiting=tuple(w for w in state.waiting if w.until > position))

    def _done(self, state: Serving, command: Command, result: Any) -> Send:
        assert isinstance(state.member, Keeping)
        done = Done(command.session, command.number, result, state.member.reported)
        return Send(command.client, done)


def _queued(state: Serving, caller: Caller, command: Command) -> Serving:
    """Return the server with one more command that waits; told out, since all of them come here."""
    pending, awaited = (*state.pending, command), state.awaited.set(caller, command.number)
    member, contents, waiting = state.member, state.contents, state.waiting
    return Serving(member, contents, state.since, state.in_flight, pending, awaited, waiting)


def _over(state: Serving, member: durable.State) -> Serving:
    """Return the server over the next state of its process, which may just have come in."""
    if isinstance(state.member, Apart) and isinstance(member, Keeping):
        return evolve(state, member=member, since=len(member.inside.application))
    return evolve(state, member=member)


def _refused(state: Serving, client: Node, request: Submit | Look, why: str) -> Outcome[Serving]:
    return Outcome(state, (Send(client, NotNow(request.session, request.number, why)),))
