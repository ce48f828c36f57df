"""The signs of a drawn run."""

from collections import Counter
from xml.etree import ElementTree as ET

from attrs import evolve

from coterie.checks.world import World
from coterie.commands.pictures.diagram import Diagram, diagram
from coterie.commands.pictures.folding import readable
from coterie.commands.pictures.svg import svg
from tests.pictures.drawing import CALL, HEARD, friends, long_run, run

SVG = "{http://www.w3.org/2000/svg}"


def picture(world: World, *wanted: str) -> Diagram:
    return diagram(world, run(world, *wanted))


def root(drawing: Diagram) -> ET.Element:
    return ET.fromstring(svg(drawing, "run", "What is said"))


def kinds(drawing: Diagram) -> Counter[str]:
    return Counter(each.get("class", "") for each in root(drawing).iter())


def texts(drawing: Diagram) -> list[str]:
    return ["".join(each.itertext()) for each in root(drawing).iter(f"{SVG}text")]


def test_it_is_told_to_those_who_do_not_see_it() -> None:
    drawing = root(picture(friends("hi"), CALL, HEARD))

    names = {each.get("id"): each.text for each in drawing if each.get("id")}
    assert drawing.get("role") == "img"
    assert drawing.get("aria-labelledby") == "run-title run-desc"
    assert names["run-title"] == "What is said"
    assert "2 steps of ann0, bob0, eve0. 1. a user of ann0 calls 'hi'." in (names["run-desc"] or "")


def test_a_message_is_an_arrow_and_a_lost_one_is_crossed_out() -> None:
    arrived = kinds(picture(friends("hi"), CALL, HEARD))
    lost = kinds(picture(friends("hi", losses=1), CALL, f"{HEARD} is lost"))

    assert (arrived["arrow"], arrived["tip"], arrived["cross"]) == (1, 1, 0)
    assert (lost["arrow lost"], lost["tip"], lost["cross"]) == (1, 0, 1)


def test_a_crash_is_a_bolt_of_lightning_and_a_broken_line_follows() -> None:
    found = kinds(picture(friends(crashes=1), "bob0 crashes", "ann0: Bell", "bob0 restarts"))

    assert found["bolt"] == 1
    assert found["dead"] == 3


def test_views_and_deliveries_are_boxes() -> None:
    drawing = picture(friends("hi"), CALL, HEARD, "ann0: Bell")

    found = kinds(drawing)
    assert (found["box view"], found["box delivery"], found["box result"]) == (3, 1, 1)
    assert {"view 1: 0", "▲ 'hi'", "↩ 'said'"} <= set(texts(drawing))


def test_what_is_under_way_at_the_end_is_named_where_it_was_sent() -> None:
    assert "⇢ Word('hi')" in texts(picture(friends("hi"), CALL))


def test_long_words_are_cut_and_stand_whole_in_a_title() -> None:
    word = "a very long word, and then some more of it to fill the line"
    drawing = picture(friends(word), CALL)

    assert not any(word in each for each in texts(drawing))
    titles = [each.text for each in root(drawing).iter(f"{SVG}title")]
    assert f"a user of ann0 calls '{word}'" in titles


def test_a_loop_has_a_ground_and_an_arrow_back() -> None:
    drawing = evolve(picture(friends("hi"), CALL, "ann0: Bell"), loop=1)
    stopped = evolve(drawing, loop=2)

    assert (kinds(drawing)["loop"], kinds(drawing)["round"]) == (1, 1)
    assert "∞ for ever, again and again" in texts(drawing)
    assert kinds(stopped)["loop"] == 0
    assert "∞ for ever: nothing more happens" in texts(stopped)


def test_folded_steps_are_one_bar_and_what_ends_outside_still_has_its_arrow() -> None:
    world, found = long_run()
    assert found.trace is not None
    drawing = readable(diagram(world, found.trace), world, found)

    assert kinds(drawing)["fold"] == 1
    assert kinds(drawing)["row"] == 3
    assert kinds(drawing)["arrow"] == 1
    assert "⋯ 24 steps that do not matter here" in texts(drawing)


def test_what_xml_has_no_room_for_is_replaced() -> None:
    drawing = picture(friends("<&\x00\ud800>"), CALL)

    assert any("<&" in each for each in texts(drawing))
