"""One table that all see at once: the machine, and the same protocol in plain numbers."""

from collections.abc import Iterator
from itertools import permutations

import pytest

from coterie.checks.catalogue.synchrony.board import world
from coterie.checks.engine.explore import explore
from coterie.checks.mutation.named import changed
from coterie.model.machine import Machine, Node, Receive
from coterie.model.synchrony.board import Board, Say, Shared, Take
from coterie.model.synchrony.multicast import Multicast, lags_behind_later
from coterie.model.synchrony.state import row_of

Sent = tuple[tuple[bool, ...], ...]
"""For each sender its messages, by number; False for a null."""
Plain = tuple[Sent, tuple[tuple[int, ...], ...]]
"""What is sent, and how many messages each reader has of each sender."""


def states_of(messages: tuple[int, ...]) -> int:
    """Return how many states there are: the protocol anew, in counts and slots."""
    size = len(messages)
    start: Plain = (((),) * size, ((0,) * size,) * size)
    found, level = {start}, [start]
    while level:
        level = [after for state in level for after in _following(state, messages)]
        level = list(set(level) - found)
        found.update(level)
    return len(found)


def _following(state: Plain, messages: tuple[int, ...]) -> Iterator[Plain]:
    sent, has = state
    for rank, most in enumerate(messages):
        if sum(sent[rank]) < most:
            yield _with_nulls(_sending(state, rank, real=True))
    for reader, writer in permutations(range(len(messages)), 2):
        if has[reader][writer] < len(sent[writer]):
            yield _with_nulls(_taking(state, reader, writer))


def _with_nulls(state: Plain) -> Plain:
    """Return `state` with every slot filled whose owner has a message of a later slot."""
    sent, has = state
    size = len(sent)
    for rank in range(size):
        latest = max((n - 1) * size + other for other, n in enumerate(has[rank]))
        if len(sent[rank]) * size + rank < latest:
            return _with_nulls(_sending(state, rank, real=False))
    return state


def _sending(state: Plain, rank: int, *, real: bool) -> Plain:
    sent, has = state
    more = tuple((*one, real) if place == rank else one for place, one in enumerate(sent))
    return _taking((more, has), rank, rank)


def _taking(state: Plain, reader: int, writer: int) -> Plain:
    sent, has = state
    counts = tuple(
        tuple(n + ((i, j) == (reader, writer)) for j, n in enumerate(row))
        for i, row in enumerate(has)
    )
    return sent, counts


@pytest.mark.parametrize(
    ("messages", "states"),
    [((1, 1), 13), ((2, 2), 89), ((0, 1, 1), None), ((1, 1, 1), 1_025)],
)
def test_it_has_as_many_states_as_the_protocol_in_plain_numbers(
    messages: tuple[int, ...], states: int | None
) -> None:
    found = explore(world(messages), ()).states

    assert found == states_of(messages)
    assert states in (None, found)


def test_the_wrong_rule_for_later_ranks_has_the_states_that_it_has() -> None:
    made = changed(world, lags_behind_later, "own <= seen → own < seen")

    assert explore(made(messages=(1, 1, 1)), ()).states == 125


def stepped(machine: Shared, *events: Say | Take) -> Board:
    """Return the board after these events."""
    state = machine.start(None).state
    for event in events:
        outcome = machine.step(state, event)
        assert outcome is not None
        state = outcome.state
    return state


def test_all_hold_the_same_rows_and_nothing_is_delivered_before_all_have_it() -> None:
    machine = Shared((0, 0, 1))
    board = stepped(machine, Say(2), Take(0, 2), Take(1, 2), Take(1, 0), Take(2, 0), Take(0, 1))

    assert {member.rows for member in board.members} == {tuple(map(row_of, board.members))}
    assert [member.application for member in board.members] == [()] * 3
    last = stepped(
        machine, Say(2), Take(0, 2), Take(1, 2), Take(1, 0), Take(2, 0), Take(0, 1), Take(2, 1)
    )
    assert [len(member.application) for member in last.members] == [1, 1, 1]


def test_what_cannot_be_is_refused() -> None:
    machine: Machine[Board, None] = Shared((1, 0))
    state = machine.start(None).state

    assert machine.step(state, Say(1)) is None
    assert machine.step(state, Take(0, 1)) is None
    outcome = machine.step(state, Receive(Node("board"), "anything"))
    assert outcome is not None
    assert outcome.state == state


def test_a_window_holds_a_sender_back_on_the_board_too() -> None:
    board = stepped(Shared((2, 0), Multicast(window=1)), Say(0), Say(0))

    assert board.members[0].queue == (1,)
    assert row_of(board.members[0]).received == (1, 0)
