"""What ordered multicast promises within one view, while nobody fails."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from coterie.model.machine import Node
from coterie.model.synchrony.member import State
from coterie.model.synchrony.state import Inside, Item, all_delivered, delivered_of, row_of
from coterie.spec.property import View, always, at_rest, each, leads_to, pairs, reachable
from coterie.spec.synchrony import deliveries
from coterie.spec.synchrony.deliveries import is_prefix
from coterie.spec.synchrony.told import TOLD

WINDOW = 1
"""How far ahead a sender may be, in the worlds where senders keep to a window."""


def with_each(world: View) -> list[tuple[Node, ...]]:
    """Ask the property for each member and each other, itself among them."""
    return list(product(world.nodes("member"), repeat=2))


def items(world: View, member: Node) -> tuple[Item, ...]:
    """Return what a member has delivered."""
    delivered: tuple[Item, ...] = world.observed(deliveries.NAME).get(member, ())
    return delivered


def told(world: View, member: Node) -> tuple[Any, ...]:
    """Return what the user of a member has asked it to multicast."""
    payloads: tuple[Any, ...] = world.observed(TOLD).get(member, ())
    return payloads


def heard(world: View, member: Node, sender: Node) -> tuple[Any, ...]:
    """Return what a member has delivered of one sender."""
    return tuple(item.payload for item in items(world, member) if item.sender == sender)


def received(inside: Inside) -> tuple[int, ...]:
    """Return how many messages the member has of each sender."""
    return row_of(inside).received


def slots_delivered(inside: Inside) -> int:
    """Return how many slots the member has delivered or passed over."""
    return inside.delivered


def own_slots(inside: Inside) -> tuple[tuple[int, bool], ...]:
    """Return the slots of the member's own messages that it still holds; True for a null."""
    size, rank = len(inside.rows), inside.view.members.index(inside.name)
    first = all_delivered(inside)[rank]
    return tuple(
        ((first + place) * size + rank, payload is None)
        for place, payload in enumerate(inside.held[rank])
    )


def _held_slots(world: View) -> Iterator[tuple[int, bool]]:
    """Yield each slot that nobody has delivered, and whether it is a null, by its sender."""
    furthest = max(world.see(member, slots_delivered) for member in world.nodes("member"))
    for member in world.nodes("member"):
        for slot, is_null in world.see(member, own_slots):
            if slot >= furthest:
                yield slot, is_null


@always(broken_by=("on_receipt", "out_of_turn"), each=pairs("member"))
def total_order(world: View, one: Node, other: Node) -> bool:
    """Of what two members have delivered, one is how the other begins.

    In symbols: delivered(i) is a prefix of delivered(j), or delivered(j) of delivered(i).
    Why: each message has a slot that its sender and number decide, and slots are delivered in
    order, none left out.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2.1 (atomic multicast).
    """
    ours, theirs = items(world, one), items(world, other)
    return is_prefix(ours, theirs) or is_prefix(theirs, ours)


@always(broken_by="repeating", each=each("member"))
def delivered_once(world: View, member: Node) -> bool:
    """No member delivers a message twice, or one of another view than its own.

    In symbols: i != j implies delivered[i] != delivered[j]; view(delivered[i]) = view.
    Why: a slot is delivered once, and holds one message.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2.1.
    """
    delivered = items(world, member)
    return len(set(delivered)) == len(delivered) and {item.view for item in delivered} <= {0}


@always(broken_by="repeating", each=with_each)
def sender_order(world: View, member: Node, sender: Node) -> bool:
    """What a member delivers of one sender is what that one's user has told it, without a gap.

    In symbols: delivered(i) restricted to j is a prefix of told(j).
    Why: a sender's messages are numbered as they are told, and channels keep their order.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2.1.
    """
    return is_prefix(heard(world, member, sender), told(world, sender))


@always(broken_by=("majority", "own_frontier"), each=with_each)
def delivered_is_everywhere(world: View, member: Node, other: Node) -> bool:
    """What any member has delivered, every member has received.

    In symbols: for all senders s: delivered(i)[s] <= received(j)[s].
    Why: a member waits until each row of its table says so, and a copy of a row never says more
    than the row. So whatever anybody has acted on survives as long as anybody does.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2.1 (stability).
    """
    has, slots = world.see(other, received), world.see(member, slots_delivered)
    size = len(has)
    return all(delivered_of(slots, rank, size) <= count for rank, count in enumerate(has))


@always(broken_by="nulls_as_messages", each=each("member"))
def nulls_are_passed_over(world: View, member: Node) -> bool:
    """No null is handed to the application.

    In symbols: null is not in delivered(i).
    Why: it says nothing but that its slot is empty.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.3.3.
    """
    return all(item.payload is not None for item in items(world, member))


@always(broken_by=("useless_nulls", "endless_nulls"))
def each_null_is_owed(world: View) -> bool:
    """A null is sent only where a message stands in a later slot.

    In symbols: null in slot p implies a message in some slot q > p, until p is delivered.
    Why: it is sent for a slot that somebody has gone past, and by induction the last slot that was
    gone to has a message.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.3.3.
    """
    slots = tuple(_held_slots(world))
    last = max((slot for slot, is_null in slots if not is_null), default=-1)
    return all(slot < last for slot, is_null in slots if is_null)


@always(broken_by="endless_nulls", each=each("member"))
def nulls_come_to_an_end(world: View, member: Node) -> bool:
    """A member sends no more messages, nulls included, than users have told in all.

    In symbols: sent(i) <= sum over all j of |told(j)|.
    Why: whoever is the first to send its message number k has something to say.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.3.3.
    """
    sent = world.see(member, received)[member.index]
    return sent <= sum(len(told(world, other)) for other in world.nodes("member"))


@at_rest(broken_by=("stall", "deaf", "forgetful"), each=with_each)
def all_is_delivered(world: View, member: Node, sender: Node) -> bool:
    """At rest everybody has delivered everything.

    In symbols: at rest, delivered(i) restricted to j = told(j).
    Why: where a slot is missing, its owner has seen a later one, and fills it.
    Source: Jha et al., Derecho, ACM TOCS 2019, sections 3.2.1 and 3.3.3.
    """
    return heard(world, member, sender) == told(world, sender)


@at_rest(broken_by="stall", each=each("member"))
def no_slot_is_left(world: View, member: Node) -> bool:
    """At rest every slot that was filled is delivered: there are as many nulls as were needed.

    In symbols: at rest, for all senders s: delivered(i)[s] = received(i)[s].
    Why: with `each_null_is_owed` the last slot has a message, and the nulls are those before it.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.3.3.
    """
    has, slots = world.see(member, received), world.see(member, slots_delivered)
    size = len(has)
    return has == tuple(delivered_of(slots, rank, size) for rank in range(size))


def has_told(world: View, member: Node) -> bool:
    """Return whether the user of a member has said anything."""
    return bool(told(world, member))


@leads_to(has_told, each=each("member"), broken_by=("stall", "deaf"))
def it_is_delivered(world: View, member: Node) -> bool:
    """In every fair run, what a user tells is delivered everywhere.

    In symbols: told(i) is not empty ~> for all j: delivered(j) restricted to i = told(i).
    Why: pushes arrive, and each brings the last missing slot nearer.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2.1; Birman and Joseph, SOSP 1987.
    """
    said = told(world, member)
    return all(heard(world, other, member) == said for other in world.nodes("member"))


@always(broken_by=("one_too_far", "boundless"), each=each("member"))
def keeps_to_the_window(world: View, member: Node) -> bool:
    """No sender is further ahead of the slowest delivery than the window.

    In symbols: for all j: sent(i) <= delivered(j)[i] + window.
    Why: a sender knows of no delivery before it has happened, so that the buffers of its messages
    can be used in turn.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2.1.
    """
    has = world.see(member, received)
    sent, size = has[member.index], len(has)
    slots = [world.see(other, slots_delivered) for other in world.nodes("member")]
    return all(sent <= delivered_of(far, member.index, size) + WINDOW for far in slots)


def deliveries_told(state: State) -> int:
    """Return how many slots a member's row says that it has delivered."""
    return row_of(state).delivered if isinstance(state, Inside) else 0


@always(broken_by="talkative", each=each("member"))
def tells_what_is_asked(world: View, member: Node) -> bool:
    """Nobody tells how far it has delivered, where no sender keeps to a window.

    In symbols: without a window, the column of deliveries stays 0.
    Why: each change of a row is a push to everybody.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2.1 (flow control).
    """
    return world.see(member, deliveries_told) == 0


@always(broken_by="in_order", each=with_each)
def delivered_on_receipt(world: View, member: Node, sender: Node) -> bool:
    """Whatever has been received is delivered, where order does not matter.

    In symbols: |delivered(i) restricted to j| = received(i)[j].
    Why: nothing is waited for, and so nobody sends a null either.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2.1 (the unordered mode).
    """
    return len(heard(world, member, sender)) == world.see(member, received)[sender.index]


@always(broken_by="polite", each=each("member"))
def nobody_sends_nulls(world: View, member: Node) -> bool:
    """No member sends more than its user tells it, where order does not matter.

    In symbols: sent(i) <= |told(i)|.
    Why: nobody waits for a member that says nothing.
    Source: Jha et al., Derecho, ACM TOCS 2019, sections 3.2.1 (the unordered mode) and 3.3.3.
    """
    return world.see(member, received)[member.index] <= len(told(world, member))


@reachable(broken_by="stall")
def a_null_is_passed(world: View) -> bool:
    """A member can have passed over a null, and delivered a message behind it.

    Why: else the claims about nulls would say nothing.
    Source: the witness to `each_null_is_owed`.
    """
    return any(
        0 < len(items(world, member)) < world.see(member, slots_delivered)
        for member in world.nodes("member")
    )


def queue(state: State) -> tuple[Any, ...]:
    """Return what a member has not multicast yet."""
    return state.queue if isinstance(state, Inside) else ()


@reachable(broken_by="boundless")
def somebody_waits(world: View) -> bool:
    """A sender can have to wait for its window.

    Why: else the window would be no limit.
    Source: the witness to `keeps_to_the_window`.
    """
    return any(world.see(member, queue) for member in world.nodes("member"))


@reachable(broken_by="deaf")
def all_have_delivered(world: View) -> bool:
    """Every member can have delivered something.

    Why: else nothing would be ordered.
    Source: the witness to `total_order`.
    """
    return all(items(world, member) for member in world.nodes("member"))
