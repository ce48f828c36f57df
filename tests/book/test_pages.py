"""Pages: what stands on a chapter's, with evidence, without, and with stale evidence."""

import json
import re
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from coterie.checks.world import World
from coterie.commands.book import markdown
from coterie.commands.book.chapters import Chapter, chapter_named, chapters
from coterie.commands.book.claims import claims
from coterie.commands.book.data import as_data
from coterie.commands.book.markdown import drawn
from coterie.commands.book.marks import Style, begun, code, prose, table
from coterie.commands.book.places import place_of
from coterie.commands.book.terminal import contents, shown
from coterie.commands.book.verdicts import NOTHING, Shown, Verdicts, verdicts
from coterie.commands.main import cli
from coterie.commands.page import plain
from coterie.model.smr.naive import NaiveReplica

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def named(name: str) -> Chapter:
    """Return the chapter of that name."""
    found = chapter_named(name)
    assert found is not None
    return found


@cache
def page_of(chapter: Chapter) -> str:
    """Return the page of a chapter without evidence."""
    return markdown.chapter(chapter)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of evidence about naive replication, made now."""
    path = tmp_path_factory.mktemp("evidence") / "naive.json"
    done = CliRunner().invoke(cli, ["check", "smr.naive", "--mutants", "--evidence", str(path)])
    assert done.exit_code == 0, done.output
    return path


def test_a_page_with_evidence_says_what_was_found(recorded: Path) -> None:
    page = markdown.chapter(named("smr.naive"), verdicts(recorded))

    assert "refuted in 2 steps, as expected" in page
    assert "34 states, 53 transitions, the farthest state 6 steps away" in page
    assert "stale" not in page


def test_a_page_without_evidence_says_so_and_invents_nothing() -> None:
    page = markdown.chapter(named("smr.naive"))

    assert "| `smr.naive` | *not yet explored* | *not yet explored* |" in page
    assert "as expected" not in page


def test_a_page_whose_code_is_other_than_that_of_its_evidence_says_stale(
    recorded: Path, tmp_path: Path
) -> None:
    text = recorded.read_text(encoding="utf-8")
    for entry in json.loads(text)["checks"]:
        text = text.replace(entry["code"], "0" * 64)
    other = tmp_path / "other.json"
    other.write_text(text, encoding="utf-8")

    page = markdown.chapter(named("smr.naive"), verdicts(other))

    assert "| `smr.naive` | **stale** | *not yet explored* |" in page
    assert "as expected" not in page


def test_the_picture_is_of_the_refutation_or_of_the_main_mutant(recorded: Path) -> None:
    found = {claim.name: claim for claim in claims(named("smr.naive"))}
    known = verdicts(recorded)

    refuted = known.picture(found["same_order"])
    killed = known.picture(found["state_is_replayed_log"])

    assert refuted is not None
    assert killed is not None
    assert (refuted.caption, len(refuted.trace)) == ("Refuted in smr.naive: 2 steps.", 2)
    assert "What the mutant `local_clock` of smr.naive does" in killed.caption
    assert isinstance(killed.world, World)


def test_a_picture_stands_in_the_page_as_one_block(recorded: Path) -> None:
    page = markdown.chapter(named("smr.naive"), verdicts(recorded), Style(draw=drawn))
    pictures = re.findall(r'<div class="run".*?</div>', page, re.DOTALL)

    assert len(pictures) == len(claims(named("smr.naive")))
    assert all("\n\n" not in each and "<svg" in each for each in pictures)


def test_a_page_without_pictures_has_none(recorded: Path) -> None:
    assert "<svg" not in markdown.chapter(named("smr.naive"), verdicts(recorded))


def test_the_picture_can_be_drawn_otherwise(recorded: Path) -> None:
    def told(run: Shown) -> str:
        return f"![{run.name}](x.svg)"

    page = markdown.chapter(named("smr.naive"), verdicts(recorded), Style(draw=told))

    assert "![smr.naive.same_order](x.svg)" in page


@pytest.mark.parametrize("each", chapters(), ids=lambda each: each.name)
def test_a_page_states_each_property_once_and_links_it_and_its_transitions(each: Chapter) -> None:
    page = page_of(each)
    promises = page.partition("## What it promises")[2].partition("## For all sizes")[0]

    headings = re.findall(r"^### `(.*)`$", promises, re.MULTILINE)
    assert headings == [claim.name for claim in each.properties]
    for claim in claims(each):
        assert f"({'../'}{claim.place.file}#L{claim.place.line})" in promises if claim.place else ""
    for kind in each.machines:
        assert place_of(kind) is not None
    assert page.count("Transition function: [") >= len(each.machines)


@pytest.mark.parametrize("each", chapters(), ids=lambda each: each.name)
def test_a_page_refers_only_to_what_is_there(each: Chapter) -> None:
    page = page_of(each)

    for file, line in set(re.findall(r"\]\(\.\./([^)#]*)#L(\d+)\)", page)):
        assert 0 < int(line) <= len((ROOT / file).read_text(encoding="utf-8").splitlines())
    for name in set(re.findall(r"\]\(([a-z_.]+)\.md\)", page)):
        assert chapter_named(name) is not None
    for anchor in set(re.findall(r"\]\(#([^)]*)\)", page)):
        assert re.search(rf"^### `{re.escape(anchor.split('-')[0])}`$", page, re.MULTILINE)


@pytest.mark.parametrize("each", chapters(), ids=lambda each: each.name)
@pytest.mark.parametrize("width", [80, 40])
def test_the_terminal_shows_a_chapter_no_wider_than_it_is(each: Chapter, width: int) -> None:
    lines = [plain(line) for line in shown(each, NOTHING, width)]
    wide = [line for line in lines if len(line) > width and " " in line.strip()]

    assert lines[0] == each.name
    assert wide == []
    assert [f"  {claim.name}" in lines for claim in each.properties] == [True] * len(
        each.properties
    )


def test_the_contents_have_a_line_for_each_chapter() -> None:
    lines = [plain(line) for line in contents(chapters(), 80)]

    assert [line.split()[0] for line in lines if line[0] != " "] == [c.name for c in chapters()]
    assert max(map(len, lines)) <= 80


def test_the_transition_function_is_linked_by_file_and_line() -> None:
    page = markdown.chapter(named("smr.naive"))
    place = place_of(NaiveReplica.step)

    assert place is not None
    assert f"[`{place}`](../{place.file}#L{place.line})" in page
    assert (ROOT / place.file).read_text(encoding="utf-8").splitlines()[place.line - 1] == (
        "    def step(self, state: Copy, event: Event) -> Outcome[Copy] | None:"
    )


def test_links_may_lead_elsewhere() -> None:
    style = Style(source=lambda place: f"x/{place.file}", chapter=lambda name: f"y/{name}")
    page = markdown.chapter(named("smr.naive"), NOTHING, style)

    assert "(x/spec/smr/naive.py)" in page
    assert "(y/smr.sequenced)" in page
    assert "../" not in page


def test_what_markdown_would_read_as_a_sign_is_kept_from_it() -> None:
    assert prose("x_1 * [y] | `a_b`") == r"x\_1 \* \[y\] \| `a_b`"
    assert prose("an odd ` is none") == "an odd ' is none"
    assert code("a | b") == r"`a \| b`"
    assert table(("one", "two"), [("", "3")]).splitlines()[-1] == "|   | 3 |"


def test_a_sentence_begins_with_a_capital_letter_and_a_name_does_not() -> None:
    assert begun("replicas agree") == "Replicas agree"
    assert begun("a replica agrees") == "A replica agrees"
    assert begun("b + 1 of them agree") == "b + 1 of them agree"


def test_a_chapter_is_data_as_well(recorded: Path) -> None:
    data = json.loads(json.dumps(as_data(named("smr.naive"), verdicts(recorded))))
    properties = {each["property"]: each for each in data["properties"]}

    assert properties["same_order"]["verdicts"][0] == {
        "check": "smr.naive",
        "size": "small",
        "verdict": "refuted in 2 steps",
        "expected": "violated",
        "found": True,
    }
    assert data["checks"][0]["sizes"][0]["states"] == 34
    assert properties["same_order"]["formula"].startswith("log(r) is a prefix")


def test_a_lemma_has_its_verdict_or_says_that_it_has_none() -> None:
    page = markdown.chapter(named("oracles.paxos"), Verdicts())

    assert "## For all sizes" in page
    assert page.count("**not yet proved**") == 2
