"""`coterie check --mutants`: each mutant is explored, and must be killed as it declares."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.commands.conftest import Command

Mutated = Callable[..., str]


def data(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_each_mutant_has_a_line_that_says_what_kills_it(coterie: Command, mutated: Mutated) -> None:
    result = coterie("check", mutated("KILLED"), "--mutants")

    assert result.exit_code == 0
    assert "  mutant runs_on  killed by below_three in 3 steps\n" in result.stdout
    assert "  mutant stands   killed by two\n" in result.stdout
    assert result.stdout.endswith("2 properties: 2 hold\n\n2 mutants: 2 killed as declared\n")


def test_on_a_narrow_screen_a_mutant_has_a_line_of_its_own(
    coterie: Command, mutated: Mutated
) -> None:
    result = coterie("check", mutated("KILLED"), "--mutants", columns=30)

    assert "  mutant runs_on\n    killed by below_three in 3\n    steps\n" in result.stdout


def test_without_the_option_no_mutant_is_explored(coterie: Command, mutated: Mutated) -> None:
    result = coterie("check", mutated("SURVIVING"))

    assert result.exit_code == 0
    assert "mutant" not in result.stdout


def test_a_mutant_that_survives_is_a_failure_and_says_what_to_do(
    coterie: Command, mutated: Mutated
) -> None:
    result = coterie("check", mutated("SURVIVING"), "--mutants")

    assert result.exit_code == 1
    assert "mutant survives  killed by below_three in 3 steps, NOT KILLED by two" in result.stdout
    assert "2 mutants: 1 killed as declared, 1 NOT KILLED as declared" in result.stdout
    assert "write down there what is true now; else mend the property." in _joined(result.stdout)


def _joined(text: str) -> str:
    return " ".join(text.split())


def test_a_mutant_that_is_killed_by_another_run_than_declared_is_a_failure(
    coterie: Command, mutated: Mutated
) -> None:
    result = coterie("check", mutated("WRONG_LENGTH"), "--mutants")

    assert result.exit_code == 1
    assert "killed by below_three in 3 steps (NOT in 5 steps as declared)" in result.stdout
    assert "killed by below_three in 3 steps (NOT without a run as declared)" in result.stdout


def test_a_mutant_at_fault_does_not_keep_the_others_from_being_explored(
    coterie: Command, mutated: Mutated
) -> None:
    result = coterie("check", mutated("AT_FAULT"), "--mutants")

    assert result.exit_code == 2
    assert "mutant jams     model error: " in result.stdout
    assert "mutant runs_on  killed by below_three in 3 steps" in result.stdout
    assert "mend the mutants that are named above" in result.stdout


def test_a_bound_that_comes_first_leaves_a_mutant_undetermined(
    coterie: Command, mutated: Mutated
) -> None:
    result = coterie("check", mutated("UNBOUNDED"), "--mutants", "--max-states", "2")

    assert result.exit_code == 3
    said = "undetermined whether killed by below_three: the limit of 2 states was reached"
    assert f"mutant endless  {said}" in result.stdout
    assert "1 mutant: 1 undetermined" in result.stdout


def test_only_the_mutants_of_the_properties_that_are_asked_for_are_explored(
    coterie: Command,
) -> None:
    result = coterie("check", "oracles.tcommit.decisions_are_final", "--mutants")

    assert result.exit_code == 0
    assert "mutant prepare_again  killed by decisions_are_final in 2 steps" in result.stdout
    assert result.stdout.count("  mutant ") == 1
    assert "1 mutant: 1 killed as declared" in result.stdout


def test_at_size_full_the_mutants_are_those_of_size_small(
    coterie: Command, mutated: Mutated, tmp_path: Path
) -> None:
    file = tmp_path / "results.json"
    arguments = (mutated("OTHER"), "--mutants", "--size", "full", "--json", str(file))
    result = coterie("check", *arguments)

    (check,) = data(file)["checks"]
    assert result.exit_code == 0
    assert (check["size"], check["parameters"]) == ("full", "{'breaks': 9, 'limit': 2}")
    assert check["mutants"][0]["parameters"] == "{'limit': 4}"


def test_the_data_have_each_kill_with_its_run(
    coterie: Command, mutated: Mutated, tmp_path: Path
) -> None:
    file = tmp_path / "results.json"
    coterie("check", mutated("KILLED"), "--mutants", "--json", str(file))

    (check,) = data(file)["checks"]
    assert data(file)["whole"] is True
    runs_on, stands = check["mutants"]
    assert (runs_on["mutant"], runs_on["parameters"]) == ("runs_on", "{'limit': 4}")
    assert runs_on["kills"] == [
        {
            "property": "below_three",
            "verdict": "violated",
            "steps": 3,
            "declared": 3,
            "run": {"start": 0, "steps": [0, 0, 0], "loop": None},
        }
    ]
    assert stands["kills"][0]["run"] is None


def test_an_interrupt_leaves_what_was_found_and_says_that_it_is_not_whole(
    coterie: Command, mutated: Mutated, tmp_path: Path
) -> None:
    file = tmp_path / "results.json"
    chosen = mutated("INTERRUPTED", "KILLED")
    result = coterie("check", chosen, "--mutants", "--json", str(file))

    assert result.exit_code == 3
    assert "mutant b_stopped  undetermined: interrupted\n" in result.stdout
    assert "Not begun: mutated.killed" in result.stdout
    (check,) = data(file)["checks"]
    assert data(file)["whole"] is False
    assert [each["mutant"] for each in check["mutants"]] == ["a_first"]
    assert {each["verdict"] for each in check["properties"]} == {"holds"}
