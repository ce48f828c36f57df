"""The cache of the command line: right answers only; in doubt it explores again."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.commands import counters
from tests.commands.conftest import Command

OLD = 1_000_000_000
MODEL = """
import sys
sys.path.insert(0, {folder!r})
import coterie as c
import counters
import kept_helper

def world(limit):
    return c.World({{counters.COUNTER: counters.Counter(limit)}})

@c.reachable
def shown(world):
    "The counter shows what the helper says."
    {lazy}
    return world[counters.COUNTER].ticks == kept_helper.LIMIT

@c.always
def small(world):
    "The counter stays below nine."
    return world[counters.COUNTER].ticks < 9

SIZES = {{"small": {{"limit": 2}}, "full": {{"limit": 4}}}}
CHECK = c.Check("own", "It counts.", world, [shown, small], **SIZES)
"""


class Folder:
    """A folder with a model and a cache.

    Attributes:
        kept: the cache.
    """

    def __init__(self, path: Path, coterie: Command) -> None:
        self.path, self.kept = path, path / "kept"
        self._coterie = coterie
        self._time = OLD
        self.write("kept_helper.py", "LIMIT = 2\n")
        self.write("kept_late.py", "NOTHING = 0\n")
        self.model()

    def write(self, name: str, text: str) -> None:
        """Write a file that nobody could take for the one before."""
        self._time += 10
        file = self.path / name
        file.write_text(text)
        os.utime(file, (self._time, self._time))

    def model(self, lazy: str = "") -> None:
        """Write the model."""
        here = str(Path(counters.__file__).parent)
        self.write("kept_model.py", MODEL.format(folder=here, lazy=lazy))

    def check(self, *options: str) -> Result:
        """Check the model, as a new process would: with modules as they are now."""
        for name in ("kept_helper", "kept_late"):
            sys.modules.pop(name, None)
        model = str(self.path / "kept_model.py")
        return self._coterie("check", model, "--workers", "1", "--cache", str(self.kept), *options)

    def entry(self) -> Path:
        """Return the one entry of the cache."""
        (file,) = self.kept.iterdir()
        return file

    def forge(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the entry, and make its checksum right."""
        body = json.loads(self.entry().read_bytes().partition(b"\n")[2])
        change(body["result"])
        text = json.dumps(body).encode()
        self.entry().write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)


@pytest.fixture
def folder(tmp_path: Path, coterie: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    monkeypatch.syspath_prepend(tmp_path)
    yield Folder(tmp_path, coterie)
    for name in ("kept_helper", "kept_late", "coterie_file_kept_model"):
        sys.modules.pop(name, None)


def is_cached(result: Result) -> bool:
    return "(cached)" in result.output


def test_the_second_time_the_answer_is_kept_and_looks_the_same(folder: Folder) -> None:
    first, second = folder.check("-v"), folder.check("-v")

    assert not is_cached(first)
    assert is_cached(second)
    assert second.output.replace("  (cached)", "") == first.output
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "small" in second.output
    assert [file.suffix for file in folder.kept.iterdir()] == [".json"]


def test_a_kept_violation_shows_the_same_run(folder: Folder) -> None:
    first, second = (folder.check("--set", "limit=12", "--keep-going") for _ in range(2))

    assert is_cached(second)
    assert second.exit_code == first.exit_code == 1
    assert "VIOLATED in 9 steps" in second.output
    assert second.output.replace("  (cached)", "") == first.output


CHANGES: dict[str, Callable[[Folder], tuple[str, ...]]] = {
    "the size": lambda _: ("--size", "full"),
    "a parameter": lambda _: ("--set", "limit=3"),
    "what ends the search": lambda _: ("--keep-going",),
    "the model": lambda folder: folder.model("pass") or (),
    "what it imports": lambda folder: folder.write("kept_helper.py", "LIMIT = 1\n") or (),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changes_the_question_is_explored_again(
    folder: Folder, change: Callable[[Folder], tuple[str, ...]]
) -> None:
    folder.check()
    options = change(folder)

    assert not is_cached(folder.check(*options))
    assert is_cached(folder.check(*options))


def test_what_is_imported_only_while_exploring_counts_too(folder: Folder) -> None:
    folder.model(lazy="import kept_late")
    folder.check()
    assert is_cached(folder.check())

    folder.write("kept_late.py", "NOTHING = 1\n")
    result = folder.check()

    assert not is_cached(result)
    assert "kept_late.py" in result.output


def test_limits_do_not_matter_to_what_is_known(folder: Folder) -> None:
    folder.check()

    assert is_cached(folder.check("--max-states", "1", "--max-seconds", "1"))


def test_an_open_verdict_is_not_kept(folder: Folder) -> None:
    assert folder.check("--max-states", "1", "--set", "limit=8").exit_code == 3
    assert not folder.kept.exists()
    assert not is_cached(folder.check("--set", "limit=8"))


def test_a_file_that_changes_meanwhile_keeps_everything_away(folder: Folder) -> None:
    os.utime(folder.path / "kept_helper.py")
    later = (folder.path / "kept_helper.py").stat().st_mtime + 1000
    os.utime(folder.path / "kept_helper.py", (later, later))

    result = folder.check()

    assert result.exit_code == 0
    assert "a source file has changed since this command began" in result.output
    assert not folder.kept.exists()


def damaged(text: bytes) -> dict[str, bytes]:
    return {
        "empty": b"",
        "cut short": text[: len(text) // 2],
        "one bit": text[:-20] + bytes([text[-20] ^ 1]) + text[-19:],
        "no JSON": hashlib.sha256(b"{").hexdigest().encode() + b"\n{",
        "no entry": hashlib.sha256(b"[]").hexdigest().encode() + b"\n[]",
    }


@pytest.mark.parametrize("how", damaged(b"." * 50))
def test_a_damaged_entry_is_explored_again_and_replaced(folder: Folder, how: str) -> None:
    folder.check()
    folder.entry().write_bytes(damaged(folder.entry().read_bytes())[how])

    result = folder.check()

    assert not is_cached(result)
    assert result.exit_code == 0
    assert "is not used" in result.output
    assert is_cached(folder.check())


FORGED: dict[str, Callable[[dict[str, Any]], None]] = {
    "a run that ends too early": lambda result: result["findings"][0]["run"]["steps"].pop(),
    "a run that is none": lambda result: result["findings"][0]["run"]["steps"].append(7),
    "a run left out": lambda result: result["findings"][0].update(run=None),
    "another verdict": lambda result: result["findings"][1].update(verdict="violated"),
    "a property left out": lambda result: result["findings"].pop(),
    "something unknown": lambda result: result.update(surprise=1),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_an_entry_that_shows_nothing_is_explored_again(
    folder: Folder, forge: Callable[[dict[str, Any]], None]
) -> None:
    folder.check()
    folder.forge(forge)

    result = folder.check()

    assert not is_cached(result)
    assert "is not used" in result.output
    assert result.exit_code == 0


def test_paranoia_finds_an_entry_that_is_wrong(folder: Folder) -> None:
    folder.check()
    folder.forge(lambda result: result.update(states=4))
    assert is_cached(folder.check())

    result = folder.check("--paranoid")

    assert result.exit_code == 2
    assert "states: 4 there, 3 now" in result.output
    assert [file.suffix for file in sorted(folder.kept.iterdir())] in (
        [".differs", ".json"],
        [".json", ".differs"],
    )
    assert folder.check("--paranoid").exit_code == 0


def test_paranoia_explores_and_says_nothing_when_all_is_well(folder: Folder) -> None:
    first = folder.check()
    result = folder.check("--paranoid")

    assert not is_cached(result)
    assert result.exit_code == first.exit_code
    assert is_cached(folder.check())


def test_paranoia_without_a_cache_is_a_mistake(coterie: Command) -> None:
    result = coterie("check", "oracles.tcommit", "--paranoid")

    assert result.exit_code == 2
    assert "Add --cache DIR" in result.output


def test_a_file_is_no_folder_to_keep_things_in(coterie: Command, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()

    assert coterie("check", "--cache", str(tmp_path / "taken")).exit_code == 2


def test_a_folder_that_cannot_be_made_costs_no_verdict(folder: Folder) -> None:
    (folder.path / "taken").touch()
    folder.kept = folder.path / "taken" / "kept"

    result = folder.check()

    assert result.exit_code == 0
    assert "cannot be written" in result.output


def test_a_check_of_the_same_name_in_another_file_is_another_check(folder: Folder) -> None:
    folder.check()
    folder.write("kept_other.py", (folder.path / "kept_model.py").read_text())

    other = str(folder.path / "kept_other.py")
    assert not is_cached(folder.check(other))
