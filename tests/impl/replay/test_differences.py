"""Where two values differ."""

from attrs import frozen
from immutables import Map

from coterie.impl.replay.differences import (
    Difference,
    distance,
    first_difference,
    nearest,
    words,
)
from coterie.model.machine import Node, Receive, Send
from coterie.model.session import Notice, Parcel

A, B = Node("a"), Node("b")


@frozen
class Held:
    """Something with all kinds of containers in it."""

    row: tuple[int, ...] = ()
    names: frozenset[str] = frozenset()
    table: Map[str, int] = Map()  # noqa: RUF009 (it cannot be changed)


def path(one: object, other: object) -> str | None:
    found = first_difference(one, other)
    return found.path if found else None


def test_the_same_values_do_not_differ() -> None:
    assert first_difference(Parcel(1, 2, 3, 4, "x"), Parcel(1, 2, 3, 4, "x")) is None


def test_the_path_leads_through_classes_tuples_and_maps() -> None:
    held = Held((1, 2), table=Map(x=1))

    assert path((held,), (Held((1, 3), table=Map(x=1)),)) == "[0].row[1]"
    assert path(held, Held((1, 2), table=Map(x=2))) == "table['x']"
    assert path(Receive(A, held), Receive(B, held)) == "sender.role"


def test_both_values_are_told() -> None:
    assert first_difference(Notice(1, 2, 3), Notice(1, 2, 5), "message") == Difference(
        "message.received", "3", "5"
    )


def test_what_only_one_side_has_is_missing_on_the_other() -> None:
    assert first_difference((1,), (1, 2)) == Difference("[1]", "nothing", "2")
    assert first_difference(Map(x=1), Map()) == Difference("['x']", "1", "nothing")
    assert first_difference(frozenset("a"), frozenset("ab")) == Difference(
        "", "nothing more", "also 'b'"
    )


def test_truth_is_no_number() -> None:
    assert first_difference((1,), (True,)) == Difference("[0]", "1", "True")


def test_values_of_two_classes_differ_as_a_whole() -> None:
    assert path(Send(A, "x"), Receive(A, "x")) == ""


def test_the_nearest_differs_in_the_fewest_places() -> None:
    wanted = Parcel(1, 1, 5, 7, "x")
    near, far = Parcel(1, 1, 4, 7, "x"), Parcel(2, 2, 4, 7, "y")

    assert nearest(wanted, [far, near]) is near
    assert distance(wanted, near) == 1
    assert nearest(wanted, []) is None


def test_long_values_are_cut() -> None:
    text = words(Held(row=tuple(range(10_000))))

    assert text.startswith("Held(row=(0, 1, 2, ")
    assert text.endswith(" …")
    assert len(text) <= 300


def test_words_are_those_of_the_value() -> None:
    assert words(Receive(A, Notice(1, 0, 0))) == (
        "Receive(sender=a0, message=Notice(own=1, yours=0, received=0))"
    )
