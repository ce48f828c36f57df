"""Exchanges in pages: with room enough they are the repaired ones, with none they get on."""

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.model.gossip.gdp.algorithm import REPAIRED, exchanged
from coterie.model.gossip.gdp.log import Log, digest_of, log_of
from coterie.model.gossip.gdp.record import Entry, written
from coterie.model.gossip.gdp.service.paging import Paged, Room
from coterie.model.machine import Node

WRITER = Node("writer")
LARGE = Paged(room=Room(10**6, 10**9))
SMALL = Paged(room=Room(1))


@st.composite
def graphs(draw: st.DrawFn) -> list[Entry]:
    """Return what a writer has written: each record points at some of those before."""
    made: list[Entry] = []
    for number in range(draw(st.integers(1, 8))):
        parents = draw(st.lists(st.sampled_from(made), max_size=3, unique=True)) if made else []
        made.append(written(WRITER, f"v{number}", *(entry.name for entry in parents)))
    return made


@st.composite
def parts(draw: st.DrawFn) -> tuple[list[Entry], Log, Log]:
    """Return what was written, and what two replicas have of it."""
    made = draw(graphs())
    one, other = (draw(st.lists(st.booleans(), min_size=8, max_size=8)) for _ in range(2))
    return made, _some(made, one), _some(made, other)


def _some(made: list[Entry], which: list[bool]) -> Log:
    return log_of(entry for entry, chosen in zip(made, which, strict=False) if chosen)


@given(parts())
def test_with_room_for_all_the_messages_are_those_of_the_repaired_policy(
    case: tuple[list[Entry], Log, Log],
) -> None:
    made, mine, theirs = case
    digest = digest_of(theirs)
    requests = frozenset(entry.name for entry in made[::2])

    assert LARGE.beside(mine, digest) == REPAIRED.beside(mine, digest)
    assert LARGE.offered(mine, digest) == REPAIRED.offered(mine, digest)
    assert LARGE.granted(mine, requests) == REPAIRED.granted(mine, requests)


@given(parts())
def test_a_page_has_no_more_records_than_there_is_room_for(
    case: tuple[list[Entry], Log, Log],
) -> None:
    _, mine, theirs = case

    assert len(SMALL.beside(mine, digest_of(theirs))) <= 1
    assert len(SMALL.offered(mine, digest_of(theirs))) <= 1
    assert len(SMALL.granted(mine, frozenset(mine.entries))) <= 1


@given(parts())
def test_each_exchange_brings_the_initiator_a_record_that_it_lacks(
    case: tuple[list[Entry], Log, Log],
) -> None:
    _, mine, theirs = case

    after = exchanged(SMALL, mine, theirs)

    news = len(after.initiator.entries) - len(mine.entries)
    assert news > 0 or set(theirs.entries) <= set(mine.entries)


@settings(max_examples=30)
@given(parts())
def test_exchanges_both_ways_end_with_the_same_records(
    case: tuple[list[Entry], Log, Log],
) -> None:
    made, one, other = case

    for _ in made:
        after = exchanged(SMALL, one, other)
        back = exchanged(SMALL, after.responder, after.initiator)
        one, other = back.responder, back.initiator

    assert set(one.entries) == set(other.entries)


def _values(values: Iterable[str]) -> list[Entry]:
    return [written(WRITER, value) for value in values]


def test_a_page_has_one_record_at_least_however_long_that_is() -> None:
    assert Room(5, 10).page(_values(["x" * 50, "y"])) == tuple(_values(["x" * 50]))


def test_a_page_ends_before_there_are_too_many_letters() -> None:
    assert Room(5, 10).page(_values(["aaaa", "bbbb", "cccc"])) == tuple(_values(["aaaa", "bbbb"]))


def test_a_page_may_have_been_cut_where_it_is_long_or_has_many_records() -> None:
    assert Room(2, 10).is_full(_values(["a", "b"]))
    assert Room(5, 10).is_full(_values(["aaaaa"]))
    assert not Room(5, 10).is_full(_values(["a", "b"]))
