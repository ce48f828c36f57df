"""`coterie mutate`, as one calls it."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coterie.checks.mutation import matrix
from coterie.checks.mutation.campaign import Campaign
from coterie.checks.mutation.matrix import committed
from coterie.commands.main import cli

SHOP = "shop.py"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in a user's folder, which is no package, on a terminal of 80 columns."""
    shutil.copy(Path(__file__).with_name(SHOP), tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def coterie(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["mutate", *arguments])


def test_the_mutants_are_listed_without_exploring_them() -> None:
    result = coterie(SHOP, "--list", "--function", "Customer")

    assert result.exit_code == 0
    assert "shop.Customer.step  5 mutants" in result.output
    assert "dropped effect   without Send(SHOP, 'buy')" in result.output
    assert "killed" not in result.output


def test_a_survivor_is_shown_with_the_shortest_run_that_tells_it() -> None:
    result = coterie(SHOP, "--function", "Shop.options")

    assert result.exit_code == 1
    assert "without yield Close()" in result.output
    assert "then only the original: shop0: Close()" in result.output
    assert "told apart in shop after:" in result.output
    assert "1  a user of customer0 calls 'go'" in result.output
    assert re.search(r"\d+ mutants: .*\d+ survived", result.output)
    assert max(map(len, result.output.splitlines())) <= 80


def test_a_survivor_with_a_reason_is_no_failure() -> None:
    result = coterie(SHOP, "--function", "Shop.start", "--verbose")

    assert result.exit_code == 0
    assert "explained: The shop may greet whom it likes." in result.output
    assert "1 explained" in result.output


def test_every_mutant_is_shown_when_asked_for() -> None:
    result = coterie(SHOP, "--function", "Customer.step", "-v")

    assert "by sold_out (shop)" in result.output
    assert "equivalent   shop.Customer.step" in result.output
    assert result.exit_code == 0


def test_the_table_counts_each_mutant_once() -> None:
    result = coterie(SHOP, "--function", "Customer.step")

    rows = [line for line in result.output.splitlines() if line.startswith("  Customer.step")]
    every, *others = (int(each.replace("·", "0")) for each in rows[0].split()[1:])
    assert every == sum(others) == 5


def test_the_fates_are_written_for_machines(tmp_path: Path) -> None:
    file = tmp_path / "fates.json"

    result = coterie(SHOP, "--function", "Shop.options", "--json", str(file))

    data = json.loads(file.read_text())
    assert data["exit_code"] == result.exit_code == 1
    survivor = next(each for each in data["mutants"] if each["fate"] == "survived")
    assert survivor["function"] == "shop.Shop.options"
    assert survivor["reason"] is None
    assert all(each["by"] for each in data["mutants"] if each["fate"] == "killed")


def test_an_interrupt_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, calls = Campaign.judge, []

    def judge(self: Campaign, site: object, seconds: float) -> object:
        calls.append(site)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return whole(self, site, seconds)  # type: ignore[arg-type]

    monkeypatch.setattr(Campaign, "judge", judge)
    file = tmp_path / "fates.json"

    result = coterie(SHOP, "--function", "Customer.step", "--json", str(file))

    assert result.exit_code == 3
    assert "3 not begun" in " ".join(result.output.split())
    assert len(json.loads(file.read_text())["mutants"]) == 2


def test_fates_are_committed_and_not_judged_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix, "COMMITTED", tmp_path / "matrix.json")

    first = coterie("oracles.tcommit", "--update")
    second = coterie("oracles.tcommit", "--update")

    assert first.exit_code == second.exit_code == 0
    assert re.search(r"\d+ mutants: \d+ killed", first.output)
    assert "0 mutants: nothing to judge" in second.output
    assert "oracles.tcommit.TransactionCommit.step" in committed().entries


def test_the_committed_matrix_is_printed() -> None:
    result = coterie("--matrix")

    assert "oracles.two_phase\n" in result.output
    assert "ResourceManager.options" in result.output
    assert max(map(len, result.output.splitlines())) <= 80
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no check is named"),
        (["nothing.like.it"], "no check or property is called"),
        ([SHOP, "--function", "nowhere"], "no function that runs in these checks"),
        ([SHOP, "--json", "/nowhere/at/all.json"], "cannot be written"),
        ([SHOP, "--max-seconds", "0"], "max-seconds"),
    ],
)
def test_a_mistake_is_named(arguments: list[str], said: str) -> None:
    result = coterie(*arguments)

    assert result.exit_code == 2
    assert said in result.output


def test_a_check_that_does_not_hold_is_the_models_fault() -> None:
    wrong = str(Path(__file__).parents[1] / "commands" / "counters.py")

    result = coterie(wrong)

    assert result.exit_code == 2
    assert "mend that first" in result.output
