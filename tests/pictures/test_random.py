"""Pictures of random runs of random worlds: each held against a plainer way to say the same."""

from collections import Counter
from itertools import pairwise, product
from xml.etree import ElementTree as ET

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.checks.component import Channel, Delivered, Duplicated, Forged
from coterie.checks.network import Pool
from coterie.checks.result import Trace
from coterie.checks.simulation.steps import Steps
from coterie.commands.page import plain
from coterie.commands.pictures.diagram import Diagram, diagram
from coterie.commands.pictures.folding import folded, past
from coterie.commands.pictures.post import Fate
from coterie.commands.pictures.svg import svg
from coterie.commands.pictures.text import drawn
from coterie.commands.pictures.trail import trails
from coterie.commands.words import text
from tests.simulation.drawing import Case, cases, run_of

PATIENT = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
SVG = "{http://www.w3.org/2000/svg}"


def pictured(case: Case) -> tuple[Trace, Diagram]:
    run = run_of(Steps(case.world), case.plan, 1)
    return run, diagram(case.world, run)


@PATIENT
@given(cases())
def test_the_ways_of_all_components_are_the_steps_of_the_world(case: Case) -> None:
    world = case.world
    for values in world.initial():
        found = [after for key in world.components for _, after in trails(world, values, key)]

        assert found == [step.values for step in world.successors(values)]


@PATIENT
@given(cases())
def test_every_receipt_has_one_arrow_from_the_step_that_sent_it(case: Case) -> None:
    run, picture = pictured(case)

    receipts_have_one_arrow_each(run, picture)
    arrows_begin_where_a_channel_gains_such_a_message(case, run, picture)
    what_is_under_way_is_what_the_channels_hold(case, run, picture)


def receipts_have_one_arrow_each(run: Trace, picture: Diagram) -> None:
    for number, step in enumerate(run.steps, start=1):
        ends = [each for each in picture.arrows if each.ended == number and each.fate.arrives]
        receipts = [
            each for each in step.happenings if isinstance(each, Delivered | Duplicated | Forged)
        ]
        assert [(each.sender, each.receiver, each.message) for each in ends] == [
            (str(each.sender), str(each.receiver), text(each.message)) for each in receipts
        ]
        assert all(each.sent < number or each.fate is Fate.FORGED for each in ends)


def arrows_begin_where_a_channel_gains_such_a_message(
    case: Case, run: Trace, picture: Diagram
) -> None:
    slots = {
        (str(key.sender), str(key.receiver)): slot
        for key, slot in case.world.slots.items()
        if isinstance(key, Channel)
    }
    for arrow in picture.arrows:
        ends = (arrow.sender, arrow.receiver)
        if arrow.sender == arrow.receiver or arrow.sent == arrow.ended:
            continue
        held = [Counter(map(text, values[slots[ends]])) for values in run.states]
        before = held[arrow.sent - 1][arrow.message] if arrow.sent else 0
        assert held[arrow.sent][arrow.message] > before


def what_is_under_way_is_what_the_channels_hold(case: Case, run: Trace, picture: Diagram) -> None:
    left = Counter(
        (each.sender, each.receiver, each.message)
        for each in picture.arrows
        if each.fate is Fate.IN_FLIGHT
    )
    held = Counter(
        (str(key.sender), str(key.receiver), text(message))
        for key, slot in case.world.slots.items()
        if isinstance(key, Channel)
        for message in run.states[-1][slot]
    )
    assert left <= held if isinstance(case.world.network, Pool) else left == held


def before_each(picture: Diagram) -> dict[int, set[int]]:
    """Return for each row the rows that happened before it: lines and arrows, closed plainly."""
    rows = range(1, picture.steps + 1)
    before = {row: {row} for row in rows}
    for line in picture.lines:
        own = [row for row in rows if line.node in picture.rows[row].nodes]
        for earlier, later in pairwise(own):
            before[later].add(earlier)
    for arrow in picture.arrows:
        if arrow.ended and arrow.sent:
            before[arrow.ended].add(arrow.sent)
    for middle, row in product(rows, rows):
        if middle in before[row]:
            before[row] |= before[middle]
    return before


@PATIENT
@given(cases(), st.data())
def test_folding_hides_nothing_that_happened_before_what_is_shown(
    case: Case, data: st.DataObject
) -> None:
    _, picture = pictured(case)
    before = before_each(picture)
    shown = data.draw(st.sets(st.sampled_from([0, *before])))

    short = folded(picture, shown)

    hidden = {row for fold in short.folds for row in range(fold.first, fold.last + 1)}
    for row in (*(shown - {0}), *([picture.steps] if picture.steps else [])):
        assert not hidden & before[row]
    assert hidden.isdisjoint(past(picture, shown - {0}))
    assert all(len(fold) > 1 for fold in short.folds)


@PATIENT
@given(cases(), st.integers(24, 120), st.booleans())
def test_every_row_and_arrow_is_drawn(case: Case, width: int, fold: bool) -> None:  # noqa: FBT001
    _, picture = pictured(case)

    the_svg_is_xml_and_always_the_same(picture)
    the_text_fits_and_names_every_step(folded(picture, ()) if fold else picture, width)


def the_svg_is_xml_and_always_the_same(picture: Diagram) -> None:
    drawing = svg(picture, "one")

    assert drawing == svg(picture, "one")
    root = ET.fromstring(drawing)
    classes = Counter(each.get("class", "").partition(" ")[0] for each in root.iter(f"{SVG}g"))
    assert classes["row"] == len(picture.rows)
    assert classes["arrow"] == sum(arrow.ended is not None for arrow in picture.arrows)


def the_text_fits_and_names_every_step(picture: Diagram, width: int) -> None:
    lines = [plain(each) for each in drawn(picture, width)]

    assert [each for each in lines if len(each) > width] == []
    numbers = [int(edge) for edge in (each[:5].strip() for each in lines) if edge.isdigit()]
    shown = [row.number for row in picture.rows[1:] if picture.fold_of(row.number) is None]
    assert numbers == shown
