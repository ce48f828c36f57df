"""Nodes that talk to each other over real sockets."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop
from attrs import evolve

from coterie.impl.channels.mesh import Mesh
from coterie.impl.channels.reasons import Reason
from coterie.impl.keys import KeysError, credentials
from coterie.model.link import Acknowledged, Numbered
from tests.impl.channels.scene import (
    CLIENT,
    CODEC,
    HASTE,
    ONE,
    PATIENCE,
    TWO,
    ZERO,
    Inbox,
    Scene,
    Story,
    play,
    until,
)

Told = Callable[[Story], None]


def test_what_is_sent_arrives_in_order_and_once(told: Told) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        zero = await scene.node(ZERO, inbox)
        client = await scene.node(CLIENT, addresses={ZERO: zero.address})
        await until(lambda: client.peers)
        for number in range(2000):
            client.send(ZERO, Numbered(number, (number, b"x" * 100)))
        await until(lambda: len(inbox.messages) == 2000)

        assert inbox.messages == [(CLIENT, Numbered(n, (n, b"x" * 100))) for n in range(2000)]
        assert zero.counters.messages_in == client.counters.messages_out == 2000
        assert client.counters.bytes_out == zero.counters.bytes_in > 200_000

    told(story)


def test_both_ends_send_over_the_one_connection(told: Told) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        zero = await scene.node(ZERO)
        client = await scene.node(CLIENT, inbox, addresses={ZERO: zero.address})
        await until(lambda: zero.peers and client.peers)
        zero.send(CLIENT, Acknowledged(5))
        await until(lambda: inbox.messages)

        assert inbox.messages == [(ZERO, Acknowledged(5))]
        assert zero.counters.connections == client.counters.connections == 1

    told(story)


def test_servers_that_know_each_other_share_one_connection(told: Told) -> None:
    async def story(scene: Scene) -> None:
        at = await scene.free_address()
        patient = evolve(HASTE, patience_seconds=60)
        one = await scene.node(ONE, addresses={ZERO: at}, limits=patient)
        assert one.address is not None
        zero = await scene.node(
            ZERO,
            listen=at,
            addresses={ONE: one.address, ZERO: at},
            limits=patient,
        )
        await until(lambda: zero.peers == (ONE,) and one.peers == (ZERO,))

        assert scene.told("connected", node="server1", dialled=True)
        assert scene.told("connected", node="server0", dialled=False)
        assert not scene.told("connected", node="server0", dialled=True)

    told(story)


def test_a_server_dials_a_higher_one_that_does_not_know_it(told: Told) -> None:
    async def story(scene: Scene) -> None:
        one = await scene.node(ONE)
        zero = await scene.node(ZERO, addresses={ONE: one.address})
        await until(lambda: zero.peers == (ONE,) and one.peers == (ZERO,))

        assert scene.told("connected", node="server0", dialled=True)

    told(story)


def test_where_both_have_dialled_one_connection_stays(told: Told) -> None:
    """Whatever the order in which the two come to stand, the higher name's is the one."""

    async def story(scene: Scene) -> None:
        hasty = evolve(HASTE, patience_seconds=0.0)
        at = await scene.free_address()
        boxes = {ZERO: Inbox(), ONE: Inbox()}
        one = await scene.node(ONE, boxes[ONE], addresses={ZERO: at}, limits=hasty)
        assert one.address is not None
        zero = await scene.node(
            ZERO, boxes[ZERO], listen=at, addresses={ONE: one.address}, limits=hasty
        )

        def is_settled() -> bool:
            standing = zero._standing.get(ONE), one._standing.get(ZERO)
            return all(standing) and len(zero._all) == len(one._all) == 1

        await until(is_settled)
        one.send(ZERO, Acknowledged(1))
        zero.send(ONE, Acknowledged(2))
        await until(lambda: boxes[ZERO].messages and boxes[ONE].messages)

        for box in boxes.values():
            kinds = [kind for kind, _ in box.events]
            assert kinds == ["connected", "disconnected"] * (len(kinds) // 2) + ["connected"]

    told(story)


def test_a_message_without_a_connection_is_lost_and_counted(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO)
        zero.send(ONE, Acknowledged(1))

        assert zero.counters.messages_lost == 1
        assert zero.counters.messages_out == 0

    told(story)


@pytest.mark.parametrize("size", [0, 99, 100, 101, 5_000, 100_000])
def test_a_message_longer_than_a_frame_arrives_whole(told: Told, size: int) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        small = evolve(HASTE, frame_bytes=300)
        zero = await scene.node(ZERO, inbox, limits=small)
        client = await scene.node(CLIENT, addresses={ZERO: zero.address}, limits=small)
        await until(lambda: client.peers)
        sent = [Numbered(0, bytes(size)), Acknowledged(1), Numbered(2, bytes(size))]
        for message in sent:
            client.send(ZERO, message)
        await until(lambda: len(inbox.messages) == 3)

        assert [message for _, message in inbox.messages] == sent

    told(story)


def test_a_message_longer_than_messages_may_be_is_not_sent(told: Told) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        zero = await scene.node(ZERO, inbox)
        limits = evolve(HASTE, message_bytes=1000)
        client = await scene.node(CLIENT, addresses={ZERO: zero.address}, limits=limits)
        await until(lambda: client.peers)
        client.send(ZERO, Numbered(0, bytes(1000)))
        client.send(ZERO, Acknowledged(1))
        await until(lambda: inbox.messages)

        assert inbox.messages == [(CLIENT, Acknowledged(1))]
        assert client.counters.messages_lost == 1
        assert scene.told("dropped", peer="server0")

    told(story)


def test_a_restarted_peer_gets_in_though_its_old_socket_seems_alive(told: Told) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        zero = await scene.node(ZERO, inbox)
        assert zero.address is not None
        wire = await scene.wire(zero.address)
        await scene.node(CLIENT, addresses={ZERO: wire.address}, incarnation=1)
        await until(lambda: zero.incarnation(CLIENT) == 1)
        wire.is_silent = True
        after = await scene.node(CLIENT, addresses={ZERO: zero.address}, incarnation=2)
        await until(lambda: zero.incarnation(CLIENT) == 2 and after.peers)
        after.send(ZERO, Acknowledged(1))
        await until(lambda: inbox.messages)

        assert [kind for kind, _ in inbox.events] == ["connected", "disconnected", "connected"]
        assert zero.counters.closures[Reason.REPLACED] == 1
        assert zero.incarnation(ONE) is None

    told(story)


def test_an_older_process_does_not_take_the_place_of_a_newer_one(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO)
        newer = await scene.node(CLIENT, addresses={ZERO: zero.address}, incarnation=2)
        await until(lambda: newer.peers)
        older = await scene.node(CLIENT, addresses={ZERO: zero.address}, incarnation=1)
        await until(lambda: older.counters.refusals[Reason.OLDER] >= 2)

        assert newer.peers == (ZERO,)
        assert zero.incarnation(CLIENT) == 2
        assert scene.told("refused", node="server0", peer="client0", reason="older", by="node")
        assert scene.told("refused", node="client0", peer="server0", reason="older", by="peer")

    told(story)


def test_a_peer_that_comes_back_is_connected_again(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO)
        inbox = Inbox()
        client = await scene.node(CLIENT, inbox, addresses={ZERO: zero.address})
        await until(lambda: client.peers)
        address = zero.address
        await zero.stop()
        await until(lambda: client.counters.refusals[Reason.UNREACHABLE] >= 2)
        again = await scene.node(ZERO, listen=address)
        await until(lambda: client.peers and again.peers)

        events = [("connected", ZERO), ("disconnected", ZERO), ("connected", ZERO)]
        assert inbox.events == events

    told(story)


def test_reading_stops_when_the_node_has_enough_and_goes_on_when_it_says_so(told: Told) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox(room=10)
        zero = await scene.node(ZERO, inbox)
        client = await scene.node(CLIENT, addresses={ZERO: zero.address})
        await until(lambda: client.peers)
        for number in range(300):  # far more than all buffers on the way have room for
            client.send(ZERO, Numbered(number, bytes(1 << 16)))
        outbox = client._standing[ZERO]._outbox
        assert outbox is not None
        await until(lambda: outbox._is_paused and len(inbox.messages) >= 10)
        before = len(inbox.messages)
        assert before < 300
        while len(inbox.messages) < 300:
            inbox.room = len(inbox.messages) + 50
            zero.resume()
            await asyncio.sleep(0.01)

        assert [message.number for _, message in inbox.messages] == list(range(300))

    told(story)


def test_a_peer_that_connects_while_the_node_has_enough_waits_too(told: Told) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox(room=1)
        zero = await scene.node(ZERO, inbox)
        client = await scene.node(CLIENT, addresses={ZERO: zero.address})
        await until(lambda: client.peers)
        client.send(ZERO, Acknowledged(1))
        await until(lambda: inbox.messages)
        one = await scene.node(ONE, addresses={ZERO: zero.address})
        await until(lambda: one.peers and ONE in zero.peers)
        one.send(ZERO, Acknowledged(2))
        inbox.room = 100
        zero.resume()
        await until(lambda: len(inbox.messages) == 2)

        assert inbox.messages == [(CLIENT, Acknowledged(1)), (ONE, Acknowledged(2))]

    told(story)


def test_a_peer_that_takes_nothing_is_left_before_memory_is_full(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO, Inbox(room=1))
        inbox = Inbox()
        limits = evolve(HASTE, out_bytes=1 << 20)
        client = await scene.node(CLIENT, inbox, addresses={ZERO: zero.address}, limits=limits)
        await until(lambda: client.peers)
        sent = 0
        while ("disconnected", ZERO) not in inbox.events:
            client.send(ZERO, Numbered(sent, bytes(1 << 16)))
            sent += 1
            await asyncio.sleep(0)

        assert scene.told("disconnected", node="client0", reason="overflow")
        assert client.counters.closures[Reason.OVERFLOW] == 1
        assert client.counters.messages_lost

    told(story)


def test_whoever_sends_is_not_told_of_the_end_while_it_does_so(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO)
        inbox = Inbox()
        limits = evolve(HASTE, out_bytes=1000)
        client = await scene.node(CLIENT, inbox, addresses={ZERO: zero.address}, limits=limits)
        await until(lambda: client.peers)
        for number in range(100):
            client.send(ZERO, Numbered(number, bytes(100)))
        assert ("disconnected", ZERO) not in inbox.events

        await until(lambda: ("disconnected", ZERO) in inbox.events)

    told(story)


def test_a_stopping_node_sends_what_waits(told: Told) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        zero = await scene.node(ZERO, inbox)
        patient = evolve(HASTE, closing_seconds=PATIENCE)
        client = await scene.node(CLIENT, addresses={ZERO: zero.address}, limits=patient)
        await until(lambda: client.peers)
        for number in range(100):
            client.send(ZERO, Numbered(number, bytes(1 << 16)))
        await client.stop()
        await until(lambda: len(inbox.messages) == 100)

        assert scene.told("disconnected", node="server0", reason="stopped", by="peer")
        assert client.counters.messages_lost == 0

    told(story)


def test_a_stopping_node_does_not_wait_for_ever(told: Told) -> None:
    async def story(scene: Scene) -> None:
        await scene.node(ZERO)
        stuck = await scene.node(ONE, Inbox(room=1))
        limits = evolve(HASTE, closing_seconds=0.1)
        client = await scene.node(CLIENT, addresses={ONE: stuck.address}, limits=limits)
        await until(lambda: client.peers)
        for number in range(200):
            client.send(ONE, Numbered(number, bytes(1 << 17)))
        await until(lambda: stuck.counters.messages_in)
        await client.stop()

        assert not client._all

    told(story)


def test_a_node_that_stops_twice_or_was_never_started_is_stopped(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO)
        await zero.stop()
        await zero.stop()
        keys = credentials(scene.keys, ONE)
        await Mesh(ONE, Inbox(), cluster="x", credentials=keys, codec=CODEC, addresses={}).stop()

    told(story)


def test_without_its_keys_a_node_is_nowhere(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="coterie keys"):
        Mesh(
            TWO,
            Inbox(),
            cluster="x",
            credentials=credentials(tmp_path, TWO),
            codec=CODEC,
            addresses={},
            listen=("0.0.0.0", 0),
        )


def test_with_the_keys_of_another_node_a_node_is_nowhere(authorities: tuple[Path, Path]) -> None:
    keys = credentials(authorities[0], ZERO)

    with pytest.raises(KeysError, match="not the certificate of server2"):
        Mesh(TWO, Inbox(), cluster="x", credentials=keys, codec=CODEC, addresses={})


def test_an_address_that_is_taken_is_an_error_at_the_start(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO)
        with pytest.raises(OSError, match="in use"):
            await scene.node(ONE, listen=zero.address)

    told(story)


def test_it_runs_on_uvloop_as_well(authorities: tuple[Path, Path]) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox(room=10)
        zero = await scene.node(ZERO, inbox)
        client = await scene.node(CLIENT, addresses={ZERO: zero.address})
        wrong = await scene.node(TWO, addresses={ONE: zero.address})
        await until(lambda: client.peers and wrong.counters.refusals[Reason.HANDSHAKE])
        for number in range(20):
            client.send(ZERO, Numbered(number, bytes(1 << 17)))
        await until(lambda: len(inbox.messages) >= 10)
        inbox.room = 100
        zero.resume()
        await until(lambda: len(inbox.messages) == 20)
        await client.stop()
        await until(lambda: not zero.peers)

        assert inbox.events == [("connected", CLIENT), ("disconnected", CLIENT)]

    play(story, *authorities, run=uvloop.run)
