"""The browser, and explorers for it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser import PATIENCE, browser, open_page
from tests.explorer.asking import Explorer, explorer

__all__ = ["browser", "open_page"]

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def two_phase() -> Iterator[Explorer]:
    """An explorer of two-phase commit with three managers."""
    with explorer("oracles.two_phase", "--set", "managers=3") as running:
        yield running
