"""The site: built strictly, whole, and without the network."""

import re
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser

from coterie.checks.catalogue import catalogue
from coterie.checks.check import Check
from coterie.commands.book.chapters import chapter_of
from tests.docs.crawling import dead, pages, read

BUGS = "chapters/bugs-{}.html"


def test_the_site_is_built_without_a_warning(site: Path) -> None:
    assert (site / "index.html").is_file()
    assert (site / "searchindex.js").is_file()


def test_every_link_leads_somewhere(site: Path) -> None:
    assert list(dead(site)) == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    loads = {load for page in pages(site) for load in read(page).loads}
    styles = [style.read_text(encoding="utf-8") for style in site.rglob("*.css")]
    named = {
        url for text in styles for url in re.findall(r"(?:@import|url\()\s*['\"]?([^'\")]+)", text)
    }

    assert loads
    assert [each for each in loads | named if re.match(r"(https?:)?//", each)] == []


def test_a_browser_asks_for_nothing_but_files(browser: Browser, site: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for name in ("index.html", "tutorial.html", "chapters/smr.naive.html", "reference/python.html"):
        page.goto((site / name).as_uri())
    context.close()

    assert requests
    assert [each for each in requests if not each.startswith(("file://", "data:"))] == []


def test_every_property_has_its_page_with_evidence(site: Path) -> None:
    for check in catalogue():
        text = _chapter(site, check)
        for claim in check.properties:
            assert _bare(claim.statement) in _bare(text), f"{check.name}.{claim.name}"
            assert re.search(rf"{re.escape(check.name)} (holds|refuted|undetermined)", text)


def test_every_refuted_claim_is_among_the_bugs_with_its_run_and_repair(site: Path) -> None:
    for check in catalogue():
        if check.refuted:
            page = read(site / BUGS.format(chapter_of(check.name).name))
            for name in check.refuted:
                anchor = f"{check.name}-{name}".replace(".", "-").replace("_", "-")
                assert anchor in page.anchors
            assert page.text.count("The repair.") >= len(check.refuted)


@cache
def _bare(text: str) -> str:
    """Return the letters of a text, without what Sphinx or Markdown do to signs and spaces."""
    return "".join(each for each in text if each.isalnum())


def _chapter(site: Path, check: Check) -> str:
    found = read(site / "chapters" / f"{chapter_of(check.name).name}.html")
    return found.text
