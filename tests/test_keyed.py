"""Keyed objects: each is a machine of its own, and knows nothing of the others."""

from collections.abc import Iterable
from functools import reduce
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from coterie.checks.laws import check_laws
from coterie.model.counter import Add, Counter
from coterie.model.keyed import At, Born, keyed
from coterie.model.link import Acknowledged, Line, Link, Numbered, Resend
from coterie.model.machine import (
    Deliver,
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Return,
    Send,
    Timeout,
)

PEER = Node("end", 1)
COUNTERS = keyed(Counter((PEER,)))
LINKS = keyed(Link())


def test_an_object_is_born_on_first_use() -> None:
    outcome = COUNTERS.step(Map(), Invoke(At("a", Add(2))))

    assert outcome == Outcome(
        Map({"a": 2}),
        (
            Record(At("a", Born())),
            Record(At("a", Add(2))),
            Return(2),
            Send(PEER, At("a", Add(2))),
        ),
    )


def test_it_is_born_once() -> None:
    outcome = COUNTERS.step(Map({"a": 2}), Receive(PEER, At("a", Add(3))))

    assert outcome == Outcome(Map({"a": 5}), (Record(At("a", Add(3))),))


def test_the_others_are_left_alone() -> None:
    outcome = COUNTERS.step(Map({"a": 2, "b": 7}), Receive(PEER, At("b", Add(1))))

    assert outcome is not None
    assert outcome.state == Map({"a": 2, "b": 8})


@pytest.mark.parametrize("message", [At("b", "hello"), "hello"])
def test_an_unwanted_message_gives_birth_to_nothing(message: Any) -> None:
    assert COUNTERS.step(Map({"a": 2}), Receive(PEER, message)) == Outcome(Map({"a": 2}))


def test_a_refused_operation_gives_birth_to_nothing() -> None:
    assert COUNTERS.step(Map(), Invoke(At("a", "hello"))) is None
    assert COUNTERS.step(Map(), Invoke(Add(1))) is None


def test_timeouts_come_by_key_and_in_the_order_of_the_keys() -> None:
    waiting = Line(0, ("a",))
    state = Map({"b": Map({PEER: waiting}), "a": Map({PEER: waiting})})

    outcome = LINKS.step(state, At("b", Resend(PEER, 0)))

    assert list(LINKS.options(state)) == [At("a", Resend(PEER, 0)), At("b", Resend(PEER, 0))]
    assert outcome == Outcome(state, (Send(PEER, At("b", Numbered(0, "a"))),))
    assert LINKS.step(state, At("c", Resend(PEER, 0))) is None
    assert LINKS.step(state, Resend(PEER, 0)) is None


def test_a_delivery_says_which_object_made_it() -> None:
    outcome = LINKS.step(Map(), Receive(PEER, At("a", Numbered(0, "word"))))

    assert outcome is not None
    assert Deliver(At("a", Receive(PEER, "word"))) in outcome.effects
    assert Send(PEER, At("a", Acknowledged(1))) in outcome.effects


def test_a_restart_finds_every_object_that_has_a_memory() -> None:
    state = Map({"a": 2, "b": 0})

    assert COUNTERS.start(COUNTERS.memory(state)) == Outcome(state)
    assert COUNTERS.start(None) == Outcome(Map())


def test_a_record_without_a_key_is_an_error() -> None:
    with pytest.raises(TypeError, match="which object"):
        COUNTERS.recorded(None, Add(1))


@frozen
class Greeter(Machine[int, int]):
    """Greets at its first start and at every other; remembers how often it started, if `durable`.

    Attributes:
        durable: whether it has any memory.
    """

    durable: bool

    def start(self, memory: int | None) -> Outcome[int]:
        starts = (memory or 0) + 1
        record = (Record(starts),) if self.durable else ()
        return Outcome(starts, (*record, Send(PEER, f"start {starts}")))

    def options(self, state: int) -> Iterable[Timeout]:
        return ()

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        return Outcome(state, (Return(state),)) if isinstance(event, Invoke) else Outcome(state)

    def memory(self, state: int) -> int | None:
        return state if self.durable else None

    def recorded(self, memory: int | None, change: Any) -> int:
        return int(change)


def test_what_a_start_asks_for_is_done_at_birth() -> None:
    outcome = keyed(Greeter(durable=True)).step(Map(), Invoke(At("a", "ask")))

    assert outcome == Outcome(
        Map({"a": 1}), (Record(At("a", Born())), Send(PEER, At("a", "start 1")), Return(1))
    )


def test_what_a_start_asks_for_is_done_at_a_restart_for_each_object() -> None:
    outcome = keyed(Greeter(durable=True)).start(Map({"b": 4, "a": 1}))

    assert outcome == Outcome(
        Map({"a": 2, "b": 5}),
        (
            Record(At("a", 2)),
            Send(PEER, At("a", "start 2")),
            Record(At("b", 5)),
            Send(PEER, At("b", "start 5")),
        ),
    )


def test_an_object_without_memory_is_unborn_after_a_crash() -> None:
    store = keyed(Greeter(durable=False))

    assert store.memory(Map({"a": 1})) == Map()
    assert store.start(store.memory(Map({"a": 1}))) == Outcome(Map())


ADDS = st.builds(At, st.sampled_from("abc"), st.builds(Add, st.integers(-3, 3)))
EVENTS = st.one_of(
    st.builds(Invoke, ADDS),
    st.builds(lambda message: Receive(PEER, message), st.one_of(ADDS, st.just("hello"))),
)


@given(st.lists(EVENTS, max_size=12), st.sampled_from("abc"))
def test_an_object_sees_what_carries_its_key_and_nothing_else(
    events: list[Event], key: str
) -> None:
    together: Map[str, int] = Map()
    alone = 0
    counter = Counter((PEER,))
    for event in events:
        outcome = COUNTERS.step(together, event)
        together = outcome.state if outcome else together
        match event:
            case Invoke(At(k, inner)) if k == key:
                alone = (counter.step(alone, Invoke(inner)) or Outcome(alone)).state
            case Receive(sender, At(k, inner)) if k == key:
                alone = (counter.step(alone, Receive(sender, inner)) or Outcome(alone)).state

    assert together.get(key, 0) == alone


@pytest.mark.parametrize("store", [COUNTERS, keyed(Greeter(durable=True))], ids=["plain", "loud"])
@given(events=st.lists(EVENTS, max_size=8))
def test_keyed_objects_keep_the_laws(store: Machine[Any, Any], events: list[Event]) -> None:
    state = store.start(None).state
    for event in events:
        check_laws(store, state, event)
        check_laws(store, state)
        state = (store.step(state, event) or Outcome(state)).state


@given(st.lists(EVENTS, max_size=12))
def test_the_records_since_the_first_start_are_the_whole_memory(events: list[Event]) -> None:
    state: Map[str, int] = Map()
    changes = []
    for event in events:
        outcome = COUNTERS.step(state, event) or Outcome(state)
        state = outcome.state
        changes += [each.change for each in outcome.effects if isinstance(each, Record)]

    assert reduce(COUNTERS.recorded, changes, Map()) == COUNTERS.memory(state)
