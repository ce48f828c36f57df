"""What a trace says of each thing that can happen, and of each thing that can change."""

from typing import Any

import pytest
from attrs import evolve, frozen
from immutables import Map

from coterie import (
    Event,
    Faults,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Send,
    View,
    World,
    always,
    at_rest,
    each,
    recoverable,
    step_always,
)
from coterie.checks.component import (
    Crashed,
    Delivered,
    Duplicated,
    Fired,
    Forged,
    Happening,
    Invoked,
    Lost,
    Restarted,
)
from coterie.checks.engine.reference import explore
from coterie.checks.result import Trace
from coterie.commands.changes import changes
from coterie.commands.page import plain
from coterie.commands.trace import as_data, shown
from coterie.commands.words import happening
from coterie.model.machine import Timeout
from coterie.spec.property import Property

NOTHING: Map[str, int] = Map()
A, B = Node("note", 0), Node("note", 1)


@frozen(cache_hash=True)
class Page:
    """A page of notes.

    Attributes:
        notes: what is noted, by word.
        read: how many notes of the other's have come in.
    """

    notes: Map[str, int] = NOTHING
    read: int = 0


@frozen
class Notebook(Machine[Page, Any]):
    """It notes what it is called with, durably, and tells the other."""

    other: Node

    def start(self, memory: Map[str, int] | None) -> Outcome[Page]:
        return Outcome(Page(memory or Map()))

    def step(self, state: Page, event: Event) -> Outcome[Page] | None:
        match event:
            case Invoke(word):
                notes = state.notes.set(word, len(word))
                return Outcome(evolve(state, notes=notes), [Record(word), Send(self.other, word)])
            case Receive():
                return Outcome(evolve(state, read=state.read + 1))
        return None

    def memory(self, state: Page) -> Map[str, int]:
        return state.notes

    def recorded(self, memory: Map[str, int], change: str) -> Map[str, int]:
        return memory.set(change, len(change))


def world(**fields: Any) -> World:
    return World({A: Notebook(B), B: Notebook(A)}, workload={A: ("tea",)}, **fields)


def run_to(claim: Property, **fields: Any) -> tuple[World, list[str], Trace]:
    """Return the world, the lines of the trace that refutes `claim`, and the trace."""
    where = world(**fields)
    finding = explore(where, [claim]).findings[0]
    assert finding.trace is not None
    return where, [plain(each).strip() for each in shown(where, finding, 80)], finding.trace


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (Delivered(A, B, "tea"), "note0 → note1: 'tea'"),
        (Fired(A, Timeout()), "note0: Timeout()"),
        (Invoked(A, "tea"), "a user of note0 calls 'tea'"),
        (Lost(A, B, "tea", "note1 is down"), "note0 → note1: 'tea' is lost (note1 is down)"),
        (Duplicated(A, B, "tea"), "note0 → note1: 'tea', and a copy stays in the network"),
        (Forged(A, B, "tea"), "note0 → note1: 'tea', forged"),
        (Crashed(A), "note0 crashes"),
        (Crashed(A, midway=True), "note0 crashes; what it recorded is kept, nothing else left it"),
        (Restarted(A), "note0 restarts from its durable memory"),
    ],
)
def test_everything_that_happens_has_words(what: Happening, words: str) -> None:
    assert happening(what) == words


@always
def nothing_is_read(world: View) -> bool:
    """Nothing is ever read."""
    return world[B].read == 0 if world.up(B) else True


def test_a_trace_begins_with_the_start_and_shows_only_what_changes() -> None:
    _, lines, _ = run_to(nothing_is_read)

    assert lines == [
        "start",
        "note0, note1: Page(notes={:}, read=0)",
        "workload of note0: ('tea',)",
        "1  a user of note0 calls 'tea'",
        "note0.notes: {:} → {'tea': 3}",
        "note0→note1  + 'tea'",
        "2  note0 → note1: 'tea'",
        "note1.read: 0 → 1",
        "=> here it is false.",
    ]


def test_a_brief_trace_says_what_happened_alone() -> None:
    where = world()
    finding = explore(where, [nothing_is_read]).findings[0]

    lines = [plain(each).strip() for each in shown(where, finding, 80, brief=True)]

    assert lines == [
        "1  a user of note0 calls 'tea'",
        "2  note0 → note1: 'tea'",
        "=> here it is false.",
    ]


@step_always
def nothing_is_forgotten(before: View, after: View) -> bool:
    """A node that is up stays up."""
    return after.up(A) or not before.up(A)


def test_a_crash_is_a_fault_and_shows_what_is_left() -> None:
    _, lines, _ = run_to(nothing_is_forgotten, faults=Faults(crashes=1, down=1))

    assert lines[-6:] == [
        "crashes left, restarts left, nodes that may go down: 1",
        "1  note0 crashes  [fault]",
        "note0: up → down, with {:} in durable memory",
        "crashes left: 1 → 0",
        "nodes that may go down: 1 → 0",
        "=> this last step makes it false.",
    ]


@step_always
def nobody_comes_back(before: View, after: View) -> bool:
    """Who is down stays down."""
    return before.up(A) or not after.up(A)


def test_a_restart_shows_the_state_that_memory_gives() -> None:
    _, lines, _ = run_to(nobody_comes_back, faults=Faults(crashes=1))

    assert "note0: down → Page(notes={:}, read=0)" in lines
    assert "restarts left: 1 → 0" in lines


@always(each=each("note"))
def no_note_is_read(world: View, node: Node) -> bool:
    """Nobody ever reads."""
    return bool(world[node].read == 0)


def test_the_nodes_of_which_a_claim_is_false_are_named() -> None:
    assert run_to(no_note_is_read)[1][-1] == "=> here it is false of note1."


@at_rest
def rest_without_notes(world: View) -> bool:
    """In the end nothing is noted."""
    return not world[A].notes


def test_a_claim_about_rest_says_that_nothing_more_can_happen() -> None:
    lines = run_to(rest_without_notes)[1]

    assert lines[-1] == "=> nothing but faults can happen here, and it is false."


@recoverable
def unread(world: View) -> bool:
    """It can always become unread again."""
    return bool(world[B].read == 0)


def test_a_claim_about_recovery_says_that_no_path_leads_back() -> None:
    lines = run_to(unread)[1]

    assert lines[-1] == "=> from here no path without faults reaches a state that makes it true."


@always
def nothing_is_lost(world: View) -> bool:
    """What was called is under way, or has been read."""
    told = bool(world.left(A)) or bool(world.in_flight(A, B))
    return told or bool(world[B].read)


def test_a_lost_message_is_named_once() -> None:
    _, lines, _ = run_to(nothing_is_lost, faults=Faults(losses=1))

    assert lines[-3:] == [
        "2  note0 → note1: 'tea' is lost (the network is lossy)  [fault]",
        "losses left: 1 → 0",
        "=> here it is false.",
    ]


def test_the_data_of_a_trace_has_every_change() -> None:
    where, _, trace = run_to(nothing_is_read)

    data = as_data(where, trace)

    assert data["start"]["workload of note0"] == "('tea',)"
    assert data["steps"][1] == {
        "happenings": ["note0 → note1: 'tea'"],
        "fault": False,
        "changes": {
            "note1": [{"field": "read", "old": "0", "new": "1"}],
            "note0→note1": [{"field": "", "old": "('tea',)", "new": "()"}],
        },
    }


def test_a_long_map_shows_only_the_keys_that_differ() -> None:
    where = world()
    values = next(iter(where.initial()))
    many = Map({word * 9: 9 for word in "abc"})
    before, after = (_with_notes(values, notes) for notes in (many, many.set("d" * 9, 9)))

    assert list(map(str, changes(where, before, after))) == ["note0.notes['ddddddddd']: absent → 9"]
    assert list(map(str, changes(where, after, before))) == ["note0.notes['ddddddddd']: 9 → absent"]


def _with_notes(values: tuple[Any, ...], notes: Map[str, int]) -> tuple[Any, ...]:
    return (evolve(values[0], state=Page(notes)), *values[1:])
