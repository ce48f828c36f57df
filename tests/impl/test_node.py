"""The loop of a node: what it takes, in which order it does things, and how it ends."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from attrs import define, field

from coterie.impl.core import Core
from coterie.impl.disks import Volatile
from coterie.impl.node import Limits, Node
from coterie.impl.ports import StorageError
from coterie.impl.simulation import clock
from coterie.impl.timers import Detector, Paces, Timers
from coterie.model import machine
from coterie.model.link import Link, Resend
from coterie.model.machine import (
    Event,
    Halt,
    Invoke,
    Machine,
    Outcome,
    Receive,
    Return,
    Timeout,
)
from coterie.model.postbox import Heard, Postbox, Say
from coterie.model.stacked import stacked

A, B = machine.Node("a"), machine.Node("b")


@define(eq=False)
class Wire:
    """A network that writes down what it is given; it says which incarnation it was told of."""

    done: list[Any] = field(factory=list)
    resumed: int = 0
    incarnations: dict[machine.Node, int] = field(factory=dict)

    def send(self, to: machine.Node, message: Any) -> None:
        self.done.append(("sent", to, message))

    def resume(self) -> None:
        self.resumed += 1

    def incarnation(self, peer: machine.Node) -> int | None:
        return self.incarnations.get(peer)


@define(eq=False)
class Slow:
    """A disk that takes a second, and writes down what it has done; it fails where it should."""

    done: list[Any]
    memory: Any = None
    fails: bool = False

    async def load(self) -> Any:
        return self.memory

    async def commit(self, changes: list[Any]) -> None:
        await asyncio.sleep(1.0)
        if self.fails:
            raise StorageError("the disk is full")
        self.done.append(("committed", changes))


def node_of(
    made: Machine[Any, Any],
    wire: Wire,
    disk: Any = None,
    hastened: tuple[type, ...] = (),
    **more: Any,
) -> Node:
    paces = Paces({Resend: 2.0, Timeout: 0.0})
    timers = Timers(paces, Detector(1.0), lambda: 0.0, hastened)
    node = Node(Core(made), disk or Volatile(), timers, clock=lambda: 0.0, **more)
    node.network = wire
    return node


def run(main: Coroutine[Any, Any, None]) -> None:
    clock.run(main)


class Echo(Machine[int, None]):
    """Answers calls after so many messages; refuses a call while it owes an answer."""

    def start(self, memory: None) -> Outcome[int]:
        del memory
        return Outcome(0)

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        match event:
            case Invoke(count) if state == 0:
                return Outcome(count, [] if count else [Return("at once")])
            case Receive(_, "stop"):
                return Outcome(state, [Halt()])
            case Receive() if state > 0:
                return Outcome(state - 1, [Return("done")] if state == 1 else [])
            case Receive():
                return Outcome(state)
        return None


def test_nothing_leaves_before_it_is_durable() -> None:
    async def main() -> None:
        wire = Wire()
        node = node_of(stacked(Postbox(), Link()), wire, Slow(wire.done))
        task = asyncio.create_task(node.run())
        node.post(Say(B, "hello"))
        await asyncio.sleep(0.5)
        assert wire.done == []
        await asyncio.sleep(1.0)
        assert [what[0] for what in wire.done] == ["committed", "sent"]
        node.stop()
        await task

    run(main())


def test_what_arrives_meanwhile_is_one_turn_with_one_commit() -> None:
    async def main() -> None:
        wire = Wire()
        node = node_of(Postbox(), wire, Slow(wire.done))
        task = asyncio.create_task(node.run())
        node.received(B, "x")
        await asyncio.sleep(0.5)
        node.received(B, "y")
        node.received(B, "z")
        await asyncio.sleep(3.0)
        assert wire.done == [
            ("committed", [Heard(B, "x")]),
            ("committed", [Heard(B, "y"), Heard(B, "z")]),
        ]
        node.stop()
        await task

    run(main())


def test_a_node_whose_disk_fails_ends_and_sends_nothing() -> None:
    async def main() -> None:
        wire = Wire()
        node = node_of(stacked(Postbox(), Link()), wire, Slow(wire.done, fails=True))
        node.post(Say(B, "hello"))
        with pytest.raises(StorageError, match="the disk is full"):
            await node.run()
        assert wire.done == []

    run(main())


def test_an_option_happens_at_its_pace_and_at_once_after_a_connection() -> None:
    async def main() -> None:
        wire = Wire(incarnations={B: 1})
        node = node_of(stacked(Postbox(), Link()), wire, hastened=(Resend,))
        task = asyncio.create_task(node.run())
        node.connected(B)
        node.post(Say(B, "hello"))
        await asyncio.sleep(1.9)
        assert len(wire.done) == 1
        await asyncio.sleep(0.2)
        assert len(wire.done) == 2
        node.disconnected(B)
        await asyncio.sleep(9.0)
        assert len(wire.done) == 2
        node.connected(B)
        await asyncio.sleep(0.01)
        assert len(wire.done) == 3
        node.stop()
        await task

    run(main())


def test_calls_are_taken_one_after_another() -> None:
    async def main() -> None:
        node = node_of(Echo(), Wire())
        task = asyncio.create_task(node.run())
        first, second = asyncio.create_task(node.invoke(2)), asyncio.create_task(node.invoke(0))
        await asyncio.sleep(0.1)
        node.received(B, "one")
        await asyncio.sleep(0.1)
        assert not first.done()
        node.received(B, "two")
        assert await first == "done"
        assert await second == "at once"
        node.stop()
        await task

    run(main())


def test_a_caller_that_has_gone_away_is_passed_over() -> None:
    async def main() -> None:
        node = node_of(Echo(), Wire())
        task = asyncio.create_task(node.run())
        first, second = asyncio.create_task(node.invoke(1)), asyncio.create_task(node.invoke(9))
        third = asyncio.create_task(node.invoke(0))
        await asyncio.sleep(0.1)
        second.cancel()
        node.received(B, "one")
        assert await first == "done"
        assert await third == "at once"
        node.stop()
        await task

    run(main())


def test_who_still_waits_when_the_node_stops_is_told_so() -> None:
    async def main() -> None:
        node = node_of(Echo(), Wire())
        task = asyncio.create_task(node.run())
        calls = [asyncio.create_task(node.invoke(1)) for _ in range(2)]
        await asyncio.sleep(0.1)
        node.stop()
        await task
        for call in calls:
            with pytest.raises(ConnectionAbortedError):
                await call
        with pytest.raises(ConnectionAbortedError):
            await node.invoke(0)

    run(main())


def test_a_machine_that_halts_ends_its_node() -> None:
    async def main() -> None:
        node = node_of(Echo(), Wire())
        node.received(B, "stop")
        await node.run()
        assert node.core.halted

    run(main())


def test_a_full_inbox_stops_reading_until_half_of_it_is_empty() -> None:
    async def main() -> None:
        wire = Wire()
        node = node_of(Echo(), wire, limits=Limits(inbox_most=4, turn_most=1))
        assert [node.received(B, n) for n in range(5)] == [True, True, True, False, False]
        task = asyncio.create_task(node.run())
        await asyncio.sleep(0.1)
        assert wire.resumed == 1
        assert node.waiting == 0
        assert node.received(B, "more")
        node.stop()
        await task

    run(main())


def test_a_node_starts_from_what_is_on_its_disk() -> None:
    async def main() -> None:
        wire = Wire()
        node = node_of(Postbox(), wire, Slow(wire.done, memory=(Heard(B, "x"),)))
        node.stop()
        await node.run()
        assert node.core.state == (Heard(B, "x"),)

    run(main())
