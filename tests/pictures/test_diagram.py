"""What a diagram has for each thing that can happen."""

from collections.abc import Iterable

import pytest
from attrs import evolve, frozen

from coterie.checks.errors import ModelError
from coterie.checks.network import Bag, Fifo, Latest, Pool
from coterie.checks.result import Trace
from coterie.checks.world import Step
from coterie.commands.pictures.diagram import Diagram, Mark, Row, Shape, diagram
from coterie.commands.pictures.post import Arrow, Fate
from coterie.commands.words import happening
from coterie.model.machine import Event, Machine, Outcome, Send, Timeout
from tests.pictures.drawing import (
    ANN,
    BOB,
    CALL,
    EVE,
    HEARD,
    Bell,
    Friendly,
    Word,
    friends,
    newest,
    run,
)
from tests.test_closing import ONE, TWO, Listener, counting


def drawn(*wanted: str, words: tuple[str, ...] = ("hi",), **fields: object) -> Diagram:
    world = friends(*words, **fields)  # type: ignore[arg-type]
    return diagram(world, run(world, *wanted))


def last(picture: Diagram) -> Row:
    return picture.rows[-1]


def only(picture: Diagram) -> Arrow:
    (arrow,) = picture.arrows
    return arrow


def test_every_node_has_a_line_and_byzantine_ones_stand_last() -> None:
    lines = drawn(CALL).lines

    assert [(line.node, line.is_byzantine) for line in lines] == [
        ("ann0", False),
        ("bob0", False),
        ("eve0", True),
    ]


def test_an_arrow_leads_from_the_step_that_sent_to_the_one_that_received() -> None:
    arrow = only(drawn("ann0: Bell", CALL, HEARD))

    assert (arrow.sent, arrow.ended, arrow.fate) == (2, 3, Fate.DELIVERED)
    assert (arrow.sender, arrow.receiver, arrow.kind) == ("ann0", "bob0", "Word")
    assert (arrow.label, arrow.message) == ("Word('hi')", "Word(text='hi')")


def test_what_was_sent_and_never_arrives_is_still_under_way() -> None:
    arrow = only(drawn(CALL))

    assert (arrow.sent, arrow.ended, arrow.fate) == (1, None, Fate.IN_FLIGHT)


def test_of_two_alike_the_one_that_was_sent_first_arrives_first() -> None:
    picture = drawn(CALL, CALL, HEARD, HEARD, words=("hi", "hi"))

    assert [(arrow.sent, arrow.ended) for arrow in picture.arrows] == [(1, 3), (2, 4)]


def test_a_lost_message_is_given_up_where_it_is_lost() -> None:
    picture = drawn(CALL, f"{HEARD} is lost", losses=1)
    arrow = only(picture)

    assert (arrow.ended, arrow.fate, arrow.because) == (2, Fate.LOST, "the network is lossy")
    assert arrow.fate.is_crossed_out
    assert last(picture).points == ()
    assert last(picture).fault


def test_a_duplicate_arrives_twice_from_the_step_that_sent_it_once() -> None:
    picture = drawn(CALL, f"{HEARD}, and a copy", HEARD, duplications=1)

    assert [(arrow.sent, arrow.ended, arrow.fate) for arrow in picture.arrows] == [
        (1, 2, Fate.DUPLICATED),
        (1, 3, Fate.DELIVERED),
    ]


def test_what_a_pool_keeps_may_arrive_again_and_is_not_said_to_be_under_way() -> None:
    picture = drawn(CALL, HEARD, HEARD, network=Pool())

    assert [(arrow.sent, arrow.ended) for arrow in picture.arrows] == [(1, 2), (1, 3)]


def test_a_full_channel_drops_what_is_sent() -> None:
    network = Bag(capacity=1, full="drop")
    picture = drawn(CALL, CALL, words=("hi", "ho"), network=network)

    dropped = picture.arrows[0]
    assert (dropped.sent, dropped.ended, dropped.fate) == (2, 2, Fate.DROPPED)
    assert (dropped.label, dropped.because) == ("Word('ho')", "the channel is full")


def test_of_two_alike_in_a_queue_the_one_in_the_place_of_the_loss_is_lost() -> None:
    world = friends("a", "b", "a", network=Fifo(), losses=1)
    called = run(world, CALL, CALL, CALL)
    lost = "ann0 → bob0: Word(text='a') is lost"
    first, last_one = (
        step
        for step in world.successors(called.steps[-1].values)
        if [happening(each) for each in step.happenings] == [f"{lost} (the network is lossy)"]
    )

    for step, sent in ((first, 1), (last_one, 3)):
        picture = diagram(world, evolve(called, steps=(*called.steps, step)))
        assert [arrow.sent for arrow in picture.arrows if arrow.fate is Fate.LOST] == [sent]


def test_of_two_alike_the_one_that_waits_last_is_replaced_by_newer_news() -> None:
    def one_topic(older: Word, newer: Word) -> Word | None:
        return newer if older.text == "a" and newer.text == "c" else None

    network = Latest(coalesced=one_topic)
    picture = drawn(CALL, CALL, CALL, CALL, words=("a", "b", "a", "c"), network=network)

    replaced = [arrow.sent for arrow in picture.arrows if arrow.fate is Fate.REPLACED]
    assert replaced == [3]


def test_newer_news_replaces_what_waits() -> None:
    picture = drawn(CALL, CALL, words=("hi", "ho"), network=newest())

    assert [(arrow.label, arrow.sent, arrow.ended, arrow.fate) for arrow in picture.arrows] == [
        ("Word('hi')", 1, 2, Fate.REPLACED),
        ("Word('ho')", 2, None, Fate.IN_FLIGHT),
    ]


def test_a_forged_message_comes_from_the_liar_in_the_same_row() -> None:
    arrow = only(drawn("eve0 → bob0: Word(text='lie'), forged"))

    assert (arrow.sender, arrow.sent, arrow.ended, arrow.fate) == ("eve0", 1, 1, Fate.FORGED)


def test_what_goes_to_a_liar_is_heard_by_nobody() -> None:
    world = evolve(friends("hi"), machines={ANN: Friendly(EVE), BOB: Friendly(ANN)})
    arrow = only(diagram(world, run(world, CALL)))

    assert (arrow.receiver, arrow.sent, arrow.ended, arrow.fate) == ("eve0", 1, 1, Fate.UNHEARD)


def test_what_is_over_is_dropped_by_the_step_that_ends_it() -> None:
    world = counting()
    picture = diagram(world, run(world, "one0 → two0: 3"))

    assert [(arrow.label, arrow.sent, arrow.ended, arrow.fate) for arrow in picture.arrows] == [
        ("3", 0, 1, Fate.DELIVERED),
        ("1", 0, 1, Fate.OVER),
        ("2", 0, 1, Fate.OVER),
    ]


@frozen
class Stubborn(Machine[int, None]):
    """Says 1 whenever the bell rings."""

    def start(self, memory: None) -> Outcome[int]:
        return Outcome(0)

    def options(self, state: int) -> Iterable[Timeout]:
        return (Bell(),)

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        return Outcome(state, (Send(TWO, 1),)) if isinstance(event, Bell) else Outcome(state)


def test_what_nobody_waits_for_any_more_is_dropped_when_it_is_sent() -> None:
    world = evolve(counting(), machines={ONE: Stubborn(), TWO: Listener()})
    picture = diagram(world, run(world, "one0: Bell", "one0 → two0: 1", "one0: Bell"))

    assert [(arrow.sent, arrow.ended, arrow.fate) for arrow in picture.arrows] == [
        (1, 2, Fate.DELIVERED),
        (3, 3, Fate.OVER),
    ]


@pytest.mark.parametrize(
    ("wanted", "mark", "label"),
    [
        ((CALL,), Mark.CALL, "hi"),
        (("ann0: Bell",), Mark.TIMER, "Bell"),
        ((CALL, HEARD), Mark.RECEIVE, ""),
        (("bob0 crashes",), Mark.CRASH, ""),
        (("bob0 crashes", "bob0 restarts"), Mark.RESTART, ""),
    ],
)
def test_each_thing_that_happens_has_its_mark(
    wanted: tuple[str, ...], mark: Mark, label: str
) -> None:
    (point,) = last(drawn(*wanted, crashes=1)).points

    assert (point.mark, point.label.strip("'")) == (mark, label)


def test_a_node_that_stops_is_marked_and_down() -> None:
    row = last(drawn(CALL, HEARD, shy=True))

    assert [point.mark for point in row.points] == [Mark.RECEIVE, Mark.HALT]
    assert row.down == ("bob0",)


def test_a_node_is_down_from_its_crash_to_its_restart() -> None:
    picture = drawn("bob0 crashes", CALL, "bob0 restarts", crashes=1)

    assert [row.down for row in picture.rows] == [(), ("bob0",), ("bob0",), ()]


def test_who_dies_in_the_middle_of_a_step_sends_and_delivers_nothing() -> None:
    picture = drawn(CALL + " 'hi'; ann0 crashes", crashes=1)

    assert picture.arrows == ()
    assert last(picture).boxes == ()
    assert [point.mark for point in last(picture).points] == [Mark.CALL, Mark.CRASH]


def test_deliveries_and_results_are_in_boxes_though_nobody_observes_them() -> None:
    picture = drawn(CALL, HEARD)

    (result,), (delivery,) = (row.boxes for row in picture.rows[1:])
    assert (result.node, result.shape, result.whole) == ("ann0", Shape.RESULT, "'said'")
    assert (delivery.node, delivery.shape, delivery.whole) == ("bob0", Shape.DELIVERY, "'hi'")


def test_a_view_is_in_a_box_at_the_start_and_where_it_changes() -> None:
    picture = drawn(CALL, "ann0: Bell")

    assert [(box.node, box.label) for box in picture.rows[0].boxes] == [
        ("ann0", "view 0: ann0, bob0"),
        ("bob0", "view 0: ann0, bob0"),
    ]
    assert [box.label for box in last(picture).boxes] == ["view 1: 0"]
    assert picture.rows[1].boxes[0].shape is Shape.RESULT


def test_a_step_needs_those_of_its_node_and_the_one_that_sent() -> None:
    picture = drawn("bob0: Bell", CALL, "ann0: Bell", HEARD)

    assert [row.causes for row in picture.rows[1:]] == [(), (), (2,), (1, 2)]


def test_where_messages_keep_their_order_a_receipt_needs_the_losses_before_it() -> None:
    lost = "ann0 → bob0: Word(text='ho') is lost"
    in_order = drawn(CALL, CALL, lost, HEARD, words=("ho", "hi"), network=Fifo(), losses=1)
    in_any = drawn(CALL, CALL, lost, HEARD, words=("ho", "hi"), losses=1)

    assert last(in_order).causes == (2, 3)
    assert last(in_any).causes == (2,)


def test_a_run_that_is_none_of_the_world_has_no_picture() -> None:
    world = friends("hi")
    made_up = run(world, CALL).steps[0]
    wrong = Step(made_up.happenings, fault=True, values=made_up.values)

    with pytest.raises(ModelError, match="a step that the world has not"):
        diagram(world, Trace(next(iter(world.initial())), (wrong,)))
