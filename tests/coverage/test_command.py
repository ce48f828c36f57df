"""`coterie check --coverage` and `--strict`: the words, the widths, the exit codes, the JSON."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coterie.commands.main import cli

SOURCE = '''
from attrs import frozen
import coterie as c

HERE, THERE = c.Node("clerk", 0), c.Node("clerk", 1)

@frozen
class Tell(c.Timeout):
    """Tell the other one."""

@frozen
class Clerk(c.Machine):
    """Its state is what it was told last."""

    other: c.Node

    def start(self, memory):
        return c.Outcome("nothing")

    def options(self, state):
        return [Tell()]

    def step(self, state, event):
        match event:
            case Tell():
                return c.Outcome(state, [c.Send(self.other, "news")])
            case c.Receive(_, "rumour"):
                return c.Outcome("rumour")
            case c.Receive(_, "news"):
                return c.Outcome("news")
        return c.Outcome(state)

@c.always
def told(world):
    """Only what was sent is known."""
    return all(world[node] != "rumour" for node in world.nodes("clerk"))

@c.at_rest
def rests(world):
    """At rest, all know the news."""
    return all(world[node] == "news" for node in world.nodes("clerk"))

def world(dead=1):
    return c.World({HERE: Clerk(THERE), THERE: Clerk(HERE)}, c.Bag(1, "drop"))

'''
Command = Callable[..., Result]


@pytest.fixture
def checked(tmp_path: Path) -> Command:
    """Run `coterie check` on the clerks, with these checks of theirs."""

    def run(checks: str, *options: str) -> Result:
        path = tmp_path / "clerks.py"
        path.write_text(SOURCE + checks)
        environment = {"COLUMNS": "80"}
        return CliRunner().invoke(cli, ["check", str(path), *options], env=environment)

    return run


DEAD = 'CHECK = c.Check("clerks", "Clerks.", world, [told, rests])\n'
ALIVE = 'CHECK = c.Check("clerks", "Clerks.", world, [told])\n'


def test_what_is_dead_is_told_under_the_table_and_is_no_failure(checked: Command) -> None:
    result = checked(DEAD, "--coverage")

    assert result.exit_code == 0, result.output
    below = " ".join(result.output.partition("2 properties: 2 hold")[2].split())
    assert "clerks.rests: no state is at rest" in below
    assert "Clerk is never asked: message 'rumour'" in below
    assert "in none of the 1 check run" in below
    assert """`case c.Receive(_, "rumour"):`: never matched""" in below
    assert below.endswith("Coverage: 1 check explored to the end, 3 warnings.")
    assert max(map(len, result.output.splitlines())) <= 80


def test_under_strict_every_warning_fails_and_says_so(checked: Command) -> None:
    result = checked(DEAD, "--strict")

    assert result.exit_code == 1
    assert "3 warnings, each of them an error under --strict" in " ".join(result.output.split())


def test_without_the_option_nothing_is_watched_or_said(checked: Command) -> None:
    result = checked(DEAD)

    assert result.exit_code == 0
    assert "overage" not in result.output


def test_the_branches_of_two_checks_are_taken_together(checked: Command) -> None:
    result = checked(
        'ONE = c.Check("one", "", world, [told])\nTWO = c.Check("two", "", world, [told])\n',
        "--coverage",
    )

    assert "in none of the 2 checks run" in " ".join(result.output.split())
    assert result.output.count("never matched") == 1
    assert result.output.count("is never asked") == 2


def test_what_was_cut_short_is_not_known_and_no_success_under_strict(checked: Command) -> None:
    result = checked(ALIVE, "--strict", "--max-states", "2")

    said = " ".join(result.output.split())
    assert result.exit_code == 3
    assert "Coverage is not known of clerks: the limit of 2 states" in said
    assert "never matched" not in said
    assert "nothing is known; --strict fails where nothing is known" in said


def test_an_early_end_for_a_violation_is_not_known_either(checked: Command) -> None:
    result = checked(
        "never = c.always(lambda world: False)\n"
        'CHECK = c.Check("clerks", "", world, [never], refuted={"<lambda>": 0})\n',
        "--strict",
    )

    assert result.exit_code == 3
    assert "every property was decided before the end" in " ".join(result.output.split())


def test_a_fault_of_the_model_stays_a_fault(checked: Command) -> None:
    result = checked('CHECK = c.Check("clerks", "", lambda: None, [told])\n', "--strict")

    assert result.exit_code == 2
    assert "it was not explored" in result.output


def test_a_violation_stays_a_violation(checked: Command) -> None:
    result = checked(
        "never = c.always(lambda world: False)\n"
        'CHECK = c.Check("clerks", "", world, [told, never])\n',
        "--coverage",
    )

    assert result.exit_code == 1


def test_the_json_has_it_too(checked: Command, tmp_path: Path) -> None:
    file = tmp_path / "found.json"

    result = checked(DEAD, "--strict", "--json", str(file))

    found = json.loads(file.read_text())
    assert found["exit_code"] == result.exit_code == 1
    assert found["coverage"]["complete"] == ["clerks"]
    assert found["coverage"]["events"] == [
        {
            "check": "clerks",
            "machine": "Clerk",
            "never_asked": ["message 'rumour'"],
            "never_did_anything": [],
        }
    ]
    assert [each["what"] for each in found["coverage"]["branches"]] == ["never matched"]
    assert found["coverage"]["vacuous"] == [
        {"check": "clerks", "property": "rests", "why": "no state is at rest"}
    ]


def test_kept_verdicts_are_refused_for_nobody_has_watched_them(
    checked: Command, tmp_path: Path
) -> None:
    result = checked(DEAD, "--coverage", "--cache", str(tmp_path / "kept"))

    assert result.exit_code == 2


def test_every_state_is_watched_even_of_a_symmetric_world(checked: Command) -> None:
    symmetric = (
        'def same(dead=1):\n    machines = {c.Node("clerk", i): Clerk(c.Node("clerk", 1 - i))'
        ' for i in range(2)}\n    return c.World(machines, c.Bag(1, "drop"), symmetric=["clerk"])\n'
        'CHECK = c.Check("clerks", "", same, [told])\n'
    )

    result = checked(symmetric, "--coverage")

    assert "Coverage: 1 check explored to the end, 2 warnings." in result.output, result.output
