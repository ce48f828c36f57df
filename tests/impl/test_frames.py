"""Frames over a stream: whole or not at all, and never larger than allowed."""

import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.impl.frames import FrameError, Splitter, framed
from tests.impl.fuzz_frames import fuzzed

ROOT = Path(__file__).parents[2]

payloads = st.lists(st.binary(min_size=1, max_size=20))


def dumbly(stream: bytes) -> Iterator[bytes]:
    """Cut a whole stream into frames: the dumb twin."""
    while stream:
        size = int.from_bytes(stream[:4], "big")
        yield stream[4 : 4 + size]
        stream = stream[4 + size :]


def cut(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(stream), *(at % (len(stream) + 1) for at in cuts)})
    return [stream[left:right] for left, right in pairwise(places)]


@given(payloads, st.lists(st.integers(0, 500)))
def test_frames_arrive_whole_however_the_stream_is_cut(sent: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(map(framed, sent))
    splitter = Splitter(20)

    arrived = [frame for chunk in cut(stream, cuts) for frame in splitter.feed(chunk)]

    assert arrived == sent == list(dumbly(stream))
    assert splitter.held == 0


@given(payloads.filter(bool), st.data())
def test_what_is_held_is_what_has_arrived_of_one_frame(
    sent: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(map(framed, sent))
    until = data.draw(st.integers(0, len(stream)))
    splitter = Splitter(20)

    arrived = [frame for byte in stream[:until] for frame in splitter.feed(bytes([byte]))]

    assert splitter.held == until - sum(4 + len(frame) for frame in arrived)
    assert splitter.held < 24


@pytest.mark.parametrize("claim", [0, 101, 2**31, 2**32 - 1])
@pytest.mark.parametrize("size", [1, 3, 4, 50])
def test_a_length_that_is_not_allowed_is_refused_at_once(claim: int, size: int) -> None:
    splitter = Splitter(100)
    stream = framed(b"good") + claim.to_bytes(4, "big")
    chunks = [stream[at : at + size] for at in range(0, len(stream), size)]
    *before, last = chunks
    arrived = [frame for chunk in before for frame in splitter.feed(chunk)]

    with pytest.raises(FrameError, match=f"a frame of {claim} bytes"):
        arrived.extend(splitter.feed(last))
    assert splitter.held == 0
    assert arrived == [b"good"]


def test_the_frames_before_a_broken_one_arrive() -> None:
    frames = Splitter(100).feed(framed(b"good") + bytes(4))

    assert next(frames) == b"good"
    with pytest.raises(FrameError):
        next(frames)


def test_a_broken_stream_stays_broken() -> None:
    splitter = Splitter(100)

    for chunk in (bytes(4), framed(b"good")):
        with pytest.raises(FrameError):
            list(splitter.feed(chunk))
    assert splitter.held == 0


def test_a_frame_may_be_as_long_as_the_limit() -> None:
    assert list(Splitter(100).feed(framed(b"x" * 100))) == [b"x" * 100]
    with pytest.raises(FrameError):
        list(Splitter(99).feed(framed(b"x" * 100)))


def test_an_empty_frame_is_not_sent() -> None:
    with pytest.raises(FrameError):
        framed(b"")


def test_a_frame_that_its_length_cannot_tell_is_not_sent() -> None:
    class Endless(bytes):
        def __len__(self) -> int:
            return 1 << 32

    with pytest.raises(FrameError):
        framed(Endless())


def test_what_a_peer_claims_takes_no_room() -> None:
    limit = 1 << 30
    tracemalloc.start()
    try:
        splitters = [Splitter(limit) for _ in range(100)]
        for splitter in splitters:
            assert list(splitter.feed(limit.to_bytes(4, "big") + b"x")) == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert [splitter.held for splitter in splitters] == [5] * 100
    assert peak < 1 << 20


def test_a_long_frame_in_short_chunks_is_put_together() -> None:
    payload = bytes(range(256)) * 4096
    stream = framed(payload) + framed(b"next")
    splitter = Splitter(len(payload))
    chunks: Any = (stream[at : at + 100] for at in range(0, len(stream), 100))

    assert [frame for chunk in chunks for frame in splitter.feed(chunk)] == [payload, b"next"]


def test_mutated_frames_are_refused_or_are_values() -> None:
    found = fuzzed(5000, seed=1)

    assert found.keys() == {"a value", "FrameError", "Malformed", "incomplete"}
    assert min(found.values()) > 100  # each kind of mutation bites


def test_a_million_mutated_frames_take_no_room() -> None:
    command = [sys.executable, "-m", "tests.impl.fuzz_frames", "1000000", "6"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    assert "bytes more in use" in ended.stdout
