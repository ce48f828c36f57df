"""Where a state is a word: how it goes from word to word, as a picture."""

import xml.etree.ElementTree as ET

from coterie.commands.book.anatomy import anatomy
from coterie.commands.book.chapters import chapter_named
from coterie.commands.book.control import Control, Move, controls, svg

SVG = "{http://www.w3.org/2000/svg}"


def of(chapter: str, role: str) -> tuple[Control, ...]:
    """Return what is drawn of a role."""
    found = chapter_named(chapter)
    assert found is not None
    return next(controls(each) for each in anatomy(found).roles if each.name == role)


def test_a_resource_manager_has_four_stages_and_ends_in_one_of_two() -> None:
    (stages,) = of("oracles.two_phase", "manager")

    assert stages.path == "state"
    assert set(stages.states) == {"WORKING", "PREPARED", "ABORTED", "COMMITTED"}
    assert stages.states[0] == "WORKING"
    assert set(stages.moves) == {
        Move("WORKING", "PREPARED", "chooses Prepare"),
        Move("WORKING", "ABORTED", "chooses Decide"),
        Move("WORKING", "ABORTED", "receives Abort"),
        Move("PREPARED", "ABORTED", "receives Abort"),
        Move("PREPARED", "COMMITTED", "receives Commit"),
    }


def test_a_part_of_the_state_that_is_a_word_is_drawn_too() -> None:
    (stage,) = of("oracles.two_phase", "coordinator")

    assert stage.path == "stage"
    assert {move.target for move in stage.moves} == {"ABORTED", "COMMITTED"}


def test_what_has_no_words_is_not_drawn() -> None:
    assert of("smr.naive", "replica") == ()


def test_the_picture_has_a_column_for_each_word_and_a_row_for_each_move() -> None:
    (stages,) = of("oracles.two_phase", "manager")
    picture = ET.fromstring(svg(stages, "Stages"))
    texts = [each.text for each in picture.iter(f"{SVG}text")]

    assert texts[:4] == list(stages.states)
    assert texts[4:] == [move.event for move in stages.moves]
    assert len(list(picture.iter(f"{SVG}circle"))) == len(stages.moves)


def test_the_picture_can_be_heard() -> None:
    picture = ET.fromstring(svg(of("oracles.two_phase", "coordinator")[0], "The stage"))

    assert picture.get("role") == "img"
    assert (picture.get("aria-label") or "").startswith("The stage. WORKING to ABORTED: ")
