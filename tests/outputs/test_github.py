"""Annotations: what GitHub reads from the output."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import coterie.commands.outputs.github as annotations
from tests.commands import counters
from tests.outputs.conftest import Command, Only
from tests.outputs.reports import ANYTHING, PATIENT, report_of

ROOT = Path(__file__).parents[2]
_COMMAND = re.compile(r"::(?P<level>\w+) (?P<properties>[^\n]*?)::(?P<message>[^\n\r]*)", re.DOTALL)


class Annotation(NamedTuple):
    """One annotation as GitHub understands it."""

    level: str
    properties: dict[str, str]
    message: str

    @property
    def place(self) -> tuple[str, int]:
        return self.properties["file"], int(self.properties["line"])


def unescaped(words: str, *, named: bool) -> str:
    if named:
        words = words.replace("%3A", ":").replace("%2C", ",")
    return words.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def read(line: str) -> Annotation:
    found = _COMMAND.fullmatch(line)
    assert found, line
    pairs = (each.split("=", 1) for each in found["properties"].split(","))
    properties = {name: unescaped(value, named=True) for name, value in pairs}
    return Annotation(found["level"], properties, unescaped(found["message"], named=False))


def annotations_of(output: str) -> list[Annotation]:
    return [read(line) for line in output.splitlines() if line.startswith("::")]


def line_of(file: str | Path, text: str) -> list[int]:
    lines = (ROOT / file).read_text().splitlines()
    return [number for number, line in enumerate(lines, 1) if line.strip().startswith(text)]


def test_a_violation_is_an_error_on_the_line_of_the_step() -> None:
    (found,) = map(read, annotations.lines([report_of(counters.WRONG)]))

    assert found.level == "error"
    assert found.place == ("tests/commands/counters.py", *line_of(counters.__file__, "def step("))
    assert found.properties["title"] == "counters.wrong.below_three VIOLATED in 3 steps"
    assert "3  counter0: Tick()" in found.message


def test_what_no_run_shows_stands_at_the_property() -> None:
    (found,) = map(read, annotations.lines([report_of(counters.SHORT)]))

    assert found.place == ("tests/commands/counters.py", *line_of(counters.__file__, "def two("))


def test_a_fault_of_the_model_stands_at_its_line() -> None:
    found = [*map(read, annotations.lines([report_of(counters.JAMMED)]))]

    assert [each.level for each in found] == ["error", "error"]
    assert found[0].place[1] == line_of(counters.__file__, "raise ValueError(")[0]


def test_what_is_undetermined_is_a_warning() -> None:
    found = [*map(read, annotations.lines([report_of(counters.ENDLESS, max_states=2)]))]

    assert [each.level for each in found] == ["warning", "warning"]
    assert "the limit of 2 states was reached" in found[0].properties["title"]


def test_what_holds_needs_no_annotation() -> None:
    assert not list(annotations.lines([report_of(counters.SOUND)]))


def test_a_refutation_of_the_catalogue_stands_where_its_machine_steps(
    coterie: Command,
) -> None:
    result = coterie("check", "gossip.store.published.collision", "--github")

    found = annotations_of(result.stdout)
    file = "model/gossip/store/server.py"
    (step,) = line_of(file, "def step(")
    assert result.exit_code == 0
    assert {each.level for each in found} == {"notice"}
    assert {each.place for each in found} == {(file, step)}


def test_annotations_go_where_the_table_goes(coterie: Command, only: Only) -> None:
    result = coterie("check", only("WRONG"), "--github", "--json", "-")

    assert not annotations_of(result.stdout)
    assert len(annotations_of(result.stderr)) == 1


def test_without_the_option_there_are_none(
    coterie: Command, only: Only, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    assert not annotations_of(coterie("check", only("WRONG")).output)


@PATIENT
@given(st.dictionaries(st.sampled_from(["file", "line", "title"]), ANYTHING, min_size=1), ANYTHING)
def test_any_words_stay_on_one_line_and_can_be_read_back(
    properties: dict[str, str], message: str
) -> None:
    line = annotations.command("error", properties, message)

    assert "\n" not in line
    assert "\r" not in line
    assert read(line) == Annotation("error", properties, message)
