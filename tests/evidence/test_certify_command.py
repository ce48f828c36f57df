"""`coterie check --certificate` and `coterie certify`: what they answer, with which exit code."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from coterie.checks.result import Exploration, Finding, Verdict
from coterie.commands.answering import Job, Report
from coterie.commands.evidence.writing import Certificates
from coterie.commands.selecting import Selection
from tests.commands import counters
from tests.commands.conftest import Command

Only = Callable[..., str]
Lines = list[Any]


def lines_of(file: Path) -> Lines:
    with gzip.open(file, "rt") as text:
        return [json.loads(line) for line in text]


def save(lines: Lines, file: Path) -> None:
    with gzip.open(file, "wt") as text:
        text.writelines(f"{json.dumps(line)}\n" for line in lines)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "certificate.gz"


def test_what_was_checked_is_certified(coterie: Command, file: Path) -> None:
    names = ("oracles.tcommit", "gossip.gdp.published.livelock")
    checked = coterie("check", *names, "--certificate", str(file), columns=80)
    result = coterie("certify", str(file), columns=80)

    assert (checked.exit_code, result.exit_code) == (0, 0), result.output
    assert "consistent  holds, certified: it is true in every state of the set" in result.output
    assert "a run of 5 steps shows it" in result.output
    assert "a set of 34 states" in result.output
    assert max(map(len, result.output.splitlines())) <= 80


def test_a_protocol_of_ones_own_is_found_where_one_says(
    coterie: Command, only: Only, file: Path
) -> None:
    model = only("SOUND", "BROKEN")
    coterie("check", model, "--certificate", str(file))

    assert coterie("certify", str(file), model).exit_code == 0
    assert coterie("certify", str(file)).exit_code == 2
    assert "coterie certify FILE PYTHON_FILE" in coterie("certify", str(file)).output


def test_a_certificate_runs_no_code_that_it_names(
    coterie: Command, only: Only, file: Path, tmp_path: Path
) -> None:
    coterie("check", only("SOUND"), "--certificate", str(file))
    trap, sprung = tmp_path / "trap.py", tmp_path / "sprung"
    trap.write_text(f"open({str(sprung)!r}, 'w')\n")
    lines = lines_of(file)
    lines[0]["files"] = [str(trap)]
    save(lines, file)

    assert coterie("certify", str(file)).exit_code == 2
    assert not sprung.exists()


def test_settings_and_size_are_those_of_the_check(coterie: Command, only: Only, file: Path) -> None:
    model = only("BROKEN")
    options = ("--size", "full", "--set", "limit=7")
    coterie("check", model, *options, "--certificate", str(file))

    result = coterie("certify", str(file), model)

    assert result.exit_code == 0
    assert "limit=7" in result.output
    assert "violated, certified: a run of 3 steps shows it" in result.output


def test_an_open_verdict_has_no_proof_and_exits_with_3(
    coterie: Command, only: Only, file: Path
) -> None:
    model = only("ENDLESS")
    coterie("check", model, "--certificate", str(file), "--max-states", "2", "--keep-going")
    assert not file.exists()

    coterie("check", model, "--certificate", str(file))
    result = coterie("certify", str(file), model)

    assert result.exit_code == 0
    assert "no set of states" in result.output


def violated(lines: Lines) -> None:
    lines[0]["claims"][0]["verdict"] = "violated"


def dropped(lines: Lines) -> None:
    del lines[2]
    lines[0]["states"] -= 1


def shorter(lines: Lines) -> None:
    lines[0]["claims"][1]["run"]["steps"].pop()


WRONG = {
    "a state is missing": (dropped, "the set"),
    "a run is too short": (shorter, "the run does not show that two holds"),
}


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_certificate_exits_with_1_and_says_where(
    coterie: Command, only: Only, file: Path, change: Callable[[Lines], None], words: str
) -> None:
    model = only("SOUND")
    coterie("check", model, "--certificate", str(file))
    lines = lines_of(file)
    change(lines)
    save(lines, file)

    result = coterie("certify", str(file), model)

    assert result.exit_code == 1
    assert "WRONG" in result.output
    assert words in result.output
    assert "counter0: Count(ticks=" in result.output


def test_a_verdict_that_nothing_proves_is_no_success(
    coterie: Command, only: Only, file: Path
) -> None:
    model = only("SOUND")
    coterie("check", model, "--certificate", str(file))
    lines = lines_of(file)
    violated(lines)
    save(lines, file)

    result = coterie("certify", str(file), model)

    assert result.exit_code == 3
    assert "NOT CERTIFIED" in result.output


def test_other_sources_are_told_and_do_not_matter(coterie: Command, only: Only, file: Path) -> None:
    model = only("SOUND")
    coterie("check", model, "--certificate", str(file))
    lines = lines_of(file)
    lines[0]["sources"] = "of another day"
    save(lines, file)

    result = coterie("certify", str(file), model)

    assert result.exit_code == 0
    assert "the sources have changed" in result.output


UNREADABLE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "no gzip": lambda _: b"certificate",
    "cut short": lambda text: text[: len(text) // 2],
    "no JSON": lambda _: gzip.compress(b"{"),
    "no header": lambda _: gzip.compress(b"[1]\n"),
    "deep": lambda _: gzip.compress(b"[" * 100_000),
    "no text": lambda _: gzip.compress(b"\xff\xfe"),
    "no end": lambda text: gzip.compress(gzip.decompress(text).rsplit(b"\n", 2)[0]),
    "too few states": lambda text: gzip.compress(
        gzip.decompress(text).replace(b'"states":3', b'"states":2')
    ),
    "another version": lambda text: gzip.compress(
        gzip.decompress(text).replace(b'"certificate":1', b'"certificate":2')
    ),
    "an unknown class": lambda text: gzip.compress(
        gzip.decompress(text).replace(b":Count", b":Counts")
    ),
    "other parameters": lambda text: gzip.compress(
        gzip.decompress(text).replace(b"'limit': 2", b"'limit': 3")
    ),
    "another property": lambda text: gzip.compress(
        gzip.decompress(text).replace(b"below_three", b"below_four")
    ),
    "one property twice": lambda text: gzip.compress(
        gzip.decompress(text).replace(b'"two","kind":"reachable"', b'"below_three","kind":"always"')
    ),
    "other components": lambda text: gzip.compress(
        gzip.decompress(text).replace(b'"slots":["counter0"]', b'"slots":["counter1"]')
    ),
}


@pytest.mark.parametrize("change", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_certificate_exits_with_2(
    coterie: Command, only: Only, file: Path, change: Callable[[bytes], bytes]
) -> None:
    model = only("SOUND")
    coterie("check", model, "--certificate", str(file))
    changed = change(file.read_bytes())
    assert changed != file.read_bytes()
    file.write_bytes(changed)

    result = coterie("certify", str(file), model)

    assert result.exit_code == 2, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_file_that_cannot_be_written_is_said_before_the_work(
    coterie: Command, tmp_path: Path
) -> None:
    missing = str(tmp_path / "nowhere" / "certificate.gz")

    for name in (missing, "-"):
        result = coterie("check", "oracles.tcommit", "--certificate", name)
        assert result.exit_code == 2
        assert "distinct" not in result.output


class Odd:
    """A value that cannot be written."""


def test_a_certificate_that_cannot_be_written_leaves_the_others(file: Path) -> None:
    certificates = Certificates(str(file), ("model.py",), "small", {})
    world = counters.world(2)
    (start,) = world.initial()
    holds = (Finding(counters.below_three, Verdict.HOLDS),)
    selection = Selection(counters.SOUND, (counters.below_three,))
    found = Exploration(world, holds, 1, 0, 0, complete=True)
    report = Report(Job(selection, {}), found)

    certificates.add(report, [start])
    certificates.add(report, [start, (Odd(),)])
    certificates.add(evolve(report, exploration=evolve(found, reductions=("symmetry",))), [start])
    certificates.close()

    assert certificates.written == 1
    assert "the search was smaller by symmetry" in certificates.problems[1]
    assert "Odd cannot be written down" in certificates.problems[0]
    assert [line for line in lines_of(file) if "end" in line] == [{"end": "counters.sound"}]
    assert [each.name for each in file.parent.iterdir()] == ["certificate.gz"]
