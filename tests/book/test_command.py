"""`coterie spec`: chapters, and what it showed before there were any."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from coterie.commands.book.__main__ import OVERVIEW
from coterie.commands.book.chapters import chapters
from coterie.commands.book.readme import overview
from coterie.commands.main import cli

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


def spec(*arguments: str) -> Result:
    """Run `coterie spec`."""
    return CliRunner().invoke(cli, ["spec", *arguments], env={"COLUMNS": "80"})


def test_without_a_name_it_lists_the_chapters() -> None:
    result = spec()

    assert result.exit_code == 0
    assert {each.name for each in chapters()} <= set(result.output.split())
    assert "`coterie spec diffusion.gossip` shows one of them." in result.output


def test_a_family_is_listed_as_well() -> None:
    output = spec("gossip").output

    assert "gossip.store" in output
    assert "smr" not in output


def test_a_chapter_is_shown_from_its_purpose_on() -> None:
    output = spec("smr.naive").output
    headings = [line for line in output.splitlines() if line[:1].isupper()]

    assert headings == [
        "What it is for",
        "Who takes part",
        "What they remember",
        "Messages",
        "Operations and answers",
        "What may happen",
        "What it promises",
    ]
    assert "tickets: who has booked which" in output
    assert "    receives Forward\n" in output


def test_a_check_shows_what_it_promises_alone() -> None:
    output = spec("gossip.store.repaired").output

    assert output.startswith("gossip.store.repaired\n")
    assert "Who takes part" not in output
    assert "  converges\n" in output


def test_ones_own_file_is_a_chapter() -> None:
    result = spec(str(EXAMPLES / "lock.py"))

    assert result.exit_code == 0
    assert "client, a Client" in result.output
    assert "idle → waiting" in result.output
    assert "  exclusive\n" in result.output


def test_a_file_whose_machine_is_wrong_still_says_what_it_promises(tmp_path: Path) -> None:
    text = (EXAMPLES / "lock.py").read_text(encoding="utf-8")
    file = tmp_path / "wrong.py"
    file.write_text(text.replace('return c.Outcome("idle")', "return 1 / 0"), encoding="utf-8")
    result = spec(str(file))

    assert result.exit_code == 0
    assert (
        "Its machines cannot be asked: `start` of client0 raised ZeroDivisionError" in result.output
    )
    assert "  exclusive\n" in result.output


def test_a_chapter_as_markdown_and_as_json() -> None:
    page = spec("smr.log", "--format", "markdown").output
    data = json.loads(spec("smr.log", "--format", "json").output)

    assert page.startswith("# The abstract replicated log\n")
    assert [each["chapter"] for each in data["chapters"]] == ["smr.log"]


def test_one_property_as_markdown_is_on_a_page_of_its_own() -> None:
    page = spec("smr.naive.sold_once", "--format", "markdown").output

    assert "### `sold_once`" in page
    assert "### `same_order`" not in page


def test_a_wrong_name_is_an_error_with_a_way_out() -> None:
    result = spec("smr.nave")

    assert result.exit_code == 2
    assert "Did you mean smr.naive?" in result.output


def test_the_overview_in_the_repository_is_not_stale() -> None:
    assert OVERVIEW.read_text(encoding="utf-8") == overview(chapters()), (
        "make it anew: python -m coterie.commands.book"
    )


def test_the_overview_is_readable() -> None:
    text = OVERVIEW.read_text(encoding="utf-8")

    assert len(text.encode()) < 200_000
    assert sum(line.startswith("## ") for line in text.splitlines()) == len(chapters())
