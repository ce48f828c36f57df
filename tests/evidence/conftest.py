"""What the tests of evidence need: the command line, and files that define checks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Command, coterie, only

__all__ = ["Command", "coterie", "mutated", "only"]


@pytest.fixture
def mutated(tmp_path: Path) -> Callable[..., str]:
    """Return the path of a file that has only some of the checks in `mutated.py`."""

    def chosen(*checks: str) -> str:
        path = tmp_path / "chosen.py"
        path.write_text(f"from tests.evidence.mutated import {', '.join(checks)}\n")
        return str(path)

    return chosen
