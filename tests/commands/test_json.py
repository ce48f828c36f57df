"""The results for machines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.commands.conftest import Command

Only = Callable[..., str]


def results(coterie: Command, *arguments: str) -> dict[str, dict[str, Any]]:
    found = json.loads(coterie("check", *arguments, "--json", "-").stdout)
    return {each["property"]: each for each in found["results"]}


def test_an_entry_has_the_numbers_of_its_property(coterie: Command, only: Only) -> None:
    entry = results(coterie, only("SOUND"))["below_three"]

    assert entry["check"] == "counters.sound"
    assert (entry["verdict"], entry["expected"]) == ("holds", "holds")
    assert (entry["states"], entry["transitions"], entry["depth"]) == (3, 2, 2)
    assert entry["seconds"] > 0
    assert entry["python_calls"] > 0
    assert entry["parameters"] == {"limit": 2}
    assert entry["bounds"]["nodes"] == "counter0"
    assert entry["trace"] is None


def test_a_violation_has_its_trace(coterie: Command, only: Only) -> None:
    entry = results(coterie, only("WRONG"))["below_three"]

    assert entry["verdict"] == "violated"
    assert entry["as_expected"] is False
    assert entry["trace"]["start"] == {"counter0": "Count(ticks=0)"}
    assert [step["happenings"] for step in entry["trace"]["steps"]] == [["counter0: Tick()"]] * 3
    assert entry["trace"]["steps"][0]["fault"] is False
    assert entry["trace"]["steps"][2]["changes"] == {
        "counter0": [{"field": "ticks", "old": "2", "new": "3"}]
    }


def test_a_witness_is_a_trace_too(coterie: Command, only: Only) -> None:
    entry = results(coterie, only("SOUND"))["two"]

    assert entry["verdict"] == "holds"
    assert len(entry["trace"]["steps"]) == 2


def test_an_expected_refutation_says_so(coterie: Command, only: Only) -> None:
    entry = results(coterie, only("BROKEN"))["below_three"]

    assert (entry["verdict"], entry["expected"], entry["as_expected"]) == ("violated",) * 2 + (
        True,
    )


def test_a_bound_is_named(coterie: Command, only: Only) -> None:
    found = coterie("check", only("ENDLESS"), "--max-states", "2", "--json", "-")
    entry = json.loads(found.stdout)["results"][1]

    assert entry["verdict"] == "undetermined"
    assert entry["stopped"] == "the limit of 2 states was reached"
    assert json.loads(found.stdout)["exit_code"] == found.exit_code == 3


def test_a_fault_of_the_model_is_no_verdict(coterie: Command, only: Only) -> None:
    entry = results(coterie, only("JAMMED"))["two"]

    assert entry["verdict"] == "error"
    assert "the counter has jammed" in entry["error"]


def test_a_file_has_the_same_as_the_standard_output(
    coterie: Command, only: Only, tmp_path: Path
) -> None:
    path = tmp_path / "results.json"
    result = coterie("check", only("SOUND"), "--json", str(path))

    assert "2 properties: 2 hold" in result.stdout
    assert [each["property"] for each in json.loads(path.read_text())["results"]] == [
        "below_three",
        "two",
    ]
