"""How the lookups fail: the runs that the checker shows, and what they look like."""

from typing import Any

import pytest
from attrs import evolve

from coterie.checks.catalogue.diffusion import lookup, lookup_progress
from coterie.checks.catalogue.diffusion.lookup_worlds import (
    CLIENT,
    DATE,
    FORGED,
    HOLED,
    TRUE,
    WHOLE,
    asking,
    holed,
)
from coterie.checks.catalogue.gossip.store import published
from coterie.checks.check import Check
from coterie.checks.component import Crashed, Delivered, Fired, Forged, Invoked, Lost, Restarted
from coterie.checks.engine import reference
from coterie.checks.engine.explore import explore
from coterie.checks.lasso import cause
from coterie.checks.result import Trace, Verdict
from coterie.checks.view import WorldView
from coterie.checks.world import World
from coterie.model.diffusion.lookup import PUBLISHED, REPAIRED, WITNESSED, Client, Lookup, Retry
from coterie.model.gossip.store.reads import Absent, Found
from coterie.model.gossip.store.recovery import Request, Rows
from coterie.model.machine import Node
from coterie.spec.diffusion.lookup import Ledger
from coterie.spec.diffusion.lookup_progress import is_reading, reads_return
from coterie.spec.property import View, each, leads_to
from tests.gossip.fairness import causes, needless, run


def shortest(check: Check, name: str, mutant: str = "") -> tuple[World, Trace]:
    """Return the shortest run that violates that property, of the check or one of its mutants."""
    made = check.mutants[mutant] if mutant else None
    make, changed = (made.world, made.parameters) if made else (check.world, {})
    world = make(**check.parameters(**changed))
    claims = [claim for claim in check.properties if claim.name == name]
    trace = explore(world, claims, workers=1)[name].trace
    assert trace is not None
    return world, trace


def ledger(world: World, trace: Trace) -> Ledger:
    seen = WorldView(world, trace.states[-1]).observed("ledger")
    assert isinstance(seen, Ledger)
    return seen


def tables(world: World, trace: Trace) -> list[list[int]]:
    """Return the dates that each correct server has at the end of a run."""
    view = WorldView(world, trace.states[-1])
    return [sorted(view.memory(server).table) for server in view.nodes("server")]


def said(trace: Trace, kind: type) -> list[Any]:
    """Return what the run's steps of that kind begin with."""
    return [each for each in map(cause, trace.steps) if isinstance(each, kind)]


@pytest.mark.parametrize(
    ("check", "mutant"), [(lookup.WITNESSED_CHECK, ""), (lookup.PUBLISHED_CHECK, "half")]
)
def test_f_plus_1_equal_values_are_forgotten_when_one_correct_server_has_them(
    check: Check, mutant: str
) -> None:
    world, trace = shortest(check, "no_value_is_forgotten", mutant)

    seen = ledger(world, trace)
    assert seen.returned == {(DATE, TRUE)}
    assert seen.missed
    assert len(seen.holders[DATE]) == 1


def test_f_equal_values_may_all_be_lies() -> None:
    world, trace = shortest(lookup.PUBLISHED_CHECK, "no_forgery", "gullible")

    (lie,) = said(trace, Forged)
    assert ledger(world, trace).returned == {(DATE, lie.message.result.value)}
    assert ledger(world, trace).measured == frozenset()


@pytest.mark.parametrize(("mutant", "lies"), [("outvoted", 2), ("three_f", 1)])
def test_too_many_liars_say_a_value_first_and_none_later(mutant: str, lies: int) -> None:
    world, trace = shortest(lookup.PUBLISHED_CHECK, "no_value_is_forgotten", mutant)

    results = [each.message.result for each in said(trace, Forged)]
    assert results == [Found(TRUE)] * lies + [Absent()] * lies
    assert ledger(world, trace).returned == {(DATE, TRUE)}


def test_late_answers_say_what_is_true_no_more() -> None:
    world, trace = shortest(lookup.PUBLISHED_CHECK, "no_value_is_overlooked", "late_answers")

    told = list(map(cause, trace.steps))
    begun = max(place for place, each in enumerate(told) if isinstance(each, Invoked))
    later = [each for each in told[begun:] if isinstance(each, Delivered)]
    assert told[begun] == Invoked(CLIENT, Lookup(DATE))
    assert 1 in {each.message.number for each in later if each.receiver == CLIENT}
    assert len(ledger(world, trace).holders[DATE]) == 2


def test_whoever_passes_on_what_one_server_says_spreads_what_nobody_measured() -> None:
    world, trace = shortest(lookup.REPAIRED_CHECK, "no_forgery", "chatter")

    assert len(ledger(world, trace).holders[DATE]) == 3
    assert ledger(world, trace).measured == frozenset()


def test_a_byzantine_helper_makes_two_correct_servers_lie() -> None:
    world, trace = shortest(lookup.POISONED, "no_forgery")

    rows = [each for each in said(trace, Forged) if isinstance(each.message, Rows)]
    assert {each.message.items for each in rows} == {((DATE, FORGED),)}
    assert len({each.receiver for each in rows}) == 2
    assert ledger(world, trace).returned == {(DATE, FORGED)}


# The hole, and the read that never returns.


def test_the_hole_is_one_that_the_published_store_comes_to_by_itself() -> None:
    world, trace = shortest(published.REORDER, "no_hole_at_rest")

    view = WorldView(world, trace.states[-1])
    assert [view.memory(server) for server in view.nodes("server")] == [HOLED, WHOLE]


def test_a_hole_and_a_silent_server_make_the_published_client_ask_for_ever() -> None:
    trace = run(lookup_progress.HOLE, "reads_return")

    before, loop = causes(trace)
    assert not any(isinstance(each, Forged) for each in before + loop)
    assert loop.count(Fired(CLIENT, Retry())) == 2
    answers = [
        each.message.result
        for each in loop
        if isinstance(each, Delivered) and each.receiver == CLIENT
    ]
    assert answers.count(Absent()) == 2
    assert answers.count(Found(TRUE)) == 4


def test_a_crash_makes_the_hole_though_the_server_recovers() -> None:
    world, trace = shortest(lookup_progress.RECOVERY, "can_still_return")

    happened = [one for step in trace.steps for one in step.happenings]
    (crashed,) = (one.node for one in happened if isinstance(one, Crashed))
    kinds = [type(one) for one in happened if isinstance(one, Crashed | Lost | Restarted)]
    asked = [
        one.receiver
        for one in happened
        if isinstance(one, Delivered) and isinstance(one.message, Request)
    ]
    assert kinds == [Crashed, Lost, Restarted]
    assert [one.receiver for one in happened if isinstance(one, Lost)] == [crashed]
    assert len(asked) == 2
    assert sorted(tables(world, trace)) == [[], [], [DATE]]


@leads_to(is_reading, each=each("client"))
def hole_is_filled(world: View, client: Node) -> bool:
    return bool(world.memory(Node("server")).table == WHOLE.table)


@pytest.mark.parametrize(
    ("check", "verdict"),
    [
        (lookup_progress.WITNESSED_HOLE, Verdict.VIOLATED),
        (lookup_progress.REPAIRED_HOLE, Verdict.HOLDS),
    ],
    ids=lambda value: value.name,
)
def test_the_repaired_client_fills_the_hole(check: Check, verdict: Verdict) -> None:
    assert explore(check.world(**check.parameters()), [hole_is_filled]).verdict is verdict


# What the claims about whole runs rest on.


@pytest.mark.parametrize(
    "check",
    [lookup_progress.PROGRESS, lookup_progress.REPAIRED_PROGRESS],
    ids=lambda check: check.name,
)
def test_what_reads_rest_on_is_needed(check: Check) -> None:
    assert needless(check) == []


@pytest.mark.parametrize("client", [PUBLISHED, WITNESSED, REPAIRED])
def test_the_plain_explorer_says_the_same(client: Client) -> None:
    lying = holed(client)
    assert lying.adversary is not None
    world = evolve(lying, adversary=evolve(lying.adversary, repertoire=()))

    engine, plain = explore(world, [reads_return]), reference.explore(world, [reads_return])

    assert engine.summary() == plain.summary()


@pytest.mark.parametrize(
    ("client", "violated"),
    [
        (PUBLISHED, {}),
        (WITNESSED, {"linearizable": 12, "no_value_is_forgotten": 12}),
        (REPAIRED, {}),
    ],
    ids=["published", "witnessed", "repaired"],
)
def test_channels_that_hold_any_number_of_messages_change_nothing(
    client: Client, violated: dict[str, int]
) -> None:
    found = explore(asking(client, attempts=2), lookup.PROMISES)

    assert {
        each.claim.name: len(each.trace or ())
        for each in found.findings
        if each.verdict.name == "VIOLATED"
    } == violated
