"""One write on a tree of replicas that have names: the dumb twin of those that are counted."""

from collections import defaultdict
from collections.abc import Iterator

from attrs import Factory, define

from coterie.model.diffusion.counted import (
    CLIENT,
    NOBODY,
    Acknowledged,
    Complete,
    Copied,
    Counted,
    Entrusted,
    FallSilent,
    Replica,
    Spread,
    Write,
    crowd,
)
from coterie.model.machine import Timeout

Name = tuple[int, int]
"""A replica: its tree node, and its place there; the Byzantine ones have the last places."""

WRITER: Name = (CLIENT, 0)
Message = tuple[str, Name, Name]
"""`"copy"` or `"ack"`, from whom, to whom."""


@define
class Named:
    """The client, the replicas and the messages in flight; every message is a set's member."""

    machine: Counted
    flight: set[Message] = Factory(set)
    heard: defaultdict[tuple[str, Name, int], set[Name]] = Factory(lambda: defaultdict(set))
    source: dict[Name, int] = Factory(dict)
    acked: set[Name] = Factory(set)
    written: bool = False
    completed: bool = False
    silent: bool = False

    def members(self, node: int) -> list[Name]:
        size = self.machine.size(self.machine.tree.b)
        return [(node, place) for place in range(size)]

    def correct(self, node: int) -> list[Name]:
        members = self.members(node)
        return members[: len(members) - self.machine.tree.faulty[node]]

    def liars(self, node: int) -> list[Name]:
        return self.members(node)[len(self.correct(node)) :]

    def near(self, name: Name) -> list[int]:
        return [m for m in self.machine.tree.neighbours[name[0]] if m != self.source.get(name)]

    def lies(self) -> Iterator[Message]:
        """Yield whatever a Byzantine replica may say now."""
        for node, near in enumerate(self.machine.tree.neighbours):
            for liar in [] if self.silent else self.liars(node):
                if node == self.machine.tree.origin and self.written:
                    yield "ack", liar, WRITER
                for receiver in (each for other in near for each in self.correct(other)):
                    yield "copy", liar, receiver
                    yield "ack", liar, receiver

    def write(self) -> None:
        self.written = True
        origin = self.machine.tree.origin
        self.flight |= {("copy", WRITER, each) for each in self.correct(origin)}

    def deliver(self, message: Message) -> None:
        self.flight.discard(message)
        kind, sender, receiver = message
        self.heard[kind, receiver, sender[0]].add(sender)
        if receiver == WRITER:
            self.completed |= self.machine.completed(self.count("ack", WRITER, sender[0]), self.b)
        elif kind == "copy" and receiver not in self.source and self.convinced(receiver, sender):
            self.activate(receiver, sender[0])
        self.acknowledge(receiver)

    def convinced(self, receiver: Name, sender: Name) -> bool:
        copies = self.count("copy", receiver, sender[0])
        return sender == WRITER or self.machine.copied(copies, self.b)

    @property
    def b(self) -> int:
        return self.machine.tree.b

    def count(self, kind: str, receiver: Name, node: int) -> int:
        return len(self.heard[kind, receiver, node])

    def activate(self, name: Name, source: int) -> None:
        self.source[name] = source
        self.flight |= {
            ("copy", name, each) for node in self.near(name) for each in self.correct(node)
        }

    def answered(self, name: Name) -> list[int]:
        counts = {node: self.count("ack", name, node) for node in self.near(name)}
        return [m for m, n in counts.items() if self.machine.acknowledged(n, self.b)]

    def acknowledge(self, name: Name) -> None:
        if name not in self.source or name in self.acked:
            return
        if self.machine.everyone(len(self.answered(name)), len(self.near(name))):
            self.acked.add(name)
            source = self.source[name]
            to = [WRITER] if source == CLIENT else self.correct(source)
            self.flight |= {("ack", name, each) for each in to}

    def counted(self) -> Spread:
        """Return the same without names."""
        tree = self.machine.tree
        crowds = tuple(
            crowd(self.known(name) for name in self.correct(node))
            for node in range(len(tree.neighbours))
        )
        return Spread(tree, crowds, self.written, self.completed, self.silent)

    def known(self, name: Name) -> Replica:
        answered = tuple(sorted(self.answered(name)))
        knows = Replica(self.source.get(name, NOBODY), answered, name in self.acked)
        return self.machine.settled(name[0], knows)

    def follow(self, event: Timeout) -> None:
        """Do with names what a step without them does: hear until the threshold is reached."""
        match event:
            case Write():
                self.write()
            case FallSilent():
                self.silent = True
            case Complete():
                self.hear("ack", WRITER, self.machine.tree.origin)
            case Entrusted(node, replica):
                self.hear("copy", self.one_like(node, replica), CLIENT)
            case Copied(node, replica, neighbour):
                self.hear("copy", self.one_like(node, replica), neighbour)
            case Acknowledged(node, replica, neighbour):
                self.hear("ack", self.one_like(node, replica), neighbour)

    def one_like(self, node: int, replica: Replica) -> Name:
        return next(name for name in self.correct(node) if self.known(name) == replica)

    def hear(self, kind: str, receiver: Name, node: int) -> None:
        """Deliver to `receiver` what `node` has said and may say, until that makes a difference."""
        lies = set() if self.silent or node == CLIENT else set(self.liars(node))
        said = {m[1] for m in self.flight if (m[0], m[1][0], m[2]) == (kind, node, receiver)}
        before = self.condition(receiver)
        for sender in sorted(lies | said):
            if self.condition(receiver) == before:
                self.deliver((kind, sender, receiver))

    def condition(self, receiver: Name) -> bool | Replica:
        return self.completed if receiver == WRITER else self.known(receiver)
