"""The schedules of RDMC: all the numbers of nodes and blocks, against a plain bookkeeping."""

from collections.abc import Callable, Iterator
from itertools import product
from math import ceil, log2

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.model.synchrony.rdmc.pipeline import Pipeline
from coterie.model.synchrony.rdmc.plain import BinomialTree, Chain, Sequential
from coterie.model.synchrony.rdmc.schedule import Schedule, Transfer, doublings, fewest_steps

SCHEDULES = (Sequential, Chain, BinomialTree, Pipeline)
STEPS: dict[type[Schedule], Callable[[int, int], int]] = {
    Sequential: lambda n, k: k * (n - 1),
    Chain: lambda n, k: k + n - 2,
    BinomialTree: lambda n, k: k * ceil(log2(n)),
    Pipeline: lambda n, k: k + ceil(log2(n)) - 1,
}

every_schedule = pytest.mark.parametrize("make", SCHEDULES, ids=lambda make: make.__name__)


def flaws(schedule: Schedule) -> Iterator[str]:
    """Yield all that is wrong with a schedule, by keeping a set of blocks for each node."""
    nodes, every = range(schedule.nodes), set(range(schedule.blocks))
    held = [set(every) if rank == 0 else set() for rank in nodes]
    for step in range(schedule.steps):
        if all(blocks == every for blocks in held):
            yield f"all is done before step {step}"
        sent = schedule.transfers(step)
        if len({each.sender for each in sent}) < len(sent):
            yield f"two blocks out in step {step}"
        if len({each.receiver for each in sent}) < len(sent):
            yield f"two blocks in in step {step}"
        yield from (f"{each} of step {step} is lacking" for each in sent if lacks(held, each))
        yield from (f"{each} of step {step} is there" for each in sent if has(held, each))
        for each in sent:
            held[each.receiver].add(each.block)
    yield from (f"{rank} has only {held[rank]}" for rank in nodes if held[rank] != every)


def lacks(held: list[set[int]], transfer: Transfer) -> bool:
    return transfer.block not in held[transfer.sender]


def has(held: list[set[int]], transfer: Transfer) -> bool:
    return transfer.block in held[transfer.receiver]


def disagreements(schedule: Schedule) -> Iterator[str]:
    """Yield the steps in which receivers expect something else than what is sent."""
    for step in range(schedule.steps):
        received = [schedule.received(rank, step) for rank in range(schedule.nodes)]
        expected = {(rank, each) for rank, each in enumerate(received) if each is not None}
        if expected != {(each.receiver, each) for each in schedule.transfers(step)}:
            yield f"step {step}"


def misnamed(schedule: Schedule) -> Iterator[Transfer]:
    """Yield what a rank says of the sending of another."""
    for rank, step in product(range(schedule.nodes), range(schedule.steps)):
        transfer = schedule.sent(rank, step)
        if transfer is not None and transfer.sender != rank:
            yield transfer


# The pipeline, for all sizes that the paper's figures are about, and beyond.


@pytest.mark.parametrize("nodes", range(2, 65))
def test_the_pipeline_is_right_and_takes_the_fewest_steps(nodes: int) -> None:
    for blocks in (1, 2, 3, 8):
        schedule = Pipeline(nodes, blocks)

        assert list(flaws(schedule)) == []
        assert schedule.steps == blocks + ceil(log2(nodes)) - 1


def test_the_pipeline_is_right_for_every_number_of_nodes_and_blocks() -> None:
    for nodes, blocks in product(range(2, 65), range(1, 33)):
        schedule = Pipeline(nodes, blocks)

        assert list(flaws(schedule)) == []
        assert schedule.steps == blocks + ceil(log2(nodes)) - 1


@settings(max_examples=10, deadline=None)
@given(st.integers(65, 300), st.integers(1, 12))
def test_the_pipeline_is_right_for_many_nodes(nodes: int, blocks: int) -> None:
    schedule = Pipeline(nodes, blocks)

    assert list(flaws(schedule)) == []
    assert schedule.steps == fewest_steps(nodes, blocks)


@settings(max_examples=10, deadline=None)
@given(st.integers(2, 12), st.integers(33, 300))
def test_the_pipeline_is_right_for_many_blocks(nodes: int, blocks: int) -> None:
    schedule = Pipeline(nodes, blocks)

    assert list(flaws(schedule)) == []
    assert schedule.steps == fewest_steps(nodes, blocks)


# All of them.


@every_schedule
def test_a_schedule_is_right_and_takes_as_many_steps_as_is_said(make: type[Schedule]) -> None:
    for nodes, blocks in product(range(2, 18), range(1, 6)):
        schedule = make(nodes, blocks)

        assert list(flaws(schedule)) == []
        assert schedule.steps == STEPS[make](nodes, blocks)


@every_schedule
def test_senders_and_receivers_agree(make: type[Schedule]) -> None:
    for nodes, blocks in product(range(2, 18), range(1, 6)):
        schedule = make(nodes, blocks)

        assert list(disagreements(schedule)) == []
        assert list(misnamed(schedule)) == []


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(SCHEDULES), st.integers(2, 70), st.integers(1, 8))
def test_senders_and_receivers_agree_for_many_nodes(
    make: type[Schedule], nodes: int, blocks: int
) -> None:
    assert list(disagreements(make(nodes, blocks))) == []


@every_schedule
def test_no_schedule_takes_fewer_steps_than_are_needed(make: type[Schedule]) -> None:
    for nodes, blocks in product(range(2, 40), range(1, 10)):
        assert make(nodes, blocks).steps >= fewest_steps(nodes, blocks)


@pytest.mark.parametrize("nodes", range(1, 300))
def test_doublings_are_the_logarithm_rounded_up(nodes: int) -> None:
    assert doublings(nodes) == ceil(log2(nodes))


# What the plain bookkeeping is worth.


@frozen(cache_hash=True)
class Without(Pipeline):
    """A pipeline in which one transfer is left out.

    Attributes:
        missing: its place in the order of sending.
    """

    missing: int = 0

    def transfers(self, step: int) -> list[Transfer]:
        before = sum(len(super(Without, self).transfers(each)) for each in range(step))
        sent = super().transfers(step)
        return [each for place, each in enumerate(sent, start=before) if place != self.missing]


@given(st.data())
def test_no_transfer_can_be_left_out(data: st.DataObject) -> None:
    nodes, blocks = data.draw(st.integers(2, 10)), data.draw(st.integers(1, 4))
    missing = data.draw(st.integers(0, blocks * (nodes - 1) - 1))

    assert list(flaws(Without(nodes, blocks, missing))) != []


def test_a_root_that_sends_everything_twice_is_noticed() -> None:
    class Twice(Sequential):
        def transfers(self, step: int) -> list[Transfer]:
            return [Transfer(0, 1, 0), Transfer(0, 1, 0)]

    assert any(flaw.startswith("two blocks in") for flaw in flaws(Twice(2, 1)))
    assert any(flaw.startswith("two blocks out") for flaw in flaws(Twice(2, 1)))


# The pictures in the text.


def test_with_four_nodes_a_block_crosses_one_dimension_after_the_other() -> None:
    steps = [Pipeline(4, 2).transfers(step) for step in range(3)]

    assert steps == [
        [Transfer(0, 1, 0)],
        [Transfer(0, 2, 1), Transfer(1, 3, 0)],
        [Transfer(0, 1, 1), Transfer(2, 3, 1), Transfer(3, 2, 0)],
    ]


def test_with_three_nodes_the_twins_take_turns_and_swap_at_the_end() -> None:
    steps = [Pipeline(3, 3).transfers(step) for step in range(4)]

    assert steps == [
        [Transfer(0, 2, 0)],
        [Transfer(0, 1, 1)],
        [Transfer(0, 2, 2), Transfer(2, 1, 0)],
        [Transfer(1, 2, 1), Transfer(2, 1, 2)],
    ]


def test_a_twin_is_the_twin_of_its_twin() -> None:
    for nodes in range(2, 65):
        schedule = Pipeline(nodes, 1)
        twins = [schedule.twin(rank) for rank in range(nodes)]

        assert [twins[twin] for twin in twins] == list(range(nodes))
        assert all(schedule.vertex(rank) == schedule.vertex(twins[rank]) for rank in range(nodes))
        assert sum(twin != rank for rank, twin in enumerate(twins)) == 2 * (
            nodes - schedule.vertices
        )
