"""Replicas that are counted do what replicas with names do, and their mutants what they should."""

from itertools import combinations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.checks.catalogue.diffusion import counted as catalogue
from coterie.checks.check import Check
from coterie.checks.engine.explore import explore
from coterie.checks.result import Trace, Verdict
from coterie.checks.view import WorldView
from coterie.checks.world import World
from coterie.model.diffusion.counted import (
    CLIENT,
    UNTOLD,
    Acknowledged,
    Complete,
    Copied,
    Counted,
    Entrusted,
    Replica,
    Spread,
    Tree,
    Write,
)
from coterie.model.diffusion.quorums import (
    is_answered,
    is_outdated,
    is_supported,
    node_size,
)
from coterie.model.machine import Timeout
from coterie.spec.diffusion import counted as spec
from coterie.spec.diffusion.counted import Answer
from coterie.spec.property import Kind
from tests.diffusion.named import Named

SHAPES = [((),), catalogue.PAIR, catalogue.LINE, ((1,), (0, 2), (1, 3), (2,))]
SAFE_AND_LIVE = [
    claim for claim in catalogue.PAIR_CHECK.properties if claim.kind is not Kind.REACHABLE
]
PATIENT = settings(deadline=None, max_examples=60)


@st.composite
def machines(draw: st.DrawFn) -> Counted:
    """Draw a tree, an origin, b, the Byzantine replicas of each node, and perhaps a mutant."""
    shape = draw(st.sampled_from(SHAPES))
    fields = draw(st.sampled_from([{}, {}, *catalogue.FIELDS.values()]))
    b = draw(st.integers(1 if fields else 0, 2))
    faulty = tuple(draw(st.integers(0, b)) for _ in shape)
    tree = Tree(shape, draw(st.integers(0, len(shape) - 1)), b, faulty)
    return Counted(tree, **{k: v for k, v in fields.items() if k not in {"faulty", "size"}})


def followers(machine: Counted, state: Spread) -> dict[Timeout, Spread]:
    """Return what each event on offer leads to."""
    found = {}
    for event in machine.options(state):
        outcome = machine.step(state, event)
        assert outcome is not None
        found[event] = outcome.state
    return found


@given(machine=machines(), choose=st.randoms(use_true_random=False))
@PATIENT
def test_whatever_happens_to_replicas_with_names_is_one_step_of_those_without(
    machine: Counted, choose: Random
) -> None:
    named = Named(machine)
    before = named.counted()
    assert before == machine.start(None).state

    for number in range(80):
        if number == 10:
            named.write()
        else:
            said = sorted({*named.flight, *named.lies()})
            if not said:
                continue
            named.deliver(choose.choice(said))
        after = named.counted()

        assert after == before or after in followers(machine, before).values()
        before = after


@given(machine=machines(), choose=st.randoms(use_true_random=False))
@PATIENT
def test_every_step_of_replicas_without_names_is_possible_with_them(
    machine: Counted, choose: Random
) -> None:
    named = Named(machine)
    state = machine.start(None).state

    for _ in range(40):
        events = followers(machine, state)
        if not events:
            break
        event, state = choose.choice(sorted(events.items(), key=str))
        named.follow(event)

        assert named.counted() == state


def by_hand(fresh: int, stale: int, liars: int, b: int) -> set[Answer]:
    """Return what a read may return: of every set of replicas that answer, and every lie."""
    found = set()
    honest = [Answer.NEW] * fresh + [Answer.OLD] * stale
    for lies in product((Answer.OLD, Answer.NEW, Answer.FORGED), repeat=liars):
        for said in combinations([*honest, *lies], 3 * b + 1):
            current = [
                one for one in said if not is_outdated(sum(o.value > one.value for o in said), b)
            ]
            known = [one for one in current if is_supported(current.count(one), b)]
            found.add(max(known, key=lambda one: one.value, default=Answer.ERROR))
    return found


@pytest.mark.parametrize(
    ("b", "fresh", "liars"),
    [(b, fresh, f) for b in (0, 1, 2) for f in range(b + 2) for fresh in range(4 * b + 2 - f)],
)
def test_a_read_by_counts_returns_what_reads_by_name_return(b: int, fresh: int, liars: int) -> None:
    stale = node_size(b) - liars - fresh

    assert spec.answers(fresh, stale, liars, b) == by_hand(fresh, stale, liars, b)
    assert is_answered(3 * b + 1, b)


@pytest.mark.parametrize("b", [1, 2, 3])
def test_a_read_is_fresh_from_2b_plus_1_fresh_correct_replicas_on(b: int) -> None:
    fresh = [n for n in range(3 * b + 2) if spec.answers(n, 3 * b + 1 - n, b, b) == {Answer.NEW}]

    assert fresh == list(range(2 * b + 1, 3 * b + 2))


@pytest.mark.parametrize("b", [1, 2])
def test_one_liar_too_many_makes_a_read_return_what_nobody_wrote(b: int) -> None:
    lied_to = [f for f in range(b + 2) if Answer.FORGED in spec.answers(4 * b + 1 - f, 0, f, b)]

    assert lied_to == [b + 1]


def violating(check: Check, mutant: str, claim: str) -> tuple[World, Trace]:
    """Return the world of a mutant, and the trace of the claim that it violates."""
    broken = check.mutants[mutant]
    world = broken.world(**check.parameters(**broken.parameters))
    claims = [each for each in check.properties if each.name == claim]
    (finding,) = explore(world, claims).findings
    assert finding.verdict is Verdict.VIOLATED
    assert finding.trace is not None
    return world, finding.trace


def told(trace: Trace) -> list[tuple[type[Timeout], int]]:
    """Return who heard what: the kind of event, and the tree node."""
    events = [cause.event for step in trace.steps for cause in step.happenings[:1]]  # type: ignore[union-attr]
    return [(type(event), getattr(event, "node", CLIENT)) for event in events]


def freshness(world: World, trace: Trace) -> list[int]:
    """Return how many correct replicas of each tree node store the update in the end."""
    state = spec.spread(WorldView(world, trace.states[-1]))
    return [spec.fresh(state, node) for node in range(len(state.crowds))]


FRESH = "a_read_after_the_write_is_fresh"
ENTRY = [(Write, CLIENT), *[(Entrusted, 0)] * 3]


@pytest.mark.parametrize(
    ("check", "mutant", "run", "fresh"),
    [
        (catalogue.PAIR_CHECK, "early_ack", [*ENTRY, (Complete, CLIENT)], [3, 0]),
        (
            catalogue.PAIR_CHECK,
            "few_acks",
            [*ENTRY, (Copied, 1), *[(Acknowledged, 0)] * 3, (Complete, CLIENT)],
            [3, 1],
        ),
        (
            catalogue.PAIR_CHECK,
            "hasty_client",
            [*ENTRY[:3], *[(Copied, 1)] * 3, *[(Acknowledged, 0)] * 2, (Complete, CLIENT)],
            [2, 3],
        ),
        (
            catalogue.STAR_CHECK,
            "any_neighbour",
            [*ENTRY, *[(Copied, 1)] * 3, *[(Acknowledged, 0)] * 3, (Complete, CLIENT)],
            [3, 3, 0],
        ),
    ],
    ids=["early_ack", "few_acks", "hasty_client", "any_neighbour"],
)
def test_whoever_acknowledges_too_soon_leaves_a_node_stale(
    check: Check, mutant: str, run: list[tuple[type[Timeout], int]], fresh: list[int]
) -> None:
    world, trace = violating(check, mutant, FRESH)

    assert told(trace) == run
    assert freshness(world, trace) == fresh


def test_b_copies_make_a_correct_replica_store_what_nobody_wrote() -> None:
    world, trace = violating(
        catalogue.PAIR_CHECK, "credulous", "nothing_is_stored_that_nobody_wrote"
    )

    assert told(trace) == [(Copied, 0)]
    assert freshness(world, trace) == [1, 0]


@pytest.mark.parametrize("faulty", list(product((0, 1), repeat=2)))
def test_two_nodes_stand_up_to_b_byzantine_replicas_each(faulty: tuple[int, int]) -> None:
    world = catalogue.world(catalogue.PAIR, 0, 1, faulty)

    found = explore(world, SAFE_AND_LIVE)

    assert {finding.verdict for finding in found.findings} == {Verdict.HOLDS}


@pytest.mark.parametrize("faulty", [(2, 0), (0, 2)])
def test_two_nodes_do_not_stand_one_byzantine_replica_more(faulty: tuple[int, int]) -> None:
    found = explore(catalogue.world(catalogue.PAIR, 0, 1, faulty), SAFE_AND_LIVE)

    wrong = {each.claim.name for each in found.findings if each.verdict is Verdict.VIOLATED}
    assert {"a_completed_write_is_everywhere", "the_write_completes"} & wrong


def test_two_nodes_stand_two_byzantine_replicas_each_when_they_are_built_for_it() -> None:
    found = explore(catalogue.world(catalogue.PAIR, 0, 2), catalogue.PAIR_CHECK.properties)

    assert {finding.verdict for finding in found.findings} == {Verdict.HOLDS}
    assert found.states == 806


def test_early_acknowledgements_are_kept_and_complete_a_replica_that_is_told_late() -> None:
    machine = Counted(Tree(catalogue.PAIR, 0, 1, (0, 0)))
    early = Replica(answered=(1,))

    assert machine.settled(0, early) == early
    assert machine.hearing(Entrusted(0, early)) == Replica(CLIENT, acked=True)
    assert machine.hearing(Entrusted(0, UNTOLD)) == Replica(CLIENT)
    assert machine.hearing(Copied(1, UNTOLD, 0)) == Replica(0, acked=True)
