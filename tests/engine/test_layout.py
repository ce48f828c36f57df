"""Packing states into words."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coterie.checks.engine.answers import packed, unpacked
from coterie.checks.engine.layout import WORD_BITS, bits_for, layout_of


@st.composite
def states_with_counts(draw: st.DrawFn) -> tuple[list[int], list[list[int]]]:
    counts = draw(st.lists(st.sampled_from([1, 2, 3, 9, 300, 70_000]), min_size=1, max_size=40))
    state = st.tuples(*(st.integers(0, count - 1) for count in counts)).map(list)
    return counts, draw(st.lists(state, min_size=1, max_size=5))


@given(states_with_counts())
def test_what_is_packed_comes_out_again(drawn: tuple[list[int], list[list[int]]]) -> None:
    counts, states = drawn
    layout, width = layout_of(bits_for(counts))

    rows = packed(states, layout, width)

    assert [unpacked(row, layout) for row in rows] == states


@given(states_with_counts())
def test_different_states_are_different_rows(drawn: tuple[list[int], list[list[int]]]) -> None:
    counts, states = drawn
    layout, width = layout_of(bits_for(counts))

    rows = {row.tobytes() for row in packed(states, layout, width)}

    assert len(rows) == len({tuple(state) for state in states})


@given(st.lists(st.integers(0, 26), max_size=60))
def test_no_slot_straddles_two_words(bits: list[int]) -> None:
    layout, width = layout_of(bits)

    used = np.zeros((width, WORD_BITS), np.int64)
    for slot, size in enumerate(bits):
        shift = int(layout.shift[slot])
        assert shift + size <= WORD_BITS
        used[layout.word[slot], shift : shift + size] += 1
    assert used.max(initial=0) <= 1


def test_a_slot_that_never_changes_takes_no_bits() -> None:
    assert bits_for([1, 1, 1]) == [0, 0, 0]


def test_spare_bits_go_to_slots_with_many_values_and_never_make_a_row_wider() -> None:
    bits = bits_for([2, 200, 200])

    assert bits[0] == 1
    assert bits[1] > 8
    assert layout_of(bits)[1] == 1
