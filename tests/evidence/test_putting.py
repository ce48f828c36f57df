"""Files that `--evidence` and `--certificate` write: nothing else is lost by that."""

import gc
import json
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from attrs import evolve

from coterie.checks.result import Exploration, Finding, Verdict
from coterie.commands.answering import Job, Report
from coterie.commands.errors import UsageMistake
from coterie.commands.evidence import putting
from coterie.commands.evidence.lemmas import Record
from coterie.commands.evidence.recorded import FOLDER
from coterie.commands.evidence.recording import Recording
from coterie.commands.evidence.writing import Certificates
from coterie.commands.selecting import Selection
from tests.commands import counters
from tests.commands.conftest import Command

Mutated = Callable[..., str]
Open = Callable[[Path], object]


def _record(file: Path) -> object:
    return Record(str(file), is_whole=False)


def _recording(file: Path) -> object:
    return Recording(str(file), mutants=False, is_whole=False)


def _certificates(file: Path) -> object:
    return Certificates(str(file), (), "small", {})


OPENERS = {"checks": _recording, "lemmas": _record, "a certificate": _certificates}


@pytest.mark.parametrize("opened", OPENERS.values(), ids=OPENERS)
def test_what_is_no_file_is_refused_and_stays(tmp_path: Path, opened: Open) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)

    for each in (pipe, link):
        with pytest.raises(UsageMistake, match="is no regular file"):
            opened(each)

    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert link.is_symlink()


@pytest.mark.parametrize("option", ["--evidence", "--certificate"])
def test_a_link_stays_and_what_it_leads_to_keeps_its_mode(
    coterie: Command, mutated: Mutated, tmp_path: Path, option: str
) -> None:
    (tmp_path / "far").mkdir()
    file, link = tmp_path / "far" / "file", tmp_path / "link"
    file.touch()
    file.chmod(0o640)
    link.symlink_to(file)

    assert coterie("check", mutated("KILLED"), option, str(link)).exit_code == 0

    assert link.is_symlink()
    assert file.stat().st_size > 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [*file.parent.iterdir()] == [file]


def test_a_link_to_nothing_yet_stays_too(
    coterie: Command, mutated: Mutated, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to("later.json")

    assert coterie("check", mutated("KILLED"), "--evidence", str(link)).exit_code == 0

    assert link.is_symlink()
    assert json.loads((tmp_path / "later.json").read_text())["checks"]


def test_what_fails_leaves_no_file_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(OSError, match="directory"):
        putting.replace(tmp_path / "folder", b"content")

    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def _found(number: int = 0) -> Report:
    world = counters.world(2)
    check = evolve(counters.SOUND, name=f"sound.{number}")
    selection = Selection(check, (counters.below_three,))
    findings = (Finding(counters.below_three, Verdict.HOLDS),)
    return Report(Job(selection, {}), Exploration(world, findings, 1, 0, 0, complete=True))


def test_a_certificate_that_is_never_put_in_place_leaves_no_file_behind(tmp_path: Path) -> None:
    certificates = Certificates(str(tmp_path / "certificate.gz"), (), "small", {})
    certificates.add(_found(), [next(iter(counters.world(2).initial()))])
    assert certificates.written == 1
    assert len([*tmp_path.iterdir()]) == 1

    del certificates
    gc.collect()

    assert [*tmp_path.iterdir()] == []


def test_many_that_record_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"

    def record(number: int) -> None:
        Recording(str(file), mutants=False, is_whole=False).keep(_found(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(record, range(24)))

    names = {each["check"] for each in json.loads(file.read_text())["checks"]}
    assert names == {f"sound.{number}" for number in range(24)}
    assert [*tmp_path.iterdir()] == [file]


OTHERS = {
    "an object": '{"mine": 1}',
    "results": '{"checks": [], "results": []}',
    "of something else": '{"about": "My thesis.", "checks": [], "lemmas": []}',
    "a list": "[1, 2]",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("opened", [_recording, _record], ids=["checks", "lemmas"])
def test_a_file_of_something_else_is_refused_and_stays(
    tmp_path: Path, opened: Open, text: str
) -> None:
    file = tmp_path / "mine.json"
    file.write_text(text)

    with pytest.raises(UsageMistake, match="is no file of evidence"):
        opened(file)

    assert file.read_text() == text


def test_lemmas_are_not_overwritten_by_checks_nor_checks_by_lemmas(tmp_path: Path) -> None:
    checks, lemmas = tmp_path / "checks.json", tmp_path / "lemmas.json"
    checks.write_text((FOLDER / "small.json").read_text(encoding="utf-8"), encoding="utf-8")
    lemmas.write_text((FOLDER / "lemmas.json").read_text(encoding="utf-8"), encoding="utf-8")

    with pytest.raises(UsageMistake, match=r"lemmas\.json is no file of evidence"):
        _recording(lemmas)
    with pytest.raises(UsageMistake, match=r"checks\.json is no file of evidence"):
        _record(checks)
    assert _recording(checks)
    assert _record(lemmas)
