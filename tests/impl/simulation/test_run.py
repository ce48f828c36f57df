"""Whole runs: services under faults from seeds, each run once and for all the same."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

from coterie.checks.history.judging import Condition, judgements
from coterie.impl.journal import paths
from coterie.impl.simulation.__main__ import main
from coterie.impl.simulation.group import GroupRun
from coterie.impl.simulation.plan import Kind
from coterie.impl.simulation.run import planned, simulated
from coterie.spec.history.objects import REGISTER
from coterie.spec.history.search import Answer

SERVICES = ("group", "store")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("first", range(0, 40, 10))
def test_whatever_fails_nothing_wrong_is_said_and_in_the_end_all_is_well(
    service: str, first: int
) -> None:
    for seed in range(first, first + 10):
        run = simulated(service, planned(service, seed, all_of=False))
        assert not run.failure, run


@pytest.mark.parametrize("seed", [331, 420])
def test_of_two_restarts_at_once_nobody_is_left_alone_in_a_view(seed: int) -> None:
    run = simulated("group", planned("group", seed, all_of=False))

    assert not run.failure, run


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("first", range(1000, 1500, 50))
def test_the_same_for_many_more_seeds(service: str, first: int) -> None:
    for seed in range(first, first + 50):
        run = simulated(service, planned(service, seed, all_of=False))
        assert not run.failure, run


@pytest.mark.parametrize("service", SERVICES)
def test_a_run_without_faults_is_over_when_its_users_are(service: str) -> None:
    plan = evolve(planned(service, 1, all_of=False), faults=())
    run = simulated(service, plan)
    assert not run.failure, run
    assert run.seconds < plan.heals + 2


@pytest.mark.parametrize("service", SERVICES)
def test_one_seed_is_one_run_byte_for_byte(service: str, tmp_path: Path) -> None:
    found = []
    for name in ("one", "other"):
        run = simulated(service, planned(service, 3, all_of=False), journals=tmp_path / name)
        files = sorted(path for server in (tmp_path / name).iterdir() for path in paths(server))
        journal = [(path.relative_to(tmp_path / name), path.read_bytes()) for path in files]
        found.append((run.digest, run.messages, run.seconds, journal))
    assert found[0] == found[1]
    assert len(found[0][3]) >= 3
    assert all(content for _, content in found[0][3])


_DIGESTS = """
from coterie.impl.simulation.run import planned, simulated
for service in ("group", "store"):
    print(simulated(service, planned(service, 5, all_of=False)).digest)
"""


def test_the_run_does_not_hang_on_how_a_process_hashes() -> None:
    found = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", _DIGESTS],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout)
    own = [simulated(name, planned(name, 5, all_of=False)).digest for name in SERVICES]
    assert found == {"\n".join((*own, ""))}


def test_other_seeds_are_other_runs() -> None:
    digests = {simulated("group", planned("group", seed, all_of=False)).digest for seed in range(3)}
    assert len(digests) == 3


def test_the_histories_of_a_group_pass_the_checker_of_histories() -> None:
    calls = 0
    for seed in range(5):
        acted = simulated("group", planned("group", seed, all_of=False)).acted
        assert isinstance(acted, GroupRun)
        judged = judgements(acted.history, REGISTER, Condition.LINEARIZABLE, max_seconds=60)
        assert {each.answer for each in judged} == {Answer.YES}
        calls += sum(operation.is_known for operation in acted.history)
    assert calls > 50


def test_the_command_tells_of_each_run_and_that_all_are_well() -> None:
    result = CliRunner().invoke(main, ["store", "--seed", "3", "--runs", "2", "-v"])
    assert result.exit_code == 0, result.output
    assert "seed 3: well after" in result.output
    assert "2 runs, 0 of them not well" in result.output
    assert all(len(line) <= 80 for line in result.output.splitlines())


def test_the_command_tells_a_failure_with_its_plan_and_how_to_see_it_again() -> None:
    kinds = ["--only", "crash", "--only", "rollback"]
    arguments = ["store", "--runs", "8", *kinds, "--forgetful", "--shrink"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1, result.output
    assert "not all is well" in result.output
    seed = re.search(r"seed (\d+); healed at", result.output)
    assert seed is not None
    again = f"python -m coterie.impl.simulation store --seed {seed.group(1)} {' '.join(kinds)}"
    assert f"Again: {again}" in result.output.replace("\n    ", " ")
    assert all(len(line) <= 80 for line in result.output.splitlines())


@pytest.mark.parametrize("kind", Kind)
def test_the_help_explains_every_kind(kind: Kind) -> None:
    assert f"  {kind} " in CliRunner().invoke(main, ["--help"]).output
