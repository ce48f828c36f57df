"""The shared state table: lower bounds, and what it hides that rows overwrite one another."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
from attrs import evolve, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.checks.catalogue.synchrony.table import world
from coterie.checks.catalogue.synchrony.worlds import ROWS, members
from coterie.checks.network import Fifo, Network
from coterie.checks.world import Values
from coterie.model.machine import Invoke, Machine, Node, Outcome, Receive, Send, Timeout
from coterie.model.synchrony.member import Member, State, Tell
from coterie.model.synchrony.state import row_of
from coterie.model.synchrony.table import Push, Row, coalesced
from coterie.model.synchrony.view import Changes, first_view
from coterie.spec.synchrony.table import copy_of, never_more

NAMES = members(3)
COLUMNS: dict[str, Any] = {
    "received": (1, 1, 1),
    "delivered": 3,
    "stored": 2,
    "suspected": frozenset(NAMES[1:2]),
    "joining": frozenset({Node("joiner")}),
    "leaving": True,
    "changes": Changes(frozenset(NAMES[1:2])),
    "trim": (1, 0, 0),
}
EMPTY = Row((0, 0, 0))


@pytest.mark.parametrize("column", COLUMNS)
def test_each_column_counts_when_two_rows_are_compared(column: str) -> None:
    fuller = Row(**{"received": (0, 0, 0), column: COLUMNS[column]})

    assert never_more(EMPTY, EMPTY)
    assert never_more(EMPTY, fuller)
    assert not never_more(fuller, EMPTY)


def test_pushes_between_which_one_is_lost_are_not_told_in_one() -> None:
    writer, row = Node("member", 0), Row((3, 0))
    first, third = Push(0, writer, row, 0, ("a",)), Push(0, writer, row, 2, ("c",))

    assert coalesced(first, third) is None
    assert coalesced(first, Push(0, writer, row, 1, ("b",))) == Push(0, writer, row, 0, ("a", "b"))


def test_what_is_decided_once_is_not_decided_otherwise() -> None:
    one, other = Row((0,), trim=(0,)), Row((0,), trim=(1,))

    assert not never_more(one, other)
    assert not never_more(other, one)


@frozen(eq=False)
class Remembering(Machine[Any, Any]):
    """A machine that is asked each question once."""

    machine: Machine[Any, Any]
    known: dict[Any, Any] = field(factory=dict)

    def start(self, memory: Any) -> Outcome[Any]:
        return self.machine.start(memory)

    def options(self, state: Any) -> Iterable[Timeout]:
        del state
        return ()

    def step(self, state: Any, event: Any) -> Outcome[Any] | None:
        key = (state, event)
        if key not in self.known:
            self.known[key] = self.machine.step(state, event)
        outcome: Outcome[Any] | None = self.known[key]
        return outcome


@cache
def reached(told: tuple[int, ...], network: Network) -> frozenset[tuple[Any, ...]]:
    """Return what the nodes can all be at the same moment, by the plain definition."""
    made = world(len(told), told, network=network)
    machines = {node: Remembering(machine) for node, machine in made.machines.items()}
    plain = evolve(made, machines=machines, observers={}, closing=())
    found: set[Values] = set(plain.initial())
    level = list(found)
    while level:
        after = {step.values for values in level for step in plain.successors(values)}
        level = list(after - found)
        found.update(level)
    slots = [plain.slots[node] for node in plain.machines]
    return frozenset(tuple(values[slot] for slot in slots) for values in found)


@pytest.mark.parametrize("told", [(1, 1), (2, 1), (0, 1, 0), (2, 0, 0)])
def test_what_is_reached_where_rows_overwrite_is_reached_where_they_queue(
    told: tuple[int, ...],
) -> None:
    assert reached(told, ROWS) <= reached(told, Fifo())


def is_stale(tables: tuple[Any, ...]) -> bool:
    """Return whether member 2 has the first message after it has heard of the second."""
    first, _, third = (running.state for running in tables)
    known = copy_of(NAMES[2])(first)
    assert known is not None
    return row_of(third).received[0] == 1 and known[1].received[:2] == (0, 1)


def test_only_a_queue_brings_the_first_message_after_news_of_the_second() -> None:
    hidden = reached((2, 0, 0), Fifo()) - reached((2, 0, 0), ROWS)

    assert any(map(is_stale, hidden))
    assert not any(map(is_stale, reached((2, 0, 0), ROWS)))


def step(machine: Member, state: State, event: Any) -> tuple[State, tuple[Push, ...]]:
    """Return the state after `event`, and the pushes to the member of rank 0."""
    outcome = machine.step(state, event)
    assert outcome is not None
    sends = [each for each in outcome.effects if isinstance(each, Send)]
    return outcome.state, tuple(each.message for each in sends if each.to == NAMES[0])


def pushes_of(rank: int, counts: list[int]) -> tuple[Push, ...]:
    """Return what the member of that rank pushes whose user tells so many messages at a time."""
    machine = Member(NAMES[rank], first_view(*NAMES))
    state = machine.start(None).state
    pushes: tuple[Push, ...] = ()
    for call, count in enumerate(counts):
        payloads = tuple(f"{rank}.{call}.{number}" for number in range(count))
        state, more = step(machine, state, Invoke(Tell(payloads)))
        pushes = (*pushes, *more)
    return pushes


@settings(max_examples=25)
@given(st.integers(1, 2), st.lists(st.integers(1, 3), min_size=2, max_size=4))
def test_two_pushes_read_together_are_two_read_one_after_the_other(
    rank: int, counts: list[int]
) -> None:
    reader, pushes = Member(NAMES[0], first_view(*NAMES)), pushes_of(rank, counts)
    one_by_one = together = reader.start(None).state
    whole: Push | None = pushes[0]
    for push in pushes[1:]:
        whole = coalesced(whole, push)
    for push in pushes:
        one_by_one, _ = step(reader, one_by_one, Receive(NAMES[rank], push))
    together, _ = step(reader, together, Receive(NAMES[rank], whole))

    assert len(pushes) == len(counts)
    assert together == one_by_one
