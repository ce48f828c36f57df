"""The command line in one process: fast, and its output as one would see it in a file."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coterie.commands.main import cli

HERE = Path(__file__).parent
Command = Callable[..., Result]


@pytest.fixture
def coterie(monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command: `coterie("check", "oracles", columns=80)`."""

    def run(*arguments: str, columns: int | None = None) -> Result:
        if columns is None:
            monkeypatch.delenv("COLUMNS", raising=False)
        else:
            monkeypatch.setenv("COLUMNS", str(columns))
        return CliRunner().invoke(cli, arguments)

    return run


@pytest.fixture
def only(tmp_path: Path) -> Callable[..., str]:
    """Return the path of a file that has only some of the checks in `counters.py`."""

    def chosen(*checks: str) -> str:
        path = tmp_path / "chosen.py"
        listed = ", ".join(checks)
        path.write_text(
            f"import sys\nsys.path.insert(0, {str(HERE)!r})\nfrom counters import {listed}\n"
        )
        return str(path)

    return chosen
