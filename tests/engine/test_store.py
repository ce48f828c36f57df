"""The set of visited states against a plain set, and the lookup table against a plain dict."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.checks.engine.answers import packed, unpacked
from coterie.checks.engine.crew import Crew
from coterie.checks.engine.index import owners
from coterie.checks.engine.layout import bits_for, layout_of
from coterie.checks.engine.lookup import EMPTY, MISSING, Lookup, looked_up
from coterie.checks.engine.store import Store

COUNTS = [3, 50, 1, 4000, 9]
WIDER = [9, 5000, 2, 70_000, 70_000]

some_states = st.lists(
    st.tuples(*(st.integers(0, count - 1) for count in COUNTS)).map(list), max_size=60
)


def insert(store: Store, states: list[list[int]]) -> None:
    rows = packed(states, store.layout, store.width)
    owner = owners(rows, store.shards)
    for shard in range(store.shards):
        store.insert(shard, rows[owner == shard])


def contents(store: Store) -> list[list[int]]:
    spans = [range(first, end) for first, end in zip(store.first, store.end, strict=True)]
    return [unpacked(store.rows[number], store.layout) for span in spans for number in span]


@settings(deadline=None, max_examples=50)
@given(st.lists(some_states, max_size=5), st.sampled_from([1, 2, 3]))
def test_it_holds_what_a_set_would_hold(batches: list[list[list[int]]], shards: int) -> None:
    store = Store(shards, *layout_of(bits_for(COUNTS)))

    for states in batches:
        insert(store, states)

    expected = {tuple(state) for states in batches for state in states}
    assert len(store) == len(expected)
    assert sorted(map(tuple, contents(store))) == sorted(expected)


@settings(deadline=None, max_examples=50)
@given(some_states, some_states, st.sampled_from([1, 2, 3]))
def test_packing_anew_keeps_every_state_its_number_and_the_index(
    before: list[list[int]], after: list[list[int]], shards: int
) -> None:
    store, crew = Store(shards, *layout_of(bits_for(COUNTS))), Crew(shards)
    insert(store, before)
    held = contents(store)

    store.repack(*layout_of(bits_for(WIDER)), crew)

    assert contents(store) == held
    insert(store, before)
    assert contents(store) == held
    insert(store, after)
    assert len(store) == len({tuple(state) for state in (*before, *after)})
    crew.close()


def test_a_state_is_found_by_its_number_and_a_stranger_is_not() -> None:
    store = Store(2, *layout_of(bits_for(COUNTS)))
    states = [[i % 3, i % 50, 0, i, 0] for i in range(1000)]
    insert(store, states)

    found = store.find(packed([*states, [0, 0, 0, 3999, 8]], store.layout, store.width))

    assert found[-1] == -1
    assert [unpacked(store.rows[number], store.layout) for number in found[:-1]] == states


def test_the_index_grows_by_itself_and_stays_between_half_and_three_quarters_full() -> None:
    store = Store(1, *layout_of(bits_for([1 << 20])))
    for first in range(0, 100_000, 10_000):
        insert(store, [[number] for number in range(first, first + 10_000)])

    assert len(store) == 100_000
    assert 8 / 0.75 <= store.index_bytes() / len(store) <= 16


@given(st.dictionaries(st.integers(0, 2**64 - 2), st.integers(0, 2**40), max_size=3000))
@settings(deadline=None, max_examples=20)
def test_the_lookup_finds_what_a_dict_would_find(entries: dict[int, int]) -> None:
    lookup = Lookup()
    halves = list(entries.items())
    lookup.put(dict(halves[::2]))
    lookup.put(dict(halves[1::2]))

    found = {key: int(looked_up(lookup.keys, lookup.numbers, np.uint64(key))) for key in entries}

    assert found == entries
    stranger = next(key for key in range(len(entries) + 1) if key not in entries)
    assert looked_up(lookup.keys, lookup.numbers, np.uint64(stranger)) == MISSING
    assert int(EMPTY) not in entries
