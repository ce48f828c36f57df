"""A serving replica, message by message."""

from typing import Any

from attrs import evolve

from coterie.model.gossip.gdp.graph import (
    First,
    FirstSent,
    Fourth,
    GiveUp,
    Second,
    Third,
    ThirdSent,
)
from coterie.model.gossip.gdp.log import Digest, digest_of
from coterie.model.gossip.gdp.record import Entry, written
from coterie.model.gossip.gdp.replica import Append, talking
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
from coterie.model.gossip.gdp.service.paging import Paged, Room
from coterie.model.gossip.gdp.service.serving import TOO_MANY, LogServer, Serving, StillHere
from coterie.model.gossip.gdp.service.shelf import Shelf, shelf_of
from coterie.model.machine import Node, Outcome, Receive, Record, Send
from coterie.model.signature import Signature

WRITER, A, B = Node("writer"), Node("replica", 0), Node("replica", 1)
READER, OTHER = Node("reader"), Node("reader", 1)
ROOT = written(WRITER, "a")
MIDDLE = written(WRITER, "b", ROOT.name)
TIP = written(WRITER, "c", MIDDLE.name)
NOTHING: frozenset[Entry] = frozenset()
EMPTY: Digest = digest_of(Shelf())
PAIR = Room(records=2)
server = LogServer(A, WRITER, (B,), algorithm=Paged(room=PAIR), room=PAIR, author=WRITER)


def holding(*entries: Entry, **fields: Any) -> Serving:
    return evolve(Serving(log=shelf_of(entries)), **fields)


def heard(state: Serving, message: Any, sender: Node = B) -> tuple[Serving, tuple[Any, ...]]:
    outcome = server.step(state, Receive(sender, message))
    assert outcome is not None
    assert isinstance(outcome.state, Serving)
    return outcome.state, outcome.effects


def test_a_replica_that_starts_tells_the_writer() -> None:
    memory = shelf_of([ROOT])

    assert server.start(None) == Outcome(Serving(), (Send(WRITER, Resumed()),))
    assert server.start(memory) == Outcome(Serving(log=memory), (Send(WRITER, Resumed()),))


def test_a_record_is_kept_before_the_writer_is_told() -> None:
    state, effects = heard(Serving(), Append(ROOT), WRITER)

    assert effects == (Record(ROOT), Send(WRITER, Kept((ROOT.name,))))
    assert server.memory(state) == shelf_of([ROOT])


def test_a_record_that_is_held_is_acknowledged_again() -> None:
    assert heard(holding(ROOT), Append(ROOT), WRITER) == (
        holding(ROOT),
        (Send(WRITER, Kept((ROOT.name,))),),
    )


def test_records_that_are_brought_together_are_answered_for_together() -> None:
    forged = evolve(TIP, value="lie")

    state, effects = heard(Serving(), Bring((ROOT, forged, MIDDLE)), WRITER)

    assert effects[:3] == (
        Record(ROOT),
        Record(MIDDLE),
        Send(WRITER, Kept((ROOT.name, MIDDLE.name))),
    )
    assert [type(each.message) for each in effects[3:]] == [Refused]
    assert state.refused == 1


def test_a_record_whose_name_is_no_hash_is_refused_and_counted() -> None:
    forged = evolve(ROOT, value="lie")

    state, (answer,) = heard(Serving(), Append(forged), READER)

    assert answer == Send(READER, Refused(ROOT.name, "its name is not the hash of what it says"))
    assert state == Serving(refused=1)


def test_a_record_that_somebody_else_has_signed_is_refused_and_counted() -> None:
    stolen = evolve(ROOT, signature=Signature(READER, ROOT.name))

    state, (answer,) = heard(Serving(refused=4), Append(stolen), READER)

    assert answer == Send(READER, Refused(ROOT.name, f"{WRITER} has not signed it"))
    assert state.refused == 5


def test_a_record_of_an_exchange_is_refused_and_counted_too() -> None:
    forged = evolve(ROOT, value="lie")

    state, effects = heard(Serving(), Fourth(frozenset({forged, TIP})))

    assert effects[0] == Record(TIP)
    assert state.log == shelf_of([TIP])
    assert state.refused == 1


def test_nobody_makes_a_replica_verify_more_than_so_many_records_at_once() -> None:
    strict = evolve(server, most=1)
    pair = (ROOT, MIDDLE)

    brought = strict.step(Serving(), Receive(READER, Bring(pair)))
    exchanged = strict.step(Serving(), Receive(B, Fourth(frozenset(pair))))

    assert brought == Outcome(Serving(refused=1), (Send(READER, Refused("", TOO_MANY)),))
    assert exchanged == Outcome(Serving(refused=1))


def test_records_that_come_together_are_kept_parents_first() -> None:
    state, effects = heard(Serving(), Fourth(frozenset({TIP, ROOT, MIDDLE})))

    assert effects[:3] == (Record(ROOT), Record(MIDDLE), Record(TIP))
    assert [state.log.order[place] for place in range(3)] == [ROOT.name, MIDDLE.name, TIP.name]


def test_a_reader_is_sent_the_next_page_at_once() -> None:
    state, effects = heard(holding(ROOT, MIDDLE, TIP), Follow(""), READER)

    assert effects == (Send(READER, Page("", (ROOT, MIDDLE))),)
    assert heard(state, Follow(MIDDLE.name), READER)[1] == (
        Send(READER, Page(MIDDLE.name, (TIP,))),
    )


def test_a_reader_that_has_all_is_sent_what_is_new_when_it_comes() -> None:
    waiting, nothing = heard(holding(ROOT), Follow(ROOT.name), READER)
    waiting, _ = heard(waiting, Follow(""), OTHER)
    assert nothing == ()

    state, effects = heard(waiting, Append(MIDDLE), WRITER)

    pushed = Send(READER, Page(ROOT.name, (MIDDLE,)))
    assert effects == (Record(MIDDLE), pushed, Send(WRITER, Kept((MIDDLE.name,))))
    assert not state.readers


def test_a_reader_after_an_unknown_record_is_told_everything() -> None:
    assert heard(holding(ROOT), Follow("gone"), READER)[1] == (Send(READER, Page("", (ROOT,))),)


def test_a_reader_that_waits_is_shown_that_the_replica_is_there() -> None:
    waiting = holding(ROOT, readers=Serving().readers.set(READER, ROOT.name))

    assert StillHere(READER) in server.options(waiting)
    assert server.step(waiting, StillHere(READER)) == Outcome(
        holding(ROOT), (Send(READER, Page(ROOT.name, ())),)
    )
    assert server.step(holding(ROOT), StillHere(READER)) is None


def test_a_record_is_read_by_its_name() -> None:
    assert heard(holding(ROOT), Fetch(ROOT.name), READER)[1] == (
        Send(READER, Fetched(ROOT.name, ROOT)),
    )
    assert heard(holding(ROOT), Fetch("x"), READER)[1] == (Send(READER, Fetched("x", None)),)


def test_a_survey_tells_the_heads_and_what_is_missing() -> None:
    assert heard(holding(ROOT, TIP), Survey(), READER)[1] == (
        Send(READER, Heads(2, (ROOT.name, TIP.name), (MIDDLE.name,))),
    )


def test_after_a_full_fourth_message_the_next_exchange_begins_at_once() -> None:
    waiting = talking(Serving(), B, ThirdSent())
    assert isinstance(waiting, Serving)

    state, effects = heard(waiting, Fourth(frozenset({ROOT, MIDDLE})))

    assert effects[-1] == Send(B, First(digest_of(state.log)))
    assert state.talks[B] == FirstSent(state.log)


def test_after_a_full_second_message_the_next_exchange_begins_when_this_one_is_over() -> None:
    begun = talking(Serving(), B, FirstSent(Shelf()))
    assert isinstance(begun, Serving)
    full = frozenset({ROOT, MIDDLE})

    state, effects = heard(begun, Second(full, digest_of(shelf_of([ROOT, MIDDLE, TIP]))))
    assert [type(each.message) for each in effects if isinstance(each, Send)] == [Third]
    state, effects = heard(state, Fourth(NOTHING))

    assert effects == (Send(B, First(digest_of(state.log))),)


def test_a_message_that_is_not_full_begins_nothing() -> None:
    waiting = talking(Serving(), B, ThirdSent())
    assert isinstance(waiting, Serving)

    state, effects = heard(waiting, Fourth(frozenset({ROOT})))

    assert effects == (Record(ROOT),)
    assert not state.talks


def test_full_messages_without_news_begin_nothing() -> None:
    waiting = talking(holding(ROOT, MIDDLE), B, ThirdSent())
    assert isinstance(waiting, Serving)

    assert heard(waiting, Fourth(frozenset({ROOT, MIDDLE}))) == (holding(ROOT, MIDDLE), ())


def test_who_gives_an_exchange_up_waits_for_the_timer() -> None:
    begun = talking(evolve(Serving(), full=frozenset({B})), B, ThirdSent())

    assert server.step(begun, GiveUp(B)) == Outcome(Serving())


def test_clients_take_no_part_in_exchanges() -> None:
    assert heard(holding(ROOT), First(EMPTY), READER) == (holding(ROOT), ())
    assert heard(Serving(), Fourth(frozenset({ROOT})), READER) == (Serving(), ())


def test_two_replicas_with_much_to_tell_exchange_it_in_pages_without_a_timer() -> None:
    chain = [ROOT]
    for number in range(9):
        chain.append(written(WRITER, f"x{number}", chain[-1].name))
    peer = evolve(server, name=B, peers=(A,))
    machines, states = {A: server, B: peer}, {A: Serving(), B: holding(*chain)}
    begun = server.begin(states[A], B)
    assert begun is not None
    states[A], due = begun.state, [(A, each) for each in begun.effects]  # type: ignore[assignment]
    while due:
        sender, effect = due.pop(0)
        if isinstance(effect, Send):
            outcome = machines[effect.to].step(states[effect.to], Receive(sender, effect.message))
            assert outcome is not None
            states[effect.to] = outcome.state  # type: ignore[assignment]
            due += [(effect.to, each) for each in outcome.effects]

    assert states[A].log.entries == states[B].log.entries
