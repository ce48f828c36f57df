"""Whoever is not what it should be is refused or bounded, with a reason; nobody else suffers."""

import asyncio
import contextlib
import os
import resource
import shutil
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from struct import pack

import msgspec
import pytest
from attrs import evolve

from coterie.impl import keys
from coterie.impl.certificates import Pair, of_node
from coterie.impl.channels.hello import Farewell, Hello, Welcome
from coterie.impl.channels.mesh import Mesh
from coterie.impl.channels.parts import BEAT, LAST, PART, WHOLE, marked
from coterie.impl.channels.parts import CONTROL as A_CONTROL
from coterie.impl.channels.reasons import Reason
from coterie.impl.channels.tls import dialling
from coterie.impl.keys import credentials
from coterie.model.link import Acknowledged
from coterie.model.machine import Node
from tests.impl.channels.scene import (
    CLIENT,
    CODEC,
    HASTE,
    ONE,
    TWO,
    ZERO,
    Inbox,
    Scene,
    Story,
    connected,
    hello,
    over,
    stranger,
    until,
)

Told = Callable[[Story], None]
_pack = msgspec.msgpack.encode


async def is_well(scene: Scene, server: Mesh, inbox: Inbox) -> None:
    """Make sure that a node still serves its peers."""
    inbox.messages.clear()
    one = await scene.node(ONE, addresses={server.identity.node: server.address})
    await until(lambda: one.peers)
    one.send(ZERO, Acknowledged(1))
    await until(lambda: inbox.messages)
    await one.stop()

    assert inbox.messages == [(ONE, Acknowledged(1))]


async def plain(to: Mesh) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect without TLS."""
    assert to.address is not None
    return await over(asyncio.open_connection(*to.address))


async def end_of(reader: asyncio.StreamReader) -> None:
    """Wait until the node has closed a connection."""
    with contextlib.suppress(OSError):
        while await over(reader.read(1 << 16)):
            pass


@pytest.mark.parametrize(
    "garbage",
    [b"GET / HTTP/1.1\r\n\r\n", bytes(1000), b"\x16\x03\x01\xff\xff" + b"\x01" * 70_000, b"\x16"],
    ids=["http", "zeros", "a record too long", "one byte"],
)
def test_garbage_instead_of_tls_is_refused(told: Told, garbage: bytes) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        zero = await scene.node(ZERO, inbox)
        reader, writer = await plain(zero)
        writer.write(garbage)
        writer.write_eof()
        await end_of(reader)
        writer.close()
        await until(lambda: scene.told("refused", node="server0", reason="handshake"))

        await is_well(scene, zero, inbox)

    told(story)


def test_without_a_certificate_nobody_gets_in(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(credentials(scene.keys, ZERO).authority)
        someone = await connected(zero, context)
        someone.say(hello())
        await end_of(someone.reader)
        await someone.leave()
        await until(lambda: scene.told("refused", node="server0", reason="handshake"))

        assert zero.counters.refusals[Reason.HANDSHAKE] == 1

    told(story)


def test_an_older_tls_is_not_spoken(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO)
        context = dialling(credentials(scene.keys, CLIENT))
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises(OSError, match=r"protocol version|^$|reset"):
            await connected(zero, context)
        await until(lambda: scene.told("refused", node="server0", reason="handshake"))

        assert "UNSUPPORTED_PROTOCOL" in scene.told("refused")[0]["detail"]

    told(story)


def test_the_certificate_of_another_authority_gets_nobody_in(told: Told, tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        mixed = tmp_path / "mixed"  # another authority's node, which trusts ours
        shutil.copytree(scene.others, mixed)
        shutil.copy(scene.keys / "authority.crt", mixed / "authority.crt")
        zero = await scene.node(ZERO)
        someone = await stranger(scene, zero, CLIENT, mixed)
        someone.say(hello())
        await end_of(someone.reader)
        await someone.leave()
        await until(lambda: scene.told("refused", node="server0", reason="handshake"))

        assert not zero.peers

    told(story)


def test_nodes_of_two_authorities_refuse_each_other_and_do_not_hurry(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO)
        alien = await scene.node(
            CLIENT,
            addresses={ZERO: zero.address},
            credentials=credentials(scene.others, CLIENT),
            limits=evolve(HASTE, delay_least=0.05, delay_most=60.0),
            draw=lambda: 1.0,
        )
        await until(lambda: alien.counters.refusals.total() == 3)

        assert {entry["reason"] for entry in scene.told("refused", node="client0")} == {"handshake"}
        await until(lambda: len(scene.told("refused", node="server0", reason="handshake")) == 3)

    told(story)


def test_a_node_that_is_refused_after_its_handshake_logs_that_and_backs_off(told: Told) -> None:
    """In TLS 1.3 the dialler's handshake succeeds before the other end has seen its certificate."""

    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO, credentials=credentials(scene.keys, ZERO))
        folder = scene.keys.parent / "mixed"
        if not folder.exists():
            shutil.copytree(scene.others, folder)
        files = credentials(folder, CLIENT)
        trusting = Mesh(
            CLIENT,
            Inbox(),
            cluster="test",
            credentials=files,
            codec=CODEC,
            addresses={ZERO: zero.address or ("", 0)},
            limits=HASTE,
        )
        trusting._dialling.load_verify_locations(credentials(scene.keys, ZERO).authority)
        await trusting.start()
        await until(lambda: trusting.counters.refusals.total() >= 3)
        await trusting.stop()

        told = scene.told("refused", node="client0", peer="server0")
        assert {entry["reason"] for entry in told} <= {"handshake", "hung up"}
        assert trusting.counters.connections == zero.counters.connections == 0

    told(story)


def test_a_server_of_another_name_than_was_dialled_is_refused_by_both(told: Told) -> None:
    async def story(scene: Scene) -> None:
        one = await scene.node(ONE)
        client = await scene.node(CLIENT, addresses={ZERO: one.address})
        await until(lambda: client.counters.refusals[Reason.HANDSHAKE])
        await until(lambda: scene.told("refused", node="server1", reason="handshake"))

        assert "server0" in scene.told("refused", node="client0")[0]["detail"]
        assert not client.peers

    told(story)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (hello(name="client1"), Reason.NAME),
        (hello(name="server0"), Reason.NAME),
        (hello(cluster="another"), Reason.CLUSTER),
        (hello(version=2), Reason.VERSION),
        (hello(peer="server1"), Reason.MISDIRECTED),
    ],
    ids=lambda value: str(value) if isinstance(value, Reason) else "",
)
def test_a_wrong_hello_is_refused_with_its_reason(told: Told, wrong: Hello, reason: Reason) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        zero = await scene.node(ZERO, inbox)
        someone = await stranger(scene, zero)
        someone.say(wrong, Welcome())
        farewell = await someone.farewell()
        await end_of(someone.reader)
        await someone.leave()

        assert farewell.reason == reason
        assert scene.told("refused", node="server0", peer="client0", reason=reason.value)
        assert zero.counters.refusals[reason] == 1
        assert not inbox.events

    told(story)


def test_a_node_cannot_connect_to_its_own_name(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO)
        someone = await stranger(scene, zero, ZERO)
        someone.say(hello(name="server0"))

        assert (await someone.farewell()).reason == Reason.NAME
        await someone.leave()

    told(story)


def test_a_certificate_that_names_no_node_is_refused(told: Told, tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        folder = tmp_path / "odd"
        shutil.copytree(scene.keys, folder)
        authority = Pair(
            keys._key(folder / "authority.key"), keys._certificate(folder / "authority.crt")
        )
        odd = of_node(Node("nobody-", 0), keys._key(folder / "client0.key"), authority)
        (folder / "client0.crt").write_bytes(odd.public_bytes(keys.Encoding.PEM))
        zero = await scene.node(ZERO)
        someone = await stranger(scene, zero, CLIENT, folder)

        assert (await someone.farewell()).reason == Reason.NAME
        await someone.leave()

    told(story)


BAD = {
    "an unknown tag": marked(WHOLE, _pack(["link.Forged", 1])),
    "a wrong type": marked(WHOLE, _pack(["link.Acknowledged", "1"])),
    "a field too many": marked(WHOLE, _pack(["link.Acknowledged", 1, 2])),
    "what is not canonical": marked(WHOLE, CODEC.encode(Acknowledged(1))[:-1] + b"\xcd\x00\x01"),
    "bytes after the end": marked(WHOLE, CODEC.encode(Acknowledged(1)) + b"\x00"),
    "a message cut short": marked(WHOLE, CODEC.encode(Acknowledged(1))[:-1]),
    "deep nesting": marked(WHOLE, b"\x91" * 900_000 + b"\x01"),
    "a list of 4 billion": marked(WHOLE, b"\xdd\xff\xff\xff\xff"),
    "bytes that are not there": marked(WHOLE, b"\xc6\x7f\xff\xff\xff"),
    "nothing": marked(WHOLE),
    "an empty part": marked(PART),
    "an end without a beginning": marked(LAST, b"x"),
    "an unknown kind": b"\x07abc",
    "a beat with something in it": marked(BEAT, b"x"),
    "a second hello": marked(A_CONTROL, b"\xa0"),
    "a greeting too long": marked(A_CONTROL, b"x" * 5000),
}


@pytest.mark.parametrize("payload", BAD.values(), ids=BAD)
def test_what_no_node_sends_closes_the_connection(told: Told, payload: bytes) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        zero = await scene.node(ZERO, inbox)
        someone = await stranger(scene, zero)
        await someone.greet(hello())
        someone.send(CODEC.encode(Acknowledged(7)))
        someone.frame(payload)
        someone.send(CODEC.encode(Acknowledged(8)))
        farewell = await someone.farewell()
        await someone.leave()

        assert farewell.reason == Reason.MALFORMED
        assert inbox.messages == [(CLIENT, Acknowledged(7))]
        assert inbox.events == [("connected", CLIENT), ("disconnected", CLIENT)]
        assert scene.told("disconnected", peer="client0", reason="malformed", by="node")
        assert zero.counters.closures[Reason.MALFORMED] == 1

    told(story)


@pytest.mark.parametrize("claimed", [0, (1 << 20) + 1, 1 << 31, (1 << 32) - 1])
def test_a_frame_that_claims_too_much_closes_the_connection(told: Told, claimed: int) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO)
        someone = await stranger(scene, zero)
        await someone.greet(hello())
        someone.writer.write(pack(">I", claimed))

        assert (await someone.farewell()).reason == Reason.MALFORMED
        await someone.leave()

    told(story)


def test_a_frame_that_claims_a_million_bytes_and_never_comes_takes_no_room(told: Told) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        limits = evolve(HASTE, beat_seconds=0.02, silent_beats_most=20)
        zero = await scene.node(ZERO, inbox, limits=limits)
        someone = await stranger(scene, zero)
        await someone.greet(hello())
        someone.writer.write(pack(">I", 1_000_000) + b"x")
        await until(lambda: zero.counters.bytes_in and inbox.events)
        assert zero._standing[CLIENT]._splitter.held <= 5
        await until(lambda: zero.counters.closures[Reason.SILENT])
        await someone.leave()

        assert not zero.peers

    told(story)


def test_a_message_that_never_ends_is_bounded(told: Told) -> None:
    async def story(scene: Scene) -> None:
        limits = evolve(HASTE, frame_bytes=1000, message_bytes=5000)
        zero = await scene.node(ZERO, limits=limits)
        someone = await stranger(scene, zero)
        await someone.greet(hello())
        for _ in range(6):
            someone.frame(marked(PART, bytes(900)))

        farewell = await someone.farewell()
        assert (farewell.reason, farewell.detail) == (
            "malformed",
            "a message was longer than 5000 bytes",
        )
        await someone.leave()

    told(story)


def test_a_message_before_the_greeting_is_refused(told: Told) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        zero = await scene.node(ZERO, inbox)
        someone = await stranger(scene, zero)
        someone.say(hello())
        someone.send(CODEC.encode(Acknowledged(7)))
        await someone.farewell()
        await someone.leave()

        assert zero.counters.refusals[Reason.MALFORMED] == 1
        assert not inbox.messages

    told(story)


def test_a_frame_cut_short_by_the_end_is_dropped(told: Told) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        await scene.node(ZERO, inbox)
        zero = scene._meshes[0]
        someone = await stranger(scene, zero)
        await someone.greet(hello())
        someone.writer.write(pack(">I", 10) + b"\x00half")
        await someone.leave()
        await until(lambda: ("disconnected", CLIENT) in inbox.events)

        assert not inbox.messages
        assert scene.told("disconnected", reason="hung up")

    told(story)


def test_an_unknown_farewell_is_told_apart_and_its_words_are_tamed(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO)
        someone = await stranger(scene, zero)
        someone.say(Farewell("caprice", "\x1b[2J" + "x" * 1000))
        await end_of(someone.reader)
        await someone.leave()

        (entry,) = scene.told("refused", reason="unknown", by="peer")
        assert entry["detail"] == "?[2J" + "x" * 296

    told(story)


@pytest.mark.parametrize("begins", [b"", b"\x16\x03\x01\x02\x00\x01"], ids=["silent", "slow"])
def test_whoever_takes_too_long_over_the_handshake_is_sent_away(told: Told, begins: bytes) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        limits = evolve(HASTE, greeting_seconds=0.2)
        zero = await scene.node(ZERO, inbox, limits=limits)
        reader, writer = await plain(zero)
        for byte in begins:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.01)
        await end_of(reader)
        writer.close()

        assert scene.told("refused", node="server0", peer="unknown", reason="slow")

    told(story)


def test_whoever_takes_too_long_over_the_greeting_is_sent_away(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO, limits=evolve(HASTE, greeting_seconds=1.0))
        someone = await stranger(scene, zero)
        farewell = await someone.farewell()
        await someone.leave()

        assert farewell.reason == Reason.SLOW
        assert scene.told("refused", node="server0", peer="client0", reason="slow")

    told(story)


def test_a_node_does_not_wait_for_ever_for_whom_it_dials(told: Told) -> None:
    async def story(scene: Scene) -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            limits = evolve(HASTE, greeting_seconds=0.1)
            address = mute.getsockname()
            client = await scene.node(CLIENT, addresses={ZERO: address}, limits=limits)
            await until(lambda: client.counters.refusals[Reason.SLOW] >= 2)
            await client.stop()

    told(story)


def test_a_thousand_idle_connections_keep_nobody_out(told: Told) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        limits = evolve(HASTE, strangers_most=16, refusals_told_most=0)
        zero = await scene.node(ZERO, inbox, limits=limits)
        assert zero.address is not None
        assert zero._door is not None
        idle = []
        try:
            for _ in range(1000):
                one = socket.socket()
                one.setblocking(False)
                idle.append(one)
                await over(asyncio.get_running_loop().sock_connect(one, zero.address))
                assert len(zero._door._strangers) <= 16
            await is_well(scene, zero, inbox)
            await until(lambda: zero.counters.refusals[Reason.CROWDED] >= 1000 - 16)

            assert len(zero._all) <= 16
            assert zero.counters.refusals_untold >= 1000 - 16
            assert not scene.told("refused")
        finally:
            for one in idle:
                one.close()

    told(story)


def test_the_oldest_stranger_goes_first(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO, limits=evolve(HASTE, strangers_most=2))
        comers = [await plain(zero) for _ in range(3)]
        await end_of(comers[0][0])
        for _, writer in comers:
            writer.close()

        addresses = ["{}:{}".format(*writer.get_extra_info("sockname")) for _, writer in comers]
        crowded = scene.told("refused", reason="crowded")
        assert [entry["address"] for entry in crowded] == addresses[:1]

    told(story)


def test_a_node_that_is_out_of_file_descriptors_rests_and_goes_on(told: Told) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        zero = await scene.node(ZERO, inbox)
        assert zero.address is not None
        comer = socket.socket()
        comer.setblocking(False)
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (comer.fileno() + 1, before[1]))
        holes = []
        try:
            with contextlib.suppress(OSError):
                while True:
                    holes.append(os.dup(comer.fileno()))
            await over(asyncio.get_running_loop().sock_connect(comer, zero.address))
            await until(lambda: scene.told("exhausted"))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
            for hole in holes:
                os.close(hole)
            comer.close()

        await is_well(scene, zero, inbox)

    told(story)


def test_when_there_are_many_peers_another_one_is_refused(told: Told) -> None:
    async def story(scene: Scene) -> None:
        zero = await scene.node(ZERO, limits=evolve(HASTE, peers_most=1))
        one = await scene.node(ONE, addresses={ZERO: zero.address})
        await until(lambda: one.peers)
        two = await scene.node(TWO, addresses={ZERO: zero.address})
        await until(lambda: two.counters.refusals[Reason.CROWDED])
        await one.stop()
        await until(lambda: two.peers and zero.peers == (TWO,))

    told(story)


def test_what_was_recorded_on_the_wire_gets_nowhere_when_it_is_sent_again(told: Told) -> None:
    async def story(scene: Scene) -> None:
        inbox = Inbox()
        zero = await scene.node(ZERO, inbox)
        assert zero.address is not None
        wire = await scene.wire(zero.address)
        client = await scene.node(CLIENT, addresses={ZERO: wire.address})
        await until(lambda: client.peers)
        client.send(ZERO, Acknowledged(1))
        await until(lambda: inbox.messages)
        await client.stop()
        recorded = b"".join(wire.recorded)
        assert len(recorded) > 1000
        reader, writer = await plain(zero)
        writer.write(recorded)
        await end_of(reader)
        writer.close()
        await until(lambda: zero.counters.refusals[Reason.HANDSHAKE])

        assert inbox.messages == [(CLIENT, Acknowledged(1))]
        assert zero.counters.connections == 1

    told(story)


@pytest.mark.parametrize("end", ["node", "peer"])
def test_a_peer_that_falls_silent_without_any_end_is_noticed(told: Told, end: str) -> None:
    async def story(scene: Scene) -> None:
        brisk = evolve(HASTE, beat_seconds=0.05, silent_beats_most=8)
        boxes = Inbox(), Inbox()
        zero = await scene.node(ZERO, boxes[0], limits=brisk)
        assert zero.address is not None
        wire = await scene.wire(zero.address)
        client = await scene.node(CLIENT, boxes[1], addresses={ZERO: wire.address}, limits=brisk)
        await until(lambda: client.peers and zero.peers)
        wire.is_silent = True
        box, mesh = (boxes[0], zero) if end == "node" else (boxes[1], client)
        await until(lambda: any(kind == "disconnected" for kind, _ in box.events))

        assert mesh.counters.closures[Reason.SILENT] == 1

    told(story)


def test_idle_peers_stay_connected(told: Told) -> None:
    async def story(scene: Scene) -> None:
        brisk = evolve(HASTE, beat_seconds=0.02, silent_beats_most=10)
        inbox = Inbox()
        zero = await scene.node(ZERO, inbox, limits=brisk)
        client = await scene.node(CLIENT, addresses={ZERO: zero.address}, limits=brisk)
        await until(lambda: client.peers and zero.peers)
        before = zero.counters.bytes_in
        await until(lambda: zero.counters.bytes_in >= before + 20 * 5)  # twenty beats of five bytes

        assert inbox.events == [("connected", CLIENT)]

    told(story)


def test_a_node_that_reads_nothing_for_long_is_not_taken_for_dead(told: Told) -> None:
    async def story(scene: Scene) -> None:
        brisk = evolve(HASTE, beat_seconds=0.02, silent_beats_most=10)
        inbox = Inbox(room=1)
        zero = await scene.node(ZERO, inbox, limits=brisk)
        client = await scene.node(CLIENT, addresses={ZERO: zero.address}, limits=brisk)
        await until(lambda: client.peers)
        client.send(ZERO, Acknowledged(1))
        await until(lambda: inbox.messages)
        before = client.counters.bytes_in
        await until(lambda: client.counters.bytes_in >= before + 20 * 5)
        inbox.room = 100
        zero.resume()
        client.send(ZERO, Acknowledged(2))
        await until(lambda: len(inbox.messages) == 2)

        assert inbox.events == [("connected", CLIENT)]

    told(story)
