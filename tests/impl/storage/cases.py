"""Every keeper, the machine whose memory it keeps, and changes as such a machine makes them."""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from attrs import frozen
from hypothesis import strategies as st

from coterie.impl.codec import Codec, vocabulary
from coterie.impl.storage.durable import Durable
from coterie.impl.storage.format import Identity
from coterie.impl.storage.groups import GroupKeeper
from coterie.impl.storage.keeper import Folded, Keeper, StackedKeeper
from coterie.impl.storage.links import LinkKeeper
from coterie.impl.storage.opening import open_storage
from coterie.impl.storage.readings import ReadingsKeeper
from coterie.impl.storage.records import DiaryKeeper, RecordsKeeper
from coterie.impl.storage.shelves import ShelfKeeper
from coterie.impl.storage.whole import Whole
from coterie.model import link, machine, postbox, session
from coterie.model.gossip.gdp.record import Entry
from coterie.model.gossip.gdp.service import scribe
from coterie.model.gossip.gdp.service import shelf as records
from coterie.model.gossip.store import disk, server
from coterie.model.gossip.store.service import index, shelf
from coterie.model.link import Dropped, HandedUp, Line, Link, Queued
from coterie.model.machine import Node
from coterie.model.postbox import Heard, Postbox
from coterie.model.signature import Signature
from coterie.model.stacked import Above, Below, Stacked
from coterie.model.synchrony import disk as logs
from coterie.model.synchrony import state, view
from coterie.model.synchrony.disk import Ending, Memory
from coterie.model.synchrony.state import Item
from coterie.model.synchrony.view import View

CODEC = Codec(vocabulary(machine, link, postbox, session, disk, server, logs, state, view))
Fold = Callable[[Any, Any], Any]


@frozen
class Place:
    """Where a store is, and whose it is."""

    where: str | Path
    identity: Identity

    def open(self, keeper: Keeper) -> Durable:
        return open_storage(self.where, keeper, self.identity)


@frozen
class Case:
    """A keeper.

    Attributes:
        keeper: makes one.
        recorded: what a change makes of the memory.
        changes: as the machine makes them, one after another.
    """

    keeper: Callable[[], Keeper]
    recorded: Fold
    changes: st.SearchStrategy[list[Any]]

    def fold(self, changes: Iterable[Any]) -> Any:
        return reduce(self.recorded, changes, None)


nodes = st.builds(Node, st.sampled_from(["server", "client"]), st.integers(0, 12))
words = st.one_of(st.text(max_size=20), st.binary(max_size=300), st.integers(-9, 9), nodes)
numbers = st.integers(-(2**63), 2**63 - 1)
small = st.integers(0, 9)


def _line_changes(wishes: Sequence[tuple[Node, int, Any]]) -> list[Any]:
    """Return what a link does that is asked for a message, an acknowledgement, or a receipt."""
    lines: dict[Node, Line] = {}
    changes: list[Any] = []
    for peer, kind, word in wishes:
        line = lines.get(peer, Line())
        match kind:
            case 0 | 1 | 2:
                changes.append(Queued(peer, word))
            case 3 if line.outbox:
                changes.append(Dropped(peer, line.acknowledged + (len(line.outbox) + 1) // 2))
            case _:
                changes.append(HandedUp(peer, line.received + 1))
        lines = dict(Link().recorded(machine_lines(lines), changes[-1]))
    return changes


def machine_lines(lines: dict[Node, Line]) -> link.Lines:
    return link.Map(lines)


peers = st.builds(Node, st.sampled_from(["server", "client"]))
line_changes = st.lists(st.tuples(peers, st.integers(0, 4), words), max_size=24).map(_line_changes)
heard = st.builds(Heard, nodes, words)
measured = st.one_of(
    st.builds(disk.Row, small, numbers),
    st.builds(disk.Row, numbers, numbers),
    st.builds(disk.Line, small),
    st.builds(disk.Sorted),
    st.builds(disk.Booted),
    st.builds(disk.Wiped),
)
committed = st.builds(disk.Commit, st.lists(measured, max_size=5).map(tuple))
times = st.integers(-(10**4), 10**4)
placed = st.lists(
    st.builds(index.Row, times, numbers, small), max_size=30, unique_by=lambda row: row.date
).map(lambda rows: tuple(sorted(rows, key=lambda row: row.date)))
shelved = st.one_of(
    st.builds(shelf.Inserted, placed),
    st.builds(shelf.Started),
    st.builds(shelf.Agreed, small),
)
items = st.builds(
    Item, st.integers(0, 1), st.just(Node("server")), st.sampled_from(["", "x", b"\0", 1])
)
several = st.lists(items, max_size=6).map(tuple)
views = st.builds(View, small, st.lists(nodes, min_size=1, max_size=3).map(tuple))
trims = st.one_of(st.none(), st.lists(small, max_size=3).map(tuple))
begun = st.builds(logs.Begun, views, several)
membership = st.one_of(
    begun,
    st.builds(logs.Appended, several),
    st.builds(logs.Ended, st.builds(Ending, views, trims)),
    st.builds(logs.Promised, small),
    st.builds(logs.Prepare, views, several, views),
)
layered = st.tuples(st.lists(heard, max_size=8), line_changes, st.randoms()).map(
    lambda parts: _shuffled(*parts)
)


def _shuffled(above: Sequence[Any], below: Sequence[Any], random: Any) -> list[Any]:
    """Return the changes of two layers, those of each layer in their order."""
    upper = [Above(change) for change in above]
    lower = [Below(change) for change in below]
    out = []
    while upper or lower:
        out.append((upper if not lower or (upper and random.random() < 0.5) else lower).pop(0))
    return out


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """Return records as a writer makes them, signed with bytes."""
    made: list[Entry] = []
    for number in range(draw(st.integers(0, 8))):
        parents = draw(st.lists(st.sampled_from(made), max_size=3, unique=True)) if made else []
        signature = Signature(Node("writer"), draw(st.binary(max_size=64)))
        value = draw(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
        made.append(Entry(f"n{number}", tuple(each.name for each in parents), value, signature))
    return draw(st.permutations(made))


def _shelved(memory: records.Shelf | None, entry: Entry) -> records.Shelf:
    return records.shelved(memory or records.Shelf(), entry)


def _noted(made: list[Entry], safe: set[int]) -> list[Any]:
    """Return what a writer does with its diary that makes these records, some of them safe."""
    notes = [scribe.Noted(entry) for entry in made]
    return [
        *notes,
        *(scribe.Crossed(made[place].name) for place in sorted(safe) if place < len(made)),
    ]


def _written(memory: Memory | None, change: Any) -> Memory | None:
    return logs.written(memory, change)


def stacked_keeper() -> Keeper:
    return StackedKeeper(Folded(Postbox(), CODEC), LinkKeeper(CODEC))


CASES = {
    "records": Case(
        RecordsKeeper,
        lambda memory, entry: records.shelved(memory or records.Shelf(), entry),
        entries(),
    ),
    "diary": Case(
        DiaryKeeper,
        lambda memory, change: scribe.noted(memory or scribe.BLANK, change),
        st.tuples(entries(), st.sets(small)).map(lambda parts: _noted(*parts)),
    ),
    "folded": Case(
        lambda: Folded(Postbox(), CODEC), Postbox().recorded, st.lists(heard, max_size=12)
    ),
    "link": Case(lambda: LinkKeeper(CODEC), Link().recorded, line_changes),
    "stacked": Case(stacked_keeper, Stacked(Postbox(), Link()).recorded, layered),
    "whole": Case(
        lambda: Whole(session.Session(), CODEC, "starts"),
        session.Session().recorded,
        st.lists(st.builds(session.Started, small), max_size=4),
    ),
    "readings": Case(ReadingsKeeper, server.Server(()).recorded, st.lists(committed, max_size=8)),
    "shelf": Case(
        ShelfKeeper,
        lambda memory, change: shelf.changed(memory or shelf.BLANK, change),
        st.lists(shelved, max_size=8),
    ),
    "group": Case(
        lambda: GroupKeeper(CODEC),
        _written,
        st.tuples(begun, st.lists(membership, max_size=8)).map(lambda parts: [parts[0], *parts[1]]),
    ),
}
