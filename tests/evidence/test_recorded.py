"""What is read from files of evidence: shown only where the present code shows it again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coterie.checks.result import Verdict
from coterie.commands.book.claims import Claim
from coterie.commands.book.verdicts import Verdicts
from coterie.commands.evidence.recorded import FOLDER, Evidence, EvidenceError, Recorded
from tests.commands.conftest import Command
from tests.evidence import mutated as own
from tests.evidence.mutated import KILLED

Mutated = Callable[..., str]


@pytest.fixture
def file(coterie: Command, mutated: Mutated, tmp_path: Path) -> Path:
    """Evidence about a check of one's own."""
    path = tmp_path / "evidence.json"
    coterie("check", mutated("KILLED"), "--mutants", "--evidence", str(path))
    return path


def recorded(file: Path, *, name: str = "mutated.killed") -> Recorded:
    found = Evidence.read(file, checks=[KILLED]).of(name)
    assert found is not None
    return found


def change(file: Path, **fields: Any) -> None:
    data = json.loads(file.read_text())
    data["checks"][0] |= fields
    file.write_text(json.dumps(data))


def test_its_numbers_are_those_that_were_found(file: Path) -> None:
    found = recorded(file)

    assert not found.is_stale
    assert (found.entry.states, found.entry.depth) == (3, 2)
    assert found.entry["below_three"].verdict is Verdict.HOLDS
    assert found.entry["two"].steps == 2
    assert found.entry.mutant("runs_on")["below_three"].declared == 3


def test_a_run_is_one_of_the_present_world(file: Path) -> None:
    found = recorded(file)
    trace = found.trace("two")

    assert trace is not None
    assert [values[0].state.ticks for values in trace.states] == [0, 1, 2]
    assert found.trace("below_three") is None
    assert found.finding("two").trace == trace
    assert found.finding("two").verdict is Verdict.HOLDS


def test_the_run_that_kills_a_mutant_is_one_of_the_mutant(file: Path) -> None:
    found = recorded(file)
    trace = found.mutant_trace("runs_on", "below_three")

    assert trace is not None
    assert [values[0].state.ticks for values in trace.states] == [0, 1, 2, 3]
    assert found.mutant_trace("stands", "two") is None


def test_a_run_that_shows_something_else_is_an_error_with_a_way_out(file: Path) -> None:
    properties = json.loads(file.read_text())["checks"][0]["properties"]
    properties[1]["run"]["steps"] = [0]
    change(file, properties=properties)

    with pytest.raises(EvidenceError) as caught:
        recorded(file).trace("two")

    said = caught.value.message
    assert f"{file}, mutated.killed at size small: the run of two no longer shows" in said
    near = Path(own.__file__).relative_to(Path.cwd())
    assert f"Make it anew: coterie check {near} --mutants --evidence {file}" in said


def test_a_check_of_the_catalogue_is_made_anew_by_its_name() -> None:
    found = Evidence.read().of("oracles.tcommit")

    assert found is not None
    assert found.anew.startswith("coterie check oracles.tcommit --mutants --evidence ")


def test_of_a_check_that_is_gone_nobody_knows_the_file(file: Path) -> None:
    found = Evidence.read(file, checks=[]).of("mutated.killed")

    assert found is not None
    assert found.anew == f"coterie check FILE --mutants --evidence {file}"


def test_a_run_that_the_world_has_not_is_an_error_too(file: Path) -> None:
    properties = json.loads(file.read_text())["checks"][0]["properties"]
    properties[1]["run"]["steps"] = [0, 7]
    change(file, properties=properties)

    with pytest.raises(EvidenceError, match="the run of two is none of the present world"):
        recorded(file).trace("two")


def test_the_run_of_a_mutant_must_show_it_as_well(file: Path) -> None:
    mutants = json.loads(file.read_text())["checks"][0]["mutants"]
    mutants[0]["kills"][0]["run"]["steps"] = [0, 0]
    change(file, mutants=mutants)

    with pytest.raises(EvidenceError, match="below_three no longer shows that it is violated"):
        recorded(file).mutant_trace("runs_on", "below_three")


def test_a_check_that_is_gone_has_nothing_to_show(file: Path) -> None:
    found = Evidence.read(file, checks=[]).of("mutated.killed")

    assert found is not None
    assert found.is_stale
    with pytest.raises(EvidenceError, match="there is no such check any more"):
        found.trace("two")


@pytest.mark.parametrize(
    ("fields", "is_stale"),
    [
        ({}, False),
        ({"code": "0" * 64}, True),
        ({"parameters": "{'limit': 3}"}, True),
        ({"coterie": "0.0.1"}, False),
    ],
)
def test_other_code_or_parameters_make_it_stale(
    file: Path, fields: dict[str, str], *, is_stale: bool
) -> None:
    change(file, **fields)

    assert recorded(file).is_stale is is_stale


def test_of_two_files_the_later_one_is_believed(file: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.json"
    later.write_text(file.read_text())
    change(later, states=9)

    found = Evidence.read(file, later, checks=[KILLED])

    assert [each.entry.states for each in found.records] == [9]


def test_the_results_for_machines_can_be_read_as_well(
    coterie: Command, mutated: Mutated, tmp_path: Path
) -> None:
    results = tmp_path / "results.json"
    coterie("check", mutated("KILLED"), "--json", str(results))

    assert recorded(results).trace("two") is not None
    assert recorded(results).entry.mutants is None
    two = json.loads(results.read_text())["results"][1]
    assert (two["size"], two["code"]) == ("small", recorded(results).code)
    assert two["run"] == {"start": 0, "steps": [0, 0], "loop": None}


def test_nothing_is_recorded_of_another_check_or_size(file: Path) -> None:
    found = Evidence.read(file, checks=[KILLED])

    assert found.of("mutated.other") is None
    assert found.of("mutated.killed", "full") is None


DAMAGED: dict[str, Any] = {
    "check": 5,
    "size": None,
    "code": 7,
    "coterie": [],
    "states": "many",
    "transitions": -1,
    "depth": True,
    "complete": "yes",
    "stopped": None,
    "seconds": None,
    "limits": ["states"],
    "reductions": "symmetry",
    "mutants": [{"mutant": 1, "parameters": "", "states": 1, "seconds": 1.0, "kills": []}],
}


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    """A copy of what is recorded of a check of the catalogue."""
    path = tmp_path / "evidence.json"
    checks = json.loads((FOLDER / "small.json").read_text(encoding="utf-8"))["checks"]
    path.write_text(json.dumps({"checks": checks[:1]}))
    assert Evidence.read(path).records
    return path


@pytest.mark.parametrize(("name", "value"), DAMAGED.items(), ids=DAMAGED)
def test_a_damaged_entry_is_refused(committed: Path, name: str, value: object) -> None:
    change(committed, **{name: value})

    with pytest.raises(EvidenceError, match=r"evidence\.json is no file of evidence"):
        Evidence.read(committed)


@pytest.mark.parametrize(
    ("name", "value"), [("property", 3), ("steps", "two"), ("violations", None), ("vacuous", 0)]
)
def test_a_damaged_property_is_refused(committed: Path, name: str, value: object) -> None:
    properties = json.loads(committed.read_text())["checks"][0]["properties"]
    change(committed, properties=[{**properties[0], name: value}])

    with pytest.raises(EvidenceError, match=r"evidence\.json is no file of evidence"):
        Evidence.read(committed)


def test_the_book_does_without_a_property_that_is_not_recorded(file: Path) -> None:
    change(file, properties=[])
    verdicts = Verdicts(Evidence.read(file, checks=[KILLED]))
    (two,) = [each for each in KILLED.properties if each.name == "two"]
    shown = Claim(two, (KILLED,), "It is two.", "", "", "", (), None, (), (), ())

    assert verdicts.picture(shown) is None


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        '{"checks": [{"check": "x"}]}',
        '{"checks": [7]}',
        '{"checks": 7}',
    ],
)
def test_what_is_no_evidence_is_refused_with_the_name_of_the_file(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "evidence.json"
    path.write_text(text)

    with pytest.raises(EvidenceError, match=r"evidence\.json is no file of evidence"):
        Evidence.read(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"nowhere\.json cannot be read: No such file"):
        Evidence.read(tmp_path / "nowhere.json")
