"""How few steps suffice: the lemmas held against schedules, and against a plain search."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.model.synchrony.rdmc.pipeline import Pipeline
from coterie.model.synchrony.rdmc.plain import BinomialTree, Chain, Sequential
from coterie.model.synchrony.rdmc.schedule import Schedule, Transfer, fewest_steps
from coterie.spec.lemmas.induction import words
from coterie.spec.lemmas.synchrony.rdmc import SIZES, Message, Sending

Held = tuple[frozenset[int], ...]
"""For each rank, the blocks that it has."""


def begun(nodes: int, blocks: int) -> Held:
    return (frozenset(range(blocks)), *(frozenset[int]() for _ in range(nodes - 1)))


# The induction, on what schedules really do.


def sendings(schedule: Schedule) -> Iterator[Sending]:
    """Yield what the induction speaks of, from the start on, step by step."""
    every = [schedule.transfers(step) for step in range(schedule.steps)]
    emitted = list(dict.fromkeys(each.block for sent in every for each in sent if each.sender == 0))
    holders, first, bound = {0}, set[int](), 1
    yield Sending(0, 0, 1, 1)
    for steps, sent in enumerate(every, start=1):
        first |= {each.block for each in sent if each.sender == 0}
        holders |= {each.receiver for each in sent if each.block == emitted[-1]}
        bound = 1 if steps < schedule.blocks else 2 * bound
        yield Sending(steps, len(first), len(holders), bound)


@given(
    st.sampled_from([Pipeline, Chain, Sequential, BinomialTree]),
    st.integers(2, 20),
    st.integers(1, 8),
)
def test_the_invariant_is_true_of_every_schedule(
    make: type[Schedule], nodes: int, blocks: int
) -> None:
    invariant = Message(blocks).invariant
    states = list(sendings(make(nodes, blocks)))

    assert [words(each) for state in states for each in invariant if not each(state)] == []
    assert (states[-1].emitted, states[-1].holders) == (blocks, nodes)


def test_the_invariant_notices_a_root_that_sends_two_blocks_a_step() -> None:
    class Double(Sequential):
        def transfers(self, step: int) -> list[Transfer]:
            return [Transfer(0, 1, 2 * step), Transfer(0, 1, 2 * step + 1)]

    (_, after, *_) = sendings(Double(2, 4))

    assert [words(each) for each in Message(4).invariant if not each(after)] != []


def test_the_bound_is_the_power_that_it_stands_for() -> None:
    last = list(sendings(Pipeline(11, 5)))[-1]

    assert last.bound == 2 ** (last.steps - 4)
    assert last.bound // 2 < 11 <= last.bound


# All schedules, without a solver.


def afterwards(held: Held) -> Iterator[Held]:
    """Yield what may be held after one more step, in which each sends one block at most."""
    choices = [
        [None, *((to, block) for to in range(1, len(held)) for block in blocks - held[to])]
        for blocks in held
    ]
    for chosen in product(*choices):
        got: list[set[int]] = [set() for _ in held]
        for to, block in (each for each in chosen if each is not None):
            got[to].add(block)
        yield tuple(before | new for before, new in zip(held, got, strict=True))


def fewest(nodes: int, blocks: int) -> int:
    """Return in how many steps all can have all blocks, by trying everything."""
    level, steps = {begun(nodes, blocks)}, 0
    while not any(set(map(len, held)) == {blocks} for held in level):
        level, steps = {after for held in level for after in afterwards(held)}, steps + 1
    return steps


@pytest.mark.parametrize(
    ("nodes", "blocks"), [(2, 1), (2, 2), (2, 3), (3, 1), (3, 2), (3, 3), (4, 1), (4, 2), (5, 1)]
)
def test_a_search_of_all_schedules_finds_none_that_is_shorter(nodes: int, blocks: int) -> None:
    assert (nodes, blocks) in SIZES
    assert fewest(nodes, blocks) == fewest_steps(nodes, blocks)
