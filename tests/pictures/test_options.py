"""Pictures from the command line: pages in files, diagrams under traces."""

import json
import re
from pathlib import Path

import pytest

from coterie.commands.pictures.options import Pictures, Run
from tests.commands.conftest import Command
from tests.pictures.drawing import long_run

NAIVE = "smr.naive.same_order"
DRAWN = "    1        ◆            │        Book(0, 'customer0', 0)"


def test_check_writes_a_page_for_a_property_and_says_where(
    coterie: Command, tmp_path: Path
) -> None:
    file = tmp_path / "run.html"

    result = coterie("check", NAIVE, "--html", str(file))

    assert result.exit_code == 0
    assert "Open" in result.stdout
    assert file.name in result.stdout
    assert "<!doctype html>" in file.read_text()


def test_check_writes_a_page_for_every_property_that_has_a_run(
    coterie: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "pages"

    result = coterie("check", "smr.naive", "--html", str(folder))

    written = sorted(each.name for each in folder.iterdir())
    assert f"{NAIVE}.html" in written
    assert len(written) == 6
    assert f"6 pages are in {folder}" in " ".join(result.stdout.split())


def test_there_may_be_no_run_to_draw(coterie: Command, tmp_path: Path) -> None:
    result = coterie("check", "oracles.tcommit.consistent", "--html", str(tmp_path / "pages"))

    assert result.exit_code == 0
    assert "there is no run to draw" in result.stdout


@pytest.mark.parametrize(
    ("name", "file", "words"),
    [
        ("smr.naive", "run.html", "has room for the run of one property, not of 8"),
        (NAIVE, "/nowhere/at/all.html", "--html /nowhere/at/all.html cannot be written"),
        (NAIVE, "/nowhere/at/all", "--html /nowhere/at/all cannot be written"),
        (NAIVE, __file__, "is no folder"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_work(
    coterie: Command, name: str, file: str, words: str
) -> None:
    result = coterie("check", name, "--html", file)

    assert result.exit_code == 2
    assert words in result.stderr
    assert not result.stdout


@pytest.mark.parametrize("command", ["check", "simulate"])
def test_pages_do_not_go_to_the_standard_output(
    coterie: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)

    result = coterie(command, NAIVE, "--html", "-")

    assert result.exit_code == 2
    assert "--html - is neither a file nor a folder" in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_file_may_say_in_capitals_that_it_is_a_page(tmp_path: Path) -> None:
    world, finding = long_run()
    file = tmp_path / "x.HTML"
    pictures = Pictures(str(file))

    pictures.check(properties=1)
    pictures.write([Run("friends", world, finding)], 80)

    assert "<!doctype html>" in file.read_text()


def test_whatever_a_check_is_called_its_pages_stay_in_the_folder(tmp_path: Path) -> None:
    world, finding = long_run()
    folder = tmp_path / "in" / "pages"
    folder.mkdir(parents=True)
    names = ["../../escaped", "a/b", "a_b", "a\\b", "a b", ".hidden", "hidden", "x\0", "é" * 300]

    Pictures(str(folder)).write([Run(name, world, finding) for name in names], 80)

    written = [each.name for each in folder.iterdir()]
    assert len(written) == len(names)
    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == written
    assert all(re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*\.html", name) for name in written)
    assert f"a_b.{finding.claim.name}.html" in written


def test_check_draws_the_run_under_its_words(coterie: Command) -> None:
    plain, drawn = (
        coterie("check", NAIVE, *more, columns=100).stdout for more in ((), ("--diagram",))
    )

    assert DRAWN not in plain
    assert DRAWN in drawn
    assert drawn.index("here it is false of") < drawn.index(DRAWN)


def test_simulate_and_replay_draw_what_they_show(coterie: Command, tmp_path: Path) -> None:
    saved, pages, page = tmp_path / "found.json", tmp_path / "pages", tmp_path / "again.html"
    options = ("--minimal", "--enumerate", "0", "--save", str(saved))

    found = coterie("simulate", NAIVE, *options, "--diagram", "--html", str(pages), columns=100)
    again = coterie("replay", str(saved), "--diagram", "--html", str(page), columns=100)

    assert "◆            │" in found.stdout
    assert "coterie simulate smr.naive" in (pages / f"{NAIVE}.html").read_text()
    assert "◆            │" in again.stdout
    assert "violated in 2 steps" in page.read_text()


def test_a_run_that_shows_nothing_is_drawn_all_the_same(coterie: Command, tmp_path: Path) -> None:
    saved, page = tmp_path / "found.json", tmp_path / "again.html"
    coterie("simulate", NAIVE, "--minimal", "--enumerate", "0", "--save", str(saved))
    schedule = json.loads(saved.read_text())
    saved.write_text(json.dumps({**schedule, "steps": schedule["steps"][:1]}))

    result = coterie("replay", str(saved), "--diagram", "--html", str(page), columns=100)

    assert result.exit_code == 1
    assert "◆" in result.stdout
    assert "a run of 1 step" in page.read_text()
    assert "What the run shows" not in page.read_text()


def test_a_cluster_has_no_page(coterie: Command, tmp_path: Path) -> None:
    result = coterie("replay", str(tmp_path), "--html", str(tmp_path / "x.html"))

    assert result.exit_code == 2
    assert "--html is of a schedule" in result.stderr
