"""A process of the group: everything between what it hears and what it tells the others.

A step takes one event in, and then lets every rule act that has something to do: the table's
predicates and what they trigger. What has changed in the process's row by then is pushed to all the
other members at once. So the table is all that members ever tell one another; only joiners are
spoken to in messages of their own.

Source: Jha et al., Derecho, ACM TOCS 2019, section 3.
"""

from collections.abc import Callable, Iterable
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
    Send,
    Timeout,
)
from coterie.model.synchrony.membership import Membership, is_quiet
from coterie.model.synchrony.multicast import Multicast
from coterie.model.synchrony.state import Inside, Item, Outside, at_start, rank_of, row_of, writing
from coterie.model.synchrony.table import Push, Row, coalesced
from coterie.model.synchrony.transfer import Ask, Transfer, Welcome
from coterie.model.synchrony.trim import Trim
from coterie.model.synchrony.view import View

State = Inside | Outside

Acted = tuple[Inside, tuple[Any, ...], tuple[Item, ...]]
"""A member when rules have acted, what it multicasts, and what it hands to its application."""


@frozen(cache_hash=True)
class Tell:
    """An operation: multicast these payloads to the group, in this order."""

    payloads: tuple[Any, ...]


@frozen(cache_hash=True)
class Stored:
    """An operation of a layer that keeps a log: so many of its items are on disk."""

    items: int


@frozen(cache_hash=True)
class Leave:
    """An operation: leave the group."""


@frozen(cache_hash=True)
class Installed:
    """The application is told that the process is in a new view."""

    view: View


@frozen(cache_hash=True)
class Join(Timeout):
    """A process asks `contact` to be let into the group."""

    contact: Node


def listed(application: tuple[Item, ...], item: Item) -> tuple[Item, ...]:
    """Return the application that is nothing but the list of what was delivered, and one more."""
    return (*application, item)


@frozen
class Member(Machine[State, None]):
    """A process that is, or wants to be, a member.

    Attributes:
        name: its own.
        view: the first view of the group.
        multicast: how messages are sent and delivered.
        membership: how members come and go.
        trim: how a view ends.
        transfer: how the next one begins.
        initial: the state that the application begins with.
        apply: the application: its next state, of its state and an item; the same everywhere.
        contacts: whom it asks, outside, to be let in; none for all of the first view.
    """

    name: Node
    view: View
    multicast: Multicast = field(factory=Multicast)
    membership: Membership = field(factory=Membership)
    trim: Trim = field(factory=Trim)
    transfer: Transfer = field(factory=Transfer)
    initial: Any = ()
    apply: Callable[[Any, Item], Any] = listed
    contacts: tuple[Node, ...] = ()

    def start(self, memory: None) -> Outcome[State]:
        """Begin in the first view; who is not in it begins outside."""
        del memory
        if self.name not in self.view.members:
            return Outcome(Outside())
        return Outcome(at_start(self.name, self.view, self.initial))

    def options(self, state: State) -> Iterable[Timeout]:
        """Suspect another member; or, outside, ask a contact to be let in."""
        if isinstance(state, Outside):
            contacts = self.contacts or self.view.members
            return [Join(node) for node in contacts if node not in state.asked]
        known = row_of(state).suspected | {self.name}
        return [Suspect(node) for node in state.view.members if node not in known]

    def step(self, state: State, event: Event) -> Outcome[State] | None:
        """Take an event in, and let all that it makes possible happen."""
        if isinstance(state, Outside):
            return self._outside(state, event)
        match event:
            case Receive(sender, Push() as push):
                return self._pushed(state, sender, push)
            case Receive(sender, Ask()):
                return self._settled(state, self.transfer.asked(state, sender))
            case Receive():
                return Outcome(state)
            case Invoke(Tell(payloads)):
                return self._settled(state, evolve(state, queue=state.queue + payloads))
            case Invoke(Stored(count)):
                return _telling(state, writing(state, stored=count))
            case Invoke(Leave()):
                return self._settled(state, writing(state, leaving=True))
            case Suspect(node) if node in state.view.members and node != self.name:
                return self._settled(state, self.membership.suspecting(state, {node}))
        return None

    def closed(self, state: State) -> frozenset[Any]:
        """Return the views that are over, and the members of this one that are not read."""
        if isinstance(state, Outside):
            return frozenset()
        number, suspected = state.view.number, row_of(state).suspected
        return frozenset(range(number)) | {(number, node) for node in suspected}

    def topics(self, message: Any) -> Iterable[Any]:
        """Return the view of a push, and that together with its writer."""
        match message:
            case Push(view, writer) | (view, writer):
                return (view, (view, writer))
        return (message,)

    def _outside(self, state: Outside, event: Event) -> Outcome[State] | None:
        match event:
            case Join(contact) if contact not in state.asked:
                after = evolve(state, asked=state.asked | {contact})
                return Outcome(after, (Send(contact, Ask()),))
            case Receive(_, Welcome(view, application)):
                fresh = evolve(at_start(self.name, view, application), early=state.early)
                return self._entered(evolve(fresh, snapshot=None), ())
            case Receive(_, Push() as push):
                return Outcome(evolve(state, early=_kept(state.early, push)))
            case Receive():
                return Outcome(state)
        return None

    def _pushed(self, state: Inside, sender: Node, push: Push) -> Outcome[State]:
        """Take in a row, from its owner alone."""
        number, members = state.view.number, state.view.members
        if sender != push.writer or sender == self.name:
            return Outcome(state)
        if push.view > number:
            return Outcome(evolve(state, early=_kept(state.early, push)))
        if push.view < number or sender in row_of(state).suspected or sender not in members:
            return Outcome(state)
        read = self._read(state, push)
        is_settled = _tells_of_its_disk(state.rows[members.index(sender)], push)
        return Outcome(read) if is_settled else self._settled(state, read)

    def _read(self, state: Inside, push: Push) -> Inside:
        """Return `state` with a push of its view read: the messages first, then the row."""
        rank = state.view.members.index(push.writer)
        received = self.multicast.received(state, rank, push)
        return self.membership.read(received, rank, push)

    def _settled(self, before: Inside, state: Inside) -> Outcome[State]:
        """Return what becomes of `state` when every rule has acted; `before` is what all know."""
        quiet = is_quiet(state)
        state, run, items = self._talked_out(state) if quiet else _at_rest(self._ruled, state)
        state, words = self.transfer.welcomed(state)
        effects = (*map(Deliver, items), *words, *_pushes(before, state, run))
        if quiet:
            return Outcome(state, effects)
        if self.membership.must_stop(state):
            return Outcome(state, (*effects, Halt()))
        return (
            self._finished(state, effects) if self.trim.is_final(state) else Outcome(state, effects)
        )

    def _talked_out(self, state: Inside) -> Acted:
        """Return `state`, which is quiet, when the rules of multicast have nothing more to do.

        Why: without a window, what is delivered sets nobody free to send, so once is enough.
        """
        once = self.multicast.window is None
        return self._talked(state) if once else _at_rest(self._talked, state)

    def _ruled(self, state: Inside) -> Acted:
        """Return `state` after each rule has acted once."""
        state = self.membership.acknowledged(self.membership.proposed(state))
        state = self.trim.echoed(self.trim.decided(state, self.membership))
        return self._talked(state)

    def _talked(self, state: Inside) -> Acted:
        """Return `state` after each rule of multicast has acted once."""
        state, run = self.multicast.sent(state)
        state, items = self.multicast.delivered(state)
        return self._applied(self.multicast.told(state), items), run, items

    def _applied(self, state: Inside, items: tuple[Item, ...]) -> Inside:
        if not items:
            return state
        application = state.application
        for item in items:
            application = self.apply(application, item)
        return evolve(state, application=application)

    def _finished(self, state: Inside, effects: tuple[Effect, ...]) -> Outcome[State]:
        """Return the member after its view: what is left is delivered, and the next installed."""
        trim, view = row_of(state).trim, self.transfer.next_view(state)
        assert trim is not None
        queue = (*self.transfer.resent(state, trim), *state.queue)
        ended, items = self.multicast.ended(state, trim)
        ended, effects = self._applied(ended, items), (*effects, *map(Deliver, items))
        if self.name not in view.members:
            return Outcome(ended, (*effects, Halt()))
        return self._entered(self.transfer.installed(ended, view, queue), effects)

    def _entered(self, state: Inside, effects: tuple[Effect, ...]) -> Outcome[State]:
        """Return the member in its new view, with what others have said there already."""
        fresh, number = at_start(state.name, state.view, state.application), state.view.number
        due = [push for push in state.early if push.view == number]
        state = evolve(state, early=tuple(push for push in state.early if push.view > number))
        for push in due:
            if push.writer in state.view.members:
                state = self._read(state, push)
        after = self._settled(fresh, state)
        return Outcome(after.state, (*effects, Deliver(Installed(state.view)), *after.effects))


def _at_rest(rules: Callable[[Inside], Acted], state: Inside) -> Acted:
    """Return `state` when these rules have nothing more to do."""
    run: tuple[Any, ...] = ()
    items: tuple[Item, ...] = ()
    while True:
        after, sent, delivered = rules(state)
        run, items = run + sent, items + delivered
        if after is state or after == state:
            return state, run, items
        state = after


def _tells_of_its_disk(known: Row, push: Push) -> bool:
    """Return whether a push has no news of its writer but, maybe, how many items it has stored.

    Why: only the layer that keeps the log looks at that; and as every step ends when no rule has
        anything to do, none has after such a push.
    """
    row = push.row
    return (
        not push.run
        and row.received == known.received
        and row.delivered == known.delivered
        and row.suspected == known.suspected
        and row.joining == known.joining
        and row.leaving == known.leaving
        and row.changes == known.changes
        and row.trim == known.trim
    )


def _kept(early: tuple[Push, ...], push: Push) -> tuple[Push, ...]:
    """Return `early` with one more push, told together with those of the same writer and view."""
    pushes = {(each.view, each.writer): each for each in early}
    key = (push.view, push.writer)
    pushes[key] = coalesced(pushes[key], push) or push if key in pushes else push
    return tuple(pushes[key] for key in sorted(pushes))


def _telling(before: Inside, after: Inside) -> Outcome[State]:
    """Return a member that tells what no rule looks at."""
    return Outcome(after, _pushes(before, after, ()))


def _pushes(before: Inside, after: Inside, run: tuple[Any, ...]) -> tuple[Effect, ...]:
    """Return the pushes of what has changed in the member's row since `before`."""
    rank = rank_of(after)
    was, now = before.rows[rank], after.rows[rank]
    if was is now or was == now:
        return ()
    push = Push(after.view.number, after.name, now, was.received[rank], run)
    members = after.view.members
    return tuple([Send(node, push) for node in members[:rank] + members[rank + 1 :]])
