"""A network that delays, loses, repeats and reorders, and can be cut, each by chance from a seed.

A connection between two nodes stands while both run and neither way between them is cut; when it
breaks, and when it stands again, both are told, a little later. A message is encoded and decoded on
its way, as on a real one.
"""

import asyncio
from math import inf, nextafter
from random import Random

from attrs import define, field, frozen

from coterie.impl.codec import Codec
from coterie.impl.node import Node
from coterie.model import machine

Way = tuple[machine.Node, machine.Node]


@frozen
class Weather:
    """What may happen to a message, now.

    Attributes:
        delay_seconds: how long it takes at least, and how much longer at most.
        loss: the probability that it is lost, though the connection stands.
        repetition: the probability that it arrives twice.
        reorder: the probability that it may overtake, or be overtaken.
    """

    delay_seconds: tuple[float, float] = (0.0005, 0.002)
    loss: float = 0.0
    repetition: float = 0.0
    reorder: float = 0.0


CALM = Weather()


@define(eq=False)
class SimulatedNetwork:
    """All connections between all nodes.

    Attributes:
        random: where chance comes from.
        codec: writes messages, and reads them.
        weather: what may happen to messages.
        notice_seconds: how long it takes until a broken connection is noticed, or made anew.
        cut: the ways on which nothing gets through.
        nodes: those that run, with the incarnation of each.
        sent: how many messages were handed to it.
    """

    random: Random
    codec: Codec
    weather: Weather = CALM
    notice_seconds: float = 0.05
    cut: frozenset[Way] = frozenset()
    nodes: dict[machine.Node, tuple[Node, int]] = field(factory=dict)
    sent: int = 0
    _linked: set[Way] = field(factory=set)
    _known: dict[Way, int] = field(factory=dict)
    _last: dict[Way, float] = field(factory=dict)

    def started(self, name: machine.Node, node: Node, incarnation: int) -> "Port":
        """Learn that a node runs, and return what it sends by."""
        self.nodes[name] = (node, incarnation)
        self._changed()
        return Port(self, name, incarnation)

    def stopped(self, name: machine.Node) -> None:
        """Learn that a node runs no more: what is under way to it is lost."""
        del self.nodes[name]
        self._changed()

    def cut_off(self, ways: frozenset[Way]) -> None:
        """Let nothing through on these ways from now on, and everything on the others."""
        self.cut = ways
        self._changed()

    def carry(self, way: Way, incarnation: int, data: bytes) -> None:
        """Take a message that an incarnation sends: it arrives once or twice, or never."""
        self.sent += 1
        sender, receiver = way
        if way not in self._linked or receiver not in self.nodes:
            return
        if self.nodes.get(sender, (None, -1))[1] != incarnation:
            return
        for _ in range(1 + (self.random.random() < self.weather.repetition)):
            if self.random.random() >= self.weather.loss:
                self._send_off(way, data)

    def _send_off(self, way: Way, data: bytes) -> None:
        loop, (least, more) = asyncio.get_running_loop(), self.weather.delay_seconds
        at = loop.time() + least + more * self.random.random()
        if self.random.random() >= self.weather.reorder:
            at = self._last[way] = max(at, nextafter(self._last.get(way, 0.0), inf))
        _, incarnation = self.nodes[way[1]]
        loop.call_at(at, self._arrive, way, incarnation, data)

    def _arrive(self, way: Way, incarnation: int, data: bytes) -> None:
        sender, receiver = way
        node, now = self.nodes.get(receiver, (None, -1))
        if node is not None and now == incarnation and way not in self.cut:
            node.received(sender, self.codec.decode(data))

    def _changed(self) -> None:
        """Let both ends of every connection learn, a little later, whether it stands."""
        asyncio.get_running_loop().call_later(self.notice_seconds, self._noticed)

    def _noticed(self) -> None:
        names = sorted(set(self.nodes) | {name for way in self._linked for name in way})
        for one in names:
            for other in names:
                if one != other:
                    self._notice(one, other)

    def _notice(self, one: machine.Node, other: machine.Node) -> None:
        """Tell `other` of the connection with `one`, if that has changed."""
        way, incarnation = (one, other), self.nodes.get(one, (None, -1))[1]
        stands = {one, other} <= set(self.nodes) and not {way, way[::-1]} & self.cut
        was, known = way in self._linked, self._known.get(way)
        if was and (not stands or known != incarnation):
            self._linked.discard(way)
            if other in self.nodes:
                self.nodes[other][0].disconnected(one)
        if stands and way not in self._linked:
            self._linked.add(way)
            self._known[way] = incarnation
            self.nodes[other][0].connected(one)


@define(eq=False)
class Port:
    """What one incarnation of a node sends by.

    Attributes:
        network: all of it.
        name: the node's.
        own: which incarnation of the node.
    """

    network: SimulatedNetwork
    name: machine.Node
    own: int

    def send(self, to: machine.Node, message: object) -> None:
        """Send, without waiting."""
        self.network.carry((self.name, to), self.own, self.network.codec.encode(message))

    def incarnation(self, peer: machine.Node) -> int | None:
        """Return which incarnation of a peer runs."""
        node = self.network.nodes.get(peer)
        return None if node is None else node[1]

    def resume(self) -> None:
        """Go on reading: a simulated network reads as fast as it likes."""
