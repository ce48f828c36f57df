"""The writer and a reader of a serving log, message by message."""

from typing import Any

from attrs import evolve
from immutables import Map

from coterie.model.gossip.gdp.log import log_of
from coterie.model.gossip.gdp.record import written
from coterie.model.gossip.gdp.service.messages import (
    Bring,
    Fetch,
    Fetched,
    Follow,
    Heads,
    Kept,
    Page,
    Refused,
    Resumed,
    Survey,
)
from coterie.model.gossip.gdp.service.reader import (
    Ask,
    MoveOn,
    New,
    Reader,
    Reading,
    UpToDate,
    Watch,
    Watching,
)
from coterie.model.gossip.gdp.service.scribe import (
    Add,
    Added,
    Crossed,
    Diary,
    Noted,
    Rejected,
    Safe,
    Scribe,
    Writing,
)
from coterie.model.machine import (
    Deliver,
    Event,
    Invoke,
    Node,
    Outcome,
    Receive,
    Record,
    Return,
    Send,
)

WRITER = Node("writer")
A, B, C = (Node("replica", index) for index in range(3))
ROOT = written(WRITER, "a")
MIDDLE = written(WRITER, "b", ROOT.name)
scribe = Scribe(WRITER, (A, B, C), window=2)
reader = Reader((A, B), WRITER)


def wrote(state: Writing, *events: Event) -> tuple[Writing, tuple[Any, ...]]:
    effects: tuple[Any, ...] = ()
    for event in events:
        outcome = scribe.step(state, event)
        assert outcome is not None
        state, effects = outcome.state, outcome.effects
    return state, effects


def begun() -> Writing:
    return scribe.start(None).state


def test_a_record_is_noted_and_sent_to_every_replica() -> None:
    state, effects = wrote(begun(), Invoke(Add(("a",))))

    sends = [Send(each, Bring((ROOT,))) for each in (A, B, C)]
    assert effects == (Record(Noted(ROOT)), *sends, Return(Added((ROOT.name,))))
    assert state.diary == Diary(ROOT.name, 1, Map({ROOT.name: ROOT}))


def test_a_record_points_at_the_last_one_unless_the_user_says_otherwise() -> None:
    _, effects = wrote(begun(), Invoke(Add(("a",))), Invoke(Add(("b",))))
    _, others = wrote(begun(), Invoke(Add(("a",))), Invoke(Add(("b",), ())))

    assert effects[0] == Record(Noted(MIDDLE))
    assert others[0] == Record(Noted(written(WRITER, "b")))


def test_records_that_are_added_at_once_are_a_chain_and_one_message() -> None:
    _, effects = wrote(begun(), Invoke(Add(("a", "b"))))

    assert effects[:3] == (
        Record(Noted(ROOT)),
        Record(Noted(MIDDLE)),
        Send(A, Bring((ROOT, MIDDLE))),
    )
    assert effects[-1] == Return(Added((ROOT.name, MIDDLE.name)))


def test_what_a_majority_has_is_safe_and_told_once() -> None:
    state, effects = wrote(begun(), Invoke(Add(("a",))), Receive(B, Kept((ROOT.name,))))
    assert effects == ()
    state, effects = wrote(state, Receive(B, Kept((ROOT.name,))))
    assert effects == ()
    state, effects = wrote(state, Receive(A, Kept((ROOT.name,))))
    assert effects == (Record(Crossed(ROOT.name)), Deliver(Safe(ROOT.name)))
    assert state.diary == Diary(ROOT.name, 1)
    assert wrote(state, Receive(C, Kept((ROOT.name,))))[1] == ()


def test_a_refusal_is_told_to_the_user() -> None:
    _, effects = wrote(begun(), Invoke(Add(("a",))), Receive(B, Refused(ROOT.name, "why")))

    assert effects == (Deliver(Rejected(B, ROOT.name, "why")),)


def test_a_replica_that_has_started_again_is_sent_what_is_not_safe() -> None:
    state, _ = wrote(begun(), Invoke(Add(("a",))), Receive(A, Kept((ROOT.name,))))

    assert wrote(state, Receive(B, Resumed()))[1] == (Send(B, Bring((ROOT,))),)
    assert wrote(state, Receive(A, Resumed()))[1] == ()


def test_a_writer_that_starts_again_sends_what_is_not_safe_parents_first() -> None:
    diary = Diary(MIDDLE.name, 2, Map({MIDDLE.name: MIDDLE, ROOT.name: ROOT}))

    outcome = scribe.start(diary)

    assert outcome.effects == tuple(Send(to, Bring((ROOT, MIDDLE))) for to in (A, B, C))
    assert scribe.memory(outcome.state) == diary


def test_nobody_writes_while_too_much_is_not_safe() -> None:
    state, _ = wrote(begun(), Invoke(Add(("a",))), Invoke(Add(("b",))))

    assert scribe.step(state, Invoke(Add(("c",)))) is None


def test_a_replica_that_does_not_answer_is_sent_no_more_until_it_does() -> None:
    state, _ = wrote(begun(), Invoke(Add(("a",))), Invoke(Add(("b",))))
    for name in (ROOT.name, MIDDLE.name):
        state, _ = wrote(state, Receive(A, Kept((name,))), Receive(B, Kept((name,))))

    state, effects = wrote(state, Invoke(Add(("c",))))
    assert [each.to for each in effects if isinstance(each, Send)] == [A, B]
    third = effects[0].change.entry
    state, effects = wrote(state, Receive(C, Kept((ROOT.name,))))
    assert effects == ()
    state, effects = wrote(state, Receive(C, Kept((MIDDLE.name,))))
    assert effects == (Send(C, Bring((third,))),)


def read(state: Reading, *events: Event) -> tuple[Reading, tuple[Any, ...]]:
    effects: tuple[Any, ...] = ()
    for event in events:
        outcome = reader.step(state, event)
        assert outcome is not None
        state, effects = outcome.state, outcome.effects
    return state, effects


def following(**fields: Any) -> Reading:
    state, effects = read(Reading(), Invoke(Watch()))
    assert effects == (Return(Watching()),)
    return evolve(state, **fields)


def test_a_reader_asks_for_pages_one_after_another() -> None:
    state, effects = read(following(), Ask())
    assert effects == (Send(A, Follow("")),)
    assert list(reader.options(state)) == [MoveOn(A)]

    state, effects = read(state, Receive(A, Page("", (ROOT,))))
    assert effects == (Deliver(New(ROOT)),)
    assert list(reader.options(state)) == [Ask()]
    assert read(state, Ask())[1] == (Send(A, Follow(ROOT.name)),)


def test_a_record_is_handed_over_once() -> None:
    state, _ = read(following(), Ask(), Receive(A, Page("", (ROOT,))), Ask(), MoveOn(A))

    _, effects = read(state, Receive(B, Page("", (ROOT, MIDDLE))))

    assert effects == (Deliver(New(MIDDLE)),)


def test_a_reader_that_moves_on_asks_each_replica_for_what_that_one_has_not_told() -> None:
    state, _ = read(following(), Ask(), Receive(A, Page("", (ROOT,))), Ask())

    state, effects = read(state, MoveOn(A))
    assert effects == (Send(B, Follow("")),)
    assert read(state, MoveOn(B))[1] == (Send(A, Follow(ROOT.name)),)


def test_a_replica_that_tells_a_lie_is_left() -> None:
    forged = evolve(MIDDLE, value="lie")

    state, effects = read(following(), Ask(), Receive(A, Page("", (ROOT, forged))))

    assert effects == (Deliver(New(ROOT)),)
    assert (state.at, state.refused) == (1, 1)
    assert read(state, Ask())[1] == (Send(B, Follow("")),)


def test_what_is_not_asked_for_changes_nothing() -> None:
    state, _ = read(following(), Ask())

    for message in (Page("other", (ROOT,)), Fetched(ROOT.name, ROOT), Heads(0, (), ())):
        assert read(state, Receive(A, message)) == (state, ())
    assert read(state, Receive(WRITER, Page("", (ROOT,)))) == (state, ())
    assert read(Reading(), Receive(A, Page("", (ROOT,)))) == (Reading(), ())


def test_a_late_page_is_taken_in_though_the_reader_has_moved_on() -> None:
    state, _ = read(following(), Ask(), MoveOn(A))

    state, effects = read(state, Receive(A, Page("", (ROOT,))))

    assert effects == (Deliver(New(ROOT)),)
    assert (state.at, state.waits) == (1, True)
    assert list(reader.options(state)) == [MoveOn(B)]


def test_a_late_lie_is_counted_and_changes_nothing_else() -> None:
    asked, _ = read(Reading(), Invoke(Fetch(ROOT.name)), MoveOn(A))
    lie = Fetched(ROOT.name, evolve(ROOT, value="lie"))

    assert read(asked, Receive(A, lie)) == (evolve(asked, refused=1), ())


def test_an_empty_page_says_that_the_reader_is_up_to_date() -> None:
    assert read(following(), Ask(), Receive(A, Page("", ())))[1] == (Deliver(UpToDate(A)),)


def test_a_record_is_fetched_from_the_next_replica_where_one_lies() -> None:
    state, effects = read(Reading(), Invoke(Fetch(ROOT.name)))
    assert effects == (Send(A, Fetch(ROOT.name)),)

    state, effects = read(state, Receive(A, Fetched(ROOT.name, evolve(ROOT, value="lie"))))
    assert effects == (Send(B, Fetch(ROOT.name)),)
    assert read(state, Receive(B, Fetched(ROOT.name, ROOT)))[1] == (
        Return(Fetched(ROOT.name, ROOT)),
    )


def test_a_survey_is_answered() -> None:
    heads = Heads(1, (ROOT.name,), ())

    state, effects = read(Reading(), Invoke(Survey()), Receive(A, heads))

    assert (state, effects) == (Reading(), (Return(heads),))


def test_a_reader_holds_what_it_was_told() -> None:
    state, _ = read(following(), Ask(), Receive(A, Page("", (ROOT, MIDDLE))))

    assert state.log == log_of([ROOT, MIDDLE])
    assert reader.step(state, Invoke(Watch())) is None
    assert reader.start(None) == Outcome(Reading())
