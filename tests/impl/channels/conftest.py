"""One folder of keys for all stories about channels."""

from collections.abc import Callable
from pathlib import Path

import pytest

from coterie.impl.keys import make
from tests.impl.channels.scene import CLIENT, ONE, TWO, ZERO, Story, play


@pytest.fixture(scope="session")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    base = tmp_path_factory.mktemp("authorities")
    folders = base / "ours", base / "theirs"
    for folder in folders:
        make(folder, [CLIENT, ZERO, ONE, TWO])
    return folders


@pytest.fixture
def told(authorities: tuple[Path, Path]) -> Callable[[Story], None]:
    """Run a story: `told(story)`."""
    return lambda story: play(story, *authorities)
