"""Hypothesis finds the known bugs of worlds, and tells a run that can be replayed."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from coterie import Check, World, machine_of
from coterie.checks.catalogue import catalogue
from coterie.checks.hypothesis import ViolatedError, WorldMachine
from coterie.checks.simulation.judge import Judge
from coterie.checks.simulation.schedule import Schedule, Source, from_text, replayed
from coterie.checks.simulation.steps import Steps
from coterie.commands.words import happening
from coterie.spec.property import Kind, Property
from tests.commands.conftest import Command
from tests.simulation.test_shrink import is_1_minimal

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
CHECKS = {check.name: check for check in catalogue()}
KILLED = [
    pytest.param("oracles.two_phase", "commit_early", "consistent", marks=pytest.mark.slow),
    ("oracles.paxos", "shared_ballot", "one_value_a_ballot"),
    ("smr.sequenced", "local_clock", "state_is_replayed_log"),
    ("link.reliable", "no_dedupe", "in_order_and_once"),
]
FEW = settings(max_examples=10, stateful_step_count=20, deadline=None, database=None)
MANY = settings(
    max_examples=1000,
    stateful_step_count=40,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
)


def mutant_of(name: str, mutant: str) -> Check:
    """Return the check with the mutant in place of the model."""
    check = CHECKS[name]
    made = check.mutants[mutant]
    return evolve(check, world=made.world, small=check.parameters(**made.parameters))


def violation_of(machine: type[WorldMachine]) -> ViolatedError:
    """Return what Hypothesis finds, shrunk."""
    with pytest.raises(ViolatedError) as caught:
        run_state_machine_as_test(machine, settings=MANY)
    return caught.value


def schedule_in(told: str) -> Schedule:
    """Return the schedule that stands at the end of what is told."""
    return from_text(told[told.index('{\n  "schedule"') :])


@pytest.mark.parametrize(("name", "mutant", "claim"), KILLED)
def test_it_finds_the_bug_of_a_mutant_and_tells_a_minimal_run(
    name: str, mutant: str, claim: str
) -> None:
    check = mutant_of(name, mutant)
    (asked,) = (each for each in check.properties if each.name == claim)

    error = violation_of(machine_of(check, [asked]))

    world = check.world(**check.parameters())
    judge = Judge(Steps(world), [asked])
    again = replayed(judge.steps, schedule_in(str(error)), happening)
    assert again.missing is None
    assert again.trace == error.minimal
    assert judge.first(asked, again.trace.states) == len(again.trace)
    assert is_1_minimal(judge, asked, again.trace)
    assert f"{claim} is violated in {len(again.trace)} steps: " in str(error)
    assert "=> here it is false" in str(error)


@pytest.mark.parametrize("name", ["oracles.two_phase", "oracles.paxos", "smr.sequenced"])
def test_it_passes_where_the_properties_hold(name: str) -> None:
    run_state_machine_as_test(machine_of(CHECKS[name]), settings=FEW)


def test_a_broken_protocol_is_asked_only_for_what_holds() -> None:
    run_state_machine_as_test(machine_of(CHECKS["smr.naive"]), settings=FEW)


def test_a_refuted_property_that_is_asked_for_is_violated() -> None:
    check = CHECKS["smr.naive"]
    (sold,) = (claim for claim in check.properties if claim.name == "sold_once")

    error = violation_of(machine_of(check, [sold], customers=3))

    assert len(error.minimal) == check.refuted["sold_once"]
    assert schedule_in(str(error)).source == Source("smr.naive", settings={"customers": "3"})


def test_a_claim_of_steps_and_one_at_rest_are_judged_too(counted: World) -> None:
    claims = list(claims_of(counted))
    for claim in claims:
        assert len(violation_of(machine_of(counted, [claim])).minimal) == 3


@pytest.fixture
def counted() -> World:
    from tests.commands.counters import world  # noqa: PLC0415

    return world(limit=3)


def claims_of(world: World) -> Iterator[Property]:
    node = next(iter(world.machines))

    def below_three(*views: Any) -> bool:
        return bool(views[-1][node].ticks < 3)

    for kind in (Kind.ALWAYS, Kind.STEP_ALWAYS, Kind.AT_REST):
        yield Property("below_three", kind, below_three)


def test_a_world_of_its_own_has_to_be_named_to_be_replayed(counted: World) -> None:
    told = str(violation_of(machine_of(counted, claims_of(counted))))

    assert "`coterie replay FILE`, with --check NAME, which makes the world" in told
    assert schedule_in(told).source == Source()


def test_a_machine_that_no_run_can_fail_is_refused(counted: World) -> None:
    reachable = Property("two", Kind.REACHABLE, lambda _: True)

    for claims in ([], [reachable], [evolve(reachable, kind=Kind.RECOVERABLE)]):
        with pytest.raises(ValueError, match="none of these properties can be violated"):
            machine_of(counted, claims)


def test_a_world_takes_no_parameters(counted: World) -> None:
    with pytest.raises(TypeError, match="a world takes no parameters: clients"):
        machine_of(counted, claims_of(counted), clients=3)


def pytest_in(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_lock.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_example_of_the_documentation_passes(tmp_path: Path) -> None:
    for name in ("lock.py", "test_lock.py"):
        (tmp_path / name).write_text((EXAMPLES / name).read_text())

    done = pytest_in(tmp_path)

    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout


@pytest.mark.slow
def test_the_broken_example_fails_with_a_run_that_the_command_replays(
    tmp_path: Path, coterie: Command
) -> None:
    lock = (EXAMPLES / "lock.py").read_text()
    (tmp_path / "lock.py").write_text(lock.replace("[] if queue else ", ""))
    (tmp_path / "test_lock.py").write_text((EXAMPLES / "test_lock.py").read_text())

    done = pytest_in(tmp_path)
    told = re.sub(r"^E   ?", "", done.stdout, flags=re.MULTILINE)

    assert done.returncode == 1
    assert "exclusive is violated in 6 steps: No two clients hold the lock at once." in told
    assert re.search(r"=> here it is false of client\d+, client\d+", told)
    text = re.search(r'^( *)\{\n +"schedule".*?^\1\}$', told, re.MULTILINE | re.DOTALL)
    assert text is not None
    assert from_text(text.group(0)).source == Source("lock", "lock.py", settings={"clients": "10"})
    (tmp_path / "found.json").write_text(text.group(0))
    result = coterie("replay", str(tmp_path / "found.json"))
    assert result.exit_code == 0
    assert "The run is possible, and exclusive is violated." in result.output
