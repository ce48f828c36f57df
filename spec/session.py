"""What a session promises: between incarnations, and to a sender that stays up."""

from collections.abc import Iterable
from itertools import permutations

from immutables import Map

from coterie.model.diary import Entry, Read, Written
from coterie.model.machine import Deliver, Node
from coterie.model.session import Line, Parcel, line
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import (
    View,
    always,
    each,
    eventually_always,
    leads_to,
    reachable,
    recoverable,
)

SURVIVORS = {
    "What does not leave at once leaves when a timer says so: that costs time, and no promise.": (
        "session.Session._carry: if after.incarnation → if False",
        "session.Session._carry: if before.outbox → if True",
        "session.Session._arrived: if is_new → if False #2",
        "session._with: if owes is None → if False",
    ),
    "What is sent more often than it need be costs room on the wire, and no promise.": (
        "session.Session._carry: if before.outbox → if False",
        "session.Session._arrived: if is_new → if True #2",
    ),
}
Said = Map[tuple[Node, Node], tuple[Entry, ...]]
Heard = Map[tuple[Node, Node], tuple[Read, ...]]


def said(so_far: Said, node: Node, seen: Seen) -> Said:
    """Return what each node has said to each other, in all its lives, in order, after `seen`."""
    match seen:
        case Deliver(Written(to, entry)):
            return so_far.set((node, to), (*so_far.get((node, to), ()), entry))
    return so_far


def heard(so_far: Heard, node: Node, seen: Seen) -> Heard:
    """Return what each node has heard of each other, in all its lives, in order, after `seen`."""
    match seen:
        case Deliver(Read(_, sender) as read):
            return so_far.set((sender, node), (*so_far.get((sender, node), ()), read))
    return so_far


SAID, HEARD = Observer(Map(), said), Observer(Map(), heard)


def sent(world: View, sender: Node, receiver: Node, start: int) -> tuple[Entry, ...]:
    """Return what the `start`-th incarnation of `sender` has said to `receiver`, in order."""
    entries: tuple[Entry, ...] = world.observed("said").get((sender, receiver), ())
    return tuple(entry for entry in entries if entry.start == start)


def read(world: View, sender: Node, receiver: Node) -> tuple[Read, ...]:
    """Return what `receiver` has heard from `sender`, in all their lives, in order."""
    reads: tuple[Read, ...] = world.observed("heard").get((sender, receiver), ())
    return reads


def taken(world: View, sender: Node, receiver: Node, start: int, by: int) -> tuple[Entry, ...]:
    """Return what incarnation `by` of `receiver` has heard from incarnation `start` of `sender`."""
    reads = read(world, sender, receiver)
    return tuple(each.entry for each in reads if (each.entry.start, each.start) == (start, by))


def now(world: View, node: Node) -> int:
    """Return the incarnation of `node`; of one that is down, the last that there was."""
    count: int = world.memory(node).above
    return count


def towards(world: View, node: Node, peer: Node) -> Line:
    """Return what `node`, which is up, knows of `peer`."""
    return world.see(node, lambda state: line(state.below, peer))


def lives(world: View, node: Node) -> range:
    """Return the numbers of the incarnations of `node` so far."""
    return range(1, now(world, node) + 1)


def links(world: View) -> Iterable[tuple[Node, Node]]:
    """Return every sender with every receiver."""
    return permutations(world.nodes("end"), 2)


@always(broken_by=("no_dedupe", "out_of_order", "no_handshake"), each=links)
def in_order_and_once(world: View, sender: Node, receiver: Node) -> bool:
    """One incarnation hears from another a run of what that one has said: in order, each once.

    In symbols: for all incarnations s', r' of nodes s, r: there is a k such that
    heard(r', s') = said(s', r)[k : k + |heard(r', s')|], where said(s', r)[0 : k] was heard by
    earlier incarnations of r.
    Why: a message is handed up when its number is the count of those before it, both of which begin
    at 0 for each two incarnations; and what a restart leaves over is numbered anew in its order.
    Source: our own, after the prefix that a data transfer protocol hands up (Stenning, 1976).
    """
    for start in lives(world, sender):
        entries, reached = sent(world, sender, receiver, start), 0
        for by in lives(world, receiver):
            run = taken(world, sender, receiver, start, by)
            first = entries.index(run[0]) if run and run[0] in entries else 0
            if run != entries[first : first + len(run)] or first > reached:
                return False
            reached = max(reached, first + len(run))
    return True


@always(broken_by="takes_the_old", each=links)
def incarnations_in_order(world: View, sender: Node, receiver: Node) -> bool:
    """Once a node has heard from an incarnation of another, it hears from no earlier one.

    In symbols: for all incarnations r', nodes s: the incarnations of s are heard by r' in order.
    Why: each message says which incarnation it is from; what is older than the newest is refused.
    Source: Lampson, Reliable messages and connection establishment, in Mullender, 1993.
    """
    reads = read(world, sender, receiver)
    for by in lives(world, receiver):
        starts = [each.entry.start for each in reads if each.start == by]
        if starts != sorted(starts):
            return False
    return True


@always(broken_by=("no_dedupe", "takes_the_old"), each=links)
def counted_by_incarnation(world: View, sender: Node, receiver: Node) -> bool:
    """What a line counts as received is what was handed up from the incarnation that it knows.

    In symbols: for all r that are up, s: received(r, s) = |heard(r', s')|, where s' is the
    incarnation of s that r knows.
    Why: the count begins at 0 when an incarnation is heard for the first time, and what comes from
    an older one from then on is refused.
    Source: our own; on duplicates from before a crash see Belsnes, 1976.
    """
    if not world.up(receiver):
        return True
    known = towards(world, receiver, sender)
    run = taken(world, sender, receiver, known.incarnation, now(world, receiver))
    return len(run) == known.received


@always(
    broken_by=("forgets_outbox", "acknowledges_too_much", "takes_any", "no_handshake"),
    each=links,
)
def dropped_only_when_heard(world: View, sender: Node, receiver: Node) -> bool:
    """What a node has said since its start is in its outbox, or some incarnation has heard it.

    In symbols: for all nodes s that are up, r: said(s', r) = a + outbox(s, r), all of a heard by r.
    Why: an acknowledgement counts what was handed up by that very incarnation; and what a restart
    leaves over stays in the outbox.
    Source: our own; on crashes see Lampson, Reliable messages and connection establishment, 1993.
    """
    if not world.up(sender):
        return True
    entries = sent(world, sender, receiver, now(world, sender))
    outbox = towards(world, sender, receiver).outbox
    waiting = tuple(outbox[number] for number in sorted(outbox))
    gone = entries[: len(entries) - len(waiting)]
    known = {each.entry for each in read(world, sender, receiver)}
    return gone + waiting == entries and known.issuperset(gone)


@always(broken_by="renumbered", each=links)
def numbered_by_place(world: View, sender: Node, receiver: Node) -> bool:
    """A parcel's number is its message's place among all that was said to that incarnation.

    In symbols: for all s that are up, r: Parcel(s', r', n, m) in flight from s to r, where r' is
    the incarnation that s knows, implies said(s', r)[k + n] = m, where k messages were acknowledged
    by earlier incarnations of r.
    Why: what was acknowledged counts, too; a number used twice would name two messages.
    Source: the sequence numbers of a data transfer protocol (Stenning, 1976).
    """
    if not world.up(sender):
        return True
    own, known = now(world, sender), towards(world, sender, receiver)
    entries = sent(world, sender, receiver, own)
    before = len(entries) - known.acknowledged - len(known.outbox)
    return all(
        entries[before + parcel.number : before + parcel.number + 1] == (parcel.message,)
        for parcel in world.in_flight(sender, receiver)
        if isinstance(parcel, Parcel) and (parcel.own, parcel.yours) == (own, known.incarnation)
    )


@always(broken_by="amnesia", each=links)
def known_after_its_start(world: View, node: Node, peer: Node) -> bool:
    """Nobody knows an incarnation that has not started yet.

    In symbols: for all nodes s that are up, r: incarnation(s, r) is at most starts(r).
    Why: a start is counted in durable memory before anything is sent.
    Source: our own, after the incarnations of Lampson, 1993.
    """
    return not world.up(node) or towards(world, node, peer).incarnation <= world.memory(peer).below


@always(broken_by="hasty", each=links)
def sent_to_somebody(world: View, sender: Node, receiver: Node) -> bool:
    """A parcel is for an incarnation of its receiver that has started, not for whoever is there.

    In symbols: for all s, r: Parcel(s', r', n, m) in flight from s to r implies
    1 <= r' <= starts(r).
    Why: what waits is not sent before the peer's incarnation is known. A message to whoever is
    there could come late, and be taken for the first of those that were numbered anew.
    Source: the delayed duplicate of Tomlinson, Selecting sequence numbers, 1975.
    """
    starts = world.memory(receiver).below
    return all(
        1 <= parcel.yours <= starts
        for parcel in world.in_flight(sender, receiver)
        if isinstance(parcel, Parcel)
    )


def is_through(world: View, sender: Node) -> bool:
    """Return whether nothing that `sender` has said waits for an acknowledgement."""
    return all(
        not towards(world, sender, receiver).outbox
        for receiver in world.nodes()
        if receiver != sender
    )


@recoverable(broken_by=("never_acknowledges", "forgets_to_renumber"))
def every_outbox_can_empty(world: View) -> bool:
    """Whatever has happened, the outboxes of all can still become empty.

    In symbols: AG EF (for all nodes s, r: s is up and outbox(s, r) is empty).
    Why: each arrival is acknowledged, the repeated ones too; a new incarnation is told what the
    old one has not acknowledged.
    Source: our own, for the window of a data transfer protocol (Stenning, 1976).
    """
    return all(world.up(node) and is_through(world, node) for node in world.nodes())


@recoverable(broken_by=("no_resend", "forgets_outbox"))
def everything_can_be_heard(world: View) -> bool:
    """Whatever was lost: all that an incarnation has said which is still up can still be heard.

    In symbols: AG EF (for all nodes s, r: s is up, and said(s', r) is among heard(r, s)).
    Why: what is not acknowledged stays in the outbox, and is sent again, to every incarnation.
    Source: the service of a data transfer protocol (Stenning, 1976), in words of our own.
    """
    return all(world.up(node) for node in world.nodes()) and all(
        {each.entry for each in read(world, sender, receiver)}.issuperset(
            sent(world, sender, receiver, now(world, sender))
        )
        for sender, receiver in permutations(world.nodes(), 2)
    )


def has_said_something(world: View, node: Node) -> bool:
    """Return whether `node` is up, and waits for an acknowledgement."""
    return world.up(node) and not is_through(world, node)


@leads_to(
    has_said_something,
    broken_by=("no_resend", "never_acknowledges", "forgets_to_renumber"),
    each=each("end"),
)
def is_acknowledged(world: View, node: Node) -> bool:
    """What a node has said is acknowledged some day, unless the node crashes first.

    In symbols: outbox(s) is not empty ~> outbox(s) is empty, or s is down.
    Why: what waits is sent again and again; what arrives again and again is acknowledged, and
    nothing is acknowledged that was not handed up.
    Source: progress of a data transfer protocol (Stenning, 1976).
    """
    return not world.up(node) or is_through(world, node)


@eventually_always(broken_by=("never_pays", "never_acknowledges"), each=each("end"))
def falls_silent(world: View, node: Node) -> bool:
    """When nobody wants to say more, a node owes nothing some day, and sends nothing any more.

    In symbols: <>[] (nothing is in an outbox of s, and s owes nobody an acknowledgement).
    Why: a notice that is for the incarnation that receives it is not answered.
    Source: our own.
    """
    return not world.up(node) or all(
        not towards(world, node, other).outbox and not towards(world, node, other).owes
        for other in world.nodes()
        if other != node
    )


@reachable(broken_by="deaf")
def heard_in_spite_of_crashes(world: View) -> bool:
    """Everything that users want to say is heard, in order, after every crash that there may be.

    Why: a session that hands up nothing would keep the order, too.
    Source: the witness to in_order_and_once.
    """
    done = all(world.left(node) == () for node in world.nodes())
    entries: Said = world.observed("said")
    return (
        done
        and len(entries) > 0
        and world.left("crashes") == 0
        and all(
            tuple(each.entry for each in read(world, *both)) == entries.get(both, ())
            for both in permutations(world.nodes(), 2)
        )
    )


@reachable(broken_by=("forgets_outbox", "deaf"))
def heard_by_two_incarnations(world: View) -> bool:
    """A message is handed up twice in all: by an incarnation that crashed, and by the next one.

    Why: nobody can tell a receiver that took it in and crashed from one that crashed before; what
    must happen once keeps a durable counter, as the link does.
    Source: no protocol that keeps less can do better; Lampson, 1993.
    """
    entries = [
        [each.entry for each in read(world, *both)] for both in permutations(world.nodes(), 2)
    ]
    return any(len(set(each)) < len(each) for each in entries)
