"""Which part of the skeleton an object gets, and how evenly that loads old and new."""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from coterie.model.diffusion.service.objects import Sname, parse
from coterie.model.diffusion.service.placement import (
    Rule,
    Tree,
    load_bound,
    newest_neighbour,
    newest_of_all,
    oldest_neighbour,
    tree_of,
    usable_nodes,
)
from coterie.model.diffusion.service.skeleton import Skeleton
from coterie.model.diffusion.service.world_view import WorldView, view_of
from tests.diffusion.service.strategies import grown_views, skeletons, snames

RULES: list[Rule] = [newest_neighbour, oldest_neighbour, newest_of_all]
DEGREES = st.integers(1, 4)
ORIGINS = st.integers(0, 12)
COUNTS = st.integers(1, 6)
SOME_NODES = st.frozensets(st.integers(0, 12), min_size=1)


def is_connected(skeleton: Skeleton, nodes: frozenset[int]) -> bool:
    """Return whether all are joined, as merging groups along edges finds."""
    groups = [{node} for node in nodes]
    for one, other in combinations(nodes, 2):
        if other in skeleton.neighbours(one):
            joined = {each for group in groups if {one, other} & group for each in group}
            groups = [*(group for group in groups if not {one, other} & group), joined]
    return len(groups) == 1


def choices(
    skeleton: Skeleton, usable: frozenset[int], origin: int, count: int
) -> list[frozenset[int]]:
    """Return every connected set of that many usable nodes with the origin: the plain way."""
    sets = map(frozenset, combinations(sorted(usable), count))
    return [each for each in sets if origin in each and is_connected(skeleton, each)]


@pytest.mark.parametrize("rule", RULES)
@given(skeletons(), SOME_NODES, ORIGINS, COUNTS)
def test_a_rule_finds_a_connected_part_with_the_origin_where_there_is_one(
    rule: Rule, skeleton: Skeleton, usable: frozenset[int], origin: int, count: int
) -> None:
    possible = choices(skeleton, usable, origin, count)
    chosen = rule(skeleton, usable, origin, count)

    assert chosen in possible if possible else len(chosen) < count


@given(skeletons(), SOME_NODES, ORIGINS, COUNTS)
def test_no_choice_has_an_oldest_node_that_is_newer(
    skeleton: Skeleton, usable: frozenset[int], origin: int, count: int
) -> None:
    chosen = newest_neighbour(skeleton, usable, origin, count)
    possible = choices(skeleton, usable, origin, count)

    assert not possible or min(chosen) == max(map(min, possible))


@given(skeletons(), SOME_NODES, ORIGINS, COUNTS)
def test_the_wish_to_the_letter_takes_the_newest_nodes_of_all(
    skeleton: Skeleton, usable: frozenset[int], origin: int, count: int
) -> None:
    chosen = newest_of_all(skeleton, usable, origin, count)
    possible = choices(skeleton, usable, origin, count)

    assert not possible or sorted(chosen, reverse=True) == max(
        sorted(each, reverse=True) for each in possible
    )


def test_the_rule_goes_down_before_it_goes_up() -> None:
    skeleton = Skeleton(b=1, degree=2)
    around_1 = [newest_neighbour(skeleton, range(6), 1, count) for count in range(1, 7)]

    assert around_1 == [{1}, {1, 4}, {1, 3, 4}, {0, 1, 3, 4}, {0, 1, 2, 3, 4}, set(range(6))]
    assert newest_of_all(skeleton, range(6), 1, 4) == {0, 1, 2, 5}
    assert oldest_neighbour(skeleton, range(6), 1, 4) == {0, 1, 2, 3}


@given(skeletons(), grown_views())
def test_a_node_is_usable_with_up_to_b_holes(skeleton: Skeleton, view: WorldView) -> None:
    usable = usable_nodes(skeleton, view)

    for node in range(skeleton.node_of(view.last) + 2):
        holes = [number for number in skeleton.members(node) if not view.has(number)]
        assert (node in usable) == (len(holes) <= skeleton.b)


def test_nobody_is_usable_in_the_empty_view() -> None:
    assert usable_nodes(Skeleton(b=1, degree=2), WorldView()) == frozenset()


@given(snames(grown_views()), DEGREES)
def test_a_tree_has_distinct_replicas_4b_plus_1_to_a_node(sname: Sname, degree: int) -> None:
    tree = tree_of(sname, degree)

    if tree is not None:
        assert len(tree.replicas) == (4 * sname.b + 1) * sname.nodes
        assert len(tree.replicas) >= sname.level
        assert sname.origin in tree.nodes
        assert is_connected(tree.skeleton, tree.nodes)


@given(snames(grown_views()), DEGREES)
def test_each_node_of_a_new_tree_can_answer_with_b_minus_its_holes_silent(
    sname: Sname, degree: int
) -> None:
    tree = tree_of(sname, degree)

    if tree is not None:
        for node in tree.nodes:
            present = sum(sname.view.has(number) for number in tree.skeleton.members(node))
            assert present >= 3 * sname.b + 1


@given(snames(grown_views()), DEGREES)
def test_the_text_of_a_system_name_is_enough_to_compute_the_tree(sname: Sname, degree: int) -> None:
    assert tree_of(parse(str(sname)), degree) == tree_of(sname, degree)


@given(snames(grown_views()), DEGREES)
def test_more_replicas_make_a_tree_that_contains_the_smaller_one(sname: Sname, degree: int) -> None:
    larger = tree_of(evolve(sname, level=sname.level + 5), degree)
    smaller = tree_of(sname, degree)

    assert larger is None or (smaller is not None and smaller.nodes <= larger.nodes)


@given(skeletons(), SOME_NODES)
def test_neighbours_in_a_tree_are_those_of_the_skeleton_that_it_has(
    skeleton: Skeleton, nodes: frozenset[int]
) -> None:
    tree = Tree(skeleton, nodes)

    for node in nodes:
        assert set(tree.neighbours(node)) == set(skeleton.neighbours(node)) & nodes


# The load theorem.


def above(skeleton: Skeleton, node: int) -> int:
    """Return how many tree nodes are on the way from `node` to the root."""
    parent = skeleton.parent(node)
    return 0 if parent is None else 1 + above(skeleton, parent)


def is_within(skeleton: Skeleton, borne: Counter[int], count: int, objects: int) -> bool:
    """Return whether each tree node bears no more than the theorem allows."""
    bounds = {
        node: load_bound(skeleton.degree, count, objects, above(skeleton, node)) for node in borne
    }
    assert all(bound <= load_bound(skeleton.degree, count, objects) for bound in bounds.values())
    return all(borne[node] <= bounds[node] for node in borne)


def loads(trees: Iterable[frozenset[int]]) -> Counter[int]:
    """Return how many objects each tree node bears."""
    return Counter(node for nodes in trees for node in nodes)


@given(
    DEGREES,
    st.frozensets(st.integers(0, 80), min_size=1),
    st.dictionaries(st.integers(0, 80), st.lists(COUNTS, max_size=3)),
)
def test_in_one_view_with_any_holes_the_load_is_within_the_bound(
    degree: int, usable: frozenset[int], objects: dict[int, list[int]]
) -> None:
    skeleton = Skeleton(1, degree)
    most = max((len(counts) for counts in objects.values()), default=0)
    largest = max((count for counts in objects.values() for count in counts), default=1)
    borne = loads(
        newest_neighbour(skeleton, usable, origin, count)
        for origin, counts in objects.items()
        for count in counts
        if len(newest_neighbour(skeleton, usable, origin, count)) == count
    )

    assert is_within(skeleton, borne, largest, most)


@given(DEGREES, COUNTS, st.data())
def test_in_a_growing_world_the_load_is_within_the_bound(
    degree: int, count: int, data: st.DataObject
) -> None:
    skeleton = Skeleton(1, degree)
    sizes = st.integers(1, 30)
    stages = [data.draw(st.integers(origin + 1, 30)) for origin in range(data.draw(sizes))]
    trees = [newest_neighbour(skeleton, range(n), origin, count) for origin, n in enumerate(stages)]

    borne = loads(tree for tree in trees if len(tree) == count)
    assert is_within(skeleton, borne, count, objects=1)


def one_object_each(rule: Rule, degree: int, nodes: int, count: int) -> int:
    """Return the greatest load when each of so many tree nodes is the origin of one object."""
    skeleton = Skeleton(1, degree)
    return max(loads(rule(skeleton, range(nodes), one, count) for one in range(nodes)).values())


@pytest.mark.parametrize("degree", [2, 3])
@pytest.mark.parametrize("count", range(1, 8))
def test_the_load_is_within_the_factor_of_the_mean_however_many_nodes_there_are(
    degree: int, count: int
) -> None:
    for nodes in (count, 2 * count, 40, 121):
        load = one_object_each(newest_neighbour, degree, nodes, count)
        assert load <= (degree * (count - 1) + 1) * count == load_bound(degree, count, 1)


def test_who_prefers_old_nodes_loads_the_root_beyond_every_bound() -> None:
    borne = [one_object_each(oldest_neighbour, 2, nodes, count=7) for nodes in (31, 63, 127)]

    assert borne == [31, 63, 127]
    assert max(borne) > load_bound(degree=2, nodes=7, objects=1)


@pytest.mark.parametrize(("count", "most"), [(7, [11, 127, 22]), (13, [18, 127, 127])])
def test_the_rule_loads_no_node_with_twice_the_mean_where_others_load_one_with_all(
    count: int, most: list[int]
) -> None:
    assert [one_object_each(rule, degree=2, nodes=127, count=count) for rule in RULES] == most
    assert most[0] < 2 * count


@given(skeletons(), st.integers(1, 60), st.integers(2, 6))
def test_a_node_that_comes_late_is_taken_by_the_next_object_of_its_parent(
    skeleton: Skeleton, newest: int, count: int
) -> None:
    parent = skeleton.parent(newest)
    assert parent is not None

    assert newest in newest_neighbour(skeleton, range(newest + 1), parent, count)


def test_a_view_is_all_that_placement_reads_of_the_world() -> None:
    view = view_of(dict.fromkeys(range(1, 31), 1))
    sname = Sname(b=1, level=15, origin=1, uname="x", view=view)
    tree = tree_of(sname, degree=2)

    assert tree is not None
    assert tree.nodes == {1, 3, 4}
