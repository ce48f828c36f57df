"""Paths: they stand in an address, and lead where they led before, or say why not."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.checks.engine.explore import explore
from coterie.commands.explorer.path import STEPS_MOST, NoPathError, Path, parsed
from coterie.commands.explorer.walker import Walker
from coterie.commands.selecting import selections

(SELECTION,) = selections(("oracles.two_phase",))
CHECK = SELECTION.check
WORLD = CHECK.world(managers=2)
WALKER = Walker(WORLD, "two managers")
NUMBERS = st.lists(st.integers(0, 30), max_size=12)


def read(address: str) -> Path:
    return parsed(dict(parse_qsl(address)))


def walked(choices: Sequence[int]) -> Path:
    """Return a path that takes one of the steps that are possible, by the choices."""
    path = Path()
    for choice in choices:
        steps = WALKER.steps(WALKER.follow(path).here)
        if steps:
            path = path.then(choice % len(steps))
    return path


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), NUMBERS, st.data())
def test_a_path_can_be_read_from_its_address(start: int, steps: list[int], data: Any) -> None:
    at = data.draw(st.integers(0, len(steps)))
    loop = data.draw(st.none() | st.integers(0, len(steps)))
    path = Path(start, tuple(steps), at, loop, data.draw(st.text("0123456789abcdef")))

    assert read(path.address) == path


@pytest.mark.parametrize(
    "address",
    [
        "steps=a",
        "steps=1.-2",
        "steps=1&at=2",
        "steps=1&at=x",
        "steps=1&loop=7",
        "start=1e3",
        "start=99999999999",
        "seal=xyz",
        "steps=٣",
        f"steps={'.'.join(['0'] * (STEPS_MOST + 1))}",
    ],
)
def test_what_is_no_path_is_refused(address: str) -> None:
    with pytest.raises(NoPathError):
        read(address)


@settings(max_examples=20, deadline=None)
@given(NUMBERS)
def test_an_address_leads_to_the_same_state_again(choices: list[int]) -> None:
    path = walked(choices)
    first = WALKER.follow(path)

    again = Walker(WORLD, "two managers").follow(read(first.path.address))

    assert again.problem == ""
    assert again.trace == first.trace
    assert again.here == first.here


@settings(max_examples=20, deadline=None)
@given(NUMBERS, st.data())
def test_going_back_and_forward_again_keeps_what_is_ahead(choices: list[int], data: Any) -> None:
    path = walked(choices)
    at = data.draw(st.integers(0, len(path.steps)))
    there = path.to(at)

    for number in path.steps[at:]:
        assert there.then(number).steps == path.steps
        there = there.then(number)

    assert there == path


def test_another_step_forgets_what_was_ahead() -> None:
    assert Path(steps=(0, 1, 2), at=1, loop=0).then(5) == Path(steps=(0, 5))


@settings(max_examples=20, deadline=None)
@given(NUMBERS)
def test_a_run_has_a_path_that_leads_along_it(choices: list[int]) -> None:
    trace = WALKER.follow(walked(choices)).trace

    assert WALKER.follow(WALKER.numbered(trace)).trace == trace


@pytest.mark.parametrize("mutant", ["commit_early", "counts_late_votes"])
def test_what_the_checker_finds_has_a_path(mutant: str) -> None:
    world = CHECK.mutants[mutant].world(managers=2)
    walker = Walker(world, mutant)
    traces = [finding.trace for finding in explore(world, CHECK.properties).findings]

    found = [trace for trace in traces if trace is not None]
    assert len(found) >= 3
    for trace in found:
        assert walker.follow(walker.numbered(trace)).trace == trace


def test_a_step_that_does_not_exist_ends_the_path_before_it() -> None:
    walk = WALKER.follow(Path(steps=(0, 99, 0)))

    assert walk.path.steps == (0,)
    assert len(walk.trace) == 1
    assert "step 2 should be number 99 of the steps that are possible there" in walk.problem


def test_a_step_that_is_another_one_now_ends_the_path_before_it() -> None:
    path = WALKER.follow(Path(steps=(0, 1, 2))).path
    other = evolve(path, steps=(0, 2, 1))

    walk = WALKER.follow(other)

    assert walk.path.steps == (0,)
    assert "step 2 was another one when the address was made" in walk.problem


def test_an_address_of_another_check_leads_nowhere() -> None:
    path = Walker(WORLD, "three managers").follow(Path(steps=(0, 1))).path

    walk = WALKER.follow(path)

    assert walk.path.steps == ()
    assert "another check" in walk.problem


def test_a_start_that_does_not_exist_is_no_start() -> None:
    walk = WALKER.follow(Path(start=7))

    assert walk.problem == "start 7 does not exist: there are 1"
    assert walk.here == WALKER.starts[0]


def test_a_loop_that_does_not_close_is_none() -> None:
    walk = WALKER.follow(Path(steps=(0, 1), loop=0))

    assert "it is not again where it was after step 0" in walk.problem
    assert walk.trace.loop is None


def test_where_one_stands_before_the_end_the_run_has_no_loop_yet() -> None:
    path = Path(steps=(0, 1), loop=2)

    assert WALKER.follow(path).past.loop == 2
    assert WALKER.follow(path.to(1)).past.loop is None
