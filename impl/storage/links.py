"""The reliable link's memory as rows: what is on its way to each peer, and how far each line is.

Table `link_lines`, one row a peer: how many messages it has acknowledged, and how many of its own
have been handed up. Table `link_outbox`, one row a message that is not yet acknowledged.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from attrs import define, field
from immutables import Map

from coterie.impl.config import node_of
from coterie.impl.storage.keeper import Coding, gapless, shown
from coterie.impl.storage.tables import Gone, Operation, Put, Read, Table, coded, integer, text
from coterie.model.link import Dropped, HandedUp, Line, Lines, Queued
from coterie.model.machine import Node

LINES = Table("link_lines", (text("peer"), integer("acknowledged"), integer("received")))
OUTBOX = Table(
    "link_outbox", (text("peer"), integer("number"), coded("message"), text("shown")), keys=2
)


@lru_cache(maxsize=1 << 12)
def name_of(node: Node) -> str:
    """Return a node's name as it stands in a table.

    Raises: ValueError where it could not be read again.
    """
    if node_of(str(node)) != node:
        raise ValueError(f"{node!r} has no name")
    return str(node)


@define
class _Place:
    """Where the line to one peer stands.

    Attributes:
        acknowledged: how many messages it has acknowledged.
        queued: how many were ever put into the outbox.
        received: how many of its messages have been handed up.
    """

    acknowledged: int
    queued: int
    received: int


@define
class LinkKeeper:
    """Keeps outboxes and counters.

    Attributes:
        codec: for the messages.
    """

    codec: Coding
    tables: tuple[Table, ...] = field(init=False, default=(LINES, OUTBOX))
    views: tuple[str, ...] = field(init=False, default=())
    _places: dict[Node, _Place] = field(init=False, factory=dict)

    def load(self, read: Read) -> Lines | None:
        """Return outboxes and counters; None where there is no line yet."""
        waiting: dict[str, list[tuple[int, Any]]] = {}
        for peer, number, message, _ in read(OUTBOX):
            waiting.setdefault(peer, []).append((number, self.codec.decode(message)))
        lines, places = {}, {}
        for peer, acknowledged, received in read(LINES):
            outbox = waiting.pop(peer, [])
            where = f"in table {OUTBOX.name}, the message to {peer} of number"
            gapless((number for number, _ in outbox), acknowledged, where)
            node = node_of(peer)
            lines[node] = Line(acknowledged, tuple(message for _, message in outbox), received)
            places[node] = _Place(acknowledged, acknowledged + len(outbox), received)
        if waiting:
            raise ValueError(f"in table {LINES.name}, the row {min(waiting)!r} is missing")
        self._places = places
        return Map(lines) if lines else None

    def write(self, change: Any) -> Iterator[Operation]:
        """Let a message join an outbox, or drop some, or count what is handed up."""
        place = self._places.get(change.peer)
        is_new = place is None
        if place is None:
            place = self._places[change.peer] = _Place(0, 0, 0)
        match change:
            case Queued(peer, message):
                data = self.codec.encode(message)
                yield Put(OUTBOX, (name_of(peer), place.queued, data, shown(data)))
                place.queued += 1
                if is_new:
                    yield self._line(peer, place)
            case Dropped(peer, count):
                yield from self._dropped(peer, place, count)
            case HandedUp(peer, count):
                place.received = count
                yield self._line(peer, place)
            case _:
                raise TypeError(f"{change!r} is no change of a link")

    def _dropped(self, peer: Node, place: _Place, count: int) -> Iterator[Operation]:
        if count < place.acknowledged:
            raise ValueError(f"{peer} has already acknowledged more than {count} messages")
        for number in range(place.acknowledged, min(count, place.queued)):
            yield Gone(OUTBOX, (name_of(peer), number))
        place.acknowledged, place.queued = count, max(count, place.queued)
        yield self._line(peer, place)

    def _line(self, peer: Node, place: _Place) -> Operation:
        return Put(LINES, (name_of(peer), place.acknowledged, place.received))
