"""The page of a run: what is in it, and what it does in a real browser."""

import json
import re
from pathlib import Path

import pytest
from attrs import evolve
from playwright.sync_api import Page, expect

from coterie.checks.catalogue import catalogue
from coterie.checks.check import Check
from coterie.checks.result import Finding, Verdict
from coterie.checks.simulation.steps import Steps
from coterie.checks.simulation.walk import Plan
from coterie.checks.world import World
from coterie.commands import trace
from coterie.commands.evidence.recorded import Evidence
from coterie.commands.pictures.html import page
from tests.browser import NARROW, WIDE, OpenPage, is_scrolled_sideways, violations
from tests.pictures.drawing import CALL, HEARD, friends, long_run, nobody_says_hi, run, violated
from tests.simulation.drawing import run_of

MOST_BYTES = 300_000


def check_of(name: str) -> Check:
    return next(check for check in catalogue() if check.name == name)


def world_of(name: str) -> World:
    check = check_of(name)
    return check.world(**check.parameters())


def found(name: str, claim: str) -> tuple[World, Finding]:
    """Return the recorded counterexample to a claim of the catalogue."""
    recorded = Evidence.read().of(name, "small")
    assert recorded
    return recorded.world(), recorded.finding(claim)


@pytest.fixture
def opened(tmp_path: Path, open_page: OpenPage) -> OpenPage:
    """Write the page of a run, and open it from the disk."""

    def written(world: World, finding: Finding, **how: object) -> Page:
        file = tmp_path / "run.html"
        file.write_text(page("a.check", world, finding), encoding="utf-8")
        return open_page(file.as_uri(), **how)

    return written


def short() -> tuple[World, Finding]:
    world = friends("hi", "ho", crashes=1)
    steps = (CALL, "bob0: Bell", CALL, "bob0 crashes", "bob0 restarts", HEARD)
    return world, violated(nobody_says_hi, run(world, *steps))


def data_of(html: str) -> dict[str, object]:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert match
    data: dict[str, object] = json.loads(match[1])
    return data


def test_the_longest_counterexample_of_the_catalogue_makes_a_small_page() -> None:
    world, finding = found("synchrony.paxos.duel", "decided_in_the_end")
    assert finding.trace is not None

    html = page("synchrony.paxos.duel", world, finding)

    assert len(finding.trace) == 43
    assert html.count('class="loop"') == 1
    assert len(html.encode()) < MOST_BYTES


@pytest.mark.parametrize(
    ("name", "steps"), [("diffusion.pbft.whole", 30), ("gossip.store.service.recovery", 200)]
)
def test_a_long_run_makes_a_small_page(name: str, steps: int) -> None:
    world = world_of(name)
    run = run_of(Steps(world), Plan(steps=200), 0)
    finding = Finding(check_of(name).properties[0], Verdict.UNDETERMINED, run)

    html = page(name, world, finding)

    assert len(run) >= steps
    assert len(html.encode()) < MOST_BYTES
    assert html == page(name, world, finding)


def test_it_has_the_words_of_the_property() -> None:
    html = page("a.check", *short())

    assert "Bob does not hear &#34;hi&#34;." in html
    assert "<h3>In symbols</h3>" in html
    assert "<math>" in html
    assert "there to be a <code>run</code> to show." in html
    assert "made up for the tests &lt;b&gt;." in html.lower()
    assert "Here it is false." in html
    assert "violated in 6 steps" in html


def test_nothing_in_a_state_can_end_the_script() -> None:
    world = friends("</script><b>", crashes=1)
    html = page("a.check", world, violated(nobody_says_hi, run(world, CALL)))

    assert "</script><b>" not in html
    assert "</script><b>" in json.dumps(data_of(html))


def test_it_asks_for_nothing_from_the_network() -> None:
    html = page("a.check", *short())

    addresses = re.findall(r"""(?: src=| href=|url\()["']?([^"' >)]+)""", html)
    assert addresses == ["data:,"]
    assert "default-src 'none'" in html


def test_the_arrow_keys_step_through_the_run(opened: OpenPage) -> None:
    here = opened(*short())
    at, happened = here.locator("#at"), here.locator("#happened")

    expect(at).to_have_text("start, 6 steps")
    here.keyboard.press("ArrowRight")
    expect(at).to_have_text("step 1 of 6")
    expect(happened).to_have_text("ann0 is called: 'hi'")
    here.keyboard.press("ArrowRight")
    here.keyboard.press("ArrowLeft")
    expect(at).to_have_text("step 1 of 6")
    here.keyboard.press("End")
    expect(happened).to_have_text("ann0 → bob0: Word('hi')")
    here.keyboard.press("ArrowRight")
    expect(at).to_have_text("step 6 of 6")
    here.keyboard.press("Home")
    expect(at).to_have_text("start, 6 steps")


def test_the_state_of_every_node_is_shown_and_what_changed_stands_out(opened: OpenPage) -> None:
    here = opened(*short())

    here.keyboard.press("End")

    expect(here.locator(".card > h3")).to_contain_text(["ann0", "bob0"])
    changed = here.locator("#states > .card.changed")
    expect(changed).to_have_count(1)
    expect(changed.locator("h3")).to_have_text("bob0")
    expect(changed.locator("dt.new")).to_have_text("heard")
    expect(changed.locator("dd.new")).to_have_text("'hi'was ''")
    expect(here.locator("#news")).to_contain_text("bob0.heard: '' → 'hi'")


def test_a_click_on_a_step_goes_there(opened: OpenPage) -> None:
    here = opened(*short())

    here.locator('g.row[data-row="4"] .hit').click(position={"x": 20, "y": 10})

    expect(here.locator("#happened")).to_have_text("bob0 crashes")
    expect(here.locator("#step")).to_have_class("step fault")


def test_a_loop_is_gone_through_again_and_again(opened: OpenPage) -> None:
    world, finding = short()
    assert finding.trace is not None
    here = opened(world, evolve(finding, trace=evolve(finding.trace, loop=3)))

    here.keyboard.press("End")
    here.keyboard.press("ArrowRight")

    expect(here.locator("#at")).to_have_text("step 4 of 6, in the loop")


def test_nodes_and_kinds_of_messages_can_be_left_out(opened: OpenPage) -> None:
    here = opened(*short())
    visible = here.locator("g.row:visible")
    expect(visible).to_have_count(7)

    here.get_by_text("Filter", exact=True).click()
    here.get_by_role("checkbox", name="bob0").uncheck()
    expect(visible).to_have_count(3)
    here.keyboard.press("Escape")
    for _ in range(2):
        here.locator("#on").click()
    expect(here.locator("#at")).to_have_text("step 3 of 6")

    here.get_by_text("Filter", exact=True).click()
    here.get_by_role("button", name="Show everything").click()
    here.get_by_role("checkbox", name="Word").uncheck()
    expect(visible).to_have_count(6)
    expect(here.locator("g.arrow:visible")).to_have_count(0)


def test_folded_steps_open_and_close_by_mouse_and_by_key(opened: OpenPage) -> None:
    here = opened(*long_run())
    bar = here.get_by_role("button", name="24 steps that do not matter here")
    visible = here.locator("g.row:visible")

    expect(visible).to_have_count(3)
    expect(here.locator("g.arrow:visible")).to_have_count(1)
    bar.click()
    expect(visible).to_have_count(27)
    expect(bar).to_have_attribute("aria-expanded", "true")
    bar.press("Enter")
    expect(visible).to_have_count(3)
    here.keyboard.press("ArrowRight")
    here.keyboard.press("ArrowRight")
    expect(here.locator("#at")).to_have_text("step 2 of 26")
    expect(visible).to_have_count(27)


def test_the_run_is_copied_as_json(opened: OpenPage) -> None:
    world, finding = short()
    assert finding.trace is not None
    here = opened(world, finding)

    here.get_by_role("button", name="Copy as JSON").click()
    expect(here.locator("#said")).to_have_text("Copied.")

    copied = json.loads(here.evaluate("navigator.clipboard.readText()"))
    assert (copied["check"], copied["property"]) == ("a.check", "nobody_says_hi")
    run = {key: copied[key] for key in ("start", "steps")}
    assert run == trace.as_data(world, finding.trace)


@pytest.mark.parametrize(("width", "dark"), [(WIDE, False), (NARROW, True)])
def test_everybody_can_read_it(opened: OpenPage, width: int, dark: bool) -> None:  # noqa: FBT001
    here = opened(*long_run(), width=width, dark=dark)
    here.keyboard.press("End")
    here.get_by_text("Filter", exact=True).click()

    assert violations(here) == []
    assert not is_scrolled_sideways(here)


def test_without_scripts_the_run_is_there_all_the_same() -> None:
    html = page("a.check", *long_run())
    drawn = html.partition("<script")[0]

    assert drawn.count('<g class="row') == 27
    assert "need scripts, which are switched off" in drawn
