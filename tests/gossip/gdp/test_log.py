"""Records, logs and their digests."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.checks.catalogue.gossip.gdp.shapes import Shape, forests, graphs, parts
from coterie.model.gossip.gdp.log import (
    Begin,
    Describe,
    Log,
    added,
    by_name,
    digest_of,
    log_of,
    with_missing,
)
from coterie.model.gossip.gdp.record import Entry, hash_of, is_genuine, written
from coterie.model.machine import Node
from coterie.model.signature import Signature

WRITER, LIAR = Node("writer"), Node("liar")
ROOT = written(WRITER, "a")
LEFT = written(WRITER, "b", ROOT.name)
RIGHT = written(WRITER, "c", ROOT.name)
MERGE = written(WRITER, "d", LEFT.name, RIGHT.name)


def collisions(shapes: list[Shape], describe: Describe) -> int:
    """Return how many logs share their digest with another log of the same shape."""
    digests = [{digest_of(log, describe) for log in parts(shape)} for shape in shapes]
    return sum(len(parts(shape)) for shape in shapes) - sum(map(len, digests))


def test_what_the_writer_writes_is_genuine() -> None:
    assert is_genuine(MERGE, WRITER)
    assert not is_genuine(MERGE, LIAR)


def test_a_value_under_the_hash_of_another_is_not_genuine() -> None:
    lie = Entry(ROOT.name, (), "lie", ROOT.signature)

    assert not is_genuine(lie, WRITER)


def test_a_hash_covers_the_parents() -> None:
    moved = Entry(LEFT.name, (RIGHT.name,), LEFT.value, LEFT.signature)

    assert not is_genuine(moved, WRITER)


def test_a_copied_signature_does_not_fit_another_record() -> None:
    name = hash_of((), "lie")
    forged = Entry(name, (), "lie", ROOT.signature)
    own = Entry(name, (), "lie", Signature(LIAR, name))

    assert not is_genuine(forged, WRITER)
    assert not is_genuine(own, WRITER)


def test_a_hole_makes_a_begin_and_an_end() -> None:
    tip = written(WRITER, "t", LEFT.name)

    log = log_of([ROOT, tip])

    assert log.begins == log.ends == {ROOT.name, tip.name}


def test_a_branch_makes_a_second_end() -> None:
    log = log_of([ROOT, LEFT, RIGHT])

    assert log.begins == {ROOT.name}
    assert log.ends == {LEFT.name, RIGHT.name}


def test_a_record_whose_second_parent_is_absent_is_a_begin() -> None:
    digest = digest_of(log_of([ROOT, LEFT, MERGE]))

    assert digest.begins == {Begin(ROOT.name), Begin(MERGE.name, (RIGHT.name,))}
    assert digest.ends == {MERGE.name}


def test_the_first_record_of_a_name_stays() -> None:
    lie = Entry(ROOT.name, (), "lie", Signature(LIAR, ROOT.name))

    assert added(log_of([ROOT]), lie) == log_of([ROOT])


@given(st.sampled_from(graphs(4)).flatmap(st.permutations))
def test_a_log_does_not_depend_on_the_order_in_which_its_records_came(order: list[Entry]) -> None:
    log = log_of(order)

    assert log == log_of(sorted(order, key=lambda entry: entry.value))
    assert hash(log) == hash(log_of(reversed(order)))


@given(st.sampled_from([log for shape in graphs(4) for log in parts(shape)]))
def test_the_index_says_what_the_records_say(log: Log) -> None:
    entries = log.entries
    pointed_at = {parent for entry in entries.values() for parent in entry.parents}

    assert log.begins == {
        name
        for name, entry in entries.items()
        if not entry.parents or any(parent not in entries for parent in entry.parents)
    }
    assert log.ends == set(entries) - pointed_at
    assert set(log.children) == pointed_at


def test_there_are_so_many_shapes_of_logs() -> None:
    assert [len(forests(count)) for count in range(1, 6)] == [2, 5, 17, 74, 394]
    assert [len(graphs(count)) for count in range(1, 6)] == [1, 2, 8, 56, 616]


@pytest.mark.parametrize("describe", [by_name, with_missing])
def test_begins_and_ends_determine_a_forest(describe: Describe) -> None:
    shapes = [shape for count in range(6) for shape in forests(count)]

    assert collisions(shapes, describe) == 0


def test_with_absent_parents_begins_and_ends_determine_every_log() -> None:
    assert sum(len(parts(shape)) for shape in graphs(5)) == 19_712
    assert collisions(graphs(5), with_missing) == 0


def test_by_name_two_parts_of_a_diamond_have_one_digest() -> None:
    left, right = log_of([ROOT, LEFT, MERGE]), log_of([ROOT, RIGHT, MERGE])

    assert digest_of(left, by_name) == digest_of(right, by_name)
    assert digest_of(left, with_missing) != digest_of(right, with_missing)


def test_nothing_smaller_than_the_diamond_collides_by_name() -> None:
    assert collisions(graphs(3), by_name) == 0
    assert collisions(graphs(4), by_name) > 0


def test_parts_are_all_the_subsets() -> None:
    shape = (ROOT, LEFT, RIGHT)
    subsets = [some for size in range(4) for some in combinations(shape, size)]

    assert parts(shape) == [log_of(some) for some in subsets]
