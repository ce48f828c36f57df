"""A member of a group in which one node, the root, multicasts messages of many blocks.

There are no steps of time here. Every member goes through the schedule at its own pace: it sends
what the schedule tells it to, in that order, each block as soon as it has it. When all blocks of a
message are there, and the messages before are delivered, it delivers the message.

A failed transfer wedges the group. Who suspects a member, or hears from one that has wedged, sends
no more blocks, takes no more, and says so; so the number of messages that it has delivered stays as
it is, until whoever decides on membership has heard of all and says how it goes on: `Regroup`. Then
a new epoch begins with the members that are left. Its messages are numbered from 0 again, so a
block that is still on its way from an older epoch is ignored, and one that is early is kept.

Source: Behrens, Jha, Birman, Tremel: RDMC: A Reliable RDMA Multicast for Large Objects, DSN 2018;
Jha et al., Derecho: Fast State Machine Replication for Cloud Services, ACM TOCS 2019.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, frozen

from coterie.model.detector import Suspect
from coterie.model.machine import (
    Deliver,
    Effect,
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Send,
    Timeout,
)
from coterie.model.synchrony.rdmc.pipeline import Pipeline
from coterie.model.synchrony.rdmc.schedule import ROOT, Schedule, Transfer

Message = tuple[Any, ...]
"""The blocks of a message, in order."""

LACKING = None
"""What stands in the place of a block that is not there yet."""


@frozen(cache_hash=True)
class Block:
    """A block on its way.

    Attributes:
        epoch: that in which it is sent.
        number: that of its message in this epoch, from 0 on.
        step: that of the schedule in which it is sent.
        place: that in its message, from 0 on.
        content: the bytes, or whatever it consists of.
    """

    epoch: int
    number: int
    step: int
    place: int
    content: Any


@frozen(cache_hash=True)
class Wedged:
    """The sender does nothing more in `epoch`, and has delivered so many messages in all."""

    epoch: int
    delivered: int


@frozen(cache_hash=True)
class Regroup:
    """What the members of a new epoch are told.

    Attributes:
        epoch: its number, more than that before.
        members: who is in it, by index.
        kept: how many messages each of them has delivered, at least; the root starts again with
            the next one.
    """

    epoch: int
    members: tuple[int, ...]
    kept: int


@frozen(cache_hash=True)
class Transmission:
    """One message of this epoch.

    Attributes:
        held: its blocks; LACKING where one is not there yet.
        step: the first step of the schedule in which this member has yet to send, if at all.
    """

    held: Message
    step: int = 0


@frozen(cache_hash=True)
class Group:
    """All that a member remembers.

    Attributes:
        epoch: 0, and more after each failure.
        members: who is in the group, by index; a member's rank is its place among them.
        wedged: whether it has stopped; for good where the root is gone.
        kept: how many messages had been delivered by all before this epoch.
        transmissions: the messages of this epoch, from the one numbered `kept` on.
        delivered: all messages that it has delivered; at the root, all that it was to send.
        early: what has come from later epochs, and from whom.
    """

    epoch: int
    members: tuple[int, ...]
    wedged: bool = False
    kept: int = 0
    transmissions: tuple[Transmission, ...] = ()
    delivered: tuple[Message, ...] = ()
    early: tuple[Receive, ...] = ()


def is_now(epoch: int, own: int) -> bool:
    """Return whether what was sent in `epoch` is for a member in its `own` epoch."""
    return epoch == own


def is_early(epoch: int, own: int) -> bool:
    """Return whether what was sent in `epoch` is for later than a member's `own` epoch."""
    return epoch > own


def is_next(number: int, delivered: int) -> bool:
    """Return whether a member that has `delivered` so many messages delivers that `number`."""
    return number == delivered


@frozen
class RdmcNode(Machine[Group, None]):
    """A member; the one of index 0 is the root.

    Attributes:
        index: which one.
        nodes: how many members there are at first.
        blocks: how many blocks a message has.
        above: who decides on membership; None where nobody does.
        schedule: what makes the schedule for so many nodes and blocks.
        is_now: the guard of a block and of a news of wedging, over its epoch and the member's.
        is_early: the guard of keeping one for later, over the same.
        is_next: the guard of a delivery, over the message's number and how many are delivered.
    """

    index: int
    nodes: int
    blocks: int
    above: Node | None = None
    schedule: Callable[[int, int], Schedule] = Pipeline
    is_now: Callable[[int, int], bool] = is_now
    is_early: Callable[[int, int], bool] = is_early
    is_next: Callable[[int, int], bool] = is_next

    def start(self, memory: None) -> Outcome[Group]:
        """All are members, and nothing is sent."""
        del memory
        return Outcome(Group(0, tuple(range(self.nodes))))

    def options(self, state: Group) -> Iterable[Timeout]:
        """Any other member may be suspected, once."""
        if not state.wedged:
            yield from (Suspect(other) for other in self._others(state))

    def step(self, state: Group, event: Event) -> Outcome[Group] | None:
        """Multicast, pass on, wedge, or begin anew."""
        match event:
            case Invoke(Regroup() as news) | Receive(_, Regroup() as news):
                return self._regrouped(state, news)
            case Invoke(message) if self.index == ROOT and not state.wedged:
                return self._multicast(state, message)
            case Receive(_, Block() | Wedged() as message):
                return self._received(state, event, message)
            case Suspect(other) if not state.wedged and other in self._others(state):
                return self._wedged(state)
            case Receive():
                return Outcome(state)
        return None

    def _others(self, state: Group) -> list[Node]:
        return [member(each) for each in state.members if each != self.index]

    def _multicast(self, state: Group, message: Message) -> Outcome[Group]:
        """Deliver a message, and begin to send it."""
        started = evolve(
            state,
            transmissions=(*state.transmissions, Transmission(message)),
            delivered=(*state.delivered, message),
        )
        return self._passing(started, [Deliver(message)])

    def _received(self, state: Group, receipt: Receive, message: Block | Wedged) -> Outcome[Group]:
        """Take what is of this epoch, and keep what is of a later one."""
        if self.is_early(message.epoch, state.epoch):
            return Outcome(evolve(state, early=(*state.early, receipt)))
        if not self.is_now(message.epoch, state.epoch) or state.wedged:
            return Outcome(state)
        if isinstance(message, Wedged):
            return self._wedged(state)
        return self._completing(self._taken(state, message))

    def _taken(self, state: Group, block: Block) -> Group:
        """Return the group with one block more."""
        begun = state.transmissions
        new = (Transmission((LACKING,) * self.blocks),) * (block.number + 1 - len(begun))
        transmissions = [*begun, *new]
        before = transmissions[block.number]
        held = (*before.held[: block.place], block.content, *before.held[block.place + 1 :])
        transmissions[block.number] = evolve(before, held=held)
        return evolve(state, transmissions=tuple(transmissions))

    def _completing(self, state: Group) -> Outcome[Group]:
        """Deliver what is whole and has its turn; then pass blocks on."""
        effects: list[Effect] = []
        delivered = state.delivered
        for place, each in enumerate(state.transmissions):
            is_whole = LACKING not in each.held
            if is_whole and self.is_next(state.kept + place, len(delivered)):
                delivered = (*delivered, each.held)
                effects.append(Deliver(each.held))
        return self._passing(evolve(state, delivered=delivered), effects)

    def _passing(self, state: Group, effects: Iterable[Effect] = ()) -> Outcome[Group]:
        """Send all that the schedule has next for this member, until it lacks a block."""
        sent = list(effects)
        transmissions = list(state.transmissions)
        for number, before in enumerate(transmissions):
            transmissions[number] = evolve(before, step=self._stopped(state, before))
            for step in range(before.step, transmissions[number].step):
                if (transfer := self._transfer(state, step)) is not None:
                    content = before.held[transfer.block]
                    block = Block(state.epoch, number, step, transfer.block, content)
                    sent.append(Send(member(state.members[transfer.receiver]), block))
            if transmissions[number].step < self._steps(state):
                break
        return Outcome(evolve(state, transmissions=tuple(transmissions)), sent)

    def _stopped(self, state: Group, transmission: Transmission) -> int:
        """Return the first step in which it is to send a block that is lacking, or the end."""
        steps = self._steps(state)
        for step in range(transmission.step, steps):
            transfer = self._transfer(state, step)
            if transfer is not None and transmission.held[transfer.block] is LACKING:
                return step
        return steps

    def _steps(self, state: Group) -> int:
        return self._schedule(state).steps if len(state.members) > 1 else 0

    def _transfer(self, state: Group, step: int) -> Transfer | None:
        return self._schedule(state).sent(state.members.index(self.index), step)

    def _schedule(self, state: Group) -> Schedule:
        return self.schedule(len(state.members), self.blocks)

    def _wedged(self, state: Group) -> Outcome[Group]:
        """Stop, and say so to all."""
        news = Wedged(state.epoch, len(state.delivered))
        above = [] if self.above is None else [self.above]
        told = (Send(each, news) for each in (*self._others(state), *above))
        return Outcome(evolve(state, wedged=True), told)

    def _regrouped(self, state: Group, news: Regroup) -> Outcome[Group]:
        """Begin a new epoch; the root sends again what not everybody has."""
        if not self.is_early(news.epoch, state.epoch) or self.index not in news.members:
            return Outcome(state)
        again = state.delivered[news.kept :] if self.index == ROOT else ()
        group = Group(
            news.epoch,
            news.members,
            wedged=ROOT not in news.members,
            kept=news.kept,
            transmissions=tuple(Transmission(message) for message in again),
            delivered=state.delivered,
        )
        return self._caught_up(self._passing(group), state.early)

    def _caught_up(self, outcome: Outcome[Group], early: Iterable[Receive]) -> Outcome[Group]:
        """Take what has come before its epoch."""
        for receipt in early:
            later = self._received(outcome.state, receipt, receipt.message)
            outcome = Outcome(later.state, (*outcome.effects, *later.effects))
        return outcome


def member(index: int) -> Node:
    """Return the node of that index."""
    return Node("member", index)
