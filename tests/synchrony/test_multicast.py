"""Ordered multicast: slots, nulls, batches, windows."""

from collections import deque
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.checks.catalogue.synchrony.multicast import ORDERED, UNORDERED, steady
from coterie.checks.catalogue.synchrony.worlds import members
from coterie.checks.simulation.walk import Plan, simulate
from coterie.model.machine import Deliver, Invoke, Node, Receive, Send
from coterie.model.synchrony.member import Member, State, Tell
from coterie.model.synchrony.multicast import (
    Multicast,
    frontier,
    lags_behind_earlier,
    lags_behind_later,
    within_window,
)
from coterie.model.synchrony.state import Inside, Item, delivered_of
from coterie.model.synchrony.table import Push, coalesced
from coterie.model.synchrony.view import first_view
from coterie.spec.property import Kind
from coterie.spec.synchrony import multicast as spec

COUNTS = st.lists(st.integers(0, 4), min_size=1, max_size=5).map(tuple)
SIZES = st.integers(1, 6)
INDEXES = st.integers(0, 9)
STEPS = 600
"""More than five members take until all is quiet."""


@given(COUNTS)
def test_the_frontier_is_the_first_slot_that_is_missing(received: tuple[int, ...]) -> None:
    slot = 0
    while slot // len(received) < received[slot % len(received)]:
        slot += 1

    assert frontier(received) == slot


@given(SIZES, INDEXES)
def test_the_messages_of_a_sender_in_the_first_slots_are_those_at_its_turns(
    size: int, slots: int
) -> None:
    for rank in range(size):
        assert delivered_of(slots, rank, size) == sum(slot % size == rank for slot in range(slots))


@given(SIZES, INDEXES, INDEXES)
def test_a_null_is_owed_for_each_slot_that_somebody_has_gone_past(
    size: int, own: int, seen: int
) -> None:
    for rank in range(size):
        for other in range(size):
            lags = lags_behind_later if other > rank else lags_behind_earlier
            if other != rank:
                assert lags(own, seen) is (own * size + rank < seen * size + other)


def test_a_window_is_how_many_messages_may_be_undelivered() -> None:
    assert [within_window(index, 3, 2) for index in range(3, 7)] == [True, True, False, False]


class Group:
    """Members whose pushes wait in queues of their own; what each sends and delivers is kept."""

    def __init__(self, size: int, multicast: Multicast) -> None:
        self.names = members(size)
        view = first_view(*self.names)
        self.machines = {name: Member(name, view, multicast) for name in self.names}
        self.states = {name: each.start(None).state for name, each in self.machines.items()}
        self.queues: dict[tuple[Node, Node], deque[Push]] = {}
        self.sent: dict[Node, list[Any]] = {name: [] for name in self.names}
        self.delivered: dict[Node, list[Item]] = {name: [] for name in self.names}

    def tell(self, name: Node, *payloads: Any) -> None:
        self._happens(name, Invoke(Tell(payloads)))

    def deliver(self, sender: Node, receiver: Node) -> None:
        self._happens(receiver, Receive(sender, self.queues[sender, receiver].popleft()))

    def waiting(self) -> list[tuple[Node, Node]]:
        return [channel for channel, queue in self.queues.items() if queue]

    def _happens(self, name: Node, event: Any) -> None:
        outcome = self.machines[name].step(self.states[name], event)
        assert outcome is not None
        self.states[name] = outcome.state
        for effect in outcome.effects:
            match effect:
                case Deliver(Item() as item):
                    self.delivered[name].append(item)
                case Send(to, Push() as push):
                    self.queues.setdefault((name, to), deque()).append(push)
        pushes = {each.message for each in outcome.effects if isinstance(each, Send)}
        self.sent[name] += [payload for push in pushes for payload in push.run]


def run(group: Group, batches: dict[Node, list[tuple[Any, ...]]], random: Random) -> None:
    """Let users tell their batches, and pushes arrive, in a random order, until all is quiet."""
    left = {name: deque(each) for name, each in batches.items() if each}
    while True:
        able, waiting = [name for name in left if left[name]], group.waiting()
        if not able and not waiting:
            return
        place = random.randrange(len(able) + len(waiting))
        if place < len(able):
            group.tell(able[place], *left[able[place]].popleft())
        else:
            group.deliver(*waiting[place - len(able)])


@st.composite
def told(draw: st.DrawFn, size_max: int = 4) -> list[list[tuple[str, ...]]]:
    """Draw what the users of so many members tell: for each some batches of messages."""
    sizes = draw(st.lists(st.lists(st.integers(1, 3), max_size=3), min_size=2, max_size=size_max))
    return [
        [tuple(f"{rank}.{call}.{each}" for each in range(size)) for call, size in enumerate(calls)]
        for rank, calls in enumerate(sizes)
    ]


@settings(max_examples=25, deadline=None)
@given(told(), st.sampled_from([None, 1, 2]), st.randoms(use_true_random=False))
def test_all_deliver_all_in_one_order_with_the_nulls_that_it_takes(
    batches: list[list[tuple[str, ...]]], window: int | None, random: Random
) -> None:
    group = Group(len(batches), Multicast(window))
    run(group, dict(zip(group.names, batches, strict=True)), random)

    assert group.delivered[group.names[0]] == in_turns(group)
    assert all(each == in_turns(group) for each in group.delivered.values())
    for name, calls in zip(group.names, batches, strict=True):
        assert [each for each in group.sent[name] if each] == [p for call in calls for p in call]
    assert all(len(group.sent[name]) == count for name, count in needed(group).items())


def in_turns(group: Group) -> list[Item]:
    """Return what was sent, as the members take turns, without the nulls."""
    rounds = max(map(len, group.sent.values()))
    return [
        Item(0, name, group.sent[name][index])
        for index in range(rounds)
        for name in group.names
        if index < len(group.sent[name]) and group.sent[name][index] is not None
    ]


def needed(group: Group) -> dict[Node, int]:
    """Return how many messages of each there must be, for the last that says something."""
    size = len(group.names)
    real = [
        index * size + rank
        for rank, name in enumerate(group.names)
        for index, payload in enumerate(group.sent[name])
        if payload is not None
    ]
    last = max(real, default=-1)
    return {
        name: sum(slot % size == rank for slot in range(last + 1))
        for rank, name in enumerate(group.names)
    }


def asked(machine: Member, state: State, *payloads: Any) -> tuple[State, list[Any], Push | None]:
    """Return the state after one `Tell`, what is delivered, and the push to the other members."""
    outcome = machine.step(state, Invoke(Tell(payloads)))
    assert outcome is not None
    pushes = [each.message for each in outcome.effects if isinstance(each, Send)]
    items = [each for each in outcome.effects if isinstance(each, Deliver)]
    return outcome.state, items, pushes[0] if pushes else None


@settings(max_examples=25, deadline=None)
@given(
    told(3),
    st.lists(st.integers(1, 3), min_size=1, max_size=4),
    st.sampled_from([Multicast(), Multicast(window=2), Multicast(ordered=False)]),
    st.randoms(use_true_random=False),
)
def test_a_batch_is_as_good_as_its_messages_one_by_one(
    before: list[list[tuple[str, ...]]], sizes: list[int], multicast: Multicast, random: Random
) -> None:
    group = Group(len(before), multicast)
    run(group, dict(zip(group.names, before, strict=True)), random)
    machine, state = group.machines[group.names[0]], group.states[group.names[0]]
    payloads = [f"later.{each}" for each in range(sum(sizes))]

    whole, all_items, all_pushed = asked(machine, state, *payloads)
    items: list[Any] = []
    pushed: Push | None = None
    for payload in payloads:
        state, more, push = asked(machine, state, payload)
        items += more
        pushed = coalesced(pushed, push) or push or pushed

    assert (state, items, pushed) == (whole, all_items, all_pushed)


@settings(max_examples=25, deadline=None)
@given(told(4), st.randoms(use_true_random=False))
def test_who_takes_no_turns_sends_no_nulls_and_keeps_the_order_of_each_sender(
    batches: list[list[tuple[str, ...]]], random: Random
) -> None:
    group = Group(len(batches), Multicast(ordered=False))
    run(group, dict(zip(group.names, batches, strict=True)), random)

    for sender, calls in zip(group.names, batches, strict=True):
        said = [payload for call in calls for payload in call]
        assert group.sent[sender] == said
        for items in group.delivered.values():
            assert [item.payload for item in items if item.sender == sender] == said


@pytest.mark.parametrize("window", [None, spec.WINDOW])
def test_five_members_keep_the_properties_in_random_runs(window: int | None) -> None:
    claims = [*ORDERED, *([spec.keeps_to_the_window] if window else [])]
    world = steady(5, (1, 0, 2, 0, 1), window=window)

    found = simulate(world, claims, Plan(runs=2, steps=STEPS))

    assert found.sightings == {}
    assert found.taken < found.runs * STEPS


def test_five_members_without_turns_disagree_in_random_runs() -> None:
    claims = [claim for claim in UNORDERED.properties if claim.kind is not Kind.LEADS_TO]

    found = simulate(steady(5, (1, 0, 2, 0, 1), ordered=False), claims, Plan(runs=2, steps=200))

    assert {claim.name for claim in found.sightings} == {"total_order"}


def test_a_wedged_member_neither_sends_nor_receives() -> None:
    names = members(2)
    multicast, state = Multicast(), Member(names[0], first_view(*names)).start(None).state
    assert isinstance(state, Inside)
    row = evolve(state.rows[0], suspected=frozenset({names[1]}))
    wedged = evolve(state, rows=(row, state.rows[1]), queue=("a",))
    push = Push(0, names[1], evolve(state.rows[1], received=(0, 1)), 0, ("b",))

    assert multicast.sent(wedged) == (wedged, ())
    assert multicast.received(wedged, 1, push) == wedged
    assert multicast.received(state, 1, push) != state
