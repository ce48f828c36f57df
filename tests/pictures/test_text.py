"""Runs as they stand in the terminal."""

from itertools import chain

from attrs import evolve

from coterie.checks.faults import Faults
from coterie.checks.world import World
from coterie.commands.page import plain
from coterie.commands.pictures.diagram import diagram
from coterie.commands.pictures.folding import readable
from coterie.commands.pictures.text import drawn
from coterie.model.machine import Node
from tests.pictures.drawing import BOB, CALL, HEARD, Friendly, friends, long_run, run


def shown(world: World, *wanted: str, width: int = 80) -> list[str]:
    return [plain(each) for each in drawn(diagram(world, run(world, *wanted)), width)]


def test_arrows_stand_in_the_line_of_the_receipt() -> None:
    lines = shown(friends("hi"), CALL, HEARD)

    assert lines[0].split() == ["ann0", "bob0", "eve0"]
    assert lines[-4:] == [
        "    1        ◆            │            │        'hi'",
        "        [↩ 'said']        │            │",
        "    2        ├───────────▶●            │        Word('hi') (sent in 1)",
        "             │        [▲ 'hi']         │",
    ]


def test_a_lost_message_is_crossed_out() -> None:
    line = shown(friends("hi", losses=1), CALL, f"{HEARD} is lost")[-2]

    assert line.startswith("    2        ├─────✗      │            │        Word('hi') (sent in 1)")


def test_a_node_that_is_down_has_a_broken_line() -> None:
    lines = shown(friends("hi", crashes=1), "bob0 crashes", CALL, "bob0 restarts")

    assert "│            ↯            │        crashes" in lines[-6]
    assert "◆            ╎            │        'hi'" in lines[-5]
    assert "│            ◎            │        restarts" in lines[-3]


def test_a_lie_comes_from_the_liar() -> None:
    lines = shown(friends(), "eve0 → bob0")

    assert "│            ●◀───────────┤        Word('lie') is forged" in lines[-3]


def test_what_is_under_way_stands_at_the_end() -> None:
    lines = shown(friends("hi", "hi"), CALL, CALL)

    assert lines[-1] == "       under way at the end: Word('hi') from ann0 to bob0 ×2"


def test_folded_steps_are_one_line() -> None:
    world, found = long_run()
    assert found.trace is not None
    picture = readable(diagram(world, found.trace), world, found)

    lines = [plain(each) for each in drawn(picture, 80)]

    folded = [each for each in lines if "24 steps that do not matter here" in each]
    assert [each[:14] for each in folded] == ["    ⋯        │"]
    assert not any(each.startswith("   13") for each in lines)


def test_a_loop_has_an_edge_that_leads_back() -> None:
    world = friends("hi", "ho")
    picture = evolve(diagram(world, run(world, CALL, CALL, "ann0: Bell")), loop=1)

    lines = [plain(each) for each in drawn(picture, 80)]

    begins = lines.index("  ╭─ for ever, again and again:")
    assert lines[begins + 1].startswith("  │ 2 ")
    assert "  ╰─ and on with 2" in lines[begins + 2 :]


def test_a_run_that_stops_for_ever_says_so() -> None:
    world = friends("hi")
    picture = evolve(diagram(world, run(world, CALL)), loop=1)

    assert "  ∞  for ever: nothing more happens" in [plain(each) for each in drawn(picture, 80)]


def crowd(size: int) -> World:
    nodes = [Node("participant", number) for number in range(size)]
    return World(machines={node: Friendly(BOB) for node in nodes}, faults=Faults(), links=())


def test_six_nodes_have_room_for_words_beside_them_in_80_columns() -> None:
    lines = shown(crowd(6), "participant3: Bell")

    assert any(each.endswith("Bell") and "○" in each for each in lines)
    assert all(len(each) <= 80 for each in lines)


def test_names_that_are_too_long_for_one_line_take_several() -> None:
    lines = shown(crowd(6), "participant3: Bell")

    heads = [each.split() for each in lines[:3]]
    assert all(heads)
    assert sorted(chain.from_iterable(heads)) == [f"participant{number}" for number in range(6)]


def test_where_there_is_no_room_for_all_some_share_a_column_and_that_is_said() -> None:
    lines = shown(crowd(9), "participant8: Bell", width=40)

    said = " ".join(" ".join(lines[:5]).split())
    assert "no room for a column each" in said
    assert "participant8" not in said.partition(" share ")[0]
    assert all(len(each) <= 40 for each in lines)
