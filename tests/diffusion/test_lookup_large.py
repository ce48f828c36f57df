"""The two-phase lookup with two Byzantine servers of seven, and two clients: by random runs."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from coterie import machine_of
from coterie.checks.catalogue.diffusion import lookup
from coterie.checks.catalogue.diffusion.lookup_worlds import asking
from coterie.checks.check import Check
from coterie.checks.hypothesis import ViolatedError
from coterie.checks.simulation.walk import Plan, simulate
from coterie.model.diffusion.lookup import Lookup
from coterie.model.gossip.store.edge import Measure
from coterie.model.gossip.store.reads import Absent, Found
from coterie.model.gossip.store.server import Stored
from coterie.model.machine import Deliver, Invoke, Node, Return
from coterie.spec.diffusion.lookup import (
    Ledger,
    a_value_is_returned,
    ledger,
    no_forgery,
    none_before_a_value,
)
from coterie.spec.observer import Seen

CLIENTS = tuple(Node("client", index) for index in range(2))
SERVERS = tuple(Node("server", index) for index in range(3))
DEVICE = Node("device")
RUNS = Plan(seed=3, runs=25, steps=120, faults=0.1)
KEEPING = [lookup.PUBLISHED_CHECK, lookup.REPAIRED_CHECK]
FEW = settings(max_examples=8, stateful_step_count=40, deadline=None, database=None)
FINDING = settings(
    max_examples=300,
    stateful_step_count=10,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
)


@pytest.mark.parametrize("check", KEEPING, ids=lambda check: check.name)
@pytest.mark.parametrize("larger", [{"f": 2}, {"clients": 2}], ids=["f = 2", "two clients"])
def test_no_random_run_breaks_a_promise(check: Check, larger: dict[str, Any]) -> None:
    world = check.world(**check.parameters(**larger))

    found = simulate(world, check.properties, RUNS)

    assert found.runs == RUNS.runs
    assert set(found.sightings) == {a_value_is_returned, none_before_a_value}


@pytest.mark.parametrize("check", KEEPING, ids=lambda check: check.name)
def test_hypothesis_breaks_no_promise_where_two_servers_are_byzantine(check: Check) -> None:
    run_state_machine_as_test(machine_of(check, f=2), settings=FEW)


def test_hypothesis_finds_the_lie_of_two_byzantine_servers() -> None:
    world = asking(lookup.GULLIBLE, f=2)

    with pytest.raises(ViolatedError) as caught:
        run_state_machine_as_test(machine_of(world, [no_forgery]), settings=FINDING)

    assert len(caught.value.minimal) == 3  # a read, and two servers that say the same


# The ghost that judges reads as they return, against one that looks at everything again.

Happening = tuple[Node, Seen]


@st.composite
def happenings(draw: st.DrawFn) -> list[Happening]:
    """Draw what users and servers of two dates see; a client's reads come one after another."""
    seen: list[Happening] = []
    reading: set[Node] = set()
    for _ in range(draw(st.integers(0, 25))):
        date, client = draw(st.integers(1, 2)), draw(st.sampled_from(CLIENTS))
        what = draw(st.sampled_from(["measure", "store", "read", "read"]))
        if what == "measure":
            seen.append((DEVICE, Invoke(Measure(date, 10 * date))))
        elif what == "store":
            seen.append((draw(st.sampled_from(SERVERS)), Deliver(Stored(date, 10 * date))))
        elif client in reading:
            results = st.sampled_from([Absent(), Found(10), Found(20)])
            seen.append((client, Return(draw(results))))
            reading.remove(client)
        else:
            seen.append((client, Invoke(Lookup(date))))
            reading.add(client)
    return seen


def reads(seen: Sequence[Happening]) -> list[tuple[int, int, int, object]]:
    """Return each read that has returned: when it began and ended, its date and its result."""
    found = []
    for begun, (node, call) in enumerate(seen):
        if isinstance(call, Invoke) and isinstance(call.operation, Lookup):
            ends = (
                (begun, end, call.operation.date, answer.result)
                for end, (other, answer) in enumerate(seen)
                if end > begun and other == node and isinstance(answer, Return)
            )
            found += list(ends)[:1]
    return found


def forgotten_plainly(seen: Sequence[Happening]) -> bool:
    return any(
        isinstance(first, Found) and second == Absent() and date == other and ended < begun
        for _, ended, date, first in reads(seen)
        for begun, _, other, second in reads(seen)
    )


def overlooked_plainly(seen: Sequence[Happening]) -> bool:
    def holders(before: int, date: int) -> set[Node]:
        stored = (
            node
            for node, told in seen[:before]
            if isinstance(told, Deliver) and told.item.date == date
        )
        return set(stored)

    return any(
        result == Absent() and len(holders(begun, date)) >= 2
        for begun, _, date, result in reads(seen)
    )


@given(happenings())
def test_the_ledger_judges_as_one_that_looks_at_everything_again(seen: list[Happening]) -> None:
    observer = ledger(1)
    value: Ledger = observer.initial
    for node, what in seen:
        value = observer.observe(value, node, what)

    assert value.forgotten == forgotten_plainly(seen)
    assert value.overlooked == overlooked_plainly(seen)
    assert value.missed == any(result == Absent() for *_, result in reads(seen))
    assert value.returned == {
        (date, result.value) for _, _, date, result in reads(seen) if isinstance(result, Found)
    }
