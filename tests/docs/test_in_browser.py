"""The site in a real browser: for everybody, on every screen, by keyboard, and from a disk."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import NARROW, WIDE, OpenPage, is_scrolled_sideways, violations

PAGES = (
    "index.html",
    "tutorial.html",
    "how-to/fairness.html",
    "explanation/synchrony.html",
    "chapters/smr.naive.html",
    "chapters/bugs-smr.naive.html",
    "reference/python.html",
    "source/model/smr/naive.py.html",
)
FUROS_OWN: frozenset[str] = frozenset()
"""What axe finds in the theme itself, and cannot be mended here."""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_everybody_can_read_it(
    open_page: OpenPage, address: str, *, width: int, dark: bool
) -> None:
    for name in PAGES:
        page = open_page(f"{address}/{name}", width=width, dark=dark)

        assert [each for each in violations(page) if each.split(":")[0] not in FUROS_OWN] == [], (
            name
        )
        assert not is_scrolled_sideways(page), name


def test_the_first_key_skips_to_the_content(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}/tutorial.html")

    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")

    assert first == "#furo-main-content"
    assert page.url.endswith("#furo-main-content")


def test_a_word_is_found_by_keyboard_from_a_disk(browser: Browser, site: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto((site / "index.html").as_uri())

    page.keyboard.press("/")
    page.keyboard.type("ragged")
    page.keyboard.press("Enter")
    page.wait_for_selector("ul.search li a")
    found = page.locator("ul.search li a").all_inner_texts()
    context.close()

    assert "Virtual synchrony" in found
    assert errors == []


def test_a_picture_scrolls_by_itself_on_a_narrow_screen(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}/chapters/bugs-smr.naive.html", width=NARROW)
    picture = page.locator(".run").first

    assert picture.evaluate("run => getComputedStyle(run).overflowX") == "auto"
    assert picture.get_attribute("tabindex") == "0"
