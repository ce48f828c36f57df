"""Places for stores: files, and schemas of a real PostgreSQL server."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from coterie.impl.storage.format import Identity
from tests.impl.storage.cases import Place


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Place]:
    """Return what gives a place where nothing is yet, in SQLite and in PostgreSQL."""
    if request.param == "sqlite":
        numbers = count()
        return lambda: Place(tmp_path / f"{next(numbers)}.sqlite", Identity("c", "s", "server0"))
    server = request.getfixturevalue("postgres")
    return lambda: Place(server.url, Identity("c", "s", server.name()))


@pytest.fixture
def place(fresh: Callable[[], Place]) -> Place:
    """Return a place where nothing is yet."""
    return fresh()
