"""Messages in parts, greetings and delays, without any network."""

import itertools

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from coterie.impl.channels.dialler import Delays
from coterie.impl.channels.hello import Hello, Identity, farewell, objection
from coterie.impl.channels.parts import LAST, PART, WHOLE, Assembly, PartsError, cut
from coterie.impl.channels.reasons import Quota, Reason
from coterie.model.machine import Node

CLIENT, ZERO, ONE = Node("client"), Node("server", 0), Node("server", 1)


@given(st.lists(st.binary(min_size=1, max_size=200)), st.integers(min_value=2, max_value=64))
def test_what_is_cut_is_put_together_again(messages: list[bytes], room: int) -> None:
    assembly = Assembly(200)
    payloads = [payload for message in messages for payload in cut(message, room)]
    taken = [assembly.take(payload[0], payload[1:]) for payload in payloads]

    assert [message for message in taken if message is not None] == messages
    assert all(1 < len(payload) <= room for payload in payloads)


@given(st.lists(st.tuples(st.sampled_from((WHOLE, PART, LAST)), st.binary(max_size=60))))
def test_whatever_comes_no_more_than_the_limit_is_held(parts: list[tuple[int, bytes]]) -> None:
    assembly = Assembly(100)
    for kind, content in parts:
        try:
            message = assembly.take(kind, content)
        except PartsError:
            return
        assert message is None or 0 < len(message) <= 100
        assert len(assembly._unfinished) <= 100


def test_a_message_cannot_begin_inside_of_another() -> None:
    assembly = Assembly(100)
    assembly.take(PART, b"a")

    with pytest.raises(PartsError, match="inside of another"):
        assembly.take(WHOLE, b"b")


OWN = Identity("test", ZERO, 3)
RIGHT = Hello(1, "test", "client0", "server0", 1, 1)


def test_a_right_hello_is_accepted() -> None:
    assert objection(RIGHT, OWN, CLIENT, None) is None
    assert objection(RIGHT, OWN, CLIENT, CLIENT) is None
    assert objection(Identity("test", CLIENT, 9).hello(ZERO, 1), OWN, CLIENT, None) is None


def test_whoever_is_not_whom_one_dialled_is_refused() -> None:
    refused = objection(RIGHT, OWN, CLIENT, ONE)

    assert refused == farewell(Reason.NAME, "client0 is where server1 should be")


def test_what_a_peer_calls_itself_is_short_and_harmless_in_a_log() -> None:
    refused = objection(evolve(RIGHT, name="\x1b[2J\u202e" * 1000), OWN, CLIENT, None)

    assert refused is not None
    assert len(refused.detail) <= 300
    assert refused.detail.isprintable()
    assert refused.detail.isascii()


def test_delays_double_up_to_the_longest_and_begin_anew() -> None:
    delays = Delays(0.05, 2.0, lambda: 1.0)

    assert [delays.next() for _ in range(8)] == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    delays.reset()
    assert delays.next() == 0.05


def test_a_delay_is_at_least_half_its_length() -> None:
    drawn = itertools.cycle([0.0, 0.5])
    delays = Delays(1.0, 2.0, lambda: next(drawn))

    assert [delays.next() for _ in range(4)] == [0.5, 1.5, 1.0, 1.5]


def test_a_reason_that_nobody_knows_is_unknown() -> None:
    assert Reason("nonsense") is Reason.UNKNOWN
    assert Reason("slow") is Reason.SLOW


def test_a_quota_begins_anew_each_second() -> None:
    clock = iter([0.0, 0.5, 0.9, 1.0, 1.1, 1.2])
    quota = Quota(2, lambda: next(clock))

    assert [quota.take() for _ in range(6)] == [True, True, False, True, True, False]
