"""`coterie new`: what it lays out is a protocol that every command takes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import Command

ROOT = Path(__file__).parents[2]
PROPERTIES = 6
# What coterie itself imports, and a protocol never sees, would take most of the time.
MYPY = """
[mypy]
strict = true
cache_dir = /dev/null
[mypy-coterie.*]
follow_imports = silent
[mypy-numpy.*,numba.*,scipy.*,hypothesis.*,rich.*,click.*]
follow_imports = skip
"""


def run(*command: str | Path, where: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, where coterie can be imported as if it were installed."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=where,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MYPYPATH": str(ROOT), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a new protocol, with everything in it."""
    folder = tmp_path_factory.mktemp("new")
    done = run("coterie", "new", "lease", "--ci", where=folder)
    assert done.returncode == 0, done.stderr
    return folder / "lease"


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_it_says_what_it_lays_out(coterie: Command, tmp_path: Path) -> None:
    result = coterie("new", "lease", "--ci", "--dir", str(tmp_path / "mine"))

    told = set(re.findall(r"^  (\S+)$", result.output, re.MULTILINE))
    assert result.exit_code == 0
    assert told - {"pytest"} == files(tmp_path / "mine")
    assert {"lease/model.py", "lease/spec.py", "lease/checks.py", "tests/test_lease.py"} <= told


def test_only_ci_writes_what_machines_run(coterie: Command, tmp_path: Path) -> None:
    coterie("new", "lease", "--dir", str(tmp_path / "plain"))
    coterie("new", "lease", "--dir", str(tmp_path / "ci"), "--ci")

    more = files(tmp_path / "ci") - files(tmp_path / "plain")
    assert more == {".github/workflows/coterie.yml", ".pre-commit-config.yaml"}


def test_every_property_holds_and_its_numbers_are_the_pinned_ones(
    coterie: Command, laid_out: Path
) -> None:
    result = coterie("check", str(laid_out / "lease/checks.py"))

    assert result.exit_code == 0, result.output
    assert f"{PROPERTIES} properties: {PROPERTIES} hold" in result.output
    assert "warning" not in result.output


def test_a_folder_stands_for_the_checks_below_it(coterie: Command, laid_out: Path) -> None:
    result = coterie("list", str(laid_out))

    assert result.output.startswith("lease  6 properties\n")


def test_what_it_promises_is_documented(coterie: Command, laid_out: Path) -> None:
    result = coterie("spec", str(laid_out / "lease/checks.py"))

    assert result.exit_code == 0
    assert "only_appends" in result.output
    assert "Broken by: overwrites, in 9 steps" in result.output


def test_it_runs_at_random(coterie: Command, laid_out: Path) -> None:
    result = coterie("simulate", str(laid_out), "--runs", "20", "--enumerate", "0")

    assert result.exit_code == 0, result.output
    assert "a witness seen" in result.output


def test_its_tests_pass_and_the_plugin_collects_its_properties(laid_out: Path) -> None:
    done = run("pytest", "-q", "-p", "no:cacheprovider", "-p", "coterie", where=laid_out)

    assert done.returncode == 0, done.stdout
    mutants, pinned = 4, 1
    assert f"{2 * PROPERTIES + mutants + pinned} passed" in done.stdout


def test_a_change_that_breaks_it_is_found(coterie: Command, tmp_path: Path) -> None:
    coterie("new", "lease", "--dir", str(tmp_path))
    model = tmp_path / "lease/model.py"
    model.write_text(model.read_text().replace("confirmed == replicas", "confirmed >= 1"))

    result = coterie("check", str(tmp_path))

    assert result.exit_code == 1
    assert "answered_is_everywhere  VIOLATED in 3 steps" in result.output


def test_it_is_written_in_the_usual_style(laid_out: Path) -> None:
    for command in (["check", "--isolated"], ["check"], ["format", "--check"]):
        done = run("ruff", *command, "--no-cache", ".", where=laid_out)
        assert done.returncode == 0, done.stdout


def test_its_types_are_sound(laid_out: Path, tmp_path: Path) -> None:
    settings = tmp_path / "mypy.ini"
    settings.write_text(MYPY)

    done = run("mypy", "--config-file", settings, "lease", "tests", where=laid_out)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "says", "way_out"),
    [
        ("two-rooms", "is no name of a Python package", "Did you mean two_rooms?"),
        ("3pc", "is no name of a Python package", "Did you mean protocol_3pc?"),
        ("my.lease", "is no name of a Python package", "Did you mean my_lease?"),
        ("  ", "is no name of a Python package", "Give a name like `lease`"),
        ("class", "is no name of a Python package", "Python has that word for itself"),
        ("json", "would hide a part of Python's own library", "coterie new json_protocol"),
        ("coterie", "would hide a part of coterie itself", "Choose another name"),
        ("attrs", "is installed, and would be hidden", "coterie new attrs_protocol"),
        ("tests", "the folder `tests` is for the tests", "Choose another name"),
        ("test", "the name test is taken for the tests", "coterie new test_protocol"),
        ("conftest", "pytest looks there for its settings", "coterie new conftest_protocol"),
        ("_", "begins with an underscore", "Give a name like `lease`"),
        ("__", "begins with an underscore", "Give a name like `lease`"),
        ("_3", "begins with an underscore", "coterie new protocol_3"),
        ("__init__", "begins with an underscore", "coterie new init_protocol"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_one_that_can(
    coterie: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    says: str,
    way_out: str,
) -> None:
    monkeypatch.chdir(tmp_path)

    result = coterie("new", name)

    assert result.exit_code == 2
    assert says in result.output
    assert way_out in result.output
    assert not list(tmp_path.iterdir())


def test_an_empty_folder_name_counts_as_none(
    coterie: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lease").mkdir()

    result = coterie("new", "lease", "--dir", "")

    assert result.exit_code == 2
    assert "there is already something called lease here" in result.output
    assert files(tmp_path) == set()


def test_what_is_there_already_is_left_alone(
    coterie: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lease").mkdir()

    result = coterie("new", "lease")

    assert result.exit_code == 2
    assert "there is already something called lease here" in result.output
    assert "--dir DIR" in result.output
    assert files(tmp_path) == set()


def test_a_folder_that_is_named_keeps_its_files(coterie: Command, tmp_path: Path) -> None:
    mine = tmp_path / "pyproject.toml"
    mine.write_text("# mine\n")

    result = coterie("new", "lease", "--dir", str(tmp_path))

    assert result.exit_code == 2
    assert "pyproject.toml is there already, and nothing is written" in result.output
    assert files(tmp_path) == {"pyproject.toml"}
    assert mine.read_text() == "# mine\n"


def test_a_file_is_no_folder_to_lay_out_in(coterie: Command, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    result = coterie("new", "lease", "--dir", str(tmp_path / "taken"))

    assert result.exit_code == 2
    assert "is no folder" in result.output
