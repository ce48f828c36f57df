"""Values to bytes and back: exactly one way to write each, and everything else is refused."""

import os
import subprocess
import sys
import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from immutables import Map

from coterie.impl.codec import NESTED_MAX, READ_MAX, TEXT_MAX, Codec, Malformed, Unwritable
from coterie.impl.forms import NODES_MAX
from coterie.model.call import Call
from coterie.model.gossip.store.disk import Line
from coterie.model.gossip.store.reads import Absent, Answer, Found
from coterie.model.keyed import At
from coterie.model.link import Line as Outbox
from coterie.model.link import Numbered
from coterie.model.machine import Node, Outcome, Record
from coterie.model.synchrony.restart import Restart
from tests.impl.values import CLASSES, CODEC, fits, plainly, trees, values

pack = msgspec.msgpack.encode


@given(values())
@settings(max_examples=150, deadline=None)
def test_what_is_encoded_is_decoded(value: Any) -> None:
    data = CODEC.encode(value)

    assert CODEC.decode(data) == value
    assert CODEC.encode(CODEC.decode(data)) == data


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_every_class_of_the_model_is_written_as_the_dumb_twin_writes_it(cls: type) -> None:
    @given(values(cls))
    @settings(max_examples=4, deadline=None)
    def holds(value: Any) -> None:
        assert CODEC.plain(value) == plainly(value)
        assert CODEC.encode(value) == pack(plainly(value))
        assert CODEC.value(plainly(value)) == value
        assert fits(CODEC.decode(CODEC.encode(value)), cls)

    holds()


@given(values())
@settings(max_examples=150, deadline=None)
def test_what_is_written_as_json_is_read_again(value: Any) -> None:
    line = CODEC.to_json(value)

    assert b"\n" not in line
    assert CODEC.from_json(line) == value
    assert CODEC.to_json(CODEC.from_json(b" " + line + b"\n")) == line


@given(st.lists(values(), max_size=5))
@settings(max_examples=100, deadline=None)
def test_equal_sets_and_maps_give_equal_bytes(items: list[Any]) -> None:
    """In whichever order they came about; True and 1 are equal, so the first of them is kept."""
    kept = list(dict.fromkeys(items))
    pairs = [(item, number) for number, item in enumerate(kept)]

    assert CODEC.encode(frozenset(kept)) == CODEC.encode(frozenset(reversed(kept)))
    assert CODEC.encode(Map(pairs)) == CODEC.encode(Map(pairs[::-1]))


def test_the_order_of_hashes_leaves_no_mark() -> None:
    script = (
        "from coterie.impl.codec import Codec\n"
        "from coterie.model.machine import Node\n"
        "from immutables import Map\n"
        "names = frozenset(Node(f'n{i}') for i in range(20))\n"
        "codec = Codec([Node])\n"
        "value = (names, Map((name, 0) for name in names))\n"
        "print(codec.encode(value).hex(), codec.to_json(value).hex())"
    )

    def written(seed: str) -> bytes:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.run(
            [sys.executable, "-c", script], env=environment, check=True, capture_output=True
        ).stdout

    assert written("1") == written("2")


def _judge(data: bytes) -> None:
    """Hold that bytes are refused, or are what their value encodes to; nothing else is raised."""
    try:
        value = CODEC.decode(data)
    except Malformed:
        return
    assert CODEC.encode(value) == data
    assert fits(value, Any)


@given(values(), st.data())
@settings(max_examples=150, deadline=None)
def test_mutated_bytes_are_refused_or_are_another_value(value: Any, data: st.DataObject) -> None:
    sent = bytearray(CODEC.encode(value))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(sent)))
        until = data.draw(st.integers(at, min(len(sent), at + 3)))
        sent[at:until] = data.draw(st.binary(max_size=3))

    _judge(bytes(sent))


@given(trees())
@settings(max_examples=150, deadline=None)
def test_random_trees_are_refused_or_are_values(tree: Any) -> None:
    _judge(pack(tree))


@given(st.binary(max_size=40))
@settings(max_examples=100, deadline=None)
def test_random_bytes_are_refused_or_are_values(data: bytes) -> None:
    _judge(data)


@given(trees())
@settings(max_examples=100, deadline=None)
def test_random_json_is_refused_or_is_a_value(tree: Any) -> None:
    line = msgspec.json.encode(tree)
    try:
        value = CODEC.from_json(line)
    except Malformed:
        return
    assert CODEC.to_json(value) == line


@given(values(), trees() | values().map(plainly), st.data())
@settings(max_examples=150, deadline=None)
def test_a_strange_branch_is_refused_or_fits_its_place(
    value: Any, strange: Any, data: st.DataObject
) -> None:
    """The dumb twin and the dumb judge of hints decide what may be accepted."""
    tree = place = [plainly(value)]
    at = 0
    while type(place[at]) is list and data.draw(st.booleans()):
        place = place[at]
        at = data.draw(st.integers(0, len(place) - 1))
    place[at] = strange

    try:
        found = CODEC.value(tree[0])
    except Malformed:
        return
    assert pack(plainly(found)) == pack(tree[0])
    assert fits(found, Any)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ((), ["("]),
        ((1, None, True), ["(", 1, None, True]),
        (frozenset({"b", "a"}), ["{", "a", "b"]),
        (Map({2: b"two", 1: "one"}), ["{:", [1, "one"], [2, b"two"]]),
        (Node("member", 2), ["@", "member", 2]),
        (Absent(), ["reads.Absent"]),
        (Answer(3, Found(7)), ["reads.Answer", 3, ["reads.Found", 7]]),
        (Line(3), ["disk.Line", 3]),
        (Outbox(0, (), 3), ["link.Line", 0, ["("], 3]),
        (Outcome(1, (Record("x"),)), ["machine.Outcome", 1, ["(", ["machine.Record", "x"]]]),
    ],
)
def test_values_are_written_like_this(value: Any, plain: Any) -> None:
    assert CODEC.plain(value) == plain
    assert CODEC.value(plain) == value


@pytest.mark.parametrize(
    "plain",
    [
        [],
        [[]],
        [[], 1],
        ["nothing.Known"],
        ["machine.Node", "member", 2],
        ["reads.Absent", 1],
        ["reads.Found"],
        ["reads.Found", 1, 2],
        ["reads.Found", True],
        ["reads.Found", "1"],
        ["reads.Found", None],
        ["reads.Found", 1.0],
        ["reads.Found", ["reads.Found", 1]],
        ["reads.Answer", 1, ["disk.Line", 1]],
        ["reads.Answer", 1, 1],
        ["recovery.Rows", ["(", ["(", 1]], 1, 1],
        ["recovery.Rows", ["(", 1], 1, 1],
        ["table.Row", ["(", True], 0, 0, ["{"], ["{"], False, None, None],
        ["@", "member"],
        ["@", "member", True],
        ["@", "member", 1, 1],
        ["{", 2, 1],
        ["{", 1, 1],
        ["{", 1, True],
        ["{", ["keyed.At", 1, 0], ["keyed.At", True, 0]],
        ["{:", [2, 0], [1, 0]],
        ["{:", [1, 0], [1, 1]],
        ["{:", [1, 0], [True, 0]],
        ["{:", [1]],
        ["{:", 1],
        ["{:", "ab"],
        {"(": 1},
        ("(", 1),
        1.5,
        2**63,
        ["(", -(2**63) - 1],
        ["reads.Found", 2**63],
        ["{", 2**63],
        "\ud800",
        ["(", "\ud800"],
        ["{:", ["\ud800", 1]],
        object(),
        ["b", "AA=="],
    ],
)
def test_what_is_no_plain_form_is_refused(plain: Any) -> None:
    with pytest.raises(Malformed):
        CODEC.value(plain)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01\x01",  # trailing bytes
        b"\xcd\x00\x01",  # 1, written longer than need be
        b"\xd9\x01a",  # likewise "a"
        b"\xdc\x00\x02\xa1(\x01",  # likewise (1,)
        b"\x92\xa1(",  # cut off
        b"\xdd\xff\xff\xff\xff",  # a claim of four thousand million items
        b"\xdb\xff\xff\xff\xffabc",
        b"\xc1",
        b"\xd4\x05\x00",  # an extension
        b"\xd6\xff\x00\x00\x00\x00",  # a time
        b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00",
        b"\x81\x01\x02",  # a map
        b"\xa3\xed\xa0\x80",  # half a surrogate pair
        b"\xa1\xff",
    ],
    ids=repr,
)
def test_what_is_no_messagepack_of_ours_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        CODEC.decode(data)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[",
        b"1 2",
        b"1.5",
        b"NaN",
        b"18446744073709551616",
        b'"\\ud800"',
        b"{}",
        b'["b","AA"]',
        b'["b","AB=="]',  # bits that nobody reads
        b'["b","A A=="]',
        b'["b","\xc3\xa9"]',
        b'["b",1]',
        b'["b"]',
        b'["{",2,1]',
        b"[" * 100_000,
    ],
)
def test_what_is_no_json_of_ours_is_refused(line: bytes) -> None:
    with pytest.raises(Malformed):
        CODEC.from_json(line)


def nested(depth: int) -> Any:
    value: Any = Found(1)
    for _ in range(depth):
        value = (value,)
    return value


def test_values_are_nested_so_deeply_and_no_deeper() -> None:
    deepest = nested(NESTED_MAX)

    assert CODEC.value(CODEC.plain(deepest)) == deepest
    for write in (CODEC.plain, CODEC.encode):
        with pytest.raises(Unwritable):
            write((deepest,))
    with pytest.raises(Malformed):
        CODEC.value(plainly((deepest,)))


def test_what_arrives_may_be_wrapped_and_written_and_told_in_a_journal() -> None:
    deepest = nested(READ_MAX)

    assert CODEC.decode(CODEC.encode(deepest)) == deepest
    with pytest.raises(Malformed):
        CODEC.decode(CODEC.encode((deepest,)))
    wrapped = nested(TEXT_MAX)
    assert CODEC.from_json(CODEC.to_json(wrapped)) == wrapped
    with pytest.raises(Unwritable):
        CODEC.to_json((wrapped,))


@pytest.mark.parametrize(
    ("tag", "closing"), [("(", []), ("{", []), ("keyed.At", [1]), ("stacked.Above", [])]
)
def test_whatever_holds_lists_counts_as_a_level(tag: str, closing: list[Any]) -> None:
    def form(depth: int) -> Any:
        plain: Any = 1
        for _ in range(depth):
            plain = [tag, *closing, plain]
        return plain

    assert CODEC.plain(CODEC.value(form(NESTED_MAX))) == form(NESTED_MAX)
    with pytest.raises(Malformed):
        CODEC.value(form(NESTED_MAX + 1))
    with pytest.raises(Malformed):
        CODEC.value(form(600))


def test_maps_are_no_way_around_the_limit() -> None:
    chart: Any = ["{:"]
    for _ in range(NESTED_MAX):
        chart = ["{:", [1, chart]]

    with pytest.raises(Malformed):
        CODEC.value(chart)


def test_endless_nesting_on_the_wire_is_refused() -> None:
    with pytest.raises(Malformed):
        CODEC.decode(b"\x91" * 100_000)
    with pytest.raises(Malformed):
        CODEC.decode(b"\x92\xa1(" * 100_000 + b"\x01")
    knot: list[Any] = ["("]
    knot.append(knot)
    with pytest.raises(Malformed):
        CODEC.value(knot)


@pytest.mark.parametrize(
    "value",
    [
        2**63,
        -(2**63) - 1,
        Found(2**63),
        frozenset({2**63}),
        "\ud800",
        Call("\ud800"),
        Map({"\ud800": 1}),
        1.5,
        [1],
        {1},
        {},
        object(),
        Found(1.5),  # type: ignore[arg-type]
        Found(True),
        Found(None),  # type: ignore[arg-type]
        Node("member", True),
        Answer(1, Line(1)),  # type: ignore[arg-type]
        Answer("1", Found(1)),  # type: ignore[arg-type]
        Restart(),
        pytest,
    ],
)
def test_what_is_no_value_cannot_be_written(value: Any) -> None:
    for write in (CODEC.encode, CODEC.to_json):
        with pytest.raises(Unwritable):
            write(value)


def test_the_largest_and_smallest_integers_are_those_of_64_bits() -> None:
    for number in (2**63 - 1, -(2**63)):
        assert CODEC.decode(CODEC.encode(Found(number))) == Found(number)
        assert CODEC.from_json(CODEC.to_json(Found(number))) == Found(number)


def test_true_is_not_one() -> None:
    assert CODEC.decode(CODEC.encode(At(True, 1))).key is True
    assert type(CODEC.decode(CODEC.encode(At(1, True))).key) is int
    assert CODEC.encode(True) != CODEC.encode(1)


def test_who_names_a_node_twice_gets_the_same_object() -> None:
    first, second = CODEC.decode(CODEC.encode((Node("x", 7), Node("x", 7))))

    assert first is second


def test_no_peer_makes_a_codec_remember_much() -> None:
    codec = Codec([Node])
    many = codec.encode(tuple(Node("x", index) for index in range(2 * NODES_MAX)))
    long = codec.encode((Node("x" * 1000), Node("x" * 1000)))

    tracemalloc.start()
    try:
        codec.decode(many)
        before, _ = tracemalloc.get_traced_memory()
        for role in range(100):
            codec.decode(codec.encode(tuple(Node(f"{role}{at}" * 100) for at in range(100))))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    first, second = Codec([Node]).decode(long)
    assert first == second
    assert first is not second
    assert after - before < 1 << 16


def test_a_message_over_the_link_reads_like_this_in_the_journal() -> None:
    line = CODEC.to_json(Numbered(3, Call("write", ("x", None))))

    assert line == b'["link.Numbered",3,["call.Call","write",["(","x",null],null]]'
