"""Durable mode: a member that keeps a log on its disk, and reports what every member's disk has.

Around the member that multicasts stands one that writes. What the inner one delivers goes to the
end of the log, and from there to the disk, all that is new at once; the member's row then says how
many items are there. An item is reported to the application when all rows of the view say that it
is: not before, for whatever is reported must outlive any crash. The disk also keeps the view, and,
before anybody hears that this member knows it, how the view ends.

Source: Jha et al., Derecho, ACM TOCS 2019, section 3 (durable logs, total failure).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from attrs import evolve, field, frozen

from coterie.model.detector import Suspect
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
    Record,
    Send,
    Timeout,
)
from coterie.model.synchrony.disk import (
    Appended,
    Begun,
    Change,
    Ended,
    Ending,
    Log,
    Memory,
    Prepare,
    bound_of,
    written,
)
from coterie.model.synchrony.member import Join, Member, Stored
from coterie.model.synchrony.restart import Call, Commit, Ready, Refuse, Report, Restart
from coterie.model.synchrony.returning import Apart, Lead, Propose, Returning
from coterie.model.synchrony.state import Inside, Item, Outside, row_of
from coterie.model.synchrony.transfer import Ask, Welcome


@frozen(cache_hash=True)
class Keeping:
    """A member, and what it has on its disk.

    Attributes:
        inside: the member; its application is the log.
        stored: how many items of the log are on its disk.
        reported: how many it has reported to its application, since it came in.
        ending: how the view ends, as its disk has it; None before.
    """

    inside: Inside
    stored: int = 0
    reported: int = 0
    ending: Ending | None = None


State = Keeping | Apart


@frozen(cache_hash=True)
class Store(Timeout):
    """The member writes what is new in its log."""


@frozen(cache_hash=True)
class Durable:
    """What the application gets: items that every disk of the view has.

    Attributes:
        view: the number of the view in which that was seen.
        first: how many items of the log stand before these.
        items: the next ones.
    """

    view: int
    first: int
    items: Log


def everywhere(stored: tuple[int, ...]) -> int:
    """Return how many items every disk has, of how many each member says that it has."""
    return min(stored)


def on_disk(log: Log, stored: int) -> Log:
    """Return the log on the disk, of the log and of how many items of it are stored."""
    return log[:stored]


def may_enter(number: int, bound: int) -> bool:
    """Return whether a process that is bound to a number may be let into a view of this one."""
    return number > bound


def must_have_left(number: int, bound: int | None) -> bool:
    """Return whether a process that is bound so can be in no view of this number any more."""
    return bound is not None and not may_enter(number, bound)


@frozen
class DurableMember(Machine[State, Memory]):
    """A member that keeps a log.

    Attributes:
        member: the member inside; its application must be the list of what it delivers.
        restart: the rules of a restart.
        company: whom it calls to a restart; none for all of the first view.
        everywhere: how many items may be reported, of how many each member has stored.
        on_disk: the log on the disk, of all of it and of how many items are said to be stored.
        may_enter: the guard of a joiner that was in a view before, over the view's number and what
            it is bound to.
        must_have_left: the guard of taking one who asks to be let in for failed, over the view's
            number and what it is bound to.
        rejoins: whether a process that is back asks to be let in again.
        asks_again: whether it goes on to ask whom it has asked: a member forgets who has asked it
            when it fails, or when it takes the other for a member still.
        tells_again: whether a joiner of this view that still asks is told again that it is in it;
            for links that may lose what is on its way to a process that crashes.
    """

    member: Member
    restart: Restart = field(factory=Restart)
    company: tuple[Node, ...] = ()
    everywhere: Callable[[tuple[int, ...]], int] = everywhere
    on_disk: Callable[[Log, int], Log] = on_disk
    may_enter: Callable[[int, int], bool] = may_enter
    must_have_left: Callable[[int, int | None], bool] = must_have_left
    rejoins: bool = True
    asks_again: bool = False
    tells_again: bool = False

    def start(self, memory: Memory | None) -> Outcome[State]:
        """Begin in the first view, or outside: who has been in a view before is in none now."""
        if memory is not None:
            return Outcome(Apart(memory=memory))
        begun = self.member.start(None)
        if isinstance(begun.state, Outside):
            return Outcome(Apart(begun.state), begun.effects)
        return self._entered(begun.state, begun.effects)

    def options(self, state: State) -> Iterable[Timeout]:
        """Write; end the waiting for answers; and whatever the member inside may do."""
        if isinstance(state, Keeping):
            unstored = state.stored < len(state.inside.application)
            return (*((Store(),) if unstored else ()), *self.member.options(state.inside))
        return (*self._returning.options(state), *self._asking(state))

    def step(self, state: State, event: Event) -> Outcome[State] | None:
        """Let the member inside act, and write; or wait for a view."""
        return self._kept(state, event) if isinstance(state, Keeping) else self._apart(state, event)

    def closed(self, state: State) -> frozenset[Any]:
        """Return the views that this process is in no more, or never will be in."""
        if isinstance(state, Keeping):
            return self.member.closed(state.inside)
        if state.memory is None:
            return self.member.closed(state.outside)
        return frozenset(range(max(state.memory.view.number + 1, state.memory.promised)))

    def topics(self, message: Any) -> Iterable[Any]:
        """Return the view of a push, and that together with its writer."""
        return self.member.topics(message)

    def memory(self, state: State) -> Memory | None:
        """Return what is on the disk."""
        if isinstance(state, Apart):
            return state.memory
        inside = state.inside
        return Memory(inside.view, self.on_disk(inside.application, state.stored), state.ending)

    def recorded(self, memory: Memory | None, change: Change) -> Memory | None:
        """Return what is on the disk after one record."""
        return written(memory, change)

    def _asking(self, state: Apart) -> Iterator[Timeout]:
        """Yield the ways to ask to be let in."""
        if state.memory is not None and not self.rejoins:
            return
        others = (node for node in self._contacts if node != self.member.name)
        yield from (Join(node) for node in others if self._may_ask(state, node))

    @property
    def _contacts(self) -> tuple[Node, ...]:
        return self.member.contacts or self.member.view.members

    def _may_ask(self, state: Apart, contact: Node) -> bool:
        return self.asks_again or contact not in state.outside.asked

    def _kept(self, state: Keeping, event: Event) -> Outcome[State] | None:
        """Return what becomes of a member; who calls to a restart, or asks, may have crashed."""
        inside = state.inside
        match event:
            case Store():
                return None if state.stored == len(inside.application) else self._stored(state)
            case Receive(sender, Call(number) | Refuse(number)) if _has_left(
                inside, sender, number
            ):
                event = Suspect(sender)
            case Receive(sender, Commit(number)) if number < inside.view.number:
                return Outcome(state, (Send(sender, Refuse(inside.view.number)),))
            case Receive(sender, Ask(bound)) if _is_another(inside, sender):
                if not self.must_have_left(inside.view.number, bound):
                    return Outcome(state, self._welcome(inside, sender))
                event = Suspect(sender)
        outcome = self.member.step(inside, event)
        if outcome is None:
            return None
        after = outcome.state
        assert isinstance(after, Inside)
        if after.view != inside.view:
            return self._entered(after, outcome.effects, state.reported)
        return self._followed(state, _with(state, after), outcome.effects)

    def _welcome(self, inside: Inside, sender: Node) -> Iterator[Send]:
        """Yield what a process is told that asks, though it is a member: it does not know it yet.

        Why: its view is above all that it is bound to, so it has not been let in. It was told; but
        it may have asked before that, or have crashed.
        """
        if self.tells_again and sender in inside.view.joined and inside.snapshot is not None:
            state = self.member.transfer.given(inside.snapshot, inside.application)
            yield Send(sender, Welcome(inside.view, state))

    def _stored(self, state: Keeping) -> Outcome[State]:
        log = state.inside.application
        new = Record(Appended(log[state.stored :]))
        return self._told(evolve(state, stored=len(log)), (new,))

    def _followed(
        self, before: Keeping, after: Keeping, effects: tuple[Effect, ...]
    ) -> Outcome[State]:
        """Return a member that has stayed in its view, with the end of that view on its disk."""
        ending = self._ending(after.inside)
        if ending is None or before.ending is not None:
            return self._told(after, effects)
        return self._told(evolve(after, ending=ending), (Record(Ended(ending)), *effects))

    def _entered(
        self, inside: Inside, effects: tuple[Effect, ...], reported: int = 0
    ) -> Outcome[State]:
        """Return a member that has just installed a view, with all of its log on its disk."""
        log, ending = inside.application, self._ending(inside)
        records = [Record(Begun(inside.view, log))]
        if ending is not None:
            records.append(Record(Ended(ending)))
        return self._told(Keeping(inside, len(log), reported, ending), (*records, *effects))

    def _ending(self, inside: Inside) -> Ending | None:
        """Return how the view ends, once the member repeats the trim."""
        trim = row_of(inside).trim
        return None if trim is None else Ending(self.member.transfer.next_view(inside), trim)

    def _told(self, state: Keeping, effects: tuple[Effect, ...]) -> Outcome[State]:
        """Return the member with its row telling what is stored, and its application likewise."""
        kept = tuple([effect for effect in effects if not _is_item(effect)])
        if Halt() in kept:
            return Outcome(state, kept)
        if row_of(state.inside).stored < state.stored:
            told = self.member.step(state.inside, Invoke(Stored(state.stored)))
            assert told is not None
            assert isinstance(told.state, Inside)
            state, kept = _with(state, told.state), (*kept, *told.effects)
        count = max(state.reported, self._everywhere(state.inside))
        if count == state.reported:
            return Outcome(state, kept)
        after = Keeping(state.inside, state.stored, count, state.ending)
        return Outcome(after, (*kept, *_reports(state, count)))

    def _everywhere(self, inside: Inside) -> int:
        return self.everywhere(tuple([row.stored for row in inside.rows]))

    @property
    def _returning(self) -> Returning:
        company = self.company or self.member.view.members
        return Returning(self.member.name, company, self.restart)

    def _apart(self, state: Apart, event: Event) -> Outcome[State] | None:
        """Return what becomes of a process in no view.

        Why: a process that was never let in has nothing to say in a restart.
        """
        memory = state.memory
        match event:
            case Join(contact) if self._may_ask(state, contact):
                return self._asked(state, contact)
            case Invoke(Lead()) | Propose():
                return None if memory is None else self._restarting(state, memory, event)
            case Receive(_, Call() | Refuse() | Report() | Prepare() | Ready() | Commit()):
                return Outcome(state) if memory is None else self._restarting(state, memory, event)
            case Receive(_, message) if memory is not None:
                if not self._concerns(state, memory, message):
                    return Outcome(state)
        return self._outside(state, event)

    def _asked(self, state: Apart, contact: Node) -> Outcome[State]:
        """Ask to be let in, and say below what this process stays outside."""
        asked = evolve(state.outside, asked=state.outside.asked | {contact})
        ask = Ask(None if state.memory is None else bound_of(state.memory))
        return Outcome(evolve(state, outside=asked), (Send(contact, ask),))

    def _restarting(self, state: Apart, memory: Memory, event: Event) -> Outcome[State] | None:
        """Take part in a restart; once that is committed, enter its view as a joiner does."""
        outcome = self._returning.step(state, memory, event)
        if outcome is None:
            return None
        after = outcome.state
        if not after.committed or after.memory is None or after.memory.ending is None:
            return Outcome(after, outcome.effects)
        welcome = Welcome(after.memory.ending.next, after.memory.log)
        entered = self.member.step(after.outside, Receive(self.member.name, welcome))
        assert entered is not None
        assert isinstance(entered.state, Inside)
        return self._entered(entered.state, (*outcome.effects, *entered.effects))

    def _concerns(self, state: Apart, memory: Memory, message: Any) -> bool:
        """Return whether a process that was in a view before has a use for `message`."""
        if isinstance(message, Welcome):
            return self.may_enter(message.view.number, bound_of(memory))
        return self.closed(state).isdisjoint(self.topics(message))

    def _outside(self, state: Apart, event: Event) -> Outcome[State] | None:
        """Let the process outside act; one that is let in has its log on its disk first."""
        outcome = self.member.step(state.outside, event)
        if outcome is None:
            return None
        if isinstance(outcome.state, Outside):
            return Outcome(evolve(state, outside=outcome.state), outcome.effects)
        return self._entered(outcome.state, outcome.effects)


def _with(state: Keeping, inside: Inside) -> Keeping:
    """Return `state` with its member like that; `evolve`, spelt out, for it is in every step."""
    if inside is state.inside:
        return state
    return Keeping(inside, state.stored, state.reported, state.ending)


def _has_left(inside: Inside, sender: Node, number: int) -> bool:
    """Return whether a number shows that its sender, another member of this view, is not in it.

    Why: what its sender called to, or was bound to, before it was let into this view is no higher.
    So it has crashed since; or it has never come in, for it had promised another restart.
    """
    return _is_another(inside, sender) and number > inside.view.number


def _is_another(inside: Inside, sender: Node) -> bool:
    """Return whether `sender` is another member of this view."""
    return sender in inside.view.members and sender != inside.name


def _is_item(effect: Effect) -> bool:
    """Return whether `effect` hands to the log what the application must not see yet."""
    return isinstance(effect, Deliver) and isinstance(effect.item, Item)


def _reports(state: Keeping, count: int) -> Iterator[Effect]:
    """Yield what is reported when `count` items are known to be on every disk."""
    view, log = state.inside.view, state.inside.application
    if count > state.reported:
        yield Deliver(Durable(view.number, state.reported, log[state.reported : count]))
