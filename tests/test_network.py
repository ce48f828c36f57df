"""Networks: what a channel holds, what comes out, what is lost or repeated."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from coterie.checks.canonical import canonical
from coterie.checks.component import (
    ACT,
    Channel,
    Delivered,
    Duplicated,
    IsDown,
    Lost,
    Put,
    Reaction,
    Spend,
)
from coterie.checks.fairness import weak
from coterie.checks.faults import Faults
from coterie.checks.network import Bag, ChannelComponent, Fifo, Latest, Network, Pool
from coterie.checks.world import World
from coterie.model.machine import Node, Receive, Send
from tests.strategies import Table, Tick

ONE, TWO = Node("one"), Node("two")
KEY = Channel(ONE, TWO)
FIRED = Tick(0)
MESSAGES = st.lists(st.integers(0, 4), max_size=6)


@frozen(cache_hash=True)
class Letter:
    """A message that has no order of its own."""

    words: frozenset[str]


def filled(network: Network, messages: list[Any]) -> tuple[Any, ...]:
    held: tuple[Any, ...] = ()
    for message in messages:
        held = network.put(held, message)
    return held


def reactions(component: ChannelComponent, held: tuple[Any, ...], stimulus: Any) -> list[Reaction]:
    return list(component.react(held, stimulus))


@given(MESSAGES.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_a_bag_forgets_the_order_of_sending(both: tuple[list[int], list[int]]) -> None:
    sent, shuffled = both

    assert filled(Bag(), sent) == filled(Bag(), shuffled)
    assert sorted(filled(Bag(), sent)) == sorted(sent)


@given(MESSAGES)
def test_a_bag_lets_each_distinct_message_out_once(sent: list[int]) -> None:
    held = filled(Bag(), sent)

    taken = list(Bag().taken(held))

    assert sorted(message for message, _ in taken) == sorted(set(sent))
    assert all(filled(Bag(), [*left, message]) == held for message, left in taken)


def test_a_bag_orders_what_has_no_order_by_its_text() -> None:
    first, second = Letter(frozenset("ba")), Letter(frozenset("cd"))

    assert filled(Bag(), [second, first, second]) == (first, second, second)


@given(MESSAGES)
def test_a_pool_keeps_each_message_once_and_for_ever(sent: list[int]) -> None:
    held = filled(Pool(), sent)

    assert held == tuple(sorted(set(sent), key=canonical))
    assert list(Pool().taken(held)) == [(message, held) for message in held]


@given(MESSAGES)
def test_a_fifo_keeps_the_order_of_sending(sent: list[int]) -> None:
    held, received = filled(Fifo(), sent), []
    while held:
        ((message, held),) = Fifo().taken(held)
        received.append(message)

    assert received == sent


def never(older: int, newer: int) -> None:
    """Let nothing replace anything."""


def summed(older: int, newer: int) -> int | None:
    """Add up what is small."""
    return older + newer if older + newer < 6 else None


def received_over(network: Network, turns: list[int | None]) -> list[int]:
    """Return what arrives when at each turn one message is put in, or one is taken out."""
    held: tuple[int, ...] = ()
    found: list[int] = []
    for turn in [*turns, *(None for _ in turns)]:
        if turn is not None:
            held = network.put(held, turn)
        elif held:
            ((message, held),) = network.taken(held)
            found.append(message)
    return found


TURNS = st.lists(st.none() | st.integers(0, 4), max_size=12)


@given(TURNS)
def test_over_latest_come_some_of_the_messages_in_order_and_the_last(
    turns: list[int | None],
) -> None:
    every, some = received_over(Fifo(), turns), received_over(Latest(), turns)

    rest = iter(every)
    assert all(message in rest for message in some)
    assert some[-1:] == every[-1:]


@given(TURNS)
def test_whoever_reads_rows_late_reads_what_a_fifo_might_have_shown(
    turns: list[int | None],
) -> None:
    def table(rows: list[int]) -> list[int]:
        return [max(rows[: place + 1]) for place in range(len(rows))]

    growing = [None if turn is None else 5 * place + turn for place, turn in enumerate(turns)]
    every, some = received_over(Fifo(), growing), received_over(Latest(), growing)

    assert set(table(some)) <= set(table(every))
    assert table(some)[-1:] == table(every)[-1:]


@given(TURNS)
def test_where_nothing_is_replaced_latest_is_a_fifo(turns: list[int | None]) -> None:
    assert received_over(Latest(coalesced=never), turns) == received_over(Fifo(), turns)


@given(MESSAGES)
def test_an_undelivered_message_is_replaced_by_the_newest(sent: list[int]) -> None:
    assert filled(Latest(), sent) == tuple(sent[-1:])


@given(TURNS)
def test_messages_may_be_merged_without_losing_anything(turns: list[int | None]) -> None:
    assert sum(received_over(Latest(coalesced=summed), turns)) == sum(filter(None, turns))


def test_a_full_channel_still_takes_what_replaces_a_message() -> None:
    component = ChannelComponent(KEY, Latest(1, "block", summed))

    assert reactions(component, (2,), Put(3)) == [Reaction((5,))]
    assert not reactions(component, (5,), Put(3))


def test_a_latest_loses_any_message_as_a_fifo_does() -> None:
    assert list(Latest().lost((1, 2))) == list(Fifo().lost((1, 2)))


def test_deliveries_over_latest_are_owed_by_the_channel() -> None:
    fair, arrival = weak("deliveries"), Delivered(ONE, TWO, 5)

    assert fair.condition(arrival, Latest()) == fair.condition(arrival, Fifo()) == (ONE, TWO)


@pytest.mark.parametrize("network", [Bag, Pool, Fifo, Latest])
def test_nothing_comes_out_of_an_empty_channel(network: Callable[[], Network]) -> None:
    assert not list(network().taken(()))


@pytest.mark.parametrize("network", [Bag, Fifo])
def test_a_full_channel_that_drops_stays_as_it_is(network: type[Network]) -> None:
    component = ChannelComponent(KEY, network(1, "drop"))

    assert reactions(component, (1,), Put(2)) == [Reaction((1,))]
    assert reactions(component, (), Put(2)) == [Reaction((2,))]


@pytest.mark.parametrize("network", [Bag, Fifo])
def test_a_full_channel_that_blocks_refuses(network: type[Network]) -> None:
    component = ChannelComponent(KEY, network(1, "block"))

    assert not reactions(component, (1,), Put(2))
    assert reactions(component, (), Put(2)) == [Reaction((2,))]


def test_a_full_pool_still_takes_what_it_holds() -> None:
    component = ChannelComponent(KEY, Pool(1, "block"))

    assert reactions(component, (1,), Put(1)) == [Reaction((1,))]
    assert not reactions(component, (1,), Put(2))


def test_a_step_that_would_fill_a_blocking_channel_too_far_cannot_be_taken() -> None:
    chatter = Table(0, {(0, FIRED): (0, (Send(TWO, 1), Send(TWO, 2)))}, None, (0, 0, 0))
    silent = Table(0, {}, None, (0, 0, 0))

    blocked = World({ONE: chatter, TWO: silent}, network=Bag(1, "block"))
    dropped = World({ONE: chatter, TWO: silent}, network=Bag(1, "drop"))

    assert not list(blocked.successors(next(blocked.initial())))
    (step,) = dropped.successors(next(dropped.initial()))
    assert step.values[dropped.slots[KEY]] == (1,)


def test_a_message_that_comes_out_is_received() -> None:
    (reaction,) = reactions(ChannelComponent(KEY, Bag()), (5,), ACT)

    assert reaction == Reaction((), ((TWO, Receive(ONE, 5)),), (Delivered(ONE, TWO, 5),))


def test_a_loss_spends_its_budget_and_is_a_fault() -> None:
    _, lost = reactions(ChannelComponent(KEY, Bag(), losses=("losses",)), (5,), ACT)

    assert lost.value == ()
    assert lost.stimuli == (("losses", Spend()),)
    assert lost.happenings == (Lost(ONE, TWO, 5, "the network is lossy"),)
    assert lost.fault


def test_a_lossy_network_spends_nothing() -> None:
    _, lost = reactions(ChannelComponent(KEY, Bag(), losses=()), (5,), ACT)

    assert lost.stimuli == ()
    assert lost.fault


def test_a_duplication_delivers_and_keeps_a_copy() -> None:
    _, twice = reactions(ChannelComponent(KEY, Bag(), duplications=("duplications",)), (5,), ACT)

    assert twice.value == (5,)
    assert twice.stimuli == ((TWO, Receive(ONE, 5)), ("duplications", Spend()))
    assert twice.happenings == (Duplicated(ONE, TWO, 5),)
    assert twice.fault


def test_a_loss_to_a_crash_asks_whether_that_end_is_down() -> None:
    _, of_sender, of_receiver = reactions(
        ChannelComponent(KEY, Bag(), crashing=(ONE, TWO)), (5,), ACT
    )

    assert of_sender.stimuli == ((ONE, IsDown()),)
    assert of_receiver.stimuli == ((TWO, IsDown()),)
    assert of_receiver.happenings == (Lost(ONE, TWO, 5, "two0 is down"),)


def test_a_fifo_delivers_and_repeats_only_its_oldest_and_loses_any() -> None:
    component = ChannelComponent(KEY, Fifo(), losses=("losses",), duplications=("duplications",))

    received, twice, first_lost, second_lost = reactions(component, (5, 6), ACT)

    assert received.value == first_lost.value == (6,)
    assert twice.value == (5, 6)
    assert second_lost.value == (5,)


def test_a_pool_neither_loses_nor_repeats_since_its_messages_stay() -> None:
    component = ChannelComponent(KEY, Pool(), losses=(), duplications=(), crashing=(ONE,))

    (received,) = reactions(component, (5,), ACT)

    assert received.value == (5,)
    assert not received.fault


def test_the_losses_of_a_world_are_at_most_its_budget() -> None:
    booting = (Send(TWO, 1), Send(TWO, 2))
    machines = {ONE: Table(0, {}, None, (0, 0, 0), booting), TWO: Table(0, {}, None, (0, 0, 0))}
    world = World(machines, faults=Faults(losses=1))

    losses = [step for step in world.successors(next(world.initial())) if step.fault]
    later = [step for step in world.successors(losses[0].values) if step.fault]

    assert [step.values[world.slots[KEY]] for step in losses] == [(2,), (1,)]
    assert not later


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (Bag(), "Bag"),
        (Pool(3, "drop"), "Pool of 3, full ones drop"),
        (Fifo(1), "Fifo of 1, full ones block"),
        (Latest(), "Latest"),
        (Latest(2, coalesced=summed), "Latest of 2, full ones block by summed"),
    ],
)
def test_a_network_says_what_it_is(network: Network, words: str) -> None:
    assert str(network) == words
