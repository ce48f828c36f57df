"""What pages are made from, and when none are made."""

import sys
from pathlib import Path

import pytest
from sphinx.errors import ExtensionError

from coterie.checks.catalogue import catalogue
from coterie.checks.result import Verdict
from coterie.commands.book.chapters import chapters
from coterie.commands.book.verdicts import NOTHING
from coterie.commands.main import cli

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_ext"))

import bugs
import chapters as pages
import commands
import docstrings


def test_a_build_fails_where_evidence_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ExtensionError, match=r"smr\.naive at size small is not yet explored"):
        pages.write_all(tmp_path, NOTHING, draft=False)

    assert list(tmp_path.iterdir()) == []


def test_each_refuted_claim_stands_beside_one_that_holds() -> None:
    for chapter in chapters():
        for check, claim in bugs.refuted(chapter):
            found = bugs.repairs(check, claim)

            assert found, f"{check.name}.{claim.name}"
            own = next(each for each in found[0].properties if each.name == claim.name)
            assert found[0].expected(own) is Verdict.HOLDS


def test_every_refutation_of_the_catalogue_is_listed() -> None:
    listed = {
        (check.name, claim.name) for each in chapters() for check, claim in bugs.refuted(each)
    }

    assert listed == {(check.name, name) for check in catalogue() for name in check.refuted}


def test_what_a_repair_changes_is_said() -> None:
    (naive,) = (each for each in catalogue() if each.name == "smr.naive")
    (mended,) = (each for each in catalogue() if each.name == "smr.sequenced")
    worlds = [each.world(**each.parameters()) for each in (naive, mended)]

    assert list(bugs.differences(*worlds))
    assert list(bugs.differences(worlds[0], worlds[0])) == []


def test_every_command_has_its_section() -> None:
    names = [name for name, _ in commands.commands()]

    assert {f"coterie {name}" for name in cli.commands or cli.list_commands(None)} <= set(names)
    assert all("--help" in commands.help_of(*each) for each in commands.commands())


def test_headings_of_a_docstring_become_fields() -> None:
    lines = ["Return it.", "", "Why: it is", "  needed.", "Raises: ValueError."]

    assert docstrings.written(lines, "function") == [
        "Return it.",
        "",
        ":Why: it is",
        "  needed.",
        "",
        ":Raises: ValueError.",
    ]


def test_signs_of_mathematics_are_no_markup() -> None:
    assert docstrings.written(["|a & b| of `c|d`"], "class") == ["\\|a & b\\| of `c|d`"]


def test_what_a_function_is_given_is_listed_as_its_arguments() -> None:
    assert docstrings.written(["Attributes:"], "function") == ["Args:"]
    assert docstrings.written(["Attributes:"], "class") == ["Attributes:"]
