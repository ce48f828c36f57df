"""The ragged trim against what it is computed from, and the tables that it may begin with."""

from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Any

import pytest
from attrs import define, field

from coterie.checks.catalogue.synchrony import twins
from coterie.checks.catalogue.synchrony.trim import wedged
from coterie.checks.catalogue.synchrony.trim.tables import Wedging, matrices, starts
from coterie.checks.catalogue.synchrony.trim.worlds import world
from coterie.checks.catalogue.synchrony.worlds import members
from coterie.checks.component import Channel
from coterie.checks.engine.explore import explore
from coterie.checks.network import Fifo
from coterie.checks.nodes import Running
from coterie.checks.result import Verdict
from coterie.checks.simulation.steps import Steps
from coterie.checks.world import Values, World
from coterie.model.machine import Node
from coterie.model.synchrony.multicast import Multicast
from coterie.model.synchrony.state import (
    Inside,
    Item,
    all_delivered,
    at_start,
    row_of,
    trusted,
)
from coterie.model.synchrony.table import Counts, Push, Row, is_wedged
from coterie.model.synchrony.view import first_view
from coterie.spec.synchrony import trim as spec

Table = frozenset[tuple[Node, Counts, int]]


def inside(made: World, values: Values) -> dict[Node, Inside]:
    """Return the states of the members that are up."""
    found = {node: values[made.slots[node]] for node in made.machines}
    return {node: value.state for node, value in found.items() if isinstance(value, Running)}


def tables_of(made: World, gone: int | None) -> set[Table]:
    """Return the tables of all reachable states in which everybody who is up has just wedged."""
    found: list[Values] = []
    explore(made, keep=found.extend)
    names, tables = members(3), set()
    alive = {name for rank, name in enumerate(names) if rank != gone}
    for values in found:
        up = inside(made, values)
        rows = {node: row_of(state) for node, state in up.items()}
        if set(up) == alive and all(
            state.view.number == 0 and is_wedged(rows[node]) and rows[node].trim is None
            for node, state in up.items()
        ):
            tables.add(frozenset((node, rows[node].received, up[node].delivered) for node in alive))
    return tables


def enumerated(gone: int | None) -> set[Table]:
    """Return the tables from which the trim is explored by itself, of those who are up."""
    names = members(3)
    member = Wedging(names[0], first_view(*names))
    return {
        frozenset(
            (node, row_of(broken.inside).received, broken.inside.delivered)
            for node, broken in start.items()
            if gone is None or node != names[gone]
        )
        for sent in product(range(2), repeat=3)
        for start in starts(member, sent, gone)
    }


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_the_enumerated_tables_are_all_that_a_crash_can_leave(gone: int) -> None:
    reachable = tables_of(world(told=(0, 1, 0), crashes=1), gone)

    assert len(reachable) > 1
    assert reachable <= enumerated(gone)


def test_the_enumerated_tables_are_all_that_a_batch_can_find() -> None:
    reachable = tables_of(world(told=(1,), leaving=(2,)), None)

    assert len(reachable) > 1
    assert reachable <= enumerated(None)


def test_a_matrix_has_every_sender_s_own_messages_and_any_of_the_others() -> None:
    found = list(matrices(3, (2, 0, 1)))

    assert len(found) == len(set(found)) == 3 * 3 * 2 * 2
    assert all((matrix[0][0], matrix[1][1], matrix[2][2]) == (2, 0, 1) for matrix in found)


def test_whoever_starts_wedged_says_so_unless_all_know_it() -> None:
    """Member 0 is gone: of 1 and 2 both say so, or member 1, who leads now, makes its proposal."""
    on_their_way = [
        sum(bool(values[made.slots[key]]) for key in made.slots if isinstance(key, Channel))
        for made in (wedged.world(3, (0, 1), (0,), told=told) for told in (False, True))
        for values in made.initial()
    ]

    assert set(on_their_way) == {2, 1}


def test_to_take_no_trim_that_is_found_stops_the_group_but_tells_nobody_apart() -> None:
    """The echo must be the same trim and the same batch, which is a second line of defence."""
    made = wedged.world(3, (0, 1, 1), crashes=1, rules=twins.NO_REUSE)
    claims = (spec.one_order, spec.together, spec.trim_covers_deliveries, spec.one_trim)

    verdicts = {finding.claim.name: finding.verdict for finding in explore(made, claims).findings}

    assert verdicts == {
        "one_order": Verdict.HOLDS,
        "together": Verdict.HOLDS,
        "trim_covers_deliveries": Verdict.HOLDS,
        "one_trim": Verdict.VIOLATED,
    }


@define
class Chronicle:
    """What somebody who sees everything writes down during a run.

    Attributes:
        said: every message, by view, sender and index; None for a null.
        wedged: what each member had received when it wedged, by view and name.
        trims: the trims of each view, in the order in which they were first seen in a row.
        ended: what was delivered in each view that somebody has ended.
        members: the members of each view, by rank.
    """

    said: dict[tuple[int, Node, int], Any] = field(factory=dict)
    wedged: dict[tuple[int, Node], Counts] = field(factory=dict)
    trims: dict[int, list[Counts]] = field(factory=dict)
    ended: dict[int, tuple[Item, ...]] = field(factory=dict)
    members: dict[int, tuple[Node, ...]] = field(factory=dict)

    def see(self, states: dict[Node, Inside]) -> None:
        """Write down what is new, and hold what the members have done against it."""
        for state in states.values():
            self._note(state)
        fresh = [state for state in states.values() if row_of(state).trim is not None]
        for state in fresh:
            self._judge(state)
        for state in states.values():
            for view in range(state.view.number):
                self._compare(view, state)

    def _note(self, state: Inside) -> None:
        view, row, done = state.view.number, row_of(state), all_delivered(state)
        assert self.members.setdefault(view, state.view.members) == state.view.members
        for sender, held, first in zip(state.view.members, state.held, done, strict=True):
            for index, payload in enumerate(held, start=first):
                assert self.said.setdefault((view, sender, index), payload) == payload
        if is_wedged(row):
            assert self.wedged.setdefault((view, state.name), row.received) == row.received

    def _judge(self, state: Inside) -> None:
        """Check a trim: it is one that was there, or the least of those whom its owner trusts."""
        view, trim = state.view.number, row_of(state).trim
        assert trim is not None
        known = self.trims.setdefault(view, [])
        if trim not in known:
            suspected = row_of(state).suspected
            counts = [
                self.wedged[view, name] for name in state.view.members if name not in suspected
            ]
            assert len(counts) == len(trusted(state))
            assert trim == tuple(map(min, *counts))
            known.append(trim)

    def _compare(self, view: int, state: Inside) -> None:
        """Check what was delivered of a view that is over: one of its trims, the same for all."""
        items = tuple(item for item in state.application if item.view == view)
        assert items in [tuple(self._up_to(view, trim)) for trim in self.trims[view]]
        assert self.ended.setdefault(view, items) == items

    def _up_to(self, view: int, trim: Counts) -> Iterator[Item]:
        for index, rank in product(range(max(trim)), range(len(trim))):
            sender = self.members[view][rank]
            payload = self.said[view, sender, index] if index < trim[rank] else None
            if payload is not None:
                yield Item(view, sender, payload)


def runs(made: World, chances: Random, crash: float) -> Chronicle:
    """Return what there is to see in a random run, to its end."""
    steps, chronicle = Steps(made), Chronicle()
    values = steps.starts[0]
    while True:
        chronicle.see(inside(made, values))
        possible = steps.of(values)
        faults = [step for step in possible if step.fault]
        others = [step for step in possible if not step.fault]
        if not others:
            return chronicle
        choice = faults if faults and chances.random() < crash else others
        values = chances.choice(choice).values


def seen(size: int, crashes: int, number: int, rules: twins.Rules | None = None) -> list[Chronicle]:
    """Return what there is to see in so many runs of a group with four senders."""
    made = world(size=size, told=(2, 1, 0, 2)[:size], crashes=crashes, rules=rules)
    return [runs(made, Random(seed), 0.05) for seed in range(number)]


def is_ragged(chronicle: Chronicle) -> bool:
    """Return whether somebody had more than a trim of its view names."""
    return any(
        counts not in chronicle.trims.get(view, [counts])
        for (view, _), counts in chronicle.wedged.items()
    )


@pytest.mark.parametrize(
    ("size", "crashes", "number"), [(3, 1, 12), (4, 1, 6), (5, 2, 5), (6, 2, 2), (7, 3, 1)]
)
def test_every_view_ends_with_the_least_that_was_received_when_all_had_wedged(
    size: int, crashes: int, number: int
) -> None:
    chronicles = seen(size, crashes, number)

    assert any(each.ended for each in chronicles)
    assert any(map(is_ragged, chronicles))


@pytest.mark.parametrize("rules", [twins.GREATEST, twins.LEAST_OVER_ALL])
def test_whoever_sees_everything_sees_another_trim(rules: twins.Rules) -> None:
    with pytest.raises(AssertionError):
        seen(5, 2, 6, rules)


def test_what_follows_a_lost_message_is_not_taken_for_it() -> None:
    names = members(2)
    reader = at_start(names[1], first_view(*names), ())

    after = Multicast().received(reader, 0, Push(0, names[0], Row((2, 0)), 1, ("second",)))

    assert after == reader


def test_rows_that_queue_may_be_lost_one_by_one_and_nobody_is_misled() -> None:
    queued = world(size=3, told=(2,), crashes=1, network=Fifo())

    found = explore(queued, (spec.one_order, spec.fifo, spec.together, spec.survivors_end_alike))

    assert [each.verdict for each in found.findings] == [Verdict.HOLDS] * 4
