"""What many tests of the runtime share."""

from collections.abc import Iterator

import pytest

from tests.impl.postgres import Postgres, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Return a real PostgreSQL server, started once."""
    with running() as server:
        yield server
