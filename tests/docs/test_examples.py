"""Every example on every page is run, and shows what the page shows."""

from pathlib import Path

import pytest

from tests.docs.conftest import DOCS
from tests.docs.walking import Walk, blocks, replaced

PAGES = sorted(
    page
    for page in DOCS.rglob("*.md")
    if page.relative_to(DOCS).parts[0] not in {"chapters", "_build", "tutorial.md"}
)
ELSEWHERE = {"how-to/ci.md": "tests/commands/test_ci.py"}
"""Pages whose examples are in need of a project, and the tests that make one for them."""
WITH_EXAMPLES = [
    page
    for page in PAGES
    if blocks(page.read_text(encoding="utf-8")) and str(page.relative_to(DOCS)) not in ELSEWHERE
]
BY_HAND = {
    "tutorial.md": "installs coterie, which the tests' own environment already is",
}


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: str(page.relative_to(DOCS)))
def test_the_examples_of_a_page_show_what_it_shows(page: Path, tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    walk.follow(page.read_text(encoding="utf-8"))

    assert walk.shown or list(tmp_path.iterdir())


def test_what_is_not_run_is_known_and_has_a_reason() -> None:
    pages = [*PAGES, DOCS / "tutorial.md"]
    found = {
        str(page.relative_to(DOCS))
        for page in pages
        for block in blocks(page.read_text(encoding="utf-8"))
        if block.has("by-hand")
    }

    assert found == set(BY_HAND)


def test_what_is_run_elsewhere_is_named_there() -> None:
    for page, test in ELSEWHERE.items():
        assert page in (DOCS.parent / test).read_text(encoding="utf-8")


def test_a_definition_takes_the_place_of_its_namesake() -> None:
    before = "class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n"

    after = replaced(before, "    def f(self):\n        return 3\n", "A")

    assert after == before.replace("return 1", "return 3")


def test_a_new_definition_stands_beside_those_it_is_shown_with() -> None:
    after = replaced("x = 1\ny = 2\n", "z = 3\n\n\ny = 4\n", None)

    assert after.split() == ["x", "=", "1", "z", "=", "3", "y", "=", "4"]
