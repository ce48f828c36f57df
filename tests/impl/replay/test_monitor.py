"""Properties evaluated along a run."""

from pathlib import Path

import pytest

from coterie.impl.core import Step
from coterie.impl.replay.claims import Claims
from coterie.impl.replay.divergence import CLAIM, DivergenceError, Place
from coterie.impl.replay.happening import Fell, Taken
from coterie.impl.replay.monitor import DENSE, Monitor
from coterie.impl.replay.view import Looking
from coterie.model.machine import Halt, Invoke, Node
from coterie.model.postbox import Postbox
from coterie.spec.property import Property, View, always, each, pairs, step_always

A, B = Node("counter"), Node("counter", 1)
LOOKING = Looking("counter", lambda state: state, lambda memory: memory)


@always(each=each("counter"))
def below_three(world: View, node: Node) -> bool:
    """A counter stays below three."""
    return not world.up(node) or world.see(node, len) < 3


@always(each=pairs("counter"))
def not_both_two(world: View, one: Node, other: Node) -> bool:
    """Two counters are not at two at once."""
    both = world.up(one) and world.up(other)
    return not both or [len(world[one]), len(world[other])] != [2, 2]


@step_always(each=each("counter"))
def by_one(before: View, after: View, node: Node) -> bool:
    """A counter goes up by one at most, and never down while it is up."""
    if not before.up(node) or not after.up(node):
        return True
    return len(after[node]) - len(before[node]) in {0, 1}


@always(each=each("counter"))
def kept(world: View, node: Node) -> bool:
    """What is on the disk is what a running counter counts."""
    return not world.up(node) or world.memory(node) == (world[node] or None)


@always
def nobody_knows(world: View) -> bool:
    """A property of an observer, which a run has not."""
    return bool(world.observed("something"))


def monitor(*claims: Property, every_step: bool = False) -> Monitor:
    return Monitor([Claims(LOOKING, claims)], (A, B), every_step)


def at(node: Node, count: int, *effects: Halt, counts: bool = True) -> Taken:
    """Return a step to a state of so many."""
    place = Place(Path(str(node)), count)
    state = tuple(["x"] * count)  # another object each time
    return Taken(node, place, 0.0, Step(Invoke(count), effects), (), state, Postbox(), counts)


def test_a_property_that_does_not_hold_is_told_with_what_it_has_read() -> None:
    made = monitor(below_three)
    made.happened(at(A, 2))
    with pytest.raises(DivergenceError) as caught:
        made.happened(at(A, 3))

    found = caught.value.divergence
    assert (found.kind, str(found.place)) == (CLAIM, "counter0:3")
    assert found.notes[0] == "below_three of counter0: A counter stays below three."
    assert "counter0: 3" in found.sides[0].lines


def test_properties_of_several_nodes_see_all_of_them() -> None:
    made = monitor(not_both_two)
    made.happened(at(A, 2))
    with pytest.raises(DivergenceError):
        made.happened(at(B, 2))


def test_a_node_that_is_down_has_no_state() -> None:
    made = monitor(not_both_two, below_three)
    made.happened(at(A, 2))
    made.happened(Fell(A, 0.0, (), Postbox()))
    made.happened(at(B, 2))
    made.happened(at(A, 5, Halt()))
    made.finish()


def test_a_step_is_held_against_the_state_before() -> None:
    made = monitor(by_one)
    made.happened(at(A, 2))
    made.happened(Fell(A, 0.0, (), Postbox()))
    made.happened(at(A, 0))
    made.happened(at(A, 1))
    with pytest.raises(DivergenceError):
        made.happened(at(A, 3))


def test_what_was_never_committed_changes_nothing() -> None:
    made = monitor(below_three)
    made.happened(at(A, 3, counts=False))
    made.finish()


def test_the_memory_of_a_running_node_is_that_of_its_machine() -> None:
    made = monitor(kept)
    made.happened(at(A, 2))
    made.finish()

    assert made.tallies[0].evaluated == 4


def test_what_a_run_does_not_show_is_not_evaluated() -> None:
    made = monitor(nobody_knows)
    made.happened(at(A, 1))
    made.finish()

    assert made.tallies[0].evaluated == 0
    assert made.tallies[0].unseen == "there is no observer something of a run"


def test_a_property_is_asked_again_only_where_something_else_was_read() -> None:
    made = monitor(below_three)
    for _ in range(10):
        made.happened(at(A, 1))
        made.happened(at(B, 1))

    assert made.tallies[0].evaluated == 3  # of A up; of B down, and then up


def test_in_a_long_run_changes_are_looked_at_less_often() -> None:
    few, all_ = monitor(by_one), monitor(by_one, every_step=True)
    for made in (few, all_):
        for _ in range(3 * DENSE):
            made.happened(at(A, 1))

    assert DENSE < few.tallies[0].looked < 2 * DENSE
    assert all_.tallies[0].looked == all_.tallies[0].changes >= 3 * DENSE
