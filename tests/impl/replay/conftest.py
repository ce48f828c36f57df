"""Journals that many tests read, and some copy to change."""

import shutil
from pathlib import Path

import pytest

from tests.impl.replay.scene import a_run


@pytest.fixture(scope="package")
def run_of_a_group(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the journals of a short run, in which a server has crashed."""
    return a_run(tmp_path_factory.mktemp("run"), seed=4, calls=3, crashes=1)


@pytest.fixture
def copied(run_of_a_group: Path, tmp_path: Path) -> Path:
    """Return a copy of these journals, to be changed."""
    return Path(shutil.copytree(run_of_a_group, tmp_path / "copied"))
