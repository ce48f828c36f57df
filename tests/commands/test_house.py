"""The rules that `make` and the test runner keep."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKIPS = {
    "in the test": "import pytest\ndef test_it(): pytest.skip('no tool')",
    "by a mark": "import pytest\n@pytest.mark.skip(reason='no tool')\ndef test_it(): pass",
    "of a file": "import pytest\npytest.skip('no tool', allow_module_level=True)",
}


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS)
def test_a_skipped_test_is_a_failure(tmp_path: Path, source: str) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_it.py").write_text(source)

    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull, "."]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert result.returncode != 0
    assert "no tool: no test may be skipped" in result.stdout


def test_an_old_python_is_told_which_one_is_needed(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    old = tmp_path / "python2"
    old.write_text("#!/bin/sh\n[ $1 = --version ] && echo Python 2.7.18\n")
    old.chmod(0o755)

    command = ["make", "check", f"PYTHON={old}"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert result.returncode != 0
    assert f"coterie needs Python 3.11 or later, and {old} is Python 2.7.18" in result.stdout
    assert not (tmp_path / ".venv").exists()


def test_continuous_integration_is_one_command_that_can_be_run() -> None:
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert [line for line in script.read_text().splitlines() if line.startswith("make")] == [
        "make browser & # while the rest is installed and read",
        "make lint",
        "make test",
    ]
