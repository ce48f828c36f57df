"""What goes to one tree node travels together, complete and in order."""

from hypothesis import given
from hypothesis import strategies as st

from coterie.model.diffusion.service.batching import Batch, Pending, batched, passed_on
from coterie.model.diffusion.service.placement import Tree
from coterie.model.diffusion.service.skeleton import Skeleton

TARGETS = st.lists(st.integers(0, 4), unique=True).map(tuple)
PENDING = st.lists(st.builds(Pending, st.sampled_from("vwx"), st.integers(0, 9), TARGETS))
LIMITS = st.none() | st.integers(1, 5)


@given(PENDING, LIMITS)
def test_a_tree_node_hears_everything_once_and_in_order(
    pending: list[Pending], items_max: int | None
) -> None:
    batches = batched(pending, items_max)

    for node in range(5):
        heard = [item for batch in batches if batch.to == node for item in batch.items]
        assert heard == [(each.uname, each.item) for each in pending if node in each.to]


@given(PENDING, LIMITS)
def test_the_order_of_each_object_is_kept(pending: list[Pending], items_max: int | None) -> None:
    for uname in "vwx":
        mine = [each for each in pending if each.uname == uname]
        heard = [
            Pending(name, item, (batch.to,))
            for batch in batched(pending, items_max)
            for name, item in batch.items
            if name == uname
        ]
        alone = [
            Pending(name, item, (batch.to,))
            for batch in batched(mine)
            for name, item in batch.items
        ]
        assert heard == alone


@given(PENDING)
def test_without_a_limit_each_tree_node_gets_one_message(pending: list[Pending]) -> None:
    targets = [batch.to for batch in batched(pending)]

    assert targets == sorted({to for each in pending for to in each.to})


@given(PENDING, st.integers(1, 5))
def test_no_more_messages_than_the_limit_needs(pending: list[Pending], items_max: int) -> None:
    whole = {batch.to: len(batch.items) for batch in batched(pending)}
    parts = batched(pending, items_max)

    for to, size in whole.items():
        sizes = [len(batch.items) for batch in parts if batch.to == to]
        assert sizes[:-1] == [items_max] * (len(sizes) - 1)
        assert 1 <= sizes[-1] <= items_max
        assert sum(sizes) == size


def test_an_update_goes_to_all_neighbours_but_where_it_came_from() -> None:
    tree = Tree(Skeleton(b=1, degree=2), frozenset({0, 1, 3, 4}))

    assert passed_on("v", "u", tree, node=1, source=3) == Pending("v", "u", (0, 4))
    assert passed_on("v", "u", tree, node=1, source=None) == Pending("v", "u", (0, 3, 4))
    assert passed_on("v", "u", tree, node=3, source=1) == Pending("v", "u", ())


def test_updates_of_two_objects_share_the_edges_that_their_trees_share() -> None:
    skeleton = Skeleton(b=1, degree=2)
    wide = Tree(skeleton, frozenset({0, 1, 2, 3}))
    narrow = Tree(skeleton, frozenset({1, 3}))
    pending = [passed_on("v", "u", wide, 1, 0), passed_on("w", "x", narrow, 1, None)]

    assert batched(pending) == (Batch(3, (("v", "u"), ("w", "x"))),)
