"""All journals as one run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.impl.core import Step
from coterie.impl.replay.divergence import (
    CYCLE,
    REPEATED,
    UNSENT,
    Divergence,
    DivergenceError,
    Place,
)
from coterie.impl.replay.happening import Happened, Taken
from coterie.impl.replay.merging import Merged
from coterie.model.machine import Invoke, Node, Receive, Send
from coterie.model.postbox import Postbox

A, B, C = Node("a"), Node("b"), Node("c")
Line = tuple[str, ...]


def steps(node: Node, *lines: str, clock: float = 0.0, undone: tuple[int, ...] = ()) -> list[Taken]:
    """Return the steps of a node, each as `<b x` (received from b) or `>b x` (sent to b)."""
    names = {"a": A, "b": B, "c": C}
    found = []
    for line, text in enumerate(lines):
        peer, message = names[text[1]], text[3:]
        if text[0] == "<":
            step = Step(Receive(peer, message), ())
        else:
            step = Step(Invoke(text), (Send(peer, message),))
        place = Place(Path(str(node)), line)
        found.append(
            Taken(node, place, clock + line, step, 0, 0, Postbox(), counts=line not in undone)
        )
    return found


def order(*nodes: list[Taken]) -> list[str]:
    return [str(now.place) for now in _merged(*nodes) if isinstance(now, Taken)]


def _merged(*nodes: list[Taken]) -> Iterator[Happened]:
    return Merged({each[0].node: iter(each) for each in nodes}).happened()


def wrong(*nodes: list[Taken]) -> Divergence:
    with pytest.raises(DivergenceError) as caught:
        order(*nodes)
    return caught.value.divergence


def test_a_receipt_comes_after_its_send_whatever_the_clocks_say() -> None:
    late = steps(A, ">b x", clock=100)
    early = steps(B, "<a x", ">a y")

    assert order(late, early) == ["a0:0", "b0:0", "b0:1"]


def test_what_is_left_open_is_decided_by_the_clocks() -> None:
    assert order(steps(A, ">b x", ">b y"), steps(B, ">a z", clock=0.5)) == ["a0:0", "b0:0", "a0:1"]


def test_a_message_that_was_never_sent_is_told_with_the_nearest_one() -> None:
    found = wrong(steps(A, ">b x", ">b y"), steps(B, "<a z"))

    assert found.kind == UNSENT
    assert str(found.place) == "b0:0"
    assert found.sides[1].title == "the nearest, sent at a0:0"
    assert found.difference is not None
    assert (found.difference.one, found.difference.other) == ("'z'", "'x'")


def test_a_message_that_arrives_twice_is_told_as_such() -> None:
    found = wrong(steps(A, ">b x"), steps(B, "<a x", "<a x"))

    assert found.kind == REPEATED
    assert "it has arrived before" in found.notes[0]


def test_who_has_sent_nothing_is_told_as_such() -> None:
    assert wrong(steps(A, ">c x"), steps(B, "<a x")).notes == ("a0 has sent nothing to b0.",)


def test_what_a_turn_was_to_send_that_was_never_committed_cannot_arrive() -> None:
    found = wrong(steps(A, ">b x", undone=(0,)), steps(B, "<a x"))

    assert found.kind == UNSENT
    assert found.notes[0].startswith(
        "a0 was to send it at a0:0, in a turn that was never committed"
    )


def test_nodes_that_wait_for_one_another_are_a_circle() -> None:
    found = wrong(
        steps(A, "<c z", ">b x"), steps(B, "<a x", ">c y"), steps(C, "<b y", ">a z", clock=9)
    )

    assert found.kind == CYCLE
    assert len(found.sides[0].lines) == 3
    assert "a0:0 receives what is sent at c0:1" in found.sides[0].lines[0]


def test_who_waits_because_of_a_forged_message_is_not_blamed() -> None:
    found = wrong(steps(A, "<b y", ">b x"), steps(B, "<a forged", ">a y", clock=5))

    assert found.kind == UNSENT
    assert str(found.place) == "b0:0"


def test_nodes_without_journals_may_send_anything() -> None:
    assert order(steps(A, "<c anything", ">c x")) == ["a0:0", "a0:1"]
