"""JUnit XML, read by `junitparser` and by the standard library."""

from pathlib import Path
from xml.etree import ElementTree as ET

import junitparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.commands.answering import Report
from coterie.commands.outputs import junit
from coterie.commands.outputs.markup import legal
from tests.commands import counters
from tests.outputs.conftest import Command, Only
from tests.outputs.reports import ANYTHING, PATIENT, failed, report_of, reports_of_all

Case = junitparser.TestCase


@pytest.fixture(scope="module")
def cases() -> dict[tuple[str, str], Case]:
    suites = junitparser.JUnitXml.fromstring(junit.text(reports_of_all()).encode())
    return {(case.classname, case.name): case for suite in suites for case in suite}


def only_result(case: Case) -> junitparser.junitparser.Result:
    (result,) = case.result
    return result


def facts(case: Case) -> dict[str, str]:
    return {each.name: each.value for each in case.child(junitparser.Properties)}


def test_what_holds_is_a_case_without_a_result(cases: dict[tuple[str, str], Case]) -> None:
    assert cases["counters.sound", "below_three"].is_passed


def test_a_violation_is_a_failure_with_its_run(cases: dict[tuple[str, str], Case]) -> None:
    result = only_result(cases["counters.wrong", "below_three"])

    assert isinstance(result, junitparser.Failure)
    assert (result.type, result.message) == ("violated", "VIOLATED in 3 steps")
    assert "counter0.ticks: 2 → 3" in result.text
    assert "nodes: counter0" in result.text


def test_an_expected_refutation_passes_and_says_so(cases: dict[tuple[str, str], Case]) -> None:
    case = cases["counters.broken", "below_three"]

    assert case.is_passed
    assert facts(case)["verdict"] == "refuted, as expected"
    assert facts(case)["expected"] == "violated"
    assert "counter0.ticks: 2 → 3" in case.system_out


def test_a_missing_refutation_is_a_failure(cases: dict[tuple[str, str], Case]) -> None:
    result = only_result(cases["counters.mended", "below_three"])

    assert isinstance(result, junitparser.Failure)
    assert result.type == "not refuted"


def test_what_is_undetermined_is_an_error_and_never_skipped(
    cases: dict[tuple[str, str], Case],
) -> None:
    result = only_result(cases["counters.endless", "below_three"])

    assert isinstance(result, junitparser.Error)
    assert result.type == "undetermined"
    assert result.message == "undetermined: the limit of 2 states was reached"
    assert not any(case.is_skipped for case in cases.values())


def test_a_fault_of_the_model_is_an_error_that_names_the_line(
    cases: dict[tuple[str, str], Case],
) -> None:
    result = only_result(cases["counters.jammed", "two"])

    assert isinstance(result, junitparser.Error)
    assert result.type == "model error"
    assert "counters.py:" in result.text


def test_the_counts_are_those_of_the_cases() -> None:
    root = ET.fromstring(junit.text(reports_of_all()))

    for suite in (root, *root.iter("testsuite")):
        counted = {"failures": "failure", "errors": "error", "skipped": "skipped"}
        assert int(suite.attrib["tests"]) == len(list(suite.iter("testcase")))
        for attribute, tag in counted.items():
            assert int(suite.attrib[attribute]) == len(list(suite.iter(tag)))


def test_the_times_of_the_properties_add_up_to_that_of_the_exploration() -> None:
    report = report_of(counters.SOUND)
    root = ET.fromstring(junit.text([report]))

    times = [float(case.attrib["time"]) for case in root.iter("testcase")]
    assert report.exploration is not None
    assert sum(times) == pytest.approx(report.exploration.seconds, abs=0.002)


@PATIENT
@given(failed())
def test_any_words_can_be_read_back(report: Report) -> None:
    root = ET.fromstring(junit.text([report]).encode())

    (case,) = root.iter("testcase")
    (error,) = case.iter("error")
    assert case.attrib["name"] == legal(report.rows[0].claim.name)
    assert case.attrib["classname"] == legal(report.job.name)
    assert error.attrib["message"] == legal(f"model error: {report.error.splitlines()[0]}")


@PATIENT
@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"))))
def test_words_that_xml_can_hold_are_left_alone(words: str) -> None:
    assert legal(words) == words


@PATIENT
@given(ANYTHING)
def test_what_xml_cannot_hold_is_written_out(words: str) -> None:
    element = ET.Element("it", words=legal(words))
    element.text = legal(words)

    read = ET.fromstring(ET.tostring(element, encoding="utf-8"))

    assert (read.text or "", read.attrib["words"]) == (legal(words), legal(words))


def test_a_file_is_written_beside_the_table(coterie: Command, only: Only, tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    result = coterie("check", only("WRONG"), "--junit", str(path))

    assert result.exit_code == 1
    assert "below_three  VIOLATED in 3 steps" in result.stdout
    assert junitparser.JUnitXml.fromfile(str(path)).failures == 1
