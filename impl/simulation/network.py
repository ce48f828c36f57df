"""A network that delays, loses, repeats and reorders, and can be cut, each by chance from a seed.

A connection between two nodes stands while both run and neither way between them is cut; when it
breaks, and when it stands again, both are told, a while later. What is sent on a way that is cut is
lost, and then the connection breaks, however short the cut was. A message is encoded and decoded on
its way, as on a real one. A node that stands still is told everything when it goes on.
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from math import inf, nextafter
from random import Random
from typing import Any

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
        late_seconds: how much later one of those comes, in the mean.
    """

    delay_seconds: tuple[float, float] = (0.0005, 0.002)
    loss: float = 0.0
    repetition: float = 0.0
    reorder: float = 0.0
    late_seconds: float = 0.1


CALM = Weather()


@define(eq=False)
class SimulatedNetwork:
    """All connections between all nodes.

    Attributes:
        random: where chance comes from.
        codec: writes messages, and reads them.
        weather: what may happen to messages.
        notice_seconds: how long it takes, at least and how much longer at most, until the end of a
            process is noticed, or that another one can be reached.
        silence_seconds: the same, until a cut is noticed, or that a process stands still.
        cut: the ways on which nothing gets through.
        silent: the nodes that stand still for so long that nobody waits for them.
        nodes: those that run, with the incarnation of each.
        sent: how many messages were handed to it.
        digest: a hash over all of them.
    """

    random: Random
    codec: Codec
    weather: Weather = CALM
    notice_seconds: tuple[float, float] = (0.02, 0.2)
    silence_seconds: tuple[float, float] = (0.2, 2.0)
    cut: frozenset[Way] = frozenset()
    silent: set[machine.Node] = field(factory=set)
    nodes: dict[machine.Node, tuple[Node, int]] = field(factory=dict)
    sent: int = 0
    digest: Any = field(factory=sha256)
    _ports: dict[machine.Node, "Port"] = field(factory=dict)
    _held: dict[machine.Node, list[Callable[[], object]]] = field(factory=dict)
    _standing: dict[Way, tuple[int, int]] = field(factory=dict)
    _broken: set[Way] = field(factory=set)
    _last: dict[Way, float] = field(factory=dict)

    def started(self, name: machine.Node, node: Node, incarnation: int) -> "Port":
        """Learn that a node runs, and return what it sends by."""
        self.nodes[name] = (node, incarnation)
        self._ports[name] = Port(self, name, incarnation)
        self._changed(self._pairs_of(name), self.notice_seconds)
        return self._ports[name]

    def stopped(self, name: machine.Node) -> None:
        """Learn that a node runs no more: what is under way to it is lost."""
        del self.nodes[name]
        self._held.pop(name, None)
        self.silent.discard(name)
        self._changed(self._pairs_of(name), self.notice_seconds)

    def cut_off(self, ways: frozenset[Way]) -> None:
        """Let nothing through on these ways from now on, and everything on the others."""
        new, healed = ways - self.cut, self.cut - ways
        self.cut = ways
        self._broken |= {_pair(*way) for way in new}
        self._changed({_pair(*way) for way in new}, self.silence_seconds)
        self._changed({_pair(*way) for way in healed}, self.notice_seconds)

    def paused(self, name: machine.Node) -> None:
        """Learn that a node stands still: it is told nothing for the time being."""
        self._held.setdefault(name, [])

    def fell_silent(self, name: machine.Node) -> None:
        """Learn that it has stood still for too long: its connections break."""
        self.silent.add(name)
        self._broken |= self._pairs_of(name)
        self._changed(self._pairs_of(name), self.notice_seconds)

    def resumed(self, name: machine.Node) -> None:
        """Learn that a node goes on, and tell it what there was, in order."""
        self.silent.discard(name)
        self._changed(self._pairs_of(name), self.notice_seconds)
        for tell in self._held.pop(name, []):
            tell()

    def carry(self, way: Way, incarnation: int, data: bytes) -> None:
        """Take a message that an incarnation sends: it arrives once or twice, or never."""
        self.sent += 1
        self.digest.update(b"%r %s" % (self._now(), _label(way)))
        self.digest.update(data)
        sender, receiver = way
        if _pair(*way) not in self._standing or receiver not in self.nodes:
            return
        if self.nodes.get(sender, (None, -1))[1] != incarnation:
            return
        weather, chance = self.weather, self.random.random
        for _ in range(2 if weather.repetition and chance() < weather.repetition else 1):
            if not (weather.loss and chance() < weather.loss):
                self._send_off(way, data)

    def _send_off(self, way: Way, data: bytes) -> None:
        weather, chance = self.weather, self.random.random
        least, more = weather.delay_seconds
        at = self._now() + least + more * chance()
        if weather.reorder and chance() < weather.reorder:
            at += self.random.expovariate(1 / weather.late_seconds)
        else:
            at = self._last[way] = max(at, nextafter(self._last.get(way, 0.0), inf))
        _, incarnation = self.nodes[way[1]]
        asyncio.get_running_loop().call_at(at, self._arrive, way, incarnation, data)

    def _arrive(self, way: Way, incarnation: int, data: bytes) -> None:
        sender, receiver = way
        node, now = self.nodes.get(receiver, (None, -1))
        if node is not None and now == incarnation and way not in self.cut:
            message = self.codec.decode(data)
            self._tell(receiver, lambda: node.received(sender, message))

    def _tell(self, name: machine.Node, what: Callable[[], object]) -> None:
        """Tell a node something, or keep it until the node goes on."""
        if name in self._held:
            self._held[name].append(what)
        else:
            what()

    def _changed(self, pairs: Iterable[Way], seconds: tuple[float, float]) -> None:
        """Let both ends of some connections learn, a while later, whether they stand."""
        least, more = seconds
        for pair in sorted(pairs):
            after = least + more * self.random.random()
            asyncio.get_running_loop().call_later(after, self._notice, pair)

    def _notice(self, pair: Way) -> None:
        """Tell both ends whether their connection stands, if that has changed."""
        one, other = pair
        before, now = self._standing.get(pair), self._incarnations(pair)
        if before is not None and (before != now or pair in self._broken):
            del self._standing[pair]
            for end, incarnation, peer in ((one, before[0], other), (other, before[1], one)):
                self._disconnect(end, incarnation, peer)
        self._broken.discard(pair)
        if now is not None and pair not in self._standing:
            self._standing[pair] = now
            self._connect(one, other, now[1])
            self._connect(other, one, now[0])

    def _incarnations(self, pair: Way) -> tuple[int, int] | None:
        """Return who is at the two ends of a connection that can stand now."""
        one, other = pair
        if not {one, other} <= self.nodes.keys() or {one, other} & self.silent:
            return None
        if {pair, pair[::-1]} & self.cut:
            return None
        return self.nodes[one][1], self.nodes[other][1]

    def _connect(self, name: machine.Node, peer: machine.Node, incarnation: int) -> None:
        node, port = self.nodes[name][0], self._ports[name]

        def tell() -> None:
            port.peers[peer] = incarnation
            node.connected(peer)

        self._tell(name, tell)

    def _disconnect(self, name: machine.Node, incarnation: int, peer: machine.Node) -> None:
        node, now = self.nodes.get(name, (None, -1))
        if node is None or now != incarnation:
            return
        port = self._ports[name]

        def tell() -> None:
            port.peers.pop(peer, None)
            node.disconnected(peer)

        self._tell(name, tell)

    def _pairs_of(self, name: machine.Node) -> set[Way]:
        others = {*self.nodes, *(end for pair in self._standing for end in pair)}
        return {_pair(name, other) for other in others if other != name}

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


@cache
def _label(way: Way) -> bytes:
    sender, receiver = way
    return f"{sender}>{receiver} ".encode()


@cache
def _pair(one: machine.Node, other: machine.Node) -> Way:
    """Return a way and the way back as one."""
    return (one, other) if one < other else (other, one)


@define(eq=False)
class Port:
    """What one incarnation of a node sends by.

    Attributes:
        network: all of it.
        name: the node's.
        own: which incarnation of the node.
        peers: which incarnation of each peer the node has been told to be connected with.
    """

    network: SimulatedNetwork
    name: machine.Node
    own: int
    peers: dict[machine.Node, int] = field(factory=dict)

    def send(self, to: machine.Node, message: object) -> None:
        """Send, without waiting."""
        self.network.carry((self.name, to), self.own, self.network.codec.encode(message))

    def incarnation(self, peer: machine.Node) -> int | None:
        """Return which incarnation of a peer is connected."""
        return self.peers.get(peer)

    def resume(self) -> None:
        """Go on reading: a simulated network reads as fast as it likes."""
