"""An exploration that is kept on disk goes on after a kill, and finds what it would have found."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from coterie.checks.catalogue.oracles import two_phase
from coterie.checks.engine import watch
from coterie.checks.engine.checkpoint.errors import CheckpointError
from coterie.checks.engine.checkpoint.saver import Checkpoints
from coterie.checks.engine.explore import explore
from coterie.checks.errors import ModelError
from coterie.checks.result import Progress
from tests.claims import claims
from tests.engine.resuming import CASES, ROOT, explored
from tests.strategies import worlds


def begun(case: str, workers: int, folder: Path, *pause: float) -> subprocess.Popen[str]:
    """Return an exploration in a process of its own, that is about to begin."""
    command = [sys.executable, "-m", "tests.engine.resuming", case, str(workers), str(folder)]
    process = subprocess.Popen(
        [*command, *map(str, pause)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def killed(case: str, workers: int, folder: Path, seconds: float, *pause: float) -> str:
    """Return what an exploration has said before it was killed after so many seconds."""
    process = begun(case, workers, folder, *pause)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    out, _ = process.communicate()
    return out


def manifests(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.manifest"))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("workers", [1, 2])
def test_whatever_is_found_is_found_in_pieces_as_well(
    tmp_path: Path, case: str, workers: int
) -> None:
    whole = explored(case, workers, None)

    for depth in (2, 5, 9):
        explored(case, workers, tmp_path, max_depth=depth)

    assert explored(case, workers, tmp_path) == whole
    assert explored(case, workers, tmp_path) == whole


@pytest.mark.parametrize(("case", "workers"), [("claims", 1), ("runs", 2), ("broken", 1)])
def test_a_kill_at_any_moment_changes_nothing(tmp_path: Path, case: str, workers: int) -> None:
    whole = json.loads(json.dumps(explored(case, workers, None)))
    chance = random.Random(case)

    for _ in range(4):
        killed(case, workers, tmp_path, chance.uniform(0, 1))
    out, _ = begun(case, workers, tmp_path).communicate()

    assert json.loads(out) == whole


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_check_of_some_seconds_survives_any_number_of_kills(tmp_path: Path, workers: int) -> None:
    whole = json.loads(json.dumps(explored("large", workers, None)))
    chance = random.Random(workers)

    for _ in range(5):
        killed("large", workers, tmp_path, chance.uniform(0.5, 5), 0.02)
    out, _ = begun("large", workers, tmp_path).communicate()

    assert json.loads(out) == whole


def test_a_kill_between_any_two_writes_changes_nothing(tmp_path: Path) -> None:
    whole = json.loads(json.dumps(explored("claims", 2, None)))
    chance = random.Random(7)
    seen = set()

    for _ in range(8):
        killed("claims", 2, tmp_path, chance.uniform(0.2, 1), 0.03)
        seen.add(manifests(tmp_path)[-1].name if manifests(tmp_path) else "")
    out, _ = begun("claims", 2, tmp_path).communicate()

    assert len(seen) > 1
    assert json.loads(out) == whole


def test_an_interrupt_keeps_the_last_level_that_was_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "PROGRESS_SECONDS", 0.0)
    world, properties = two_phase.world(6), two_phase.CHECK.properties[:4]

    def interrupt(now: Progress) -> None:
        if now.depth > 3:
            raise KeyboardInterrupt

    plan = Checkpoints(tmp_path, {"case": "plain"}, every_seconds=3600)
    stopped = explore(world, properties, workers=1, checkpoints=plan, progress=interrupt)

    assert stopped.stopped == "interrupted"
    assert len(manifests(tmp_path)) == 1
    assert explored("plain", 1, tmp_path) == explored("plain", 1, None)


def test_a_limit_of_states_keeps_the_last_level_that_was_finished(tmp_path: Path) -> None:
    cut = explored("plain", 1, tmp_path, every_seconds=3600, max_states=5_000)

    assert not cut["complete"]
    assert len(manifests(tmp_path)) == 1
    assert explored("plain", 1, tmp_path) == explored("plain", 1, None)


def test_a_checkpoint_costs_what_is_new(tmp_path: Path) -> None:
    explored("plain", 1, tmp_path)

    rows = sum(each.stat().st_size for each in tmp_path.glob("rows-*"))

    assert rows == 8 * explored("plain", 1, None)["states"]


def test_before_the_time_has_come_nothing_is_written_but_the_end(tmp_path: Path) -> None:
    explored("claims", 1, tmp_path, every_seconds=3600)

    assert [each.name for each in manifests(tmp_path)] == ["00000001.manifest"]


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "cut": lambda file: os.truncate(file, file.stat().st_size // 2),
    "changed": lambda file: file.write_bytes(b"different" + file.read_bytes()[9:]),
    "gone": lambda file: file.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_from_a_damaged_manifest_it_goes_back_to_the_one_before(
    tmp_path: Path, damage: str
) -> None:
    explored("claims", 1, tmp_path, max_depth=8)
    before, newest = manifests(tmp_path)
    DAMAGES[damage](newest)

    assert explored("claims", 1, tmp_path) == explored("claims", 1, None)
    assert before not in manifests(tmp_path)


def test_from_journals_whose_end_was_lost_it_goes_back_to_the_checkpoint_before(
    tmp_path: Path,
) -> None:
    explored("claims", 1, tmp_path, max_depth=8)
    rows = tmp_path / "rows-0.journal"
    os.truncate(rows, rows.stat().st_size - 1)

    assert explored("claims", 1, tmp_path) == explored("claims", 1, None)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["rows-0", "values", "questions", "targets"])
def test_damaged_journals_are_refused(tmp_path: Path, name: str, damage: str) -> None:
    explored("claims", 1, tmp_path)
    DAMAGES[damage](tmp_path / f"{name}.journal")

    with pytest.raises(CheckpointError, match=r"is damaged. Remove that directory") as refusal:
        explored("claims", 1, tmp_path)

    assert str(tmp_path) in str(refusal.value)


@pytest.mark.parametrize(
    ("words", "other"),
    [
        ("case: runs there, claims now", {"case": "claims"}),
        ("workers: 1 there, 2 now", {"workers": 2}),
    ],
)
def test_a_checkpoint_of_something_else_is_refused(
    tmp_path: Path, words: str, other: dict[str, Any]
) -> None:
    explored("runs", 1, tmp_path)
    kept = {each.name: each.read_bytes() for each in tmp_path.iterdir()}

    with pytest.raises(CheckpointError, match=words):
        explored(**{"case": "runs", "workers": 1, "folder": tmp_path, **other})

    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == kept


def test_other_properties_are_another_exploration(tmp_path: Path) -> None:
    world, (one, other, *_) = two_phase.world(3), two_phase.CHECK.properties
    plan = Checkpoints(tmp_path, {})
    explore(world, [one], checkpoints=plan)

    with pytest.raises(CheckpointError, match=r"properties: consistent .* there"):
        explore(world, [one, other], checkpoints=plan)


def test_a_directory_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")

    with pytest.raises(CheckpointError, match=r"holds what is no checkpoint: thesis\.tex"):
        explored("claims", 1, tmp_path)

    assert [each.name for each in tmp_path.iterdir()] == ["thesis.tex"]


def test_two_runs_never_share_a_checkpoint(tmp_path: Path) -> None:
    first = begun("claims", 1, tmp_path, 0.5)
    while not (tmp_path / "values.journal").exists():
        time.sleep(0.01)

    with pytest.raises(CheckpointError, match="in use by another run"):
        explored("claims", 1, tmp_path)

    first.kill()
    first.communicate()


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CheckpointError, match="cannot be written"):
        explored("claims", 1, tmp_path / "file" / "folder")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_worlds_are_explored_the_same_in_pieces(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    world = data.draw(worlds())
    properties = data.draw(claims(world))
    pieces = data.draw(st.lists(st.integers(1, 12), max_size=4))
    workers = data.draw(st.sampled_from([1, 2]))
    try:
        whole = explore(world, properties, workers=workers, max_states=3_000)
    except ModelError:
        assume(condition=False)
    assume(whole.complete)
    plan = Checkpoints(tmp_path_factory.mktemp("kept"), {}, every_seconds=0)

    for depth in sorted(pieces):
        explore(world, properties, workers=workers, max_depth=depth, checkpoints=plan)
    found = explore(world, properties, workers=workers, checkpoints=plan)

    assert found.summary() == whole.summary()
    assert [each.trace for each in found.findings] == [each.trace for each in whole.findings]
