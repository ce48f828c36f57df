"""The browser, for the pages of runs; the command line, for what writes them."""

from tests.browser import browser, open_page
from tests.commands.conftest import coterie

__all__ = ["browser", "coterie", "open_page"]
