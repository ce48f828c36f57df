"""What a reliable link promises to the machine above it."""

from itertools import permutations
from typing import Any

from immutables import Map

from coterie.model.link import Numbered, line
from coterie.model.machine import Invoke, Node
from coterie.model.postbox import Say, from_sender
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View, always, reachable, recoverable

Asked = Map[tuple[Node, Node], tuple[Any, ...]]


def asked(so_far: Asked, node: Node, seen: Seen) -> Asked:
    """Return the words that each node was asked to say to each other, in order, after `seen`."""
    match seen:
        case Invoke(Say(to, word)):
            return so_far.set((node, to), (*so_far.get((node, to), ()), word))
    return so_far


ASKED = Observer(Map(), asked)


def words(world: View, sender: Node, receiver: Node) -> tuple[Any, ...]:
    """Return the words that `sender` was asked to say to `receiver`, in order."""
    said: tuple[Any, ...] = world.observed("asked").get((sender, receiver), ())
    return said


def heard(world: View, sender: Node, receiver: Node) -> tuple[Any, ...]:
    """Return the words of `sender` that `receiver` keeps, in the order of hearing."""
    return from_sender(world.memory(receiver).above, sender)


def _everything_is_heard(world: View) -> bool:
    ends = permutations(world.nodes(), 2)
    return all(heard(world, *both) == words(world, *both) for both in ends)


@always(broken_by=("no_dedupe", "out_of_order", "amnesia", "lost_outbox"))
def in_order_and_once(world: View) -> bool:
    """What a node has heard from another is a prefix of what that one was asked to say.

    In symbols: for all nodes s, r: heard(r, s) is a prefix of asked(s, r).
    Why: a message is handed up when its number is the count of those before it; that count is
    durable, and changes in the step that hands the message up.
    Source: the service of a data transfer protocol (Stenning, 1976), in words of our own.
    """
    for sender, receiver in permutations(world.nodes(), 2):
        known = heard(world, sender, receiver)
        if known != words(world, sender, receiver)[: len(known)]:
            return False
    return True


@always(broken_by="amnesia")
def dropped_only_when_heard(world: View) -> bool:
    """A node drops a message from its outbox only when the receiver has it in durable memory.

    In symbols: for all nodes s, r: acknowledged(s, r) is at most received(r, s).
    Why: an acknowledgement leaves after its step is committed; and that counter never goes back.
    Source: our own; on crashes see Lampson, Reliable messages and connection establishment, 1993.
    """
    for sender, receiver in permutations(world.nodes(), 2):
        outgoing = line(world.memory(sender).below, receiver)
        incoming = line(world.memory(receiver).below, sender)
        if outgoing.acknowledged > incoming.received:
            return False
    return True


@always(broken_by="renumbered")
def numbered_by_place(world: View) -> bool:
    """A message on its way bears the number of its place among all that its sender was asked.

    In symbols: Numbered(n, m) in flight from s to r implies asked(s, r)[n] = m.
    Why: what was acknowledged counts, too; a number used twice would name two messages.
    Source: the sequence numbers of a data transfer protocol (Stenning, 1976).
    """
    for sender, receiver in permutations(world.nodes(), 2):
        said = words(world, sender, receiver)
        for message in world.in_flight(sender, receiver):
            match message:
                case Numbered(number, word) if said[number : number + 1] != (word,):
                    return False
    return True


@recoverable(broken_by="never_drops")
def every_outbox_can_empty(world: View) -> bool:
    """Whatever has happened, every outbox can still become empty.

    In symbols: AG EF (for all nodes s, r: outbox(s, r) is empty).
    Why: each arrival is acknowledged, the repeated ones too, and an acknowledgement drops all that
    it counts. Without it outboxes would grow, and be sent again, for ever.
    Source: our own, for the window of a data transfer protocol (Stenning, 1976).
    """
    return all(
        not line(world.memory(sender).below, receiver).outbox
        for sender, receiver in permutations(world.nodes(), 2)
    )


@recoverable(broken_by=("no_resend", "lost_outbox"))
def everything_can_be_heard(world: View) -> bool:
    """Whatever was lost and whoever has crashed: everything said can still be heard.

    In symbols: AG EF (for all nodes s, r: heard(r, s) = asked(s, r)).
    Why: what is not acknowledged stays in a durable outbox, and is sent again.
    Source: the service of a data transfer protocol (Stenning, 1976), in words of our own.
    """
    return _everything_is_heard(world)


@reachable(broken_by="deaf")
def heard_in_spite_of_crashes(world: View) -> bool:
    """Everything that users want to say is heard, after every crash that there may be.

    Why: a link that hands up nothing would keep the order, too.
    Source: the witness to in_order_and_once.
    """
    done = all(world.left(node) == () for node in world.nodes())
    return done and world.left("crashes") == 0 and _everything_is_heard(world)
