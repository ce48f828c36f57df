"""`coterie prove --evidence`: what is recorded of lemmas."""

import json
from pathlib import Path
from typing import Any

import pytest

from coterie.commands.evidence.lemmas import Proofs, Record
from coterie.commands.evidence.recorded import FOLDER, EvidenceError
from coterie.spec.lemmas.lemma import lemmas
from coterie.spec.lemmas.proof import prove
from tests.commands.conftest import Command

NAME = "diffusion.acknowledgements.an_acknowledged_node_is_fresh"
OTHER = "diffusion.acknowledgements.a_read_behind_an_acknowledging_node_is_fresh"


@pytest.fixture
def file(coterie: Command, tmp_path: Path) -> Path:
    path = tmp_path / "lemmas.json"
    assert coterie("prove", NAME, "--evidence", str(path)).exit_code == 0
    return path


def entries(file: Path) -> dict[str, dict[str, Any]]:
    return {each["lemma"]: each for each in json.loads(file.read_text())["lemmas"]}


def change(file: Path, **fields: Any) -> None:
    found = [each | fields for each in entries(file).values()]
    file.write_text(json.dumps({"lemmas": found}))


def test_it_says_what_is_proved_of_which_code(file: Path) -> None:
    proved = Proofs.read(file).of(NAME)

    assert proved is not None
    assert (proved.verdict, proved.parts, len(proved.code)) == ("proved", 1, 64)
    assert {each.verdict for each in proved.twins} == {"refuted"}
    assert "without: the node has acknowledged" in {each.twin for each in proved.twins}


def test_a_lemma_is_stale_when_its_code_is_another(file: Path) -> None:
    assert not Proofs.read(file).is_stale(NAME)
    assert Proofs.read(file).is_stale(OTHER)  # nothing is recorded of it

    change(file, code="0" * 64)

    assert Proofs.read(file).is_stale(NAME)


def test_the_same_proof_keeps_the_time_that_it_took_before(coterie: Command, file: Path) -> None:
    change(file, seconds=77.0)
    coterie("prove", NAME, "--evidence", str(file))
    assert entries(file)[NAME]["seconds"] == 77.0

    change(file, code="0" * 64)
    coterie("prove", NAME, "--evidence", str(file))
    assert entries(file)[NAME]["seconds"] < 77.0


def test_another_lemma_is_added_and_what_is_none_is_forgotten(coterie: Command, file: Path) -> None:
    coterie("prove", OTHER, "--evidence", str(file))
    assert [*entries(file)] == [OTHER, NAME]

    change(file, lemma="no.lemma")
    one = next(each for each in lemmas() if each.name == NAME)
    Record(str(file), is_whole=True).write([prove(one)])

    assert [*entries(file)] == [NAME]


def test_two_commands_with_the_same_file_keep_what_each_has_proved(tmp_path: Path) -> None:
    path, own = tmp_path / "lemmas.json", json.loads((FOLDER / "lemmas.json").read_text())
    late = Record(str(path), is_whole=False)
    path.write_text(json.dumps(own))

    late.write([])

    assert [*entries(path)] == [each["lemma"] for each in own["lemmas"]]


@pytest.mark.parametrize(("name", "value"), [("seconds", None), ("parts", "many"), ("code", 5)])
def test_a_damaged_entry_is_refused(tmp_path: Path, name: str, value: object) -> None:
    path, own = tmp_path / "lemmas.json", json.loads((FOLDER / "lemmas.json").read_text())
    path.write_text(json.dumps({"lemmas": [own["lemmas"][0] | {name: value}]}))

    with pytest.raises(EvidenceError, match=r"lemmas\.json is no evidence of lemmas"):
        Proofs.read(path)


def test_what_is_no_evidence_of_lemmas_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lemmas.json"
    path.write_text('{"lemmas": [{"lemma": "x"}]}')

    with pytest.raises(EvidenceError, match=r"lemmas\.json is no evidence of lemmas"):
        Proofs.read(path)
