"""`coterie prove`: what it shows, and with which exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from coterie.commands import prove as command
from coterie.spec.lemmas.lemma import Lemma, lemmas
from tests.commands.conftest import Command
from tests.lemmas import made

ROOT = Path(__file__).parents[2]


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> "type[Only]":
    Only.monkeypatch = monkeypatch
    return Only


class Only:
    """Leaves some lemmas in place of all."""

    monkeypatch: pytest.MonkeyPatch

    def __init__(self, *some: Lemma) -> None:
        self.monkeypatch.setattr(command, "lemmas", lambda: some)


def rows(output: str, name: str) -> list[str]:
    return [line for line in output.splitlines() if line.strip().startswith(f"{name} ")]


def test_what_is_proved_exits_with_0(coterie: Command) -> None:
    result = coterie("prove", "oracles.paxos")

    assert result.exit_code == 0, result.output
    assert "2 lemmas: 2 proved. 5 broken twins: 5 refuted as expected." in result.output
    (row,) = rows(result.output, "majorities_meet")
    assert row.split()[1:3] == ["proved", "3/3"]
    assert float(row.split()[3]) >= 0
    assert "needs: the one is a majority; the other is a majority" in result.output


def test_a_name_shows_the_refuted_twins_as_sets(coterie: Command) -> None:
    output = coterie("prove", "oracles.paxos.majorities_meet", columns=80).output

    (row,) = rows(output, "with halves")
    assert row.split()[2] == "refuted"
    assert "n = 2, acceptors = {a0, a1}, one = {" in output


def test_without_a_name_the_twins_are_counted(coterie: Command, only: type[Only]) -> None:
    only(made.good)
    output = coterie("prove").output

    assert "3/3" in output
    assert "with b votes" not in output
    assert "Byzantine = {" not in output


def test_verbose_shows_the_documentation_and_the_guards(coterie: Command, only: type[Only]) -> None:
    only(made.good)
    output = coterie("prove", "--verbose").output

    assert "Enough votes include a correct one." in output
    assert "Why: b of b + 1 may be Byzantine." in output
    assert "Guards: tests.lemmas.made.is_enough." in output
    assert "Byzantine = {" in output


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(coterie: Command, columns: int) -> None:
    output = coterie("prove", "diffusion.paths", "oracles.paxos", columns=columns).output

    assert max(map(len, output.splitlines())) <= columns


def test_a_refuted_lemma_exits_with_1_and_shows_why(coterie: Command, only: type[Only]) -> None:
    only(made.wrong)
    result = coterie("prove")

    assert result.exit_code == 1
    assert rows(result.output, "wrong")[0].split()[1] == "REFUTED"
    assert "b = 1, node = {r0, r1, r2, r3, r4}" in result.output
    assert "Not as expected" in result.output


def test_a_twin_that_is_not_refuted_exits_with_1(coterie: Command, only: type[Only]) -> None:
    only(made.demanding)
    result = coterie("prove")

    assert result.exit_code == 1
    assert "NOT REFUTED" in rows(result.output, "without: n is not 4")[0]


def test_a_lemma_about_nothing_exits_with_1(coterie: Command, only: type[Only]) -> None:
    only(made.empty)
    result = coterie("prove")

    assert result.exit_code == 1
    assert "VACUOUS" in result.output
    assert "what it needs cannot be true together" in result.output


def test_what_is_not_known_exits_with_3(coterie: Command, only: type[Only]) -> None:
    only(made.unknown)
    result = coterie("prove", "--max-seconds", "0.1")

    assert result.exit_code == 3
    assert "unknown" in rows(result.output, "unknown")[0]
    assert "Unknown: raise --max-seconds." in result.output


def test_a_refutation_goes_before_what_is_not_known(coterie: Command, only: type[Only]) -> None:
    only(made.unknown, made.wrong)

    assert coterie("prove", "--max-seconds", "0.1").exit_code == 1


def test_a_guard_that_guesses_is_a_mistake(coterie: Command, only: type[Only]) -> None:
    only(made.guessed)
    result = coterie("prove")

    assert result.exit_code == 2
    assert "made.guessed has a guard that cannot be proved" in result.output


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("diffusion.regster", "Did you mean diffusion.register?"),
        ("majorities_met", "Did you mean oracles.paxos.majorities_meet?"),
        ("xyz", "`coterie prove --list` shows every lemma."),
    ],
)
def test_a_wrong_name_suggests_the_nearest(coterie: Command, name: str, says: str) -> None:
    result = coterie("prove", name)

    assert result.exit_code == 2
    assert says in result.output


def test_list_shows_every_lemma_and_proves_nothing(coterie: Command) -> None:
    result = coterie("prove", "--list", columns=80)

    assert result.exit_code == 0
    names = [line for line in result.output.splitlines() if not line.startswith(" ")]
    assert names == [each.name for each in lemmas()]
    assert "    Any two majorities have an acceptor in common." in result.output.splitlines()
    assert "proved" not in result.output.split()


def test_the_results_for_machines(coterie: Command) -> None:
    result = coterie("prove", "oracles.paxos.majorities_meet", "--json", "-")

    found = json.loads(result.stdout)
    assert found["exit_code"] == 0
    (entry,) = found["lemmas"]
    assert entry["lemma"] == "oracles.paxos.majorities_meet"
    assert (entry["verdict"], entry["as_expected"], entry["example"]) == ("proved", True, None)
    assert entry["guards"] == {"is_majority": "coterie.model.oracles.paxos.is_majority"}
    assert entry["seconds"] > 0
    halves = entry["twins"][-1]
    assert (halves["twin"], halves["verdict"]) == ("with halves", "refuted")
    assert halves["example"]["acceptors"] == ["a0", "a1"]
    assert "2 lemmas" not in result.stderr
    assert "1 lemma: 1 proved." in result.stderr


def test_the_results_are_written_to_a_file_too(
    coterie: Command, only: type[Only], tmp_path: Path
) -> None:
    only(made.wrong)
    path = tmp_path / "proofs.json"
    result = coterie("prove", "--json", str(path))

    (entry,) = json.loads(path.read_text())["lemmas"]
    assert (entry["verdict"], entry["expected"], entry["as_expected"]) == (
        "refuted",
        "proved",
        False,
    )
    assert "1 lemma: 0 proved." in result.stdout


def test_a_file_that_cannot_be_written_is_a_mistake_before_any_proof(coterie: Command) -> None:
    result = coterie("prove", "oracles", "--json", "/nowhere/at/all.json")

    assert result.exit_code == 2
    assert "proved" not in result.output


@pytest.mark.parametrize("code", range(4))
def test_the_help_explains_every_exit_code(coterie: Command, code: int) -> None:
    output = coterie("prove", "--help").output

    assert "Examples:\n    coterie " in output
    assert sum(line.startswith(f"    {code}  ") for line in output.splitlines()) == 1


def test_nothing_but_the_lemmas_imports_the_solver() -> None:
    script = """
import pkgutil, sys
from importlib import import_module
import coterie.checks.catalogue, coterie.commands.main, coterie.commands.check, coterie.spec
for each in pkgutil.walk_packages(coterie.spec.__path__, "coterie.spec."):
    if not each.name.startswith("coterie.spec.lemmas"):
        import_module(each.name)
coterie.checks.catalogue.catalogue()
print("z3" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout == "False\n"
