"""Servers in plain loops: what one sends is handed to whom it is for, until all is quiet."""

from collections import Counter, deque
from collections.abc import Iterable

from attrs import define, evolve, field

from coterie.model.gossip.store.server import Sync
from coterie.model.gossip.store.service.comparing import ALWAYS, Compared
from coterie.model.gossip.store.service.index import Row, rows_between
from coterie.model.gossip.store.service.serving import Keeping, StoreServer
from coterie.model.gossip.store.service.shelf import Shelf, read_in
from coterie.model.machine import Node, Outcome, Receive, Send

ONE, TWO, DEVICE = Node("server", 0), Node("server", 1), Node("device")


def shelf(server: StoreServer, rows: Iterable[Row]) -> Shelf:
    """Return the disk of a server that has these rows."""
    return read_in(rows, 0, 0, server.calendar)


def table(state: Keeping) -> dict[int, Row]:
    """Return what a server has."""
    return {row.date: row for row in rows_between(state.shelf.index, *ALWAYS)}


@define
class Talk:
    """Some servers; what is said between them is counted."""

    machines: dict[Node, StoreServer]
    states: dict[Node, Keeping]
    said: Counter[str] = field(factory=Counter)
    rows: int = 0
    pieces: int = 0
    largest: int = 0

    def ask(self, node: Node) -> None:
        """Let `node` ask the other one, and both talk until nothing more is said."""
        other = TWO if node == ONE else ONE
        outcome = self.machines[node].step(self.states[node], Sync(other))
        assert outcome is not None
        self.settle(node, outcome)

    def start(self, node: Node) -> None:
        """Let `node` start again, and all of them talk until nothing more is said."""
        self.settle(node, self.machines[node].start(self.states[node].shelf))

    def settle(self, node: Node, outcome: Outcome[Keeping]) -> None:
        """Let everybody talk until nothing more is said."""
        under_way: deque[tuple[Node, Node, object]] = deque()
        while True:
            self.states[node] = outcome.state
            sends = [each for each in outcome.effects if isinstance(each, Send)]
            under_way.extend((node, each.to, each.message) for each in sends)
            if not under_way:
                return
            sender, node, message = under_way.popleft()
            self._count(message)
            step = self.machines[node].step(self.states[node], Receive(sender, message))
            assert step is not None
            outcome = step

    def _count(self, message: object) -> None:
        self.said[type(message).__name__] += 1
        if isinstance(message, Compared):
            self.rows += len(message.rows)
            self.pieces += len(message.pieces)
            self.largest = max(self.largest, len(message.rows))


def talk(server: StoreServer, *disks: Iterable[Row]) -> Talk:
    """Return servers that have these rows, and were told nothing."""
    nodes = [Node("server", index) for index in range(len(disks))]
    machines = {
        node: evolve(server, peers=tuple(each for each in nodes if each != node)) for node in nodes
    }
    states = {node: Keeping(shelf(server, rows)) for node, rows in zip(nodes, disks, strict=True)}
    return Talk(machines, states)
