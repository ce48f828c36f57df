"""ITF traces, read by a strict reader of our own and by `itf-py`."""

import json
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import itf_py
import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from coterie.checks.nodes import Down, Running
from coterie.checks.result import Trace
from coterie.checks.world import World
from coterie.commands.outputs import itf
from coterie.commands.words import happening, text
from coterie.model.machine import Node
from tests.commands import counters
from tests.outputs.conftest import Command, Only
from tests.outputs.itf_reader import check_trace, check_value, python
from tests.outputs.reports import ANYTHING, PATIENT, report_of
from tests.strategies import worlds


class Colour(Enum):
    RED = 1


class Pair(NamedTuple):
    one: Any
    other: Any


@frozen(cache_hash=True)
class Box:
    content: Any


PLAIN = st.none() | st.booleans() | st.integers() | ANYTHING
VALUES = st.recursive(
    PLAIN | st.sampled_from([Node("replica", 2), Colour.RED]),
    lambda inner: st.one_of(
        st.tuples(inner, inner),
        st.frozensets(inner, max_size=3),
        st.dictionaries(inner, inner, max_size=3).map(Map),
        st.builds(Box, inner),
        st.builds(Pair, inner, inner),
    ),
    max_leaves=8,
)


def twin(value: Any) -> Any:
    """Return what the reader must make of `value`."""
    match value:
        case Node() | Enum():
            return text(value)
        case None:
            return ("variant", "None")
        case Pair(one, other):
            return ("variant", "Pair", ("one", twin(one)), ("other", twin(other)))
        case Box(content):
            return ("variant", "Box", ("content", twin(content)))
        case tuple():
            return ("tuple", *map(twin, value))
        case frozenset():
            return ("set", frozenset(map(twin, value)))
        case Map():
            return ("map", frozenset((twin(key), twin(item)) for key, item in value.items()))
    return value


def traces(coterie: Command, name: str, folder: Path) -> dict[str, Any]:
    coterie("check", name, "--itf", str(folder))
    return {path.name: json.loads(path.read_text()) for path in folder.iterdir()}


@PATIENT
@given(VALUES)
def test_a_value_can_be_read_back(value: Any) -> None:
    data = json.loads(json.dumps(itf.value(value)))

    check_value(data)
    assert python(data) == twin(value)


@PATIENT
@given(st.lists(st.integers() | ANYTHING, unique=True))
def test_equal_values_are_written_alike(items: list[Any]) -> None:
    there, back = (dict.fromkeys(each) for each in (items, reversed(items)))

    assert itf.value(Map(there)) == itf.value(Map(back))
    assert itf.value(frozenset(there)) == itf.value(frozenset(back))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.5, {"#unserializable": "0.5"}),
        (Running(3), {"#bigint": "3"}),
        (Down(3), {"tag": "Down", "value": {"memory": {"#bigint": "3"}}}),
        (len, {"#unserializable": "len"}),
    ],
)
def test_what_the_format_has_not_is_written_so_that_it_is_legal(value: Any, written: Any) -> None:
    check_value(itf.value(value))
    assert itf.value(value) == written


@PATIENT
@given(st.data())
def test_any_run_of_any_world_is_legal(data: st.DataObject) -> None:
    world: World = data.draw(worlds())
    start = next(iter(world.initial()))
    run = Trace(start)
    while len(run) < 3 and (steps := list(world.successors(run.states[-1]))):
        run = evolve(run, steps=(*run.steps, data.draw(st.sampled_from(steps))))

    written = json.loads(json.dumps(itf.as_data(world, run, {})))

    check_trace(written)
    assert len(written["vars"]) == len(world.slots) + 1
    assert [state["action_taken"] for state in written["states"]] == [
        "start",
        *("; ".join(map(happening, step.happenings)) for step in run.steps),
    ]
    for values, state in zip(run.states, written["states"], strict=True):
        for (key, slot), name in zip(world.slots.items(), written["vars"][1:], strict=True):
            assert itf.variables(world)[key] == name
            assert state[name] == itf.value(values[slot])


def test_another_reader_understands_a_trace(coterie: Command, only: Only, tmp_path: Path) -> None:
    found = traces(coterie, only("WRONG"), tmp_path / "traces")

    trace = itf_py.trace_from_json(found["counters.wrong.below_three.itf.json"])
    assert [state.values["counter0"].ticks for state in trace.states] == [0, 1, 2, 3]
    assert trace.vars == ["action_taken", "counter0"]
    assert trace.meta["format"] == "ITF"
    assert trace.meta["description"].startswith("counters.wrong.below_three VIOLATED: ")


def test_names_are_legal_and_none_is_given_twice() -> None:
    odd = [Node("a"), Node("a-0", 0), Node("a_0"), Node("→"), Node("0"), Node("action_taken", 1)]
    world = World({node: counters.Counter(1) for node in odd}, links=[(odd[0], odd[1])])

    names = list(itf.variables(world).values())

    assert names[0] == "a0"
    assert names[-1] == "a0_to_a_00"
    assert len({*names}) == len(names)
    check_trace(itf.as_data(world, Trace(next(iter(world.initial()))), {}))


def test_a_run_that_goes_round_says_where_it_comes_back_to() -> None:
    report = report_of(counters.WRONG)
    assert report.exploration is not None
    run = report.exploration["below_three"].trace
    assert run is not None

    data = itf.as_data(report.exploration.world, evolve(run, loop=1), {})

    check_trace(data)
    assert itf_py.trace_from_json(data).loop == 1


def test_every_property_with_a_run_has_a_file(coterie: Command, tmp_path: Path) -> None:
    found = traces(coterie, "gossip.store.published.collision", tmp_path / "traces")

    assert set(found) == {
        f"gossip.store.published.collision.{name}.itf.json"
        for name in ("agree_at_rest", "converges")
    }
    for data in found.values():
        check_trace(data)
        assert data["#meta"]["source"] == "spec/gossip/store.py"


def test_one_property_can_be_written_to_a_file(coterie: Command, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    result = coterie("check", "oracles.two_phase.all_commit", "--itf", str(path))

    assert result.exit_code == 0
    check_trace(json.loads(path.read_text()))


def test_where_nothing_has_a_run_that_is_said(coterie: Command, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    result = coterie("check", "oracles.two_phase.consistent", "--itf", str(path))

    assert result.exit_code == 0
    assert "there is no run to write" in result.stderr
    assert not path.exists()
