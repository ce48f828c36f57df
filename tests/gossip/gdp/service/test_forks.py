"""Forks, and the order in which a serving replica keeps its records."""

from itertools import combinations

from hypothesis import given

from coterie.model.gossip.gdp.log import log_of
from coterie.model.gossip.gdp.record import Entry, written
from coterie.model.gossip.gdp.service.forks import START, Fork, forks, is_a_fork
from coterie.model.gossip.gdp.service.shelf import after, causal, shelf_of, shelved
from coterie.model.machine import Node
from tests.gossip.gdp.service.test_paging import graphs

WRITER = Node("writer")
ROOT = written(WRITER, "a")
ONE, OTHER = written(WRITER, "b", ROOT.name), written(WRITER, "c", ROOT.name)


def plainly(entries: list[Entry]) -> set[tuple[str, str]]:
    """Return which pairs of records go on from one place, without an index."""
    return {
        (min(x.name, y.name), max(x.name, y.name))
        for x, y in combinations(entries, 2)
        if set(x.parents) & set(y.parents) or not (x.parents or y.parents)
    }


def test_two_records_with_one_parent_are_a_fork() -> None:
    assert forks(log_of([ROOT, OTHER, ONE])) == {Fork(ROOT.name, ONE, OTHER)}


def test_a_fork_is_shown_though_the_parent_is_not_held() -> None:
    assert forks(log_of([OTHER, ONE])) == {Fork(ROOT.name, ONE, OTHER)}


def test_two_records_that_begin_the_log_are_a_fork() -> None:
    again = written(WRITER, "z")

    assert forks(log_of([again, ROOT])) == {Fork(START, ROOT, again)}


def test_a_record_after_two_others_is_no_fork() -> None:
    both = written(WRITER, "d", "x", "y")

    assert not forks(log_of([both]))


@given(graphs())
def test_forks_are_all_pairs_that_go_on_from_one_place(made: list[Entry]) -> None:
    found = forks(log_of(made))

    assert {(fork.one.name, fork.other.name) for fork in found} == plainly(made)
    assert all(map(is_a_fork, found))


def test_records_that_do_not_go_on_from_one_place_prove_nothing() -> None:
    assert not is_a_fork(Fork(ROOT.name, ONE, ONE))
    assert not is_a_fork(Fork(ROOT.name, ONE, ROOT))
    assert not is_a_fork(Fork(START, ROOT, ONE))


@given(graphs())
def test_a_shelf_knows_where_its_log_branches(made: list[Entry]) -> None:
    shelf = shelf_of(reversed(made))

    assert shelf.branches == {fork.parent for fork in forks(shelf)}


@given(graphs())
def test_records_come_after_those_of_their_parents_that_come_with_them(made: list[Entry]) -> None:
    names = [entry.name for entry in causal(made[::2])]

    assert sorted(names) == sorted(entry.name for entry in made[::2])
    for entry in made[::2]:
        for parent in entry.parents:
            assert parent not in names or names.index(parent) < names.index(entry.name)


def test_a_shelf_keeps_the_order_in_which_records_came() -> None:
    shelf = shelf_of([OTHER, ROOT, OTHER, ONE])

    assert list(after(shelf, "")) == [OTHER, ROOT, ONE]
    assert list(after(shelf, ROOT.name)) == [ONE]
    assert list(after(shelf, "never seen")) == [OTHER, ROOT, ONE]
    assert shelved(shelf, ROOT) is shelf
