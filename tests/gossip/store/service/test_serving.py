"""What a serving server does with what it is sent."""

from attrs import evolve

from coterie.model.diffusion.lookup import REPAIRED, Looking, Lookup
from coterie.model.gossip.store.reads import Absent, Answer, Found, Get, Recovering
from coterie.model.gossip.store.server import Data, Restarted, Stored
from coterie.model.gossip.store.service.comparing import ALWAYS, Compare, Compared, Piece, Sizes
from coterie.model.gossip.store.service.index import UNNUMBERED, Calendar, Row
from coterie.model.gossip.store.service.positions import HowFar, Kept, Progress, Resumes
from coterie.model.gossip.store.service.queries import (
    Between,
    Latest,
    Newest,
    Page,
    Query,
    Replied,
    Reported,
    ValueAt,
)
from coterie.model.gossip.store.service.sensor import Measured
from coterie.model.gossip.store.service.serving import Keeping, StoreServer
from coterie.model.gossip.store.service.shelf import Agreed, Inserted, Shelf, Started
from coterie.model.machine import Deliver, Invoke, Node, Outcome, Receive, Record, Return, Send
from tests.gossip.store.service.scene import DEVICE, ONE, TWO, shelf, table

THREE, CLIENT, STRANGER = Node("server", 2), Node("client"), Node("stranger")
SERVER = StoreServer(
    (TWO, THREE),
    device=DEVICE,
    sources=frozenset({DEVICE}),
    calendar=Calendar(base=2, leaf=1),
    sizes=Sizes(few=1, batch=2, fan=2, window=1),
    page=2,
    every=2,
)
ROWS = tuple(Row(date, 10 * date, date - 1) for date in range(1, 6))


def stepped(state: Keeping, sender: Node, message: object) -> Outcome[Keeping]:
    outcome = SERVER.step(state, Receive(sender, message))
    assert outcome is not None
    return outcome


def serving(*rows: Row) -> Keeping:
    state = SERVER.start(shelf(SERVER, rows)).state
    return evolve(state, recovering=False)


def reply(state: Keeping, what: ValueAt | Between | Latest) -> Replied:
    (send,) = stepped(state, CLIENT, Query(7, what)).effects
    assert isinstance(send, Send)
    assert isinstance(send.message, Replied)
    return send.message


def test_a_measurement_is_on_disk_before_anybody_is_told() -> None:
    outcome = stepped(Keeping(), DEVICE, Measured(1, 10, 0))

    assert outcome.effects == (
        Record(Inserted((Row(1, 10, 0),))),
        Deliver(Stored(1, 10)),
        Send(DEVICE, Kept(1)),
    )


def test_a_whole_batch_is_announced() -> None:
    state = stepped(Keeping(), DEVICE, Measured(1, 10, 0)).state

    outcome = stepped(state, DEVICE, Measured(2, 20, 1))

    assert Send(TWO, Progress(2)) in outcome.effects
    assert Send(THREE, Progress(2)) in outcome.effects


def test_a_row_that_says_nothing_new_costs_no_commit() -> None:
    state = serving(*ROWS)

    assert stepped(state, DEVICE, Measured(1, 10, 0)) == Outcome(state)
    assert stepped(state, DEVICE, Measured(1, 9, 0)) == Outcome(state)


def test_only_the_device_is_believed() -> None:
    assert stepped(Keeping(), STRANGER, Measured(1, 10, 0)) == Outcome(Keeping())
    assert stepped(Keeping(), CLIENT, Data(1, 10)) == Outcome(Keeping())


def test_what_somebody_passes_on_has_no_number_until_the_device_says_it() -> None:
    everybody = evolve(SERVER, sources=None)
    passed = everybody.step(Keeping(), Receive(CLIENT, Data(1, 10)))
    assert passed is not None

    measured = stepped(passed.state, DEVICE, Measured(1, 10, 0))

    assert table(passed.state) == {1: Row(1, 10, UNNUMBERED)}
    assert passed.state.position == 0
    assert table(measured.state) == {1: Row(1, 10, 0)}
    assert measured.state.position == 1


def test_a_stranger_is_neither_helped_nor_heard() -> None:
    state = serving(*ROWS)
    rows = Compared(*ALWAYS, boot=1, rows=(Row(9, 90, 8),), pieces=(), whole=8)

    for message in (Compare(Piece(*ALWAYS, 0, 0), 0), rows, Progress(8), "nonsense"):
        assert stepped(state, STRANGER, message) == Outcome(state)


def test_it_starts_again_with_all_that_was_on_its_disk() -> None:
    memory = evolve(shelf(SERVER, ROWS), agreed=4)

    outcome = SERVER.start(memory)

    assert outcome.state.shelf == evolve(memory, boots=1)
    assert outcome.state.position == 5
    assert outcome.effects[:2] == (Record(Started()), Deliver(Restarted()))
    assert [e.to for e in outcome.effects if isinstance(e, Send)] == [TWO, THREE, DEVICE]
    assert outcome.effects[-1] == Send(DEVICE, Resumes(5))


def test_what_two_of_three_have_is_agreed() -> None:
    state = serving(*ROWS)

    outcome = stepped(state, TWO, Progress(2))

    assert outcome.effects == (Record(Agreed(2)),)
    assert stepped(outcome.state, THREE, Progress(4)).effects == (Record(Agreed(4)),)
    assert stepped(outcome.state, TWO, Progress(0)).effects == ()


def test_who_lags_says_so() -> None:
    state = serving(*ROWS[:1])
    for peer in (TWO, THREE):
        state = stepped(state, peer, Progress(4)).state

    answer = reply(state, Latest())

    assert answer == Replied(7, Newest(1, 10), position=1, agreed=4)
    assert Reported(ONE, Latest(), answer.result, answer.position, answer.agreed).lag == 3


def test_a_range_is_read_in_pages() -> None:
    state = serving(*ROWS)

    first = reply(state, Between(2, 9, 100)).result
    second = reply(state, Between(4, 9, 100)).result

    assert first == Page(((2, 20), (3, 30)), rest=4)
    assert second == Page(((4, 40), (5, 50)), rest=None)
    assert reply(state, Between(2, 9, 1)).result == Page(((2, 20),), rest=3)
    assert reply(state, Between(6, 9, 1)).result == Page((), rest=None)


def test_one_date_and_the_latest_are_read() -> None:
    state = serving(*ROWS)

    assert reply(state, ValueAt(3)).result == Found(30)
    assert reply(state, ValueAt(6)).result == Absent()
    assert reply(state, Latest()).result == Newest(5, 50)
    assert reply(Keeping(), Latest()).result == Absent()


def test_a_server_that_recovers_says_so() -> None:
    state = SERVER.start(shelf(SERVER, ROWS)).state

    assert state.recovering
    assert reply(state, Between(1, 9, 5)).result == Recovering()
    assert stepped(state, CLIENT, Get(3, 1)).effects == (Send(CLIENT, Answer(3, Recovering())),)


def test_the_device_may_ask_how_far_it_is() -> None:
    assert stepped(serving(*ROWS), DEVICE, HowFar()).effects == (Send(DEVICE, Resumes(5)),)


def test_a_peer_that_has_started_again_is_asked_again_where_it_owes_an_answer() -> None:
    state = SERVER.start(shelf(SERVER, ROWS)).state
    question = Compare(Piece(*ALWAYS, 0, 0), boot=1)

    outcome = stepped(state, TWO, question)

    asked = [e.message for e in outcome.effects if isinstance(e, Send) and e.to == TWO]
    assert [type(message) for message in asked] == [Compared, Compare]
    assert len(stepped(outcome.state, TWO, question).effects) == 1


def test_a_lookup_asks_anew_while_servers_recover() -> None:
    client = evolve(REPAIRED, servers=(ONE, TWO, THREE, Node("server", 3)), f=1)
    outcome = client.step(client.start(None).state, Invoke(Lookup(1)))
    assert outcome is not None
    state: Looking = outcome.state
    for server in client.servers:
        waits = client.step(state, Receive(server, Answer(1, Recovering())))
        assert waits is not None
        assert waits.state == state
        assert not waits.effects
    (retry,) = client.options(state)

    anew = client.step(state, retry)
    assert anew is not None
    state = anew.state
    for server in client.servers[:3]:
        told = client.step(state, Receive(server, Answer(2, Found(10))))
        assert told is not None
        state = told.state

    assert Return(Found(10)) in told.effects


def test_the_disk_begins_blank() -> None:
    assert SERVER.recorded(None, Started()) == Shelf(boots=1)
