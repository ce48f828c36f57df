"""SARIF, held against the object model of its schema."""

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

from coterie.commands.answering import Answer, Report
from coterie.commands.outputs import sarif
from coterie.commands.outputs.telling import told
from tests.commands import counters
from tests.outputs.conftest import Command, Only
from tests.outputs.reports import PATIENT, failed, renamed, report_of, reports_of_all
from tests.outputs.sarif_reader import check_log, plain

Result = dict[str, Any]


@pytest.fixture(scope="module")
def log() -> dict[str, Any]:
    return json.loads(sarif.text(reports_of_all()))


@pytest.fixture(scope="module")
def results(log: dict[str, Any]) -> dict[str, Result]:
    return {each["ruleId"]: each for each in log["runs"][0]["results"]}


def line_of(text: str) -> int:
    lines = Path(counters.__file__).read_text().splitlines()
    (line,) = (number for number, line in enumerate(lines, 1) if line.strip().startswith(text))
    return line


def place(location: dict[str, Any]) -> tuple[str, int]:
    physical = location["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


def test_a_log_is_what_the_schema_wants(log: dict[str, Any]) -> None:
    check_log(log)


def test_every_property_is_a_rule(log: dict[str, Any]) -> None:
    rules = {rule["id"]: rule for rule in log["runs"][0]["tool"]["driver"]["rules"]}

    assert len(rules) == 14
    statement = rules["counters.sound.below_three"]["shortDescription"]["text"]
    assert statement == "The counter stays below three."


def test_only_what_does_not_simply_hold_is_a_result(results: dict[str, Result]) -> None:
    assert {name: each["level"] for name, each in results.items()} == {
        "counters.wrong.below_three": "error",
        "counters.broken.below_three": "note",
        "counters.mended.below_three": "error",
        "counters.short.two": "error",
        "counters.endless.two": "warning",
        "counters.endless.below_three": "warning",
        "counters.jammed.below_three": "error",
        "counters.jammed.two": "error",
    }


def test_a_violation_stands_at_the_step_and_names_the_property(results: dict[str, Result]) -> None:
    result = results["counters.wrong.below_three"]

    assert place(result["locations"][0])[1] == line_of("def step(")
    assert place(result["relatedLocations"][0])[1] == line_of("def below_three(")
    assert place(result["locations"][0])[0] == "tests/commands/counters.py"


def test_a_run_is_a_code_flow(results: dict[str, Result]) -> None:
    (flow,) = results["counters.wrong.below_three"]["codeFlows"][0]["threadFlows"]
    start, *steps = flow["locations"]

    assert start["location"]["message"]["text"] == "start"
    assert [step["location"]["message"]["text"] for step in steps] == ["counter0: Tick()"] * 3
    assert [step["state"] for step in steps][-1] == {"counter0 ticks": {"text": "3"}}
    assert {place(step["location"])[1] for step in steps} == {line_of("def step(")}


def test_a_run_that_goes_round_says_from_where() -> None:
    report = report_of(counters.WRONG)
    assert report.exploration is not None
    finding = report.exploration["below_three"]
    assert finding.trace is not None
    round_and_round = evolve(finding, trace=evolve(finding.trace, loop=1))
    exploration = evolve(report.exploration, findings=(round_and_round, report.exploration["two"]))

    log = sarif.as_data([Report(report.job, exploration)])

    check_log(log)
    flow = log["runs"][0]["results"][0]["codeFlows"][0]
    assert flow["message"]["text"] == "What follows step 1 is repeated without end."


def test_a_fault_of_the_model_stands_at_its_line(results: dict[str, Result]) -> None:
    result = results["counters.jammed.two"]

    assert place(result["locations"][0])[1] == line_of("raise ValueError(")
    assert "codeFlows" not in result


def test_what_kept_the_work_from_being_done_is_said(log: dict[str, Any]) -> None:
    (invocation,) = log["runs"][0]["invocations"]
    notes = [
        (each["level"], each["message"]["text"])
        for each in invocation["toolExecutionNotifications"]
    ]

    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 2
    assert any(level == "error" and "the counter has jammed" in words for level, words in notes)
    assert any(level == "warning" and "limit of 2 states" in words for level, words in notes)


def test_a_run_that_decides_everything_is_a_success() -> None:
    log = sarif.as_data([report_of(counters.SOUND)])

    assert log["runs"][0]["results"] == []
    assert log["runs"][0]["invocations"][0]["executionSuccessful"] is True


@PATIENT
@given(failed())
def test_any_words_keep_to_the_schema(report: Report) -> None:
    log = json.loads(sarif.text([report]))

    check_log(log)
    (result,) = log["runs"][0]["results"]
    assert plain(result["message"]["text"]).endswith(told(report, report.rows[0]))
    assert result["properties"]["verdict"] == Answer.ERROR.value


def test_a_brace_begins_no_placeholder() -> None:
    log = sarif.as_data([renamed(report_of(counters.JAMMED), "{0}")])

    notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert notes[0]["message"]["text"].startswith("{{0}}: ")


def test_a_file_that_lies_elsewhere_has_its_whole_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    log = sarif.as_data([report_of(counters.WRONG)])

    check_log(log)
    uri, _ = place(log["runs"][0]["results"][0]["locations"][0])
    assert uri == Path(counters.__file__).as_uri()


def test_a_file_is_written(coterie: Command, only: Only, tmp_path: Path) -> None:
    path = tmp_path / "results.sarif"
    result = coterie("check", only("WRONG"), "--sarif", str(path))

    assert result.exit_code == 1
    check_log(json.loads(path.read_text()))
