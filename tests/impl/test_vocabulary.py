"""Which classes are values, and what their type hints allow."""

import base64
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import attrs
import msgspec
import pytest
from attrs import field, frozen
from attrs.validators import ge

import coterie.model.gossip.store.disk
import coterie.model.machine
import coterie.model.synchrony.member
import coterie.model.synchrony.restart
import coterie.model.synchrony.returning
from coterie.impl.codec import NESTED_MAX, Codec, Malformed, vocabulary
from coterie.model.call import Call
from coterie.model.gossip.store.disk import Line, Row
from coterie.model.gossip.store.reads import Answer, Found
from coterie.model.machine import Invoke, Node, Outcome, Timeout
from coterie.model.stacked import Above
from coterie.model.synchrony.member import Member
from coterie.model.synchrony.restart import Restart
from coterie.model.synchrony.returning import Returning

pack = msgspec.msgpack.encode


Content = TypeVar("Content")


@frozen
class Box(Generic[Content]):
    content: Content


@frozen
class Shelf:
    boxes: tuple[Box[int], ...]
    label: bytes = b""


@frozen
class Tree:
    left: "Tree | None" = None
    right: "Tree | None" = None


@frozen
class Even:
    number: int = field(validator=ge(0))
    kind: type[int] | int = field(default=0)


@frozen
class Natural:
    number: int = field(validator=ge(0))

    def __attrs_post_init__(self) -> None:
        if self.number == 13:
            raise TypeError("thirteen is no natural number")


@frozen
class Rounded:
    number: int = field(converter=lambda number: number // 10 * 10)


@frozen
class Waits:
    timeout: Timeout
    choice: int | str | None = None


@frozen
class Named:
    name: str = field(kw_only=True)


@frozen
class Counted:
    count: int = field(init=False, default=0)


@frozen
class Ambiguous:
    either: tuple[int, int] | tuple[str, ...]


@attrs.define
class Mutable:
    number: int


@frozen
class Acts:
    act: Callable[[int], int]


@frozen
class HoldsActs:
    acts: tuple[Acts, ...]


@frozen
class Priced:
    price: float


OWN = Codec([Box, Shelf, Tree, Natural, Rounded, Waits, Above, Call, Node])


def test_a_class_has_a_say_in_what_its_instances_are() -> None:
    assert OWN.decode(OWN.encode(Natural(3))) == Natural(3)
    for number in (-1, 13):
        with pytest.raises(Malformed):
            OWN.value(["test_vocabulary.Natural", number])


def test_a_converter_does_not_give_a_value_a_second_way_to_be_written() -> None:
    assert OWN.value(["test_vocabulary.Rounded", 30]) == Rounded(30)
    with pytest.raises(Malformed):
        OWN.value(["test_vocabulary.Rounded", 31])


def test_an_instance_of_a_subclass_may_stand_where_its_base_is_asked_for() -> None:
    waits = Waits(Above(1), "x")

    assert OWN.decode(OWN.encode(waits)) == waits
    with pytest.raises(Malformed):
        OWN.value(["test_vocabulary.Waits", ["call.Call", "x", None, None], None])


def test_a_generic_class_holds_anything() -> None:
    shelf = Shelf((Box(1), Box("two"), Box(Node("a"))))  # type: ignore[arg-type]

    assert OWN.decode(OWN.encode(shelf)) == shelf


def test_what_a_hint_names_is_in_the_vocabulary() -> None:
    codec = Codec([Answer])

    assert codec.decode(codec.encode(Answer(1, Found(2)))) == Answer(1, Found(2))
    with pytest.raises(Malformed):
        codec.value(["disk.Line", 1])


@pytest.mark.parametrize(
    ("cls", "words"),
    [
        (Member, "Member is no frozen attrs class, or it is a machine"),
        (Restart, "Restart.may_promise holds"),
        (Returning, "Returning.restart holds"),
        (HoldsActs, "HoldsActs.acts holds"),
        (Priced, "Priced.price holds <class 'float'>"),
        (Even, "Even.kind holds"),
        (Mutable, "Mutable is no frozen attrs class"),
        (Named, "Named.name is no positional argument"),
        (Counted, "Counted.count is no positional argument"),
        (Ambiguous, "is ambiguous"),
        (int, "int is no frozen attrs class"),
    ],
)
def test_parameters_and_what_cannot_be_written_are_refused_at_once(cls: type, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Codec([cls])


def test_two_classes_with_one_tag_are_refused() -> None:
    other = attrs.make_class("Found", ["value"], frozen=True)
    other.__module__ = "elsewhere.reads"

    with pytest.raises(ValueError, match="have the same tag"):
        Codec([Found, other])


def test_a_vocabulary_is_what_modules_define_without_parameters() -> None:
    member = coterie.model.synchrony.member
    restart, returning = coterie.model.synchrony.restart, coterie.model.synchrony.returning

    assert {cls.__name__ for cls in vocabulary(member)} == {
        *("Tell", "Stored", "Leave", "Installed", "Join")
    }
    assert Restart not in vocabulary(restart)
    assert Returning not in vocabulary(returning)
    assert vocabulary(coterie.model.gossip.store.disk) >= {Row, Line}
    assert {Node, Invoke, Outcome, Timeout} <= vocabulary(coterie.model.machine)


def test_bytes_are_text_in_json_wherever_they_stand() -> None:
    shelf = Shelf((Box(1),), b"\x00\xff")
    call = Call("write", frozenset({b"a", b"b"}))

    text = base64.b64encode(b"\x00\xff").decode()
    assert msgspec.json.decode(OWN.to_json(shelf))[2] == ["b", text]
    assert OWN.from_json(OWN.to_json(shelf)) == shelf
    assert OWN.from_json(OWN.to_json(call)) == call


def test_a_recursive_class_is_no_way_around_the_limit() -> None:
    tree = Tree(Tree(None, Tree()), Tree())
    deep: Any = ["test_vocabulary.Tree", None, None]
    for _ in range(NESTED_MAX):
        deep = ["test_vocabulary.Tree", deep, None]

    assert OWN.decode(OWN.encode(tree)) == tree
    with pytest.raises(Malformed):
        OWN.value(deep)
