"""A search that was cut short says so, and never that a property holds."""

import subprocess
import sys
from pathlib import Path

import pytest

from coterie.checks.catalogue.oracles.two_phase import CHECK, almost_all, world
from coterie.checks.engine import watch
from coterie.checks.engine.explore import explore
from coterie.checks.engine.memory import limit_bytes, resident_bytes
from coterie.checks.result import Progress, Verdict

ROOT = Path(__file__).parents[2]


def test_a_limit_of_states_leaves_open_what_was_not_found() -> None:
    found = explore(world(7), CHECK.properties, max_states=5_000)

    assert found["consistent"].verdict is Verdict.UNDETERMINED
    assert found["all_commit"].verdict is Verdict.UNDETERMINED
    assert not found.complete
    assert "5,000 states" in found.stopped


def test_a_limit_of_time_leaves_open_what_was_not_found() -> None:
    found = explore(world(8), CHECK.properties, max_seconds=0.0)

    assert found["consistent"].verdict is Verdict.UNDETERMINED
    assert "0 seconds" in found.stopped


def test_a_violation_that_was_found_stands_even_when_the_search_was_cut_short() -> None:
    broken = world(7, may_commit=almost_all)

    found = explore(broken, [CHECK.properties[0]], max_states=10_000_000)

    assert found["consistent"].verdict is Verdict.VIOLATED
    assert not found.complete
    assert found.stopped == ""


def test_memory_that_runs_short_ends_the_search_before_the_system_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "limit_bytes", lambda: 1)

    found = explore(world(8), CHECK.properties)

    assert "of the memory" in found.stopped
    assert found["consistent"].verdict is Verdict.UNDETERMINED


def test_what_is_in_use_is_less_than_the_limit_and_more_than_nothing() -> None:
    assert 0 < resident_bytes() < limit_bytes()


def test_a_fatal_violation_ends_the_search_and_leaves_the_rest_open() -> None:
    broken = world(5, may_commit=almost_all)

    found = explore(broken, CHECK.properties, fatal=["consistent"])

    assert found.stopped == "consistent is violated"
    assert found["consistent"].verdict is Verdict.VIOLATED
    assert found["all_commit"].verdict is Verdict.UNDETERMINED
    assert len(found["consistent"].trace or ()) == 11


def test_a_witness_is_no_fatal_violation() -> None:
    found = explore(world(3), CHECK.properties, fatal=["all_commit"])

    assert found.complete
    assert found["all_commit"].verdict is Verdict.HOLDS


def test_an_interrupt_ends_cleanly_and_reports_what_was_explored() -> None:
    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    found = explore(world(9), CHECK.properties, progress=interrupt)

    assert found.stopped == "interrupted"
    assert found["consistent"].verdict is Verdict.UNDETERMINED
    assert found.states > 0


def test_progress_is_told_while_it_works() -> None:
    told: list[Progress] = []

    found = explore(world(8), progress=told.append)

    assert told
    assert all(0 < one.states <= found.states for one in told)
    assert sorted(one.states for one in told) == [one.states for one in told]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_any_number_of_workers_finds_the_same(workers: int) -> None:
    broken = world(4, may_commit=almost_all)

    found, alone = (explore(broken, CHECK.properties, workers=n) for n in (workers, 1))

    assert found.summary() == alone.summary()
    assert found["consistent"].trace == alone["consistent"].trace


@pytest.mark.parametrize("gigabytes", [8, 100, 300])
def test_a_limit_of_address_space_leaves_room_to_explore(gigabytes: int) -> None:
    program = (
        "import resource, sys; "
        f"resource.setrlimit(resource.RLIMIT_AS, ({gigabytes << 30}, {gigabytes << 30})); "
        "from coterie.checks.engine.explore import explore; "
        "from coterie.checks.catalogue.oracles.two_phase import world; "
        "print(explore(world(5), workers=2).states)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )

    assert done.stdout == "8832\n", done.stderr
