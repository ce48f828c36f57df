"""What a group promises whose members pass on one another's blocks, while all goes well and not."""

from collections.abc import Iterable
from itertools import pairwise

from coterie.model.machine import Deliver, Invoke, Node
from coterie.model.synchrony.rdmc.node import LACKING, Block, Group, Message, Transmission, member
from coterie.model.synchrony.rdmc.pipeline import Pipeline
from coterie.model.synchrony.rdmc.schedule import ROOT
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import (
    View,
    always,
    at_rest,
    each,
    eventually,
    eventually_always,
    reachable,
    step_always,
)

SURVIVORS = {
    "A member that has delivered a message that is sent again may pass its blocks on at once: they"
    " are the same.": ("synchrony.rdmc.node.RdmcNode._regrouped: if self.index == ROOT → if True",),
    "Epochs have to grow; by how much does not matter.": (
        "synchrony.rdmc.regroup.Regrouping._decided: 1 → 2 in state.epoch + 1",
    ),
    "To suspect once more who is held for failed changes nothing.": (
        "synchrony.rdmc.regroup.Regrouping.options: for … in state.members without if …",
    ),
}

MEMBER, ABOVE = "member", Node("above")


Deliveries = tuple[tuple[Message, ...], tuple[tuple[Node, tuple[Message, ...]], ...]]
"""What the root was to multicast, and what each member has delivered; by member."""


def _observed(value: Deliveries, node: Node, seen: Seen) -> Deliveries:
    multicast, deliveries = value
    match seen:
        case Invoke(message):
            return (*multicast, message), deliveries
        case Deliver(message):
            before = dict(deliveries)
            after = {**before, node: (*before.get(node, ()), message)}
            return multicast, tuple(sorted(after.items()))
    return value


DELIVERIES = Observer(((), ()), _observed)


def has_wedged(group: Group) -> bool:
    """Return whether a member has stopped."""
    return group.wedged


def multicast(world: View) -> tuple[Message, ...]:
    """Return what the root was to multicast so far."""
    messages: tuple[Message, ...] = world.observed("deliveries")[0]
    return messages


def deliveries(world: View) -> dict[Node, tuple[Message, ...]]:
    """Return what each member has delivered."""
    delivered = dict(world.observed("deliveries")[1])
    return {node: delivered.get(node, ()) for node in world.nodes(MEMBER)}


def has_all(world: View, node: Node) -> bool:
    """Return whether a member has delivered all that the root was to multicast so far."""
    return deliveries(world)[node] == multicast(world)


def blocks_to(world: View, receiver: Node) -> list[Block]:
    """Return the blocks that are on their way to a member."""
    return [
        message
        for sender in world.nodes(MEMBER)
        for message in world.in_flight(sender, receiver)
        if isinstance(message, Block)
    ]


def blocks_from(world: View, sender: Node) -> list[Block]:
    """Return the blocks that are on their way from a member."""
    return [
        message
        for receiver in world.nodes(MEMBER)
        for message in world.in_flight(sender, receiver)
        if isinstance(message, Block)
    ]


def members_up(world: View) -> list[Node]:
    """Return the members that have not crashed."""
    return [node for node in world.nodes(MEMBER) if world.up(node)]


def _are_of_different_steps(blocks: Iterable[Block]) -> bool:
    steps = [(block.epoch, block.number, block.step) for block in blocks]
    return len(steps) == len(set(steps))


def _has(group: Group, block: Block) -> bool:
    """Return whether a member has a block that it has sent; what is of an older epoch is gone."""
    if block.epoch != group.epoch:
        return block.epoch < group.epoch
    return bool(group.transmissions[block.number].held[block.place] == block.content)


@always(broken_by="sends_unheld", each=each(MEMBER))
def sends_what_it_has(world: View, node: Node) -> bool:
    """A member sends only blocks that it has, as they are.

    Why: there is no step of time in which a block would surely have come; a member that sent by
    the clock would send what stands in its buffer, whatever that is.
    Source: Behrens, Jha, Birman, Tremel 2018.
    """
    sent = blocks_from(world, node)
    return LACKING not in [block.content for block in sent] and (
        not world.up(node) or all(_has(world[node], block) for block in sent)
    )


@always(broken_by="both_send_on", each=each(MEMBER))
def one_block_in_and_out(world: View, node: Node) -> bool:
    """Of one step of the schedule, a member sends one block at most, and is sent one at most.

    Why: so it is with the schedule, and no member deviates from its own part of it.
    Source: Ganesan and Seshadri 2005.
    """
    return _are_of_different_steps(blocks_to(world, node)) and _are_of_different_steps(
        blocks_from(world, node)
    )


@always(broken_by=("mixes_epochs", "repeats", "any_order"))
def deliveries_follow_the_root(world: View) -> bool:
    """Every member has delivered the root's messages, whole, each once, in order, up to some one.

    In symbols: delivered(i) is a prefix of the sequence of multicasts.
    Why: a torn message, one of blocks from two epochs, one delivered again, or one too early, all
    would show here.
    Source: Behrens, Jha, Birman, Tremel 2018; Jha et al., Derecho, 2019.
    """
    sent = multicast(world)
    return all(its == sent[: len(its)] for its in deliveries(world).values())


@always(broken_by="awaits_more", each=each(MEMBER))
def awaits_only_what_was_multicast(world: View, node: Node) -> bool:
    """A member waits for blocks of no message that the root was not to multicast.

    Why: it would keep buffers for a message that need not come.
    Source: Behrens, Jha, Birman, Tremel 2018.
    """
    if not world.up(node):
        return True
    group = world[node]
    return bool(group.kept + len(group.transmissions) <= len(multicast(world)))


@step_always(broken_by=("sends_when_wedged", "takes_when_wedged"), each=each(MEMBER))
def wedged_stays_still(before: View, after: View, node: Node) -> bool:
    """A member that has wedged sends no block, takes none and delivers nothing in that epoch.

    Why: how many messages it has delivered was told to whoever decides; it must stay true.
    Source: Jha et al., Derecho, 2019: a wedged member stops, so that the trim is final.
    """
    if not (before.up(node) and after.up(node)):
        return True
    was, now = before[node], after[node]
    is_free = not was.wedged or was.epoch != now.epoch
    return is_free or (was.transmissions, was.delivered) == (now.transmissions, now.delivered)


def _is_sent(group: Group, transmission: Transmission) -> bool:
    steps = Pipeline(len(group.members), len(transmission.held)).steps
    return len(group.members) == 1 or transmission.step == steps


def in_order(group: Group) -> bool:
    """Return whether only messages without unfinished ones before them are being sent."""
    return all(
        after.step == 0 or _is_sent(group, before)
        for before, after in pairwise(group.transmissions)
    )


@always(broken_by="interleaves", each=each(MEMBER))
def one_message_after_the_other(world: View, node: Node) -> bool:
    """A member sends blocks of a message only after all that it has to send of the one before.

    Why: so it has one block to send at a time, and which one does not hang on what has come first.
    Source: Behrens, Jha, Birman, Tremel 2018.
    """
    return not world.up(node) or world.see(node, in_order)


@always(broken_by="wedges_at_once", each=each(MEMBER))
def nobody_wedges(world: View, node: Node) -> bool:
    """Where nothing fails and nobody is suspected, no member wedges.

    Why: to wedge costs the whole group an epoch.
    Source: Behrens, Jha, Birman, Tremel 2018.
    """
    return not world.see(node, has_wedged)


@at_rest(broken_by=("no_hand_over", "no_last_step"))
def all_have_delivered(world: View) -> bool:
    """When nothing has failed and nothing is left to do, all have delivered all messages.

    Why: a member that waited for a block that nobody sends would wait for ever.
    Source: Behrens, Jha, Birman, Tremel 2018.
    """
    return not world.left(member(ROOT)) and all(
        has_all(world, node) for node in world.nodes(MEMBER)
    )


@eventually(broken_by=("no_hand_over", "no_last_step"))
def all_deliver(world: View) -> bool:
    """All members deliver all messages, when messages arrive and the root goes on.

    Why: nobody waits for a step of time, nor for a member that waits for it.
    Source: Behrens, Jha, Birman, Tremel 2018.
    """
    return not world.left(member(ROOT)) and all(
        has_all(world, node) for node in world.nodes(MEMBER)
    )


def _is_a_relay(group: Group) -> bool:
    return bool(group.transmissions) and LACKING in group.transmissions[0].held


@reachable(broken_by="root_alone")
def passed_on_in_pieces(world: View) -> bool:
    """A member that lacks a block can pass on another one.

    Why: that is what cutting messages into blocks is for.
    Source: the witness to sends_what_it_has: Behrens, Jha, Birman, Tremel 2018.
    """
    return any(
        world.see(node, _is_a_relay) and blocks_from(world, node) for node in world.nodes(MEMBER)
    )


@at_rest(broken_by=("nobody_hears", "deaf"))
def all_that_are_left_have_delivered_or_wedged(world: View) -> bool:
    """When nothing is left to do, every survivor has delivered all messages, or has wedged.

    Why: whoever goes on to wait for a failed member waits for ever, and so does the layer above.
    Source: Behrens, Jha, Birman, Tremel 2018: a failure is told to all members.
    """
    return all(world.see(node, has_wedged) or has_all(world, node) for node in members_up(world))


@at_rest(broken_by=("forgets_early", "no_resend"))
def survivors_deliver_after_regrouping(world: View) -> bool:
    """When nothing is left to do and the root has survived, every survivor has delivered all.

    Whoever is held for failed is none, though it may be up; it has wedged.

    Why: the root starts again what not everybody has, in an epoch without the failed member.
    Source: Jha et al., Derecho, 2019: undelivered messages are sent again in the next view.
    """
    known = world[ABOVE]
    left = [member(index) for index in known.members if index not in known.failed]
    if member(ROOT) not in left or not world.up(member(ROOT)):
        return True
    return all(
        not world.see(node, has_wedged) and has_all(world, node) for node in left if world.up(node)
    )


@always(broken_by="keeps_too_much", each=each(MEMBER))
def what_is_kept_is_with_all(world: View, node: Node) -> bool:
    """Of the messages on which an epoch builds each of its members has delivered every one.

    In symbols: kept <= |delivered(i)|.
    Why: the root starts again with the one after these, and where the root is gone they are what
    the layer above may take for delivered everywhere.
    Source: Jha et al., Derecho, 2019: the ragged trim.
    """
    return not world.up(node) or world[node].kept <= len(world[node].delivered)


@always(broken_by=("takes_when_wedged", "keeps_too_little"))
def what_is_dropped_some_member_lacks(world: View) -> bool:
    """Where the root is gone, the first message that is not kept is lacking at a member.

    In symbols: kept = min |delivered(i)| over the members of an epoch without the root.
    Why: nobody can send it again; a message that all have would be dropped for nothing, and one
    that a member delivers after all would be delivered by some and dropped by others.
    Source: Jha et al., Derecho, 2019: the ragged trim.
    """
    groups = [world[node] for node in members_up(world)]
    last = [each for each in groups if each.epoch == max(each.epoch for each in groups)]
    if not last or last[0].epoch == 0 or ROOT in last[0].members:
        return True
    is_whole = len(last) == len(last[0].members)
    return not is_whole or last[0].kept == min(len(each.delivered) for each in last)


@eventually_always(broken_by=("nobody_hears", "deaf"))
def it_settles(world: View) -> bool:
    """In the end every survivor has delivered all messages, or has wedged; and it stays so.

    Why: a failure is found at some time, messages arrive, and there are no more failures than
    there are members.
    Source: Behrens, Jha, Birman, Tremel 2018.
    """
    return all(world.see(node, has_wedged) or has_all(world, node) for node in members_up(world))


def _is_regrouped(group: Group) -> bool:
    return group.epoch > 0 and not group.wedged and group.kept < len(group.delivered)


@reachable(broken_by="nobody_hears")
def delivered_after_regrouping(world: View) -> bool:
    """A message can be delivered in an epoch after the one in which it was multicast.

    Why: nothing of what is claimed about later epochs would be of any use without.
    Source: the witness to survivors_deliver_after_regrouping: Jha et al., Derecho, 2019.
    """
    return any(world.see(node, _is_regrouped) for node in members_up(world) if node != member(ROOT))
