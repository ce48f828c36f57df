"""The summary of a job: read as GitHub reads it, by a parser of Markdown."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from coterie.commands.answering import Report
from coterie.commands.outputs import summary
from coterie.commands.outputs.markup import legal
from tests.commands import counters
from tests.outputs.conftest import Command, Only
from tests.outputs.reports import ANYTHING, PATIENT, failed, report_of, reports_of_all

READER = MarkdownIt().enable("table")


def parsed(reports: list[Report]) -> list[Token]:
    return READER.parse(summary.text(reports))


def words(token: Token) -> str:
    """Return what a reader sees of a line."""
    kinds = {"text": lambda each: each.content, "code_inline": lambda each: each.content}
    shown = (kinds.get(each.type, lambda _: "")(each) for each in token.children or ())
    return "".join(shown)


def rows(tokens: list[Token]) -> Iterator[list[str]]:
    """Yield the cells of each row, those of the headings too."""
    cells: list[str] = []
    for before, token in pairwise(tokens):
        if token.type == "tr_open":
            cells = []
        elif before.type in {"td_open", "th_open"}:
            cells.append(words(token))
        elif token.type == "tr_close":
            yield cells


def headings(tokens: list[Token]) -> list[str]:
    opened = pairwise(tokens)
    return [words(token) for before, token in opened if before.type == "heading_open"]


def blocks(tokens: list[Token]) -> list[str]:
    return [token.content for token in tokens if token.type == "fence"]


def test_its_table_has_a_row_for_each_property() -> None:
    reports = reports_of_all()

    head, *found = rows(parsed(reports))

    assert head == ["check", "property", "verdict", "steps", "states", "seconds"]
    assert [(check, claim, verdict) for check, claim, verdict, *_ in found] == [
        (report.job.name, row.claim.name, row.answer.value)
        for report in reports
        for row in report.rows
    ]


def test_the_numbers_stand_in_the_table() -> None:
    report = report_of(counters.WRONG)
    assert report.exploration is not None

    _, first, *_ = rows(parsed([report]))

    states = report.exploration.states
    assert first[2:5] == ["VIOLATED", "3", f"{states:,}"]


def test_a_violation_is_drawn_and_every_step_is_there() -> None:
    tokens = parsed([report_of(counters.WRONG)])

    assert "counters.wrong.below_three: VIOLATED in 3 steps" in headings(tokens)
    picture, whole = blocks(tokens)
    assert picture != whole
    assert "counter0.ticks: 0 → 1" in whole


def test_what_is_refuted_as_expected_needs_no_reading() -> None:
    tokens = parsed([report_of(counters.BROKEN)])

    assert headings(tokens) == ["coterie"]
    assert not blocks(tokens)


def test_what_a_bound_has_left_open_is_named_with_the_reason() -> None:
    text = summary.text([report_of(counters.ENDLESS, max_states=2)])

    assert "was not explored to the end: " in text
    assert "**undetermined**" in text


def test_a_model_error_stands_there_once_as_it_is() -> None:
    report = report_of(counters.JAMMED)

    (said,) = blocks(parsed([report]))

    assert said == f"{report.error}\n"


def test_of_many_properties_those_that_hold_are_folded_away() -> None:
    many = [report_of(counters.SOUND)] * 50
    bad = report_of(counters.WRONG)

    text = summary.text([*many, bad])

    before, folded = text.split("<details>", 1)
    assert "counters.wrong" in before
    assert "counters.sound" not in before
    assert folded.count("| counters.sound |") == sum(len(each.rows) for each in many)


def test_there_is_never_more_than_github_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary, "MOST_BYTES", 4_000)
    report = report_of(counters.WRONG)

    text = summary.text([report] * 20)

    assert len(text.encode()) <= 5_000
    assert text.count("### ") < 20
    assert "There is no room here for " in text


@given(ANYTHING)
@PATIENT
def test_no_word_of_a_user_means_anything_to_markdown(said: str) -> None:
    (_, inline, _) = READER.parse(f"x {summary.safe(said)}")

    assert words(inline) == " ".join(["x", *legal(" ".join(said.split())).split()])


@given(failed())
@PATIENT
def test_whatever_a_model_says_the_summary_keeps_its_form(report: Report) -> None:
    tokens = parsed([report])

    table = list(rows(tokens))
    assert len(table) == 2
    assert len(table[1]) == len(table[0])
    assert len(blocks(tokens)) == 1


def test_github_gets_it_after_what_stands_there_already(
    coterie: Command, only: Only, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "summary"
    file.write_text("An earlier step.\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))

    result = coterie("check", only("WRONG"), "--github")

    assert result.exit_code == 1
    assert "::error" in result.output
    assert file.read_text().startswith("An earlier step.\n## coterie\n")


def test_a_file_of_ones_own_is_written_anew_and_github_gets_nothing(
    coterie: Command, only: Only, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, mine = tmp_path / "theirs", tmp_path / "mine.md"
    mine.write_text("An earlier run.\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(theirs))

    coterie("check", only("SOUND"), "--github", "--summary", str(mine))

    assert mine.read_text().startswith("## coterie\n")
    assert not theirs.exists()


def test_elsewhere_github_annotations_need_no_summary(
    coterie: Command, only: Only, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)

    assert coterie("check", only("SOUND"), "--github").exit_code == 0


def test_the_standard_output_takes_a_summary_alone(coterie: Command, only: Only) -> None:
    result = coterie("check", only("SOUND"), "--summary", "-")

    assert result.stdout.startswith("## coterie\n")
    assert "holds" in result.stderr


def test_a_summary_that_cannot_be_written_is_refused_first(
    coterie: Command, only: Only, tmp_path: Path
) -> None:
    result = coterie("check", only("SOUND"), "--summary", str(tmp_path / "no" / "file"))

    assert result.exit_code == 2
    assert "--summary" in result.output
    assert "cannot be written" in result.output
    assert "holds" not in result.output
