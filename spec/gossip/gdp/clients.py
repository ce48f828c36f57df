"""What the writer and the readers of a serving log may rely on."""

from typing import Any

from coterie.model.gossip.gdp.log import Log
from coterie.model.gossip.gdp.record import Entry, is_genuine
from coterie.model.gossip.gdp.service.messages import Fetched, Kept, Page, Refused
from coterie.model.gossip.gdp.service.reader import New, Reading
from coterie.model.gossip.gdp.service.scribe import Diary, Safe, majority
from coterie.model.gossip.gdp.service.serving import Serving
from coterie.model.gossip.gdp.service.shelf import Shelf
from coterie.model.machine import Deliver, Node
from coterie.spec.gossip.gdp.replica import WRITER
from coterie.spec.gossip.gdp.service import names_of
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import (
    View,
    always,
    each,
    eventually,
    eventually_always,
    leads_to,
    reachable,
    step_always,
)

LIES = 2
"""How many records that are not genuine are sent to a replica in the worlds with a liar."""


def _safe(told: frozenset[str], node: Node, seen: Seen) -> frozenset[str]:
    match seen:
        case Deliver(Safe(name)) if node == WRITER:
            return told | {name}
    return told


SAFE = Observer(frozenset(), _safe)
"""What the writer's user was told to be safe: the world's observer `safe`."""


def _delivered(told: tuple[str, ...], node: Node, seen: Seen) -> tuple[str, ...]:
    match seen:
        case Deliver(New(entry)) if node.role == "reader":
            return (*told, entry.name)
    return told


DELIVERED = Observer((), _delivered)
"""What the reader's application was handed, in order: the world's observer `delivered`."""


@always(broken_by="promises", each=each("replica"))
def acknowledged_is_kept(world: View, replica: Node) -> bool:
    """A replica that says to have a record has it on disk, and has it again when it restarts.

    In symbols: Kept(ns) from r in flight implies ns is a subset of names(memory(r)).
    Why: the record is durable before the answer leaves, and records stay.
    Source: our own; the published replica answers nothing.
    """
    return all(
        names_of(world, replica).issuperset(message.names)
        for message in world.in_flight(replica, WRITER)
        if isinstance(message, Kept)
    )


@always(broken_by=("promises", "one_will_do"))
def safe_is_on_a_majority(world: View) -> bool:
    """What the writer's user was told to be safe is on the disks of a majority of the replicas.

    In symbols: n in safe implies |{r : n in names(memory(r))}| > |replicas| / 2.
    Why: the writer counts the replicas that have answered, each once a record.
    Source: our own; Numamoto's writer, 2019, tells one replica and hopes.
    """
    replicas = world.nodes("replica")
    held = [names_of(world, replica) for replica in replicas]
    return all(
        sum(name in names for names in held) >= majority(len(replicas))
        for name in world.observed("safe")
    )


def is_unsafe(world: View) -> bool:
    """Return whether the writer has a record that it does not know to be safe."""
    diary: Diary | None = world.memory(WRITER)
    return diary is not None and bool(diary.unsafe)


@leads_to(is_unsafe, broken_by=("keeps_silent", "sends_once"))
def written_becomes_safe(world: View) -> bool:
    """What the writer has written becomes safe, whoever crashes, so long as all come back.

    In symbols: unsafe(w) is not empty leads to unsafe(w) is empty.
    Why: what was lost in a crash is sent again: by the writer when it starts, and to a replica that
    says that it has started. Rests on weak fairness of deliveries and restarts, and on links that
    lose in crashes alone.
    Source: our own.
    """
    return not is_unsafe(world)


@eventually(broken_by="never_near")
def everything_is_written(world: View) -> bool:
    """What the user calls for is written at some time, though little may be unsafe at once.

    In symbols: <> (the writer's user has nothing more to call for).
    Why: a replica that has answered is near again; one that has started again is sent anew what it
    owes an answer for. Rests on weak fairness of deliveries, restarts and operations.
    Source: our own.
    """
    return not world.left(WRITER)


@reachable(broken_by="never_enough")
def safe_after_a_crash(world: View) -> bool:
    """A record can become safe although somebody has crashed.

    Why: a writer who is never told would be told nothing wrong.
    Source: the witness to `safe_is_on_a_majority`.
    """
    return bool(world.observed("safe")) and world.left("crashes") == 0


@step_always(broken_by="as_they_come", each=each("replica"))
def parents_come_first(before: View, after: View, replica: Node) -> bool:
    """A record comes after its parents in a replica's order, those that come later excepted.

    In symbols: for a step that adds n to log(r), and each parent p of n that r then holds:
    place(p) < place(n); and no record changes its place.
    Why: of records that come together, those go first whose parents do not come with them.
    Source: our own.
    """
    was: Shelf | Log = before.memory(replica)
    shelf: Shelf = after.memory(replica)
    old = was.places if isinstance(was, Shelf) else {}
    if any(shelf.places.get(name) != place for name, place in old.items()):
        return False
    return all(
        shelf.places[parent] < place
        for name, place in shelf.places.items()
        if name not in old
        for parent in shelf.entries[name].parents
        if parent in shelf.entries
    )


@always(broken_by="skips", each=each("replica"))
def pages_follow_the_order(world: View, replica: Node) -> bool:
    """A page has the records that come next in the replica's order, none left out.

    In symbols: Page(n, xs) from r in flight implies that xs stand in order(r) behind n, or at the
    beginning where n is empty.
    Why: whoever has all up to some record needs no more than that record's name to go on.
    Source: our own.
    """
    shelf = world.memory(replica)
    for reader in world.nodes("reader"):
        for page in world.in_flight(replica, reader):
            if isinstance(page, Page) and page.entries:
                first = shelf.places[page.after] + 1 if page.after else 0
                places = range(first, first + len(page.entries))
                if [shelf.order.get(x) for x in places] != [x.name for x in page.entries]:
                    return False
    return True


@always(broken_by="repeats")
def each_record_once(world: View) -> bool:
    """A reader's application is handed no record twice.

    In symbols: delivered has no name twice.
    Why: the reader holds what it has handed over, and looks.
    Source: our own.
    """
    told = world.observed("delivered")
    return len(told) == len(set(told))


@eventually_always(broken_by=("never_pushes", "never_asks_again", "forgets_readers"))
def readers_get_everything(world: View) -> bool:
    """A reader that follows has every record that any replica holds, in the end.

    In symbols: <>[] (for all r: names(log(r)) is a subset of names(log(reader))).
    Why: a replica pushes what is new; where it has crashed, and forgotten the reader, the reader
    asks anew. Rests on weak fairness of timers, and strong fairness of deliveries.
    Source: subscriptions are of Numamoto, Replication for the Global Data Plane, 2019.
    """
    return all(
        world.see(reader, _has) >= names_of(world, replica)
        for reader in world.nodes("reader")
        for replica in world.nodes("replica")
    )


def _has(state: Reading) -> frozenset[str]:
    return frozenset(state.log.entries)


@reachable(broken_by="never_pushes")
def news_are_pushed(world: View) -> bool:
    """A reader that waits can be sent a record that was written after it had asked.

    Why: a reader that is told nothing is told nothing twice.
    Source: the witness to `each_record_once`.
    """
    return "z" in {name[0] for name in world.observed("delivered")}


@always(broken_by=("hash_not_verified", "signature_not_verified"), each=each("replica"))
def what_is_served_is_genuine(world: View, replica: Node) -> bool:
    """A replica serves no record that the writer has not made, exactly as it is.

    In symbols: x in a message from r to a reader implies genuine(x).
    Why: it holds no other.
    Source: the Global Data Plane's secure log; a reader verifies all the same, for a replica need
    not be honest.
    """
    return all(
        is_genuine(entry, WRITER)
        for reader in world.nodes("reader")
        for message in world.in_flight(replica, reader)
        for entry in _entries(message)
    )


def _entries(message: Any) -> tuple[Entry, ...]:
    match message:
        case Page(_, entries):
            return entries
        case Fetched(_, entry) if entry is not None:
            return (entry,)
    return ()


@always(broken_by=("hash_not_verified", "signature_not_verified"), each=each("replica"))
def lies_are_not_acknowledged(world: View, replica: Node) -> bool:
    """A replica that is sent a record which is not genuine says that it is refused.

    In symbols: for the messages m from r to a liar: m is no Kept.
    Why: to say that it is kept would be a promise; to say nothing would let an honest client with
    the wrong key wait for ever.
    Source: our own.
    """
    return not any(
        isinstance(message, Kept)
        for liar in world.nodes("liar")
        for message in world.in_flight(replica, liar)
    )


def _refused(state: Serving) -> int:
    return state.refused


@always(broken_by=("miscounts", "signature_not_verified"), each=each("replica"))
def refusals_are_counted(world: View, replica: Node) -> bool:
    """A replica has counted each record that it has refused.

    In symbols: where the liar has told all its lies, and none is in flight:
    refused(r) = the number of lies.
    Why: an operator sees that somebody lies.
    Source: our own.
    """
    told = all(
        not world.left(liar) and not world.in_flight(liar, replica) for liar in world.nodes("liar")
    )
    return not told or world.see(replica, _refused) == LIES


@reachable(broken_by="accepts_all")
def a_lie_is_refused(world: View) -> bool:
    """A liar can be told that its record is refused.

    Why: a replica to which nobody lies acknowledges no lie.
    Source: the witness to `lies_are_not_acknowledged`.
    """
    return any(
        isinstance(message, Refused)
        for replica in world.nodes("replica")
        for liar in world.nodes("liar")
        for message in world.in_flight(replica, liar)
    )
