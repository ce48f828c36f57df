"""How members are split into subgroups and shards."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.model.machine import Node
from coterie.model.synchrony.layout import Layout, Subgroup, shards_of
from coterie.model.synchrony.view import View


def view_of(members: int) -> View:
    return View(0, tuple(Node("member", index) for index in range(members)))


@st.composite
def subgroups(draw: st.DrawFn, name: str) -> Subgroup:
    least = draw(st.integers(1, 3))
    most = draw(st.integers(least, 4))
    return Subgroup(name, draw(st.integers(1, 3)), least, most)


layouts = st.builds(
    Layout,
    st.tuples(subgroups("cache"), subgroups("store")),
    apart=st.booleans(),
)


@given(layout=layouts, members=st.integers(1, 30))
def test_every_shard_has_what_it_needs_and_no_more_than_it_takes(
    layout: Layout, members: int
) -> None:
    placed = layout(view_of(members))

    for subgroup in layout.subgroups if placed is not None else ():
        sizes = [len(shard) for shard in (placed or {})[subgroup.name]]
        assert len(sizes) == subgroup.shards
        assert subgroup.least <= min(sizes) <= max(sizes) <= min(subgroup.most, min(sizes) + 1)


@given(layout=layouts, members=st.integers(1, 30))
def test_a_view_fits_if_and_only_if_it_has_enough_members(layout: Layout, members: int) -> None:
    needs = [subgroup.shards * subgroup.least for subgroup in layout.subgroups]

    enough = members >= (sum(needs) if layout.apart else max(needs))

    assert layout.is_adequate(view_of(members)) == enough


@given(layout=layouts, members=st.integers(1, 30))
def test_a_member_is_in_one_shard_at_most_of_a_subgroup(layout: Layout, members: int) -> None:
    placed = layout(view_of(members)) or {}

    for shards in placed.values():
        inside = list(chain.from_iterable(shards))
        assert len(inside) == len(set(inside))


@given(layout=layouts, members=st.integers(1, 30))
def test_where_subgroups_are_apart_a_member_serves_once(layout: Layout, members: int) -> None:
    view = view_of(members)

    times = [len(shards_of(layout, view, member)) for member in view.members]

    assert max(times) <= (1 if layout.apart else 2)


@given(layout=layouts, members=st.integers(1, 30))
def test_nobody_is_idle_while_a_shard_could_take_another(layout: Layout, members: int) -> None:
    view = view_of(members)
    placed = layout(view)

    if placed is not None and layout.apart:
        idle = [m for m in view.members if not shards_of(layout, view, m)]
        last = layout.subgroups[-1]
        full = all(len(shard) == last.most for shard in placed[last.name])
        assert full or not idle


@given(layout=layouts, members=st.integers(1, 30))
def test_the_longest_there_serve_first(layout: Layout, members: int) -> None:
    placed = layout(view_of(members)) or {}

    for shards in placed.values():
        inside = list(chain.from_iterable(shards))
        assert inside == sorted(inside)


def test_two_shards_of_two_need_four_members() -> None:
    layout = Layout((Subgroup("store", shards=2, least=2, most=3),))

    assert layout(view_of(3)) is None
    assert layout(view_of(5)) == {
        "store": (
            (Node("member", 0), Node("member", 1), Node("member", 2)),
            (Node("member", 3), Node("member", 4)),
        )
    }


def test_a_shard_that_can_never_be_is_refused() -> None:
    with pytest.raises(ValueError, match="store: shards of at least 3 and at most 2"):
        Subgroup("store", least=3, most=2)


def test_a_shard_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="least must be 1 or more, not 0"):
        Subgroup("store", least=0)
