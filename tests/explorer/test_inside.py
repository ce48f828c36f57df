"""What is inside a state: every field, and what the last step changed in it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.commands.explorer.inside import Part, parts
from coterie.commands.explorer.pieces import AROUND, pieces
from coterie.commands.explorer.walker import Walker
from coterie.commands.selecting import selections

DELIVERY = 0  # the first of the steps after the first one
TEXTS = st.text("ab ,()→0", max_size=80)


def after(name: str, *numbers: int) -> dict[str, Part]:
    """Return what is inside the state after these steps."""
    (selection,) = selections((name,))
    walker = Walker(selection.check.world(**selection.check.parameters()), name)
    states = [walker.starts[0]]
    for number in numbers:
        states.append(walker.steps(states[-1])[number].values)
    before = states[-2] if numbers else None
    return {each.name: each for each in parts(walker.world, states[-1], before)}


def test_a_start_changes_nothing() -> None:
    found = after("smr.naive")

    assert [each.name for each in found["replica0"].fields] == ["tickets", "log"]
    assert not any(part.is_changed for part in found.values())
    assert "replica0→replica1" not in found


def test_a_step_marks_the_fields_that_it_changed_and_what_it_sent() -> None:
    found = after("smr.naive", 0)

    assert found["replica0"].is_changed
    tickets, log = found["replica0"].fields
    (moved,) = tickets.changes
    assert (moved.path, moved.old, moved.new) == ("", "{:}", "{0: 'customer0'}")
    assert tickets.is_told
    assert log.changes
    assert not found["replica1"].is_changed
    (message,) = found["replica0→replica1"].messages
    assert (message.fate, message.count) == ("new", 1)
    assert message.text.startswith("Forward(")


def test_a_message_that_has_arrived_is_gone() -> None:
    found = after("smr.naive", 0, DELIVERY)

    (message,) = found["replica0→replica1"].messages
    assert message.fate == "gone"
    assert found["replica1"].is_changed


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_the_pieces_are_the_two_texts(old: str, new: str) -> None:
    found = pieces(old, new)
    was = "".join(each.text for each in found if each.fate != "comes")
    became = "".join(each.text for each in found if each.fate != "goes")

    if "…" not in was + became:
        assert (was, became) == (old, new)
    for each in found:
        assert each.fate != "stays" or len(each.text) <= 2 * AROUND + 1


def test_of_what_stays_only_the_surroundings_are_shown() -> None:
    row = "Row(received=(0, 0, 0), delivered=0, stored=0, suspected={}, joining={}, leaving=False)"
    old, new = f"({row}, {row})", f"({row}, {row.replace('stored=0', 'stored=1')})"

    shown = [(each.fate, each.text) for each in pieces(old, new)]

    assert ("goes", "0") in shown
    assert ("comes", "1") in shown
    assert len("".join(text for _, text in shown)) < 60
