"""The options of `coterie check` that ask for files: refused before the work, written after it."""

import json
import os
from pathlib import Path

import junitparser
import pytest

from coterie.commands.errors import UsageMistake
from coterie.commands.outputs import files
from coterie.commands.outputs.options import Outputs
from tests.commands import counters
from tests.outputs.conftest import Command, Only
from tests.outputs.reports import report_of


@pytest.mark.parametrize("option", ["--json", "--junit", "--sarif", "--itf"])
@pytest.mark.parametrize("file", ["/nowhere/at/all.json", "/nowhere/at/all"])
def test_a_file_that_cannot_be_written_is_refused_before_the_work(
    coterie: Command, option: str, file: str
) -> None:
    result = coterie("check", "oracles.tcommit.consistent", option, file)

    assert result.exit_code == 2
    assert f"{option} {file} cannot be written" in result.stderr
    assert "consistent" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--json", "it", "--junit", "it"], "--json and --junit both write it"),
        (["--sarif", "-", "--junit", "-"], "--junit and --sarif both write -"),
        (["--itf", "run.json"], "has room for the trace of one property, not of "),
        (["--itf", str(counters.__file__)], "is no folder"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    coterie: Command, arguments: list[str], words: str
) -> None:
    result = coterie("check", "oracles.tcommit", *arguments)

    assert result.exit_code == 2
    assert words in result.stderr
    assert not result.stdout


def test_every_format_at_once(coterie: Command, only: Only, tmp_path: Path) -> None:
    json_file, junit, sarif = (str(tmp_path / name) for name in ("j.json", "j.xml", "j.sarif"))
    traces = tmp_path / "traces"
    result = coterie(
        *("check", only("WRONG"), "--json", json_file, "--junit", junit, "--sarif", sarif),
        *("--itf", str(traces), "--github"),
    )

    assert result.exit_code == 1
    assert len(json.loads(Path(json_file).read_text())["results"]) == 2
    assert junitparser.JUnitXml.fromfile(junit).failures == 1
    assert len(json.loads(Path(sarif).read_text())["runs"][0]["results"]) == 1
    assert len(list(traces.iterdir())) == 2
    assert result.stdout.splitlines()[-1].startswith("::error ")


@pytest.mark.parametrize("option", ["--json", "--junit", "--sarif"])
def test_the_standard_output_has_one_document_and_nothing_else(
    coterie: Command, only: Only, option: str
) -> None:
    result = coterie("check", only("WRONG"), option, "-")

    assert result.stdout[0] in "{<"
    assert result.stdout.rstrip()[-1] in "}>"
    assert "below_three  VIOLATED" in result.stderr


def test_what_cannot_be_written_after_all_does_not_lose_the_rest(tmp_path: Path) -> None:
    gone, kept = tmp_path / "gone" / "deep" / "j.json", tmp_path / "j.xml"
    outputs = Outputs({"--json": str(gone), "--junit": str(kept)})

    with pytest.raises(UsageMistake, match="cannot be written: No such file"):
        outputs.write([report_of(counters.SOUND)])

    assert junitparser.JUnitXml.fromfile(str(kept)).tests == 2


def test_a_half_of_a_character_is_written_out(tmp_path: Path) -> None:
    files.write("--json", str(tmp_path / "it"), '"\ud800 →"')

    assert (tmp_path / "it").read_bytes() == '"\\ud800 →"'.encode()


def test_looking_at_a_file_leaves_it_as_it_was(tmp_path: Path) -> None:
    there, new = tmp_path / "there", tmp_path / "new"
    there.write_text("it was here")

    for path in (there, new):
        files.check_file("--json", str(path))

    assert there.read_text() == "it was here"
    assert not new.exists()


@pytest.mark.parametrize("file", ["/proc/it", "."])
def test_a_folder_that_takes_no_file_and_a_folder_itself_are_refused(file: str) -> None:
    with pytest.raises(UsageMistake, match="cannot be written"):
        files.check_file("--json", file)


def test_a_pipe_is_not_touched_before_it_is_written(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    files.check_file("--json", str(pipe))

    assert pipe.is_fifo()
