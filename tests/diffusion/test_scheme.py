"""The general scheme: what is said of sizes is true of all sets."""

from collections.abc import Callable

import attrs
import pytest
from attrs import evolve
from hypothesis import assume, event, given
from hypothesis import strategies as st

from coterie.model.diffusion import quorums
from coterie.model.diffusion import scheme as sizes
from coterie.model.diffusion.counted import Counted
from coterie.model.diffusion.gossip import Client, Gossiper
from coterie.model.diffusion.scheme import Scheme, entry_size, gossip, least, tree
from coterie.spec.diffusion import scheme as sets

CLAIMS = ("enters", "meets", "is_available", "is_sound", "is_live")


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    """Draw a scheme of one or two groups of at most five replicas, with any sizes that fit."""
    groups = draw(st.integers(1, 2))
    size = draw(st.integers(1, 5 if groups == 1 else 3))
    b = draw(st.integers(0, 2))
    assume(b <= size)
    some = st.integers(1, size)
    return Scheme(b, groups, size, *(draw(some) for _ in range(5)))


@pytest.mark.parametrize("claim", CLAIMS)
@given(scheme=schemes())
def test_what_is_said_of_sizes_is_true_of_all_sets(claim: str, scheme: Scheme) -> None:
    said: Callable[[Scheme], bool] = getattr(sizes, claim)
    true: Callable[[Scheme], bool] = getattr(sets, claim)

    event(f"{claim}: {true(scheme)}")
    assert said(scheme) == true(scheme)


@pytest.mark.parametrize("claim", CLAIMS)
@given(b=st.integers(0, 50), nodes=st.integers(1, 50))
def test_both_instances_keep_every_rule_for_every_b(claim: str, b: int, nodes: int) -> None:
    said: Callable[[Scheme], bool] = getattr(sizes, claim)

    assert said(tree(b, nodes))
    assert said(gossip(b))


@pytest.mark.parametrize("scheme", [tree(1, 1), gossip(1)], ids=["tree", "gossip"])
@pytest.mark.parametrize("claim", CLAIMS)
def test_both_instances_keep_every_rule_of_sets(claim: str, scheme: Scheme) -> None:
    assert getattr(sets, claim)(scheme)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"entry": 2}, ["enters", "is_live"]),
        ({"write": 3}, ["meets", "is_live"]),
        ({"read": 3}, ["meets", "is_live"]),
        ({"size": 6}, ["meets", "is_live"]),
        ({"size": 4}, ["is_available"]),
        ({"senders": 1}, ["is_sound"]),
        ({"support": 1}, ["is_sound"]),
        ({"senders": 3}, ["is_live"]),
        ({"support": 3}, ["is_live"]),
        ({"b": 2}, ["enters", "meets", "is_available", "is_sound", "is_live"]),
    ],
    ids=lambda value: " ".join(f"{k}={v}" for k, v in value.items()) if type(value) is dict else "",
)
def test_each_size_is_as_small_as_it_may_be(change: dict[str, int], broken: list[str]) -> None:
    scheme = evolve(gossip(1), **change)

    assert [claim for claim in CLAIMS if not getattr(sizes, claim)(scheme)] == broken
    assert [claim for claim in CLAIMS if not getattr(sets, claim)(scheme)] == broken


def test_the_sizes_of_b_1() -> None:
    assert tree(1, 3) == Scheme(
        b=1, groups=3, size=5, entry=5, write=4, read=4, senders=2, support=2
    )
    assert gossip(1) == evolve(tree(1, 1), entry=3)


@given(b=st.integers(0, 50))
def test_the_least_number_is_the_first_that_a_guard_lets_pass(b: int) -> None:
    assert least(quorums.is_answered, b) == 3 * b + 1
    assert least(quorums.is_supported, b) == b + 1


def test_the_machines_ask_the_very_guards_that_the_sizes_come_from() -> None:
    counted, gossiper, client = attrs.fields(Counted), attrs.fields(Gossiper), attrs.fields(Client)

    assert counted.copied.default is gossiper.copied.default is quorums.is_copied
    assert counted.acknowledged.default is counted.completed.default is quorums.is_acknowledged
    assert client.acknowledged.default is quorums.is_acknowledged
    assert client.answered.default is quorums.is_answered
    assert client.supported.default is quorums.is_supported
    assert client.entry.default is entry_size
