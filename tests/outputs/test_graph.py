"""Graphs of states, held against the reference explorer, and read by `pydot` and `networkx`."""

import io
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import networkx as nx
import pydot
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coterie.checks.engine.reference import explore
from coterie.checks.world import World
from coterie.commands.outputs.graph import Edge, Graph, TooManyStatesError, dot, graph, graphml
from coterie.commands.outputs.markup import legal
from coterie.model.machine import Node
from tests.commands import counters
from tests.outputs.conftest import Command, Only
from tests.outputs.reports import ANYTHING, PATIENT
from tests.strategies import worlds

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pydot")
ROOT = Path(__file__).parents[2]
LOCK = str(ROOT / "docs" / "examples" / "lock.py")


def unquoted(words: str) -> str:
    """Return what Graphviz shows of a quoted string."""
    assert (words[0], words[-1]) == ('"', '"')
    found = re.fullmatch(r'(?:[^"\\]|\\["\\n])*', words[1:-1], re.DOTALL)
    assert found, words
    return re.sub(r"\\(.)", lambda it: {"n": "\n"}.get(it[1], it[1]), words[1:-1])


def read_graphml(text: str) -> Any:
    return nx.read_graphml(io.BytesIO(text.encode()), force_multigraph=True)


def labelled(words: str) -> Graph:
    """Return a graph of two states with an edge that says any words."""
    world = counters.world(1)
    start, *_ = world.initial()
    (step,) = world.successors(start)
    return Graph(world, (start, step.values), 1, (Edge(0, 1, words, fault=True),))


def small(world: World) -> Graph:
    """Return the graph of a world that is small enough."""
    with suppress(TooManyStatesError):
        return graph(world, 60)
    assume(False)
    raise AssertionError


@settings(PATIENT, max_examples=25)
@given(worlds())
def test_a_graph_is_what_the_reference_explores(world: World) -> None:
    found = small(world)

    numbers = {values: number for number, values in enumerate(found.states)}
    assert len(numbers) == len(found.states) == explore(world).states
    assert {*found.states[: found.initial]} == {*world.initial()}
    assert {(edge.source, edge.target) for edge in found.edges} == {
        (number, numbers[step.values])
        for number, values in enumerate(found.states)
        for step in world.successors(values)
        if step.values != values
    }


@settings(PATIENT, max_examples=25)
@given(worlds())
def test_a_graph_with_one_state_too_many_is_refused(world: World) -> None:
    states = len(small(world).states)

    with pytest.raises(TooManyStatesError):
        graph(world, states - 1)


@settings(PATIENT, max_examples=25)
@given(worlds())
def test_graphml_has_every_state_and_every_step(world: World) -> None:
    found = small(world)
    read = read_graphml(graphml(found, "world"))

    assert [read.nodes[f"s{n}"]["label"] or "" for n in range(len(found.states))] == found.labels()
    assert [node for node, data in read.nodes(data=True) if data["initial"]] == [
        f"s{number}" for number in range(found.initial)
    ]
    assert sorted((a, b, data["label"], data["fault"]) for a, b, data in read.edges(data=True)) == (
        sorted((f"s{it.source}", f"s{it.target}", it.label, it.fault) for it in found.edges)
    )


@PATIENT
@given(ANYTHING, ANYTHING)
def test_any_words_can_be_read_back(name: str, words: str) -> None:
    (drawn,) = pydot.graph_from_dot_data(dot(labelled(words), name)) or ()
    (edge,) = drawn.get_edges()
    (_, _, data) = next(iter(read_graphml(graphml(labelled(words), name)).edges(data=True)))

    assert unquoted(edge.get("label")) == legal(words)
    assert unquoted(drawn.get_name()) == legal(name)
    assert (data["label"] or "") == legal(words)


def test_the_start_is_bold_and_a_fault_is_dashed() -> None:
    (drawn,) = pydot.graph_from_dot_data(dot(labelled("it breaks"), "broken")) or ()

    start, other = (node for node in drawn.get_nodes() if node.get_name() != "node")
    (edge,) = drawn.get_edges()
    assert (start.get("style"), other.get("style"), edge.get("style")) == ("bold", None, "dashed")


def test_a_state_shows_what_differs_and_no_more_than_fits() -> None:
    found = graph(World({Node("counter"): counters.Counter(1)}), 10)

    assert found.labels() == ["counter0: Count(ticks=0)", "counter0: Count(ticks=1)"]
    long = World({Node("c" * 90): counters.Counter(1), Node("still"): counters.Counter(0)})
    assert [len(label) for label in graph(long, 10).labels()] == [60, 60]


def test_dot_is_printed_when_no_file_is_asked_for(coterie: Command) -> None:
    result = coterie("graph", LOCK, "--set", "clients=1")

    (drawn,) = pydot.graph_from_dot_data(result.stdout) or ()
    assert unquoted(drawn.get_name()) == "lock"
    assert len(drawn.get_edges()) == 9


def test_both_files_can_be_written_at_once(coterie: Command, tmp_path: Path) -> None:
    one, other = tmp_path / "states.dot", tmp_path / "states.graphml"
    result = coterie(
        "graph", LOCK, "--set", "clients=1", "--dot", str(one), "--graphml", str(other)
    )

    assert (result.exit_code, result.output) == (0, "")
    assert len(pydot.graph_from_dot_file(str(one))[0].get_edges()) == 9
    assert len(nx.read_graphml(other, force_multigraph=True).edges) == 9


def test_one_check_of_a_file_can_be_named(coterie: Command, only: Only) -> None:
    result = coterie("graph", only("SOUND", "WRONG"), "counters.sound")

    assert result.exit_code == 0
    assert result.stdout.count(" -> ") == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["oracles.two_phase"], "has more than 1,000 states, too many to look at"),
        (["oracles.tcommit", "--max-states", "33"], "has more than 33 states"),
        (["oracles"], "selects 4 checks"),
        ([LOCK, "key"], "has no check called key"),
        ([LOCK, "--dot", "it", "--graphml", "it"], "write the same file"),
        ([LOCK, "--dot", "/nowhere/at/all.dot"], "cannot be written"),
        ([LOCK, "--set", "doors=1"], "has no parameter doors"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    coterie: Command, arguments: list[str], words: str
) -> None:
    result = coterie("graph", *arguments)

    assert result.exit_code == 2
    assert words in result.stderr


def test_a_fault_of_the_model_is_said(coterie: Command, only: Only) -> None:
    result = coterie("graph", only("JAMMED"))

    assert result.exit_code == 2
    assert "the counter has jammed" in result.stderr
    assert "counters.py:" in result.stderr


@PATIENT
@given(st.integers(1, 6))
def test_a_graph_ends_where_the_counter_does(limit: int) -> None:
    assert [(it.source, it.target) for it in graph(counters.world(limit), 10).edges] == [
        (tick, tick + 1) for tick in range(limit)
    ]
