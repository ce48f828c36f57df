"""Properties: when they must hold, over whom, and what they can read."""

from typing import Any

import pytest

from coterie.checks.engine.reference import explore
from coterie.checks.errors import ModelError
from coterie.checks.faults import Faults
from coterie.checks.nodes import Down, Running
from coterie.checks.result import Verdict
from coterie.checks.view import WorldView
from coterie.checks.world import World
from coterie.model.machine import Effect, Event, Invoke, Node, Receive, Return, Send
from coterie.spec.observer import Observer
from coterie.spec.property import (
    Kind,
    View,
    always,
    at_rest,
    each,
    pairs,
    reachable,
    recoverable,
    step_always,
)
from tests.strategies import Table, Tick

A, B, C = (Node("left", index) for index in range(3))
RIGHT = Node("right")
FIRED = Tick(0)
DURABLE = (0, 1, 2, 0)
Rules = dict[tuple[int, Event], tuple[int, tuple[Effect, ...]]]


def table(rules: Rules | None = None, durable: tuple[int, ...] | None = DURABLE) -> Table:
    return Table(0, rules or {}, durable, (0, 1, 2))


CLIMBING: Rules = {(0, FIRED): (1, ()), (1, FIRED): (2, ())}
LADDER = World({A: table(CLIMBING)})


def view(world: World, **changed: Any) -> WorldView:
    values = list(next(world.initial()))
    for key, slot in world.slots.items():
        values[slot] = changed.get(str(key), values[slot])
    return WorldView(world, tuple(values))


def verdict(world: World, claim: Any) -> tuple[Verdict, int | None, int]:
    finding = explore(world, [claim])[claim.name]
    return (
        finding.verdict,
        None if finding.trace is None else len(finding.trace),
        finding.violations,
    )


def test_a_property_has_the_name_and_the_words_of_its_function() -> None:
    @always(broken_by="forge")
    def claim(world: View) -> bool:
        """Said in one sentence,
        over two lines.

        Why: because.
        """  # noqa: D205 -- a sentence may well be longer than a line
        return bool(world)

    assert (claim.name, claim.kind, claim.broken_by) == ("claim", Kind.ALWAYS, ("forge",))
    assert claim.statement == "Said in one sentence, over two lines."
    assert claim.documentation.endswith("Why: because.")


def test_a_decorator_may_stand_bare_or_name_several_mutants() -> None:
    @reachable
    def a_bare_one(world: View) -> bool:
        return bool(world)

    @reachable(broken_by=("one", "two"))
    def a_full_one(world: View) -> bool:
        return bool(world)

    assert a_bare_one.broken_by == ()
    assert a_bare_one.statement == "a bare one"
    assert a_full_one.broken_by == ("one", "two")


def test_always_is_about_every_reachable_state() -> None:
    @always
    def low(world: View) -> bool:
        return bool(world[A] < 2)

    @always
    def possible(world: View) -> bool:
        return bool(world[A] < 3)

    assert verdict(LADDER, low) == (Verdict.VIOLATED, 2, 1)
    assert verdict(LADDER, possible) == (Verdict.HOLDS, None, 0)


def test_reachable_wants_a_witness() -> None:
    @reachable
    def top(world: View) -> bool:
        return bool(world[A] == 2)

    @reachable
    def beyond(world: View) -> bool:
        return bool(world[A] == 3)

    assert verdict(LADDER, top) == (Verdict.HOLDS, 2, 1)
    assert verdict(LADDER, beyond) == (Verdict.VIOLATED, None, 0)


def test_at_rest_is_about_states_that_only_faults_can_change() -> None:
    @at_rest
    def never(world: View) -> bool:
        return bool(world[A] == 9)

    crashing = World({A: table(CLIMBING)}, faults=Faults(crashes=1, restarts=0))

    @at_rest
    def top_or_down(world: View) -> bool:
        return not world.up(A) or bool(world[A] == 2)

    assert verdict(LADDER, never) == (Verdict.VIOLATED, 2, 1)
    assert verdict(crashing, top_or_down) == (Verdict.HOLDS, None, 0)


def test_a_step_that_changes_nothing_does_not_disturb_the_rest() -> None:
    world = World({A: table({(0, FIRED): (0, ())})})

    @at_rest
    def never(world: View) -> bool:
        return bool(world[A] == 9)

    assert verdict(world, never) == (Verdict.VIOLATED, 0, 1)


def test_recoverable_wants_a_way_without_faults_from_everywhere() -> None:
    trap: Rules = {(0, FIRED): (1, ()), (0, Tick(1)): (3, ()), (1, FIRED): (0, ())}

    @recoverable
    def climbs(world: View) -> bool:
        return bool(world[A] == 1)

    assert verdict(World({A: table(trap)}), climbs) == (Verdict.VIOLATED, 1, 1)
    assert verdict(LADDER, climbs) == (Verdict.VIOLATED, 2, 1)


def test_a_recovery_may_not_count_on_faults() -> None:
    world = World({A: table()}, faults=Faults(crashes=1))

    @recoverable
    def down(world: View) -> bool:
        return not world.up(A)

    assert verdict(world, down)[0] is Verdict.VIOLATED


def test_a_claim_of_a_step_sees_before_and_after() -> None:
    @step_always
    def never_down(before: View, after: View) -> bool:
        return bool(before[A] <= after[A])

    falling: Rules = {**CLIMBING, (2, FIRED): (0, ())}

    assert verdict(LADDER, never_down) == (Verdict.HOLDS, None, 0)
    assert verdict(World({A: table(falling)}), never_down) == (Verdict.VIOLATED, 3, 1)


def test_a_search_that_ended_early_leaves_the_rest_undetermined() -> None:
    @always
    def at_once(world: View) -> bool:
        return bool(world[A] == 9)

    @recoverable
    def later(world: View) -> bool:
        return bool(world[A] == 2)

    @always
    def fine(world: View) -> bool:
        return bool(world[A] < 9)

    found = explore(LADDER, [at_once, fine])
    whole = explore(LADDER, [at_once, later])
    cut = explore(LADDER, [at_once])

    assert found.complete
    assert whole["later"].verdict is Verdict.HOLDS
    assert not cut.complete
    assert cut.states == 1


def test_each_claims_it_of_every_node_of_a_role() -> None:
    world = World({A: table(CLIMBING), B: table(), RIGHT: table(CLIMBING)})

    @always(each=each("left"))
    def low(world: View, node: Node) -> bool:
        return bool(world[node] == 0)

    assert low.instances(view(world)) == ((A,), (B,))
    assert low.holds(view(world, right0=Running(2)))
    assert not low.holds(view(world, left1=Running(1)))


def test_pairs_claims_it_of_every_two_nodes_once() -> None:
    world = World({A: table(), B: table(), C: table()})

    @always(each=pairs("left"))
    def alike(world: View, one: Node, other: Node) -> bool:
        return bool(world[one] == world[other])

    assert alike.instances(view(world)) == ((A, B), (A, C), (B, C))
    assert alike.holds(view(world))
    assert not alike.holds(view(world, left2=Running(1)))


def test_reachable_of_each_wants_it_of_some() -> None:
    world = World({A: table(CLIMBING), B: table()})

    @reachable(each=each("left"))
    def climbed(world: View, node: Node) -> bool:
        return bool(world[node] == 1)

    assert verdict(world, climbed) == (Verdict.HOLDS, 1, 1)


def test_a_view_shows_nodes_by_role_and_in_order() -> None:
    world = World({B: table(), RIGHT: table(), A: table()})

    assert view(world).nodes() == (B, RIGHT, A)
    assert view(world).nodes("left") == (B, A)
    assert view(world).nodes("right", "left") == (B, RIGHT, A)
    assert view(world).nodes("nobody") == ()


def test_a_view_shows_states_and_what_a_lens_sees_of_them() -> None:
    seen = view(LADDER, left0=Running(2))

    assert seen[A] == 2
    assert seen.see(A, lambda state: state * 10) == 20


def test_a_view_tells_who_is_up_and_shows_memory_either_way() -> None:
    up, down = view(LADDER, left0=Running(2)), view(LADDER, left0=Down(1))

    assert (up.up(A), up.memory(A)) == (True, 2)
    assert (down.up(A), down.memory(A)) == (False, 1)


@pytest.mark.parametrize("read", [lambda v: v[A], lambda v: v.see(A, bool)])
def test_to_read_the_state_of_a_node_that_is_down_is_an_error(read: Any) -> None:
    with pytest.raises(ModelError, match="reads the state of left0, which is down: ask `up` first"):
        read(view(LADDER, left0=Down(1)))


def test_a_view_shows_what_is_in_flight() -> None:
    speaking: Rules = {(0, FIRED): (1, (Send(B, 5), Send(B, 4)))}
    world = World({A: table(speaking), B: table()}, links=[(A, B)])
    (step,) = world.successors(next(world.initial()))
    seen = WorldView(world, step.values)

    assert seen.in_flight(A, B) == (4, 5)
    assert seen.in_flight(B, A) == ()


def test_a_view_shows_observers_budgets_and_workloads() -> None:
    answering: Rules = {(0, Invoke("go")): (0, (Return(1),))}
    world = World(
        {A: table(answering)},
        faults=Faults(crashes=2, losses=1),
        workload={A: ("go", "go")},
        observers={
            "calls": Observer(0, lambda value, node, seen: value + isinstance(seen, Return))
        },
    )
    step = next(s for s in world.successors(next(world.initial())) if not s.fault)
    seen = WorldView(world, step.values)

    assert seen.observed("calls") == 1
    assert seen.left("crashes") == 2
    assert seen.left("losses") == 1
    assert seen.left(A) == ("go",)


@pytest.mark.parametrize(
    "read", [lambda v: v.observed("nobody"), lambda v: v.left("losses"), lambda v: v.left(A)]
)
def test_to_ask_for_what_a_world_has_not_is_an_error(read: Any) -> None:
    with pytest.raises(ModelError, match=r"the property asks for .*, which this world has not"):
        read(view(LADDER))


def test_an_unwanted_message_is_read_and_changes_nothing() -> None:
    machine = table()

    assert machine.step(1, Receive(B, 5)).state == 1  # type: ignore[union-attr]
