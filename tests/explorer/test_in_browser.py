"""The explorer in a real browser: clicked, walked by keys, jumped in, and read by everybody."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import OpenPage, is_scrolled_sideways, violations
from tests.explorer import hostile
from tests.explorer.asking import Explorer, explorer, path_of

COMMITTED = "world[manager0] is Stage.COMMITTED"


def stands_after(page: Page, step: int) -> None:
    """Wait until the page stands after so many steps."""
    expect(page.get_by_role("heading", name=f"The state, after step {step}")).to_be_visible()
    current = page.locator(".steps [aria-current=step]")
    expect(current).to_have_attribute("data-step", str(step))


def rows(page: Page) -> int:
    """Return how many rows the diagram has, without the start."""
    return page.locator("#picture g.row").count() - 1


def test_one_clicks_from_step_to_step_and_back(two_phase: Explorer, open_page: OpenPage) -> None:
    page = open_page(two_phase.address)
    stands_after(page, 0)
    for step in range(1, 4):
        page.locator("#offers a").first.click()
        stands_after(page, step)
        assert rows(page) == step
    assert path_of(page.url).steps == (0, 0, 0)

    page.get_by_role("link", name="← Back").click()
    stands_after(page, 2)
    assert path_of(page.url).steps == (0, 0, 0)
    page.locator(".steps a").first.click()
    stands_after(page, 0)
    page.get_by_role("link", name="End").click()
    stands_after(page, 3)
    page.locator('#picture g.row[data-row="1"] text').first.click()
    stands_after(page, 1)
    page.locator("#offers a").last.click()
    stands_after(page, 2)
    assert len(path_of(page.url).steps) == 2

    page.go_back()
    stands_after(page, 1)
    page.reload()
    stands_after(page, 1)


def test_one_walks_with_the_keys_alone(two_phase: Explorer, open_page: OpenPage) -> None:
    page = open_page(two_phase.address)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#offers a").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    stands_after(page, 1)
    assert path_of(page.url).steps == (1,)
    expect(page.locator("#offers a").first).to_be_focused()
    page.keyboard.press("Enter")
    stands_after(page, 2)
    page.keyboard.press("ArrowLeft")
    stands_after(page, 1)
    page.keyboard.press("ArrowLeft")
    stands_after(page, 0)
    page.keyboard.press("ArrowRight")
    stands_after(page, 1)

    page.locator("#said").focus()
    page.keyboard.type("x")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#said")).to_be_focused()
    stands_after(page, 1)


def test_one_jumps_to_a_state_by_an_expression(two_phase: Explorer, open_page: OpenPage) -> None:
    page = open_page(two_phase.address)
    page.get_by_label("A Python expression of world").fill(COMMITTED)
    page.get_by_role("button", name="What is it here?").click()
    expect(page.get_by_text("Here it is False")).to_be_visible()
    expect(page.get_by_label("A Python expression of world")).to_have_value(COMMITTED)
    page.get_by_role("button", name="Go to the nearest").click()
    stands_after(page, 8)
    expect(page.get_by_text("The nearest such state is 8 steps from the start")).to_be_visible()
    found = page.url
    page.get_by_role("button", name="Another one").click()
    expect(page.get_by_text("The nearest other such state")).to_be_visible()
    assert path_of(page.url) != path_of(found)

    page.get_by_label("Words that a state shows").fill("manager2: committed")
    page.get_by_role("button", name="Search states").click()
    stands_after(page, 7)


def test_a_permalink_opens_where_it_was_made(two_phase: Explorer, open_page: OpenPage) -> None:
    page = open_page(two_phase.address)
    page.get_by_role("button", name="Show a witness: all_commit").click()
    expect(page.get_by_text("A shortest run to a state that makes it true")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    stands_after(page, 9)
    permalink = page.get_by_role("link", name="the address of this page").get_attribute("href")
    assert permalink is not None
    host = two_phase.address.split("/", 3)
    other = open_page("/".join(host[:3]) + permalink)

    stands_after(other, 9)
    assert rows(other) == 9
    assert path_of(other.url) == path_of(page.url)
    expect(other.locator("#property-all_commit")).to_have_class("open")
    other.get_by_role("link", name="Forward →").click()
    stands_after(other, 10)
    expect(other.locator("#property-all_commit")).to_have_class("true")


def test_the_neighbours_are_a_graph_to_walk_in(two_phase: Explorer, open_page: OpenPage) -> None:
    page = open_page(f"{two_phase.address}?steps=0")
    page.get_by_role("link", name="Its neighbours as a graph").click()
    title = "The neighbours of the state after step"
    expect(page.get_by_role("heading", name=f"{title} 1")).to_be_visible()
    expect(page.locator(".around .is-here")).to_have_count(1)
    assert page.locator(".around a .state").count() > 2
    page.locator(".around a").nth(1).click()
    expect(page.get_by_role("heading", name=f"{title} 2")).to_be_visible()

    page.get_by_role("link", name="Back to the state itself").click()
    stands_after(page, 2)


def test_it_works_without_any_script(two_phase: Explorer, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(two_phase.address)
    page.locator("#offers a").first.click()
    stands_after(page, 1)
    page.get_by_label("A Python expression of world").fill(COMMITTED)
    page.get_by_label("from here on").check()
    page.get_by_role("button", name="Go to the nearest").click()
    stands_after(page, 8)
    page.get_by_role("link", name="← Back").click()
    stands_after(page, 7)
    context.close()


@pytest.mark.parametrize(
    ("width", "dark", "pages"),
    [
        (1280, False, ["?steps=0.1.3.0&at=3", "neighbours?steps=0.1"]),
        (400, True, ["?steps=0.1.3.0&at=3", "names"]),
    ],
    ids=["wide", "narrow"],
)
def test_everybody_can_read_it(
    two_phase: Explorer, open_page: OpenPage, width: int, pages: list[str], *, dark: bool
) -> None:
    for page in pages:
        shown = open_page(two_phase.address + page, width=width, dark=dark)
        assert violations(shown) == []
        assert not is_scrolled_sideways(shown)


@pytest.fixture(scope="module")
def attacked() -> Iterator[Explorer]:
    with explorer(hostile.__file__) as running:
        yield running


def test_a_hostile_model_can_do_nothing_to_the_page(
    attacked: Explorer, open_page: OpenPage
) -> None:
    page = open_page(attacked.address)
    page.locator("#offers a").first.click()
    stands_after(page, 1)
    page.locator("#offers a").first.click()
    stands_after(page, 2)

    expect(page.locator("#property-silent")).to_have_class("false")
    assert "broken" not in page.title()
