"""`coterie check`: what it answers, and with which exit code."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Command

Only = Callable[..., str]


def rows(output: str, name: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith(f"  {name} ")]


def test_what_holds_exits_with_0(coterie: Command) -> None:
    result = coterie("check", "oracles.tcommit")

    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == "5 properties: 5 hold"


def test_a_violation_exits_with_1_and_shows_the_shortest_run(coterie: Command, only: Only) -> None:
    result = coterie("check", only("WRONG"))

    assert result.exit_code == 1
    assert "below_three  VIOLATED in 3 steps" in result.output
    assert "The counter stays below three." in result.output
    assert "counter0.ticks: 2 → 3" in result.output
    assert "ticks: 3 → 4" not in result.output


def test_reachability_without_a_witness_is_a_violation(coterie: Command, only: Only) -> None:
    result = coterie("check", only("SHORT"))

    assert result.exit_code == 1
    assert "no reachable state makes it true" in result.output


def test_an_expected_refutation_is_no_failure(coterie: Command, only: Only) -> None:
    result = coterie("check", only("BROKEN"))

    assert result.exit_code == 0
    assert "refuted, as expected" in rows(result.output, "below_three")[0]
    assert "2 properties: 1 holds, 1 refuted as expected" in result.output


def test_a_missing_refutation_exits_with_1(coterie: Command, only: Only) -> None:
    result = coterie("check", only("MENDED"))

    assert result.exit_code == 1
    assert "NOT REFUTED" in rows(result.output, "below_three")[0]


def test_a_bound_exits_with_3_and_is_never_silently_a_success(coterie: Command, only: Only) -> None:
    result = coterie("check", only("ENDLESS"), "--max-states", "2")

    assert result.exit_code == 3
    assert "undetermined" in rows(result.output, "below_three")[0]
    assert "--max-states" in result.output


def test_a_bound_in_seconds_ends_what_has_no_end(coterie: Command, tmp_path: Path) -> None:
    path = tmp_path / "endless.py"
    source = (Path(__file__).parent / "counters.py").read_text().split("BOTH = ")[0]
    path.write_text(
        f"{source}CHECK = Check('endless', '', lambda: world(-2), [always(lambda _: True)])"
    )

    result = coterie("check", str(path), "--max-seconds", "0.5")

    assert result.exit_code == 3
    assert "the limit of 0.5 seconds was reached" in result.output


def test_a_fault_of_the_model_exits_with_2_and_the_other_checks_still_run(
    coterie: Command, only: Only
) -> None:
    source = (Path(__file__).parent / "counters.py").read_text().splitlines()
    jammed = next(number for number, line in enumerate(source, 1) if "has jammed" in line)
    result = coterie("check", only("JAMMED", "SOUND"))

    assert result.exit_code == 2
    assert "`step` of counter0 raised ValueError: the counter has jammed" in result.output
    assert "event: Tick()" in result.output
    assert f"counters.py:{jammed} in step: raise ValueError" in result.output
    assert "Traceback" not in result.output
    assert "holds" in rows(result.output, "two")[1]


def test_a_fault_of_the_model_goes_before_a_violation(coterie: Command, only: Only) -> None:
    assert coterie("check", only("WRONG", "JAMMED")).exit_code == 2


def test_a_violation_goes_before_a_bound(coterie: Command, only: Only) -> None:
    result = coterie("check", only("WRONG", "ENDLESS"), "--max-states", "4")

    assert result.exit_code == 1


def test_other_numbers_than_the_pinned_ones_are_a_warning(coterie: Command, only: Only) -> None:
    result = coterie("check", only("PINNED"))

    assert result.exit_code == 0
    assert "warning: 3 states, where 7 are pinned" in result.output


def test_pinned_numbers_do_not_apply_to_parameters_of_ones_own(
    coterie: Command, only: Only
) -> None:
    result = coterie("check", only("PINNED"), "--set", "limit=1")

    assert "warning" not in result.output


def test_a_prefix_selects_all_below_it(coterie: Command) -> None:
    result = coterie("check", "oracles", "--max-states", "10", "--json", "-")

    found = {each["check"] for each in json.loads(result.stdout)["results"]}
    assert {"oracles.tcommit", "oracles.two_phase", "oracles.paxos"} <= found


def test_one_property_can_be_checked_alone(coterie: Command) -> None:
    result = coterie("check", "oracles.tcommit.consistent")

    assert result.output.splitlines()[-1] == "1 property: 1 holds"


def test_a_check_that_is_selected_twice_runs_once(coterie: Command) -> None:
    result = coterie("check", "oracles.tcommit.consistent", "oracles.tcommit", "oracles.tcommit")

    assert result.output.splitlines()[-1] == "5 properties: 5 hold"


def test_a_parameter_is_set_from_outside(coterie: Command) -> None:
    result = coterie("check", "oracles.two_phase", "--set", "managers=3", "--json", "-")

    assert {each["states"] for each in json.loads(result.stdout)["results"]} == {288}


def test_size_full_takes_the_parameters_of_that_size(coterie: Command, only: Only) -> None:
    result = coterie("check", only("BROKEN"), "--size", "full")

    assert "limit=9" in result.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["oracles.two_fase"], "Did you mean oracles.two_phase?"),
        (["two_phase"], "Did you mean oracles.two_phase?"),
        (["oracles.tcommit.consistant"], "Did you mean oracles.tcommit.consistent?"),
        (["oracels"], "Did you mean oracles?"),
        (["nothing/here.py"], "there is no file nothing/here.py"),
        (["oracles.tcommit", "--set", "size=3"], "Its parameters are: managers="),
        (["oracles.tcommit", "--set", "managers=many"], "is not a whole number from 0 on"),
        (["oracles.tcommit", "--set", "managers=-1"], "is not a whole number from 0 on"),
        (["oracles.tcommit", "--set", "managers=2.5"], "is not a whole number from 0 on"),
        (["oracles.tcommit", "--set", "managers"], "Write --set PARAMETER=VALUE."),
        (["oracles.tcommit", "--set", "managers=2", "--set", "managers=3"], "set twice"),
        (["oracles", "--set", "managers=2"], "oracles.paxos has no parameter managers"),
        (["oracles.tcommit", "--json", "/nowhere/at/all.json"], "cannot be written"),
        (["oracles.tcommit", "--workers", "0"], "workers"),
        (["oracles.tcommit", "--size", "huge"], "'small', 'full'"),
    ],
)
def test_a_mistake_exits_with_2_and_says_what_to_do(
    coterie: Command, arguments: list[str], says: str
) -> None:
    result = coterie("check", *arguments)

    assert result.exit_code == 2
    assert says in result.output
    assert "Traceback" not in result.output


def test_a_wrong_command_suggests_the_nearest(coterie: Command) -> None:
    result = coterie("chek")

    assert result.exit_code == 2
    assert "Did you mean check?" in result.output


@pytest.mark.parametrize("workers", ["1", "2"])
def test_any_number_of_workers_gives_the_same_answer(coterie: Command, workers: str) -> None:
    result = coterie("check", "oracles.tcommit", "--workers", workers, "--json", "-")

    assert {each["states"] for each in json.loads(result.stdout)["results"]} == {34}
