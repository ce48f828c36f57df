"""The server: one test a rule of the paper, and one a rule of the repair."""

from typing import Any

from attrs import evolve
from immutables import Map

from coterie.model.gossip.store import disk
from coterie.model.gossip.store.disk import Commit, Line, Row, Store
from coterie.model.gossip.store.reads import Absent, Answer, Found, Get, Recovering
from coterie.model.gossip.store.recovery import Done, Inventory, Request, Rows, Span
from coterie.model.gossip.store.server import (
    CODE,
    PAPER,
    REPAIRED,
    Data,
    Server,
    Serving,
    Stored,
    Sync,
    Write,
)
from coterie.model.machine import Deliver, Event, Node, Outcome, Receive, Record, Send

DEVICE, CLIENT = Node("device"), Node("client")
PEER, OTHER = Node("server", 1), Node("server", 2)
PAPERS = evolve(PAPER, peers=(PEER, OTHER))
CODES = evolve(CODE, peers=(PEER, OTHER))
REPAIREDS = evolve(REPAIRED, peers=(PEER, OTHER), partners=frozenset({OTHER}))


def disk_of(*dates: int) -> Store:
    return Store(Map({date: 10 * date for date in dates}), Map(enumerate(dates)))


def took(server: Server, state: Serving, sender: Node, message: Any) -> Outcome[Serving]:
    return stepped(server, state, Receive(sender, message))


def stepped(server: Server, state: Serving, event: Event) -> Outcome[Serving]:
    outcome = server.step(state, event)
    assert outcome is not None
    return outcome


def sent(outcome: Outcome[Serving]) -> list[tuple[Node, Any]]:
    return [(effect.to, effect.message) for effect in outcome.effects if isinstance(effect, Send)]


def test_a_measurement_is_committed_and_logged_at_once() -> None:
    outcome = took(PAPERS, Serving(), DEVICE, Data(1, 10))

    assert outcome.state.store == disk_of(1)
    assert outcome.effects == (Record(Commit((Row(1, 10), Line(1)))), Deliver(Stored(1, 10)))


def test_a_second_value_of_a_date_changes_nothing_and_is_not_logged() -> None:
    state = Serving(disk_of(1))

    assert took(PAPERS, state, DEVICE, Data(1, 11)) == Outcome(state)


def test_the_repaired_server_keeps_the_greater_of_two_values() -> None:
    outcome = took(REPAIREDS, Serving(disk_of(1)), DEVICE, Data(1, 11))

    assert outcome.state.store.table == Map({1: 11})
    assert outcome.state.store.lines == (1,)


def test_a_read_is_answered_with_the_value_or_with_its_absence() -> None:
    state = Serving(disk_of(1))

    assert sent(took(PAPERS, state, CLIENT, Get(0, 1))) == [(CLIENT, Answer(0, Found(10)))]
    assert sent(took(PAPERS, state, CLIENT, Get(1, 2))) == [(CLIENT, Answer(1, Absent()))]


def test_a_first_start_asks_nobody() -> None:
    assert PAPERS.start(None) == Outcome(Serving())
    assert REPAIREDS.start(None) == Outcome(Serving())


def test_a_server_that_comes_back_sends_its_first_and_last_date_to_all_servers() -> None:
    outcome = PAPERS.start(disk_of(2, 3, 5))

    request = Request(Span(2, 5), boot=0)
    assert sent(outcome) == [(PEER, request), (OTHER, request)]


def test_the_paper_asks_once() -> None:
    state = PAPERS.start(disk_of(1)).state

    assert list(PAPERS.options(state)) == []


def test_a_server_may_ask_some_time_after_its_start_but_then_too_only_once() -> None:
    late = evolve(PAPERS, at_start=False)
    state = late.start(disk_of(1)).state
    assert list(late.options(state)) == [Sync(PEER), Sync(OTHER)]

    outcome = stepped(late, took(late, state, DEVICE, Data(3, 30)).state, Sync(PEER))

    assert sent(outcome) == [(PEER, Request(Span(1, 3), boot=0))]
    assert list(late.options(outcome.state)) == [Sync(OTHER)]
    assert late.step(outcome.state, Sync(PEER)) is None


def test_an_active_server_answers_with_the_rows_outside() -> None:
    outcome = took(PAPERS, Serving(disk_of(1, 2, 3)), PEER, Request(Span(2, 2), boot=0))

    assert sent(outcome) == [(PEER, Rows(((1, 10), (3, 30)), parts=1, boot=0))]


def test_an_answer_is_sent_in_batches() -> None:
    server = evolve(PAPERS, batch=2)
    outcome = took(server, Serving(disk_of(1, 2, 3)), PEER, Request(None, boot=0))

    parts = Rows(((1, 10), (2, 20)), 2, 0), Rows(((3, 30),), 2, 0)
    assert sent(outcome) == [(PEER, part) for part in parts]


def test_recovered_rows_are_inserted_and_the_log_is_sorted() -> None:
    outcome = took(PAPERS, Serving(disk_of(2)), PEER, Rows(((1, 10), (3, 30)), 1, 0))

    assert outcome.state.store == disk_of(1, 2, 3)


def test_the_paper_does_not_sort_what_the_device_sends_late() -> None:
    assert took(PAPERS, Serving(disk_of(2)), DEVICE, Data(1, 10)).state.store.lines == (2, 1)
    assert took(REPAIREDS, Serving(disk_of(2)), DEVICE, Data(1, 10)).state.store.lines == (1, 2)


def test_a_recovering_server_of_the_paper_still_processes_the_stream_and_answers_reads() -> None:
    state = PAPERS.start(disk_of(1)).state
    outcome = took(PAPERS, state, DEVICE, Data(3, 30))

    assert 3 in outcome.state.store.table
    assert sent(took(PAPERS, outcome.state, CLIENT, Get(0, 2))) == [(CLIENT, Answer(0, Absent()))]


def test_the_published_code_wipes_its_disk_at_a_start_and_asks_for_everything() -> None:
    outcome = CODES.start(disk_of(1, 2))

    assert CODES.memory(outcome.state) == Store()
    assert sent(outcome) == [(PEER, Request(None, 0)), (OTHER, Request(None, 0))]


def test_the_published_code_says_done_after_its_rows() -> None:
    outcome = took(CODES, Serving(disk_of(1)), PEER, Request(None, boot=0))

    assert [message for _, message in sent(outcome)] == [Rows(((1, 10),), 1, 0), Done()]


def test_the_first_done_of_anybody_ends_the_recovery_of_the_published_code() -> None:
    state = took(CODES, CODES.start(disk_of(1)).state, PEER, Done()).state

    assert took(CODES, state, OTHER, Rows(((1, 10),), 1, 0)) == Outcome(state)
    assert took(PAPERS, Serving(), PEER, Done()) == Outcome(Serving())


def test_two_commits_let_a_crash_come_between_row_and_line() -> None:
    server = evolve(PAPERS, split=disk.table_first)
    outcome = took(server, Serving(), DEVICE, Data(1, 10))
    assert server.memory(outcome.state) == Store(Map({1: 10}))
    assert list(server.options(outcome.state)) == [Write()]

    finished = stepped(server, outcome.state, Write())

    assert finished.state == Serving(disk_of(1))
    assert finished.effects == (Record(Commit((Line(1),))),)


def test_an_insertion_is_finished_before_anything_else() -> None:
    server = evolve(PAPERS, split=disk.log_first)
    state = took(server, Serving(), DEVICE, Data(1, 10)).state
    assert state.store == Store(log=Map({0: 1}))

    outcome = took(server, state, CLIENT, Get(0, 1))

    assert sent(outcome) == [(CLIENT, Answer(0, Found(10)))]


def test_the_repaired_server_tells_all_that_it_has_and_which_start_this_is() -> None:
    outcome = REPAIREDS.start(disk_of(1))

    assert sent(outcome)[0] == (PEER, Request(Inventory(Map({1: 10})), boot=1))


def test_the_repaired_server_asks_until_all_have_answered_and_its_partners_for_ever() -> None:
    state = REPAIREDS.start(disk_of(1)).state
    assert list(REPAIREDS.options(state)) == [Sync(PEER), Sync(OTHER)]

    heard = took(REPAIREDS, state, PEER, Rows((), 1, boot=1)).state
    heard = took(REPAIREDS, heard, OTHER, Rows((), 1, boot=1)).state

    assert list(REPAIREDS.options(heard)) == [Sync(OTHER)]


def test_the_repaired_server_answers_recovering_until_every_peer_has_answered() -> None:
    state = REPAIREDS.start(disk_of(1)).state
    waiting = took(REPAIREDS, state, PEER, Rows((), 1, boot=1)).state
    assert sent(took(REPAIREDS, waiting, CLIENT, Get(0, 1))) == [(CLIENT, Answer(0, Recovering()))]

    ready = took(REPAIREDS, waiting, OTHER, Rows((), 1, boot=1)).state

    assert sent(took(REPAIREDS, ready, CLIENT, Get(1, 1))) == [(CLIENT, Answer(1, Found(10)))]


def test_an_answer_from_before_the_start_brings_rows_but_does_not_count() -> None:
    state = REPAIREDS.start(disk_of(1)).state
    outcome = took(REPAIREDS, state, PEER, Rows(((2, 20),), 1, boot=0))

    assert 2 in outcome.state.store.table
    assert outcome.state.unheard == {PEER, OTHER}


def test_a_part_of_an_answer_brings_rows_but_does_not_count() -> None:
    state = REPAIREDS.start(disk_of(1)).state
    outcome = took(REPAIREDS, state, PEER, Rows(((2, 20),), parts=2, boot=1))

    assert 2 in outcome.state.store.table
    assert outcome.state.unheard == {PEER, OTHER}


def test_a_repaired_helper_asks_back_for_what_it_lacks() -> None:
    request = Request(Inventory(Map({1: 10, 3: 30})), boot=4)
    outcome = took(REPAIREDS, Serving(disk_of(1, 2)), PEER, request)

    answer, back = Rows(((2, 20),), 1, boot=4), Request(Inventory(Map({1: 10, 2: 20})), boot=0)
    assert sent(outcome) == [(PEER, answer), (PEER, back)]


def test_one_exchange_between_two_brings_both_to_the_union() -> None:
    left, right = Node("server", 0), PEER
    states = {left: Serving(disk_of(1, 3)), right: Serving(disk_of(2, 3))}
    servers = {left: evolve(REPAIRED, peers=(right,), partners=frozenset({right}))}
    servers[right] = evolve(REPAIRED, peers=(left,))
    asked = stepped(servers[left], states[left], Sync(right))
    queue = [(left, *message) for message in sent(asked)]
    messages = 0

    while queue:
        sender, receiver, message = queue.pop(0)
        outcome = took(servers[receiver], states[receiver], sender, message)
        states[receiver] = outcome.state
        queue += [(receiver, *each) for each in sent(outcome)]
        messages += 1

    assert states[left].store == states[right].store == disk_of(1, 2, 3)
    assert messages == 4
