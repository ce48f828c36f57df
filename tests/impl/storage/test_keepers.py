"""The law of every keeper, in both databases; and what an operator finds in the tables."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from immutables import Map

from coterie.impl.ports import StorageError
from coterie.impl.storage.groups import LOG, GroupKeeper
from coterie.impl.storage.keeper import Folded, StackedKeeper, shown
from coterie.impl.storage.links import LinkKeeper, name_of
from coterie.impl.storage.readings import ReadingsKeeper
from coterie.impl.storage.tables import Cleared, Gone, Put, Table, integer, net
from coterie.model import link
from coterie.model.gossip.store.disk import Commit, Line, Row, Sorted, Wiped
from coterie.model.link import Dropped, HandedUp, Queued
from coterie.model.machine import Node
from coterie.model.postbox import Heard, Postbox
from coterie.model.stacked import Above, Below, Stack
from coterie.model.synchrony.disk import Appended, Begun, Ended, Ending
from coterie.model.synchrony.state import Item
from coterie.model.synchrony.view import first_view
from tests.impl.storage.cases import CASES, CODEC, Place

SERVER0, SERVER1 = Node("server"), Node("server", 1)
EXAMPLES = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("name", CASES)
@EXAMPLES
@given(data=st.data())
def test_what_is_loaded_is_what_folding_every_change_gives(
    name: str, fresh: Callable[[], Place], data: st.DataObject
) -> None:
    case, place = CASES[name], fresh()
    changes = data.draw(case.changes)
    cuts = data.draw(st.lists(st.tuples(st.integers(0, len(changes)), st.booleans()), max_size=3))
    store = place.open(case.keeper())
    done = 0
    for cut, reopens in [*sorted(cuts), (len(changes), True)]:
        store.commit(changes[done:cut])
        done = cut
        if reopens:
            store.close()
            store = place.open(case.keeper())
            assert store.load() == case.fold(changes[:done])
    assert store.load() == case.fold(changes)
    store.close()


@pytest.mark.parametrize("name", CASES)
def test_where_nothing_was_committed_there_is_no_memory(name: str, place: Place) -> None:
    store = place.open(CASES[name].keeper())

    assert store.load() is None
    store.commit([])
    assert store.load() is None
    store.close()


def test_an_empty_memory_is_not_the_same_as_none(place: Place) -> None:
    store = place.open(ReadingsKeeper())
    store.commit([Commit((Row(1, 1), Line(1), Wiped()))])

    memory = store.load()

    assert memory is not None
    assert not memory.table
    store.close()


def test_an_operator_reads_times_and_values(place: Place) -> None:
    store = place.open(ReadingsKeeper())
    store.commit([Commit((Row(5, 50), Line(5), Row(3, 30), Line(3), Sorted(), Row(4, 1), Line(4)))])

    readings = store.select("SELECT time, value FROM readings ORDER BY time")
    log = store.select("SELECT time FROM log_lines ORDER BY line")

    assert readings.rows == ((3, 30), (4, 1), (5, 50))
    assert log.rows == ((3,), (5,), (4,))
    store.close()


def test_an_operator_reads_names_and_messages(place: Place) -> None:
    store = place.open(LinkKeeper(CODEC))
    store.commit([Queued(SERVER1, "hello"), HandedUp(Node("client"), 7)])

    lines = store.select("SELECT peer, acknowledged, received FROM link_lines ORDER BY peer")
    outbox = store.select("SELECT peer, number, shown FROM link_outbox")

    assert lines.rows == (("client0", 0, 7), ("server1", 0, 0))
    assert outbox.rows == (("server1", 0, '"hello"'),)
    store.close()


def test_an_operator_reads_the_log_and_the_view(place: Place) -> None:
    store = place.open(GroupKeeper(CODEC))
    view = first_view(SERVER0, SERVER1)
    store.commit([Begun(view, (Item(0, SERVER1, ("put", b"key", 1)),)), Ended(Ending(view))])

    log = store.select("SELECT position, view, sender, shown FROM log")
    standing = store.select("SELECT view, members, ends_in, promised FROM standing")

    assert log.rows == ((0, 0, "server1", '["(","put","6b6579",1]'),)
    assert standing.rows == ((0, "server0, server1", "view 0 of server0, server1", 0),)
    store.close()


def test_what_is_shown_of_a_long_value_is_short() -> None:
    assert shown(CODEC.encode(b"x" * 25_000)) == f'"{"78" * 16}… (25000 bytes)"'
    assert len(shown(CODEC.encode(tuple("word" for _ in range(1000))))) == 200


def test_a_commit_writes_its_net_effect() -> None:
    table = Table("t", (integer("key"), integer("value")))
    operations = [Put(table, (1, 1)), Put(table, (1, 2)), Put(table, (2, 2)), Gone(table, (2,))]

    effect = net(operations)[table]
    assert effect.put == [(1, 2)]
    assert effect.gone == [(2,)]
    effect = net([*operations, Cleared(table), Put(table, (3, 3))])[table]
    assert effect.cleared
    assert effect.put == [(3, 3)]
    assert effect.gone == []


def test_a_message_that_came_and_went_in_one_commit_is_never_written() -> None:
    keeper = LinkKeeper(CODEC)
    changes = [Queued(SERVER1, "hello"), Dropped(SERVER1, 1)]

    effects = net(each for change in changes for each in keeper.write(change))

    outbox, lines = keeper.tables[1], keeper.tables[0]
    assert effects[outbox].put == []
    assert effects[lines].put == [("server1", 1, 0)]


def test_numbers_go_on_after_some_messages_were_dropped(place: Place) -> None:
    store = place.open(LinkKeeper(CODEC))
    store.commit([Queued(SERVER1, word) for word in "abc"])
    store.commit([Dropped(SERVER1, 2)])
    store.commit([Queued(SERVER1, "d")])

    assert store.load() == Map({SERVER1: link.Line(acknowledged=2, outbox=("c", "d"))})
    assert store.select("SELECT number FROM link_outbox ORDER BY number").rows == ((2,), (3,))
    store.close()


def test_a_view_that_begins_with_the_log_that_is_there_writes_no_item() -> None:
    keeper, view = GroupKeeper(CODEC), first_view(SERVER0)
    items = tuple(Item(0, SERVER0, number) for number in range(100))
    changes = [Begun(view, ()), Appended(items)]
    net(each for change in changes for each in keeper.write(change))

    again = net(keeper.write(Begun(view, items)))
    other = net(keeper.write(Begun(view, (*items[:98], Item(1, SERVER0, 0)))))

    assert LOG not in again
    assert [row[0] for row in other[LOG].put] == [98]
    assert other[LOG].gone == [(99,)]


def test_sorting_a_long_log_writes_one_row() -> None:
    keeper = ReadingsKeeper()
    net(keeper.write(Commit(tuple(Line(-number) for number in range(1000)))))

    effects = net(keeper.write(Commit((Sorted(),))))

    assert [len(effect.put) for effect in effects.values()] == [1]


def test_a_node_without_a_readable_name_is_refused() -> None:
    assert name_of(SERVER1) == "server1"
    with pytest.raises(ValueError, match="no name"):
        name_of(Node("server1", 1))


@pytest.mark.parametrize("name", CASES)
def test_what_is_no_change_of_a_machine_is_refused_and_stops_the_store(
    name: str, place: Place
) -> None:
    store = place.open(CASES[name].keeper())
    with pytest.raises(StorageError, match="cannot keep"):
        store.commit([object()])
    with pytest.raises(StorageError, match="cannot keep"):
        store.load()
    store.close()

    reopened = place.open(CASES[name].keeper())
    assert reopened.load() is None
    reopened.close()


def test_a_change_that_cannot_be_kept_takes_the_whole_commit_with_it(place: Place) -> None:
    store = place.open(ReadingsKeeper())
    store.commit([Commit((Row(1, 1),))])
    with pytest.raises(StorageError):
        store.commit([Commit((Row(2, 2),)), Commit((Row(3, 2**63),))])
    store.close()

    reopened = place.open(ReadingsKeeper())
    assert dict(reopened.load().table) == {1: 1}
    reopened.close()


def test_two_generic_keepers_can_have_tables_in_one_database(place: Place) -> None:
    first, second = Folded(Postbox(), CODEC, "first"), Folded(Postbox(), CODEC, "second")
    heard = [Heard(SERVER0, 1), Heard(SERVER1, 1)]
    store = place.open(StackedKeeper(first, second))
    store.commit([Above(heard[0]), Below(heard[1]), Above(heard[1])])

    assert store.load() == Stack((heard[0], heard[1]), (heard[1],))
    store.close()
