"""The skeleton tree: where each replica stands, and beside whom."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from coterie.model.diffusion.service.skeleton import Skeleton
from tests.diffusion.service.strategies import skeletons

NODES = st.integers(0, 60)


def test_five_replicas_make_a_node_when_one_may_fail() -> None:
    skeleton = Skeleton(b=1, degree=2)

    assert list(skeleton.members(0)) == [1, 2, 3, 4, 5]
    assert list(skeleton.members(1)) == [6, 7, 8, 9, 10]
    assert skeleton.neighbours(1) == (0, 3, 4)


@given(skeletons(), st.integers(1, 10**9))
def test_a_replica_is_in_exactly_one_node(skeleton: Skeleton, number: int) -> None:
    node = skeleton.node_of(number)
    around = range(max(0, node - 2), node + 3)

    assert [each for each in around if number in skeleton.members(each)] == [node]


@given(skeletons(), NODES)
def test_a_node_has_4b_plus_1_replicas_newer_than_all_before(skeleton: Skeleton, node: int) -> None:
    members = skeleton.members(node)

    assert len(set(members)) == 4 * skeleton.b + 1
    assert min(members) == 1 + sum(len(skeleton.members(before)) for before in range(node))


@given(skeletons(), NODES, NODES)
def test_neighbours_are_so_both_ways_and_one_is_the_others_parent(
    skeleton: Skeleton, one: int, other: int
) -> None:
    beside = other in skeleton.neighbours(one)

    assert beside == (one in skeleton.neighbours(other))
    assert beside == (other in skeleton.children(one) or one in skeleton.children(other))


@given(skeletons(), NODES)
def test_a_node_is_a_child_of_its_parent_which_is_older(skeleton: Skeleton, node: int) -> None:
    parent = skeleton.parent(node)

    if parent is None:
        assert node == 0
    else:
        assert parent < node
        assert node in skeleton.children(parent)


@given(skeletons(), NODES)
def test_edges_that_meet_have_different_colours_of_degree_plus_1(
    skeleton: Skeleton, node: int
) -> None:
    below = [skeleton.colour(child) for child in skeleton.children(node)]
    colours = below if node == 0 else [skeleton.colour(node), *below]

    assert all(one != other for one, other in combinations(colours, 2))
    assert set(colours) <= set(range(skeleton.degree + 1))
