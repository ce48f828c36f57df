"""`coterie simulate` and `coterie replay`."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Command
from tests.commands.test_terminal import on_a_terminal

Only = Callable[..., str]
NAIVE = ("simulate", "smr.naive.sold_once", "--seed", "1")


def test_nothing_found_is_said_to_prove_nothing_with_the_true_coverage(
    coterie: Command, only: Only
) -> None:
    result = coterie("simulate", only("SOUND"), "--runs", "3")

    assert result.exit_code == 0
    assert "below_three  no violation seen" in result.output
    assert "two          a witness seen: run 0, after 2 steps" in result.output
    assert "3 runs (random, seed 0), 6 steps" in result.output
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "coverage: seen, of all that can be reached" in lines
    assert "states 3 of 3 100.0 %" in lines
    assert "transitions 2 of 2 100.0 %" in lines
    assert "(state, event) pairs 2 of 2 100.0 %" in lines
    assert "Simulation proves nothing" in result.output


def test_a_violation_is_shown_with_how_to_see_it_again(coterie: Command, only: Only) -> None:
    file = only("WRONG")
    result = coterie("simulate", file, "--seed", "9", "--set", "limit=5", columns=200)

    assert result.exit_code == 1
    assert "below_three  VIOLATED in 3 steps" in result.output
    assert "=> here it is false." in result.output
    assert "stopped: below_three is violated" in result.output
    command = f"coterie simulate {file} --seed 9 --first 0 --runs 1 --set limit=5"
    assert f"Again: {command}" in " ".join(result.output.split())
    again = coterie(*command.split()[1:], columns=200)
    assert again.exit_code == 1


def test_an_expected_refutation_is_no_failure(coterie: Command) -> None:
    result = coterie(*NAIVE)

    assert result.exit_code == 0
    assert "refuted, as expected" in result.output


def test_what_should_not_be_reachable_and_is_is_a_failure(coterie: Command, tmp_path: Path) -> None:
    file = tmp_path / "reached.py"
    file.write_text(
        "from attrs import evolve\nfrom tests.commands.counters import SOUND\n"
        "REACHED = evolve(SOUND, refuted={'two': None})\ndel SOUND\n"
    )

    result = coterie("simulate", str(file))

    assert result.exit_code == 1
    assert "NOT REFUTED" in result.output


def test_what_a_run_cannot_decide_is_said(coterie: Command) -> None:
    result = coterie("simulate", "link.reliable", "--runs", "2", "--enumerate", "0")

    assert result.exit_code == 0
    assert "not judged by simulation (recoverable)" in result.output
    assert "the world was not enumerated, so the shares are" in result.output
    assert "one more run: about" in result.output


def test_a_model_error_ends_with_exit_code_2(coterie: Command, only: Only) -> None:
    result = coterie("simulate", only("JAMMED", "SOUND"))

    assert result.exit_code == 2
    assert "the counter has jammed" in result.output
    assert "counters.sound" in result.output


def test_an_interrupt_shows_what_was_found_and_what_was_not_begun(only: Only) -> None:
    sent, code = on_a_terminal(
        "simulate",
        only("ENDLESS", "SOUND"),
        *("--runs", "1000000", "--keep-going", "--enumerate", "0"),
        interrupt_at=r"[1-9]\d of 1,000,000 runs",
    )
    shown = " ".join(re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", sent).split())

    assert code == 1  # for something was found
    assert "runs (random, seed 0)" in shown
    assert "steps; stopped: interrupted" in shown
    assert "below_three VIOLATED in 3 steps" in shown
    assert "Not begun: counters.sound." in shown


def test_an_interrupt_before_anything_was_found_is_exit_code_3(only: Only) -> None:
    sent, code = on_a_terminal(
        "simulate",
        only("SOUND"),
        *("--runs", "10000000"),
        interrupt_at=r"[1-9]\d of 10,000,000 runs",
    )

    assert code == 3
    assert "interrupted" in sent


def test_an_interrupted_enumeration_keeps_the_runs(only: Only) -> None:
    sent, code = on_a_terminal(
        "simulate",
        only("ENDLESS"),
        *("--steps", "2", "--enumerate", "1000000000"),
        interrupt_at="enumerating",
    )
    shown = " ".join(re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", sent).split())

    assert code == 3
    assert "100 runs (random, seed 0), 200 steps" in shown
    assert "the world was not enumerated, so the shares are unknown" in shown


def test_minimal_leaves_out_what_the_violation_does_not_need(coterie: Command) -> None:
    arguments = ("simulate", "smr.naive.same_commands_same_state", "--steps", "50")
    whole, minimal = coterie(*arguments), coterie(*arguments, "--minimal")

    assert "in 6 steps" in whole.output
    assert "in 4 steps, of 6 without what it does not need" in minimal.output


def test_the_results_can_be_had_as_json(coterie: Command, tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    coterie(*NAIVE, "--json", str(file))

    (result,) = json.loads(file.read_text())["results"]
    assert result["check"] == "smr.naive"
    assert result["coverage"]["states"]["reachable"] == 34
    (row,) = result["properties"]
    assert row["answer"] == "refuted, as expected"
    assert row["trace"]["steps"]


@pytest.mark.parametrize("schedule", ["random", "pct"])
def test_no_line_is_wider_than_80_columns_but_commands(coterie: Command, schedule: str) -> None:
    output = coterie(*NAIVE, "--schedule", schedule, "--minimal", columns=80).output

    assert max(map(len, output.splitlines())) <= 80


def saved(coterie: Command, tmp_path: Path) -> str:
    file = tmp_path / "found.json"
    result = coterie(*NAIVE, "--minimal", "--save", str(file))
    assert f"sold_once: see it again with `coterie replay {file}`." in result.output
    return str(file)


def test_a_saved_run_replays_and_shows_what_it_did(coterie: Command, tmp_path: Path) -> None:
    result = coterie("replay", saved(coterie, tmp_path))

    assert result.exit_code == 0
    assert "=> here it is false." in result.output
    assert "The run is possible, and sold_once is violated." in result.output


def test_a_run_that_no_longer_violates_is_exit_code_1(coterie: Command, tmp_path: Path) -> None:
    file = saved(coterie, tmp_path)
    data = json.loads(Path(file).read_text())
    data["steps"] = data["steps"][:-1]
    Path(file).write_text(json.dumps(data))

    result = coterie("replay", file)

    assert result.exit_code == 1
    assert "The run is possible, and sold_once is not violated." in result.output


def test_a_step_that_is_no_longer_possible_is_shown_with_those_that_are(
    coterie: Command, tmp_path: Path
) -> None:
    file = saved(coterie, tmp_path)
    data = json.loads(Path(file).read_text())
    data["steps"][1]["said"] = ["pigs fly"]
    Path(file).write_text(json.dumps(data))

    result = coterie("replay", file, "--json", str(tmp_path / "result.json"))

    assert result.exit_code == 2
    assert "      2  pigs fly  [not possible here]" in result.output
    assert "possible instead:\n         " in result.output
    assert "Step 2 of 2 is no longer possible" in result.output
    written = json.loads((tmp_path / "result.json").read_text())
    assert written["missing"] == ["pigs fly"]
    assert written["possible"]


def test_a_schedule_of_a_file_replays_from_anywhere(
    coterie: Command, only: Only, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = str(tmp_path / "found.json")
    file = Path(only("WRONG"))
    monkeypatch.chdir(file.parent)
    coterie("simulate", "./chosen.py", "--save", found)
    monkeypatch.chdir("/")

    result = coterie("replay", found)

    assert result.exit_code == 0, result.output
    assert "below_three is violated" in result.output


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"claim": "unheard_of"}, "smr.naive has no property unheard_of"),
        ({"source": {}}, "'settings' that is a dict"),
        ({"schedule": 7}, 'it has not `"schedule": 1`'),
    ],
)
def test_a_wrong_file_is_a_mistake_with_a_remedy(
    coterie: Command, tmp_path: Path, change: dict[str, object], problem: str
) -> None:
    file = saved(coterie, tmp_path)
    data = json.loads(Path(file).read_text())
    Path(file).write_text(json.dumps(data | change))

    result = coterie("replay", file)

    assert result.exit_code == 2
    assert problem in result.output


def test_a_schedule_without_a_check_asks_for_one(coterie: Command, tmp_path: Path) -> None:
    file = saved(coterie, tmp_path)
    data = json.loads(Path(file).read_text())
    data["source"]["check"] = ""
    Path(file).write_text(json.dumps(data))

    result = coterie("replay", file)
    named = coterie("replay", file, "--check", "smr.naive")

    assert result.exit_code == 2
    assert "Name it with --check." in result.output
    assert named.exit_code == 0


def test_a_file_that_is_not_there_is_a_mistake(coterie: Command) -> None:
    result = coterie("replay", "nowhere.json")

    assert result.exit_code == 2
    assert "nowhere.json cannot be read: No such file or directory" in result.output


def test_the_file_to_save_to_is_looked_at_before_the_work(coterie: Command) -> None:
    result = coterie(*NAIVE, "--save", "/nowhere/found.json")

    assert result.exit_code == 2
    assert "--save /nowhere/found.json cannot be written" in result.output


def test_nothing_to_save_is_said(coterie: Command, only: Only, tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    result = coterie("simulate", only("SOUND"), "--save", str(file))

    assert f"No violation was seen, so {file} was not written." in " ".join(result.output.split())
    assert not file.exists()


@pytest.mark.parametrize("command", ["simulate", "replay"])
def test_help_teaches_by_examples_and_explains_the_exit_codes(
    coterie: Command, command: str
) -> None:
    output = coterie(command, "--help").output

    assert f"Examples:\n    coterie {'simulate'} " in output
    assert all(f"\n    {code}  " in output for code in range(3))
