"""What a shell offers after a Tab."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import get_completion_class

from coterie.checks.catalogue import catalogue
from coterie.commands import completing
from coterie.commands.completing import known, offered
from coterie.commands.main import cli
from tests.commands.conftest import Command

ROOT = Path(__file__).parents[2]
SOME = ["one.two.holds", "one.two.is_quick", "one.too.holds", "other.holds"]


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file in which names are kept; there is none yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "coterie" / "names.json"


@pytest.mark.parametrize(
    ("word", "offers"),
    [
        ("", ["one", "other"]),
        ("o", ["one", "other"]),
        ("on", ["one", "one.too", "one.two"]),
        ("one.", ["one.too", "one.two"]),
        ("one.tw", ["one.two", "one.two.holds", "one.two.is_quick"]),
        ("one.two.i", ["one.two.is_quick"]),
        ("nobody", []),
    ],
)
def test_a_name_goes_on_up_to_its_next_part(word: str, offers: list[str]) -> None:
    assert offered(word, SOME) == offers


def test_every_property_of_the_catalogue_is_known_and_kept(kept: Path) -> None:
    every = [f"{check.name}.{claim.name}" for check in catalogue() for claim in check.properties]

    assert known() == every
    assert json.loads(kept.read_text())["names"] == every


def test_what_is_kept_is_read_and_not_found_again(kept: Path) -> None:
    known()
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "names": SOME}))

    assert known() == SOME


@pytest.mark.parametrize("content", ["", "[]", '{"state": 0}', '{"names": ["one"], "state": [0]}'])
def test_what_is_kept_of_other_files_is_found_again(kept: Path, content: str) -> None:
    kept.parent.mkdir()
    kept.write_text(content)

    assert "oracles.two_phase.consistent" in known()


def test_where_nothing_can_be_kept_names_are_known_all_the_same(kept: Path) -> None:
    kept.parent.write_text("a file where a folder should be")

    assert "oracles.two_phase.consistent" in known()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("arguments", "word", "offers"),
    [
        ([], "sim", "simulate"),
        (["check"], "oracles.two_phase.cons", "oracles.two_phase.consistent"),
        (["spec"], "oracles.p", "oracles.paxos"),
        (["graph"], "oracles.t", "oracles.tcommit"),
        (["simulate"], "--sch", "--schedule"),
        (["simulate", "--schedule"], "", "pct"),
    ],
)
def test_commands_options_and_names_are_offered(
    shell: str, arguments: list[str], word: str, offers: str
) -> None:
    kind = get_completion_class(shell)
    assert kind is not None

    found = kind(cli, {}, "coterie", "_COTERIE_COMPLETE").get_completions(arguments, word)

    assert offers in [each.value for each in found]


def test_where_no_check_is_meant_files_are_offered() -> None:
    (offer,) = completing.names(None, None, "my_pro")  # type: ignore[arg-type]

    assert (offer.type, offer.value) == ("file", "my_pro")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_for_the_shell(coterie: Command, shell: str) -> None:
    result = coterie("completion", shell)

    assert result.exit_code == 0
    assert f"_COTERIE_COMPLETE={shell}_complete" in result.output


def test_a_shell_that_is_not_known_is_told_those_that_are(coterie: Command) -> None:
    result = coterie("completion", "tcsh")

    assert result.exit_code == 2
    assert "'bash', 'zsh', 'fish'" in result.output


def test_bash_itself_completes_a_name_without_loading_the_engine(tmp_path: Path) -> None:
    known()
    imports = tmp_path / "imports"
    script = f"""
eval "$(coterie completion bash)"
export PYTHONPROFILEIMPORTTIME=1
COMP_WORDS=(coterie check oracles.two_phase.cons); COMP_CWORD=2
_coterie_completion coterie 2> {imports}
echo "${{COMPREPLY[@]}}"
"""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "oracles.two_phase.consistent\n"
    loaded = {line.rpartition("|")[2].strip() for line in imports.read_text().splitlines()}
    assert "coterie.commands.completing" in loaded
    assert not loaded & {"numba", "numpy", "coterie.checks.catalogue.oracles.two_phase"}
