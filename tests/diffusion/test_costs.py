"""The formulas of the costs, against messages that the model's own runs send."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.model.call import Call
from coterie.model.diffusion.costs import (
    amortised_messages,
    amortised_messages_bound,
    delay_bound,
    echo_messages,
    read_messages,
    timestamp_messages,
    update_messages,
    update_messages_bound,
    write_messages,
)
from tests.diffusion.counting import counted, full_tree

WRITE, READ = Call("write", 7), Call("read")
BS = st.integers(0, 50)
TREES = st.integers(1, 1000)
MANY = st.integers(1, 10_000)


@pytest.mark.parametrize("b", [1, 2])
@pytest.mark.parametrize("degree", [2, 3])
@pytest.mark.parametrize("nodes", [1, 2, 3, 5, 8, 13, 21, 40])
def test_a_write_sends_as_many_messages_as_the_formula_says(
    b: int, degree: int, nodes: int
) -> None:
    tree = full_tree(b, degree, nodes)

    assert counted(tree, nodes - 1, [WRITE]) == (write_messages(b, nodes), 1)


@settings(max_examples=20)
@given(st.integers(0, 1), st.integers(1, 3), st.integers(1, 6), st.integers(0), st.integers(0))
def test_the_order_of_arrival_and_the_origin_change_no_number(
    b: int, degree: int, nodes: int, origin: int, seed: int
) -> None:
    tree, random = full_tree(b, degree, nodes), Random(seed)

    found = counted(tree, origin % nodes, [WRITE], lambda flying: random.randrange(len(flying)))
    assert found == (write_messages(b, nodes), 1)


@pytest.mark.parametrize("b", [0, 1, 2, 3])
@pytest.mark.parametrize("nodes", [1, 7])
def test_a_read_without_writing_back_costs_the_same_in_every_tree(b: int, nodes: int) -> None:
    tree = full_tree(b, 2, nodes)

    assert counted(tree, 0, [READ], writes_back=False) == (read_messages(b), 1)
    assert read_messages(b) == 2 * (4 * b + 1)


def test_a_read_that_writes_back_costs_an_update_more() -> None:
    tree = full_tree(1, 2, 3)
    there = counted(tree, 0, [READ])

    assert there == (read_messages(1) + update_messages(1, 3), 1)


@pytest.mark.parametrize("b", [0, 1, 2])
def test_replicas_that_echo_add_what_does_not_grow_with_the_tree(b: int) -> None:
    for nodes in (1, 4):
        echoing = counted(full_tree(b, 2, nodes), 0, [WRITE], echoing=True)
        assert echoing == (write_messages(b, nodes) + echo_messages(b), 1)


def test_the_second_write_costs_as_much_as_the_first() -> None:
    tree = full_tree(1, 2, 4)

    assert counted(tree, 0, [WRITE, WRITE]) == (2 * write_messages(1, 4), 2)


def test_the_figures_for_75_replicas() -> None:
    assert update_messages(b=1, nodes=15) == 710
    assert timestamp_messages(b=1) == 10
    assert update_messages_bound(b=1, replicas=75) == 750
    assert round(delay_bound(b=1, degree=3, replicas=200), 1) == 313.6


@given(BS, TREES)
def test_an_update_costs_less_than_the_papers_bound_by_what_a_tree_has_no_edge_for(
    b: int, nodes: int
) -> None:
    bound = update_messages_bound(b, (4 * b + 1) * nodes)

    assert bound - update_messages(b, nodes) == 8 * b * (4 * b + 1)


@given(BS, TREES, MANY)
def test_the_amortised_cost_is_that_of_one_update_and_of_the_clients_of_the_others(
    b: int, nodes: int, updates: int
) -> None:
    clients = 2 * (4 * b + 1)

    assert amortised_messages(b, nodes, 1) == update_messages(b, nodes)
    assert amortised_messages(b, nodes, updates) * updates == update_messages(
        b, nodes
    ) + clients * (updates - 1)


@given(BS, TREES, MANY)
def test_the_papers_amortised_form_bounds_only_up_to_2_4b_plus_1_updates(
    b: int, nodes: int, updates: int
) -> None:
    bound = amortised_messages_bound(b, (4 * b + 1) * nodes, updates)

    assert (amortised_messages(b, nodes, updates) <= bound) == (updates <= 2 * (4 * b + 1))
    assert amortised_messages(b, nodes, updates) < bound + 4 * b + 1


@given(st.integers(0, 5), st.integers(2, 5), st.integers(0, 6))
def test_the_delay_bound_grows_by_two_hops_with_each_level(b: int, degree: int, level: int) -> None:
    size = 4 * b + 1
    hops = [delay_bound(b, degree, size * degree**each) for each in (level, level + 1)]

    assert hops[1] - hops[0] == pytest.approx(4 * size * (degree + 1))
    assert delay_bound(b, degree, size) == size + 2 * size * (degree + 1)
