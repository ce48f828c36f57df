"""A real browser for the tests of pages: fixtures, and questions that every page must answer.

A folder of tests gets them by `from tests.browser import browser, open_page` in its `conftest.py`.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, NARROW = 1280, 400
PATIENCE = 60_000

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium that the system has, without a window.

    It is of one module, not of the session: as long as it is there, an event loop is, and tests of
    other modules want one of their own.
    """
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """A function that opens an address: `open_page(address, width=1280, dark=False)`.

    An error on the page is a failure of the test, and so is any request beside that of the page
    itself, unless it goes to where the page came from.
    """
    with ExitStack() as stack:
        yield partial(_opened, browser, stack)


def _opened(
    browser: Browser, stack: ExitStack, address: str, *, width: int = WIDE, dark: bool = False
) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        permissions=["clipboard-read", "clipboard-write"],
    )
    stack.callback(context.close)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []
    requests: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    stack.callback(_in_order, errors, requests, address)
    return page


def _in_order(errors: list[str], requests: list[str], address: str) -> None:
    """Hold that the page has made no error, and asked nobody but its own server."""
    assert errors == []
    scheme, _, rest = address.partition("://")
    if scheme == "file":
        elsewhere = [
            each for each in requests if each.partition("#")[0] != address.partition("#")[0]
        ]
    else:
        server = f"{scheme}://{rest.partition('/')[0]}/"
        elsewhere = [each for each in requests if not each.startswith((server, "data:"))]
    assert elsewhere == []


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page for people who use it in another way."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {node['html'][:160]}"
        for each in found
        for node in each["nodes"]
    ]


def is_scrolled_sideways(page: Page) -> bool:
    """Return whether the page as a whole is wider than the window; parts of it may scroll."""
    wider: bool = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return wider
