"""What was sent and what was received, on one way."""

from itertools import combinations
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from coterie.impl.replay.divergence import Place
from coterie.impl.replay.ways import Way


def at(line: int) -> Place:
    return Place(Path("journal"), line)


def way(sent: str) -> Way:
    made = Way()
    for line, message in enumerate(sent):
        made.send(message, at(line), leaves=True)
    return made


def matched(sent: str, received: str) -> list[int] | None:
    """Return the line of each send that a receipt is matched with; None where one has none."""
    made, lines = way(sent), []
    for message in received:
        found = made.receive(message)
        if found is None:
            return None
        lines.append(found.place.line)
    return lines


@given(st.text("ab", max_size=8), st.text("ab", max_size=5))
def test_receipts_are_matched_whenever_any_order_does_it_and_as_early_as_in_any(
    sent: str, received: str
) -> None:
    possible = [
        lines
        for lines in combinations(range(len(sent)), len(received))
        if all(sent[line] == message for line, message in zip(lines, received, strict=True))
    ]

    found = matched(sent, received)

    assert (found is not None) == bool(possible)
    assert all(
        found is not None and mine <= its
        for lines in possible
        for mine, its in zip(found or (), lines, strict=True)
    )


def test_a_message_that_is_not_there_yet_is_found_when_it_is() -> None:
    made = way("ab")

    assert made.receive("c") is None
    assert made.receive("c") is None
    made.send("b", at(2), leaves=True)
    assert made.receive("c") is None
    made.send("c", at(3), leaves=True)
    found = made.receive("c")

    assert found is not None
    assert found.place == at(3)
    assert (made.received, made.lost) == (1, 3)


def test_what_was_passed_over_does_not_arrive_any_more() -> None:
    assert matched("abc", "ba") is None


def test_a_message_arrives_once() -> None:
    assert matched("ab", "aa") is None


def test_what_was_never_committed_never_arrives() -> None:
    made = Way()
    made.send("a", at(0), leaves=False)

    assert made.receive("a") is None
    assert [sent.message for sent in made.never] == ["a"]


def test_nothing_is_kept_for_who_takes_no_more_steps() -> None:
    made = Way()
    made.send("a", at(0), leaves=True, is_there=False)

    assert not made.sent
    assert made.lost == 1


def test_without_order_each_receipt_needs_some_send_before() -> None:
    made = Way(ordered=False)
    made.send("a", at(0), leaves=True)
    made.send("b", at(1), leaves=True)

    assert [made.receive(message) is not None for message in "babc"] == [True, True, True, False]
