"""What is kept on the disk, from the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coterie.commands.errors import UsageMistake
from coterie.commands.keeping import size
from tests.commands.conftest import Command

CHECK = "oracles.two_phase"


def results(file: Path) -> Any:
    """Return what a run has written as JSON, without what may differ from run to run."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {k: v for k, v in value.items() if k not in {"seconds", "python_calls"}}
            return {key: plain(item) for key, item in kept.items()}
        return [plain(each) for each in value] if isinstance(value, list) else value

    return plain(json.loads(file.read_text()))


def test_a_run_that_was_cut_short_goes_on(coterie: Command, tmp_path: Path) -> None:
    kept, whole, again = (str(tmp_path / name) for name in ("kept", "whole.json", "again.json"))
    coterie("check", CHECK, "--json", whole)

    cut = coterie("check", CHECK, "--checkpoint", kept, "--max-states", "3000")
    on = coterie("check", CHECK, "--checkpoint", kept, "--json", again)

    assert (cut.exit_code, on.exit_code) == (3, 0)
    assert results(Path(again)) == results(Path(whole))


def test_every_check_has_a_directory_of_its_own(
    coterie: Command, only: Callable[..., str], tmp_path: Path
) -> None:
    kept = tmp_path / "kept"

    coterie("check", only("SOUND", "WRONG"), "--checkpoint", str(kept))
    again = coterie("check", only("SOUND", "WRONG"), "--checkpoint", str(kept))

    assert len([*kept.iterdir()]) == 2
    assert again.exit_code == 1


def test_a_checkpoint_with_other_parameters_is_refused(coterie: Command, tmp_path: Path) -> None:
    kept = str(tmp_path)
    coterie("check", CHECK, "--set", "managers=2", "--checkpoint", kept)

    refused = coterie("check", CHECK, "--set", "managers=3", "--checkpoint", kept)

    assert refused.exit_code == 2
    assert "parameters: {'managers': 2} there, {'managers': 3} now." in refused.output
    assert "Remove that directory to begin anew, or name another one." in refused.output


def test_a_damaged_checkpoint_is_refused(coterie: Command, tmp_path: Path) -> None:
    arguments = ("check", CHECK, "--set", "managers=2", "--checkpoint", str(tmp_path))
    coterie(*arguments)
    (tmp_path / CHECK / "rows-0.journal").write_bytes(b"")

    refused = coterie(*arguments)

    assert refused.exit_code == 2
    assert "is damaged.\nRemove that directory" in refused.output


def test_states_on_the_disk_change_no_answer(coterie: Command, tmp_path: Path) -> None:
    plain, spilt = tmp_path / "plain.json", tmp_path / "spilt.json"

    coterie("check", CHECK, "--json", str(plain))
    coterie("check", CHECK, "--memory", "1G", "--json", str(spilt))

    one, other = results(plain), results(spilt)
    limits = [each.pop("limits") for found in (one, other) for each in found["results"]]
    assert one == other
    assert limits[0] != limits[-1]


def test_there_is_no_checkpoint_of_coverage(coterie: Command, tmp_path: Path) -> None:
    refused = coterie("check", CHECK, "--coverage", "--checkpoint", str(tmp_path))

    assert refused.exit_code == 2
    assert "--checkpoint may go on from an earlier one" in refused.output


@pytest.mark.parametrize(
    ("text", "size_bytes"), [("2G", 2 * 10**9), ("500M", 5 * 10**8), ("1.5gb", 15 * 10**8)]
)
def test_sizes_are_written_as_one_says_them(text: str, size_bytes: int) -> None:
    assert size(text) == size_bytes


@pytest.mark.parametrize("text", ["", "2", "G", "0M", "-1G", "2 apples"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(UsageMistake, match="is no size"):
        size(text)
