"""`coterie list` and `coterie spec`: what there is, and what it promises."""

from collections.abc import Callable

import pytest

from coterie.checks.catalogue import catalogue
from coterie.commands.page import documented, paragraphs, plain
from tests.commands.conftest import Command

Only = Callable[..., str]


def test_list_names_every_check_of_the_catalogue(coterie: Command) -> None:
    result = coterie("list")

    assert result.exit_code == 0
    names = {line.split()[0] for line in result.output.splitlines() if line[:1].isalpha()}
    assert {check.name for check in catalogue()} <= names


def test_list_shows_a_check_with_its_sizes(coterie: Command, only: Only) -> None:
    output = coterie("list", only("BROKEN")).output

    assert "counters.broken  2 properties, 1 of them refuted" in output
    assert "It is known to be broken." in output
    assert "small: limit=4; full: limit=9" in output
    assert output.splitlines()[-1] == "1 check, 2 properties"


def test_spec_shows_a_property_with_all_its_documentation(coterie: Command, only: Only) -> None:
    output = coterie("spec", only("BROKEN")).output

    assert "  below_three" in output.splitlines()
    assert "The counter stays below three." in output
    assert "In symbols: ticks < 3." in output
    assert "Why: it need not, which is the point." in output
    assert "Must be true: in every reachable state" in output
    assert "Expected: refuted, in 3 steps, for the protocol is broken" in output
    assert "Defined in: counters" in output


def test_spec_names_the_mutants_that_break_a_property(coterie: Command) -> None:
    output = coterie("spec", "oracles.two_phase.consistent").output

    assert "Broken by: commit_early" in output
    assert "all_commit" not in output


@pytest.mark.parametrize("command", ["list", "spec"])
def test_a_wrong_name_suggests_the_nearest(coterie: Command, command: str) -> None:
    result = coterie(command, "oracles.tcomit")

    assert result.exit_code == 2
    assert "Did you mean oracles.tcommit?" in result.output


def test_a_heading_begins_a_paragraph_of_its_own() -> None:
    found = paragraphs("It holds.\n\nIn symbols: a\n    and b.\nWhy: so.\nAnd so.")

    assert found == ["It holds.", "In symbols: a and b.", "Why: so. And so."]


def test_a_paragraph_is_wrapped_and_its_heading_is_bold() -> None:
    lines = documented("It holds.\n\nWhy: because of one thing and of another.", 30, "  ")

    assert [plain(each) for each in lines] == [
        "  It holds.",
        "  Why: because of one thing",
        "    and of another.",
    ]
    assert lines[1][0] == ("  Why: ", "bold")


@pytest.mark.parametrize("arguments", [[], ["check"], ["list"], ["spec"]])
def test_help_teaches_by_examples(coterie: Command, arguments: list[str]) -> None:
    output = coterie(*arguments, "--help").output

    assert "Examples:\n    coterie " in output


@pytest.mark.parametrize("code", range(4))
def test_the_help_of_check_explains_every_exit_code(coterie: Command, code: int) -> None:
    output = coterie("check", "--help").output

    assert sum(line.startswith(f"    {code}  ") for line in output.splitlines()) == 1
