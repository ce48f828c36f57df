"""The core of PBFT rule by rule, its sizes, and its short cuts against plain enumeration."""

from collections.abc import Iterable
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.checks.catalogue.diffusion.pbft.core import (
    SAFETY,
    changed_by_2f,
    committed_by_2f,
    prepared_by_f,
    repeat_any,
    world,
)
from coterie.checks.engine.explore import explore
from coterie.checks.result import Verdict
from coterie.checks.simulation.steps import Steps
from coterie.checks.simulation.walk import Plan, walk
from coterie.checks.world import Step
from coterie.model.diffusion.pbft.core import (
    NO_CERTIFICATE,
    NONE,
    Accept,
    Certificate,
    ChangeView,
    Commit,
    Core,
    PbftCore,
    Replica,
    Round,
    must_repeat,
    sorted_replicas,
)
from coterie.model.machine import Node, Outcome, Receive
from coterie.spec.diffusion.pbft.core import one_digest_committed

PBFT = PbftCore(f=1, replicas=4, faulty=1, views=3)
SILENT = Round()
LEFT = Round(reported=NONE)
START = PBFT.start(None).state


def after(*events: Any, machine: PbftCore = PBFT) -> Core:
    """Return the state after these events, each of which is on offer where it happens."""
    state = machine.start(None).state
    for event in events:
        assert event in tuple(machine.options(state))
        outcome = machine.step(state, event)
        assert outcome is not None
        state = outcome.state
    return state


def accepted(digest: int, *, prepared: bool = False, reported: int = -2) -> Round:
    return Round(reported, digest, prepared)


# Rule by rule.


def test_the_first_view_needs_no_permission() -> None:
    assert PBFT.permitted(START, 0) == (0,)
    assert PBFT.permitted(after(Accept(0, 0)), 0) == (0, 1)


def test_digests_are_named_in_the_order_of_their_use() -> None:
    assert list(PBFT.options(START)) == [Accept(0, 0), ChangeView(0)]
    assert PBFT.step(START, Accept(0, 1)) is None


def test_a_replica_accepts_one_proposal_a_view() -> None:
    state = after(Accept(0, 0))
    (index,) = (i for i, one in enumerate(state.replicas) if one[0].accepted == 0)

    assert PBFT.step(state, Accept(index, 1)) is None


def test_a_primary_may_tell_each_replica_something_else() -> None:
    state = after(Accept(0, 0), Accept(0, 1))

    assert sorted(one[0].accepted for one in state.replicas) == [NONE, 0, 1]
    assert not state.certified


def test_a_certificate_takes_2f_prepares_beside_the_pre_prepare() -> None:
    one, two = after(Accept(0, 0)), after(Accept(0, 0), Accept(0, 0))

    assert not one.certified
    assert two.certified == {Certificate(0, 0)}


def test_a_replica_commits_what_it_accepted_once_that_is_prepared() -> None:
    split = after(Accept(0, 0), Accept(0, 1), Accept(0, 0))
    committing = [split.replicas[e.replica] for e in PBFT.options(split) if isinstance(e, Commit)]

    assert committing == [(accepted(0), SILENT, SILENT)]


def test_a_replica_commits_once() -> None:
    state = after(Accept(0, 0), Accept(0, 0), Commit(1))
    done = state.replicas.index((accepted(0, prepared=True), SILENT, SILENT))

    assert PBFT.step(state, Commit(done)) is None


def test_the_commits_of_f_plus_1_correct_replicas_and_the_byzantine_ones_suffice() -> None:
    one = after(Accept(0, 0), Accept(0, 0), Commit(1))
    two = after(Accept(0, 0), Accept(0, 0), Commit(1), Commit(1))

    assert not one.committed
    assert two.committed == {Certificate(0, 0)}


def test_a_replica_that_gave_up_its_view_sends_nothing_there_any_more() -> None:
    state = after(Accept(0, 0), Accept(0, 0), ChangeView(1))
    gone = state.replicas.index((accepted(0), LEFT, SILENT))

    assert PBFT.step(state, Commit(gone)) is None
    assert PBFT.step(state, Accept(gone, 0)) is None


def test_there_is_no_view_after_the_last() -> None:
    state = after(ChangeView(0), ChangeView(2))
    last = state.replicas.index((SILENT, LEFT, LEFT))

    assert PBFT.step(state, ChangeView(last)) is None
    assert ChangeView(last) not in tuple(PBFT.options(state))


def test_a_view_change_reports_the_newest_certificate() -> None:
    before = (accepted(0, prepared=True), accepted(1, prepared=True, reported=0), SILENT)
    state = Core(1, (before, before, before))

    outcome = PBFT.step(state, ChangeView(0))

    assert outcome is not None
    assert {one[2].reported for one in outcome.state.replicas} == {-2, 1}


def test_what_is_not_prepared_is_not_reported() -> None:
    state = after(Accept(0, 0), ChangeView(2))

    assert (accepted(0), LEFT, SILENT) in state.replicas


def test_a_new_view_needs_a_quorum_of_view_changes() -> None:
    assert PBFT.permitted(after(ChangeView(0)), 1) == ()
    assert PBFT.permitted(after(ChangeView(0), ChangeView(0)), 1) == (0,)


def test_without_certificates_a_new_view_is_free() -> None:
    state = Core(1, ((accepted(0), LEFT, SILENT), (SILENT, LEFT, SILENT), (SILENT,) * 3))

    assert PBFT.permitted(state, 1) == (0, 1)


def test_a_new_view_repeats_the_certificate_of_the_highest_view() -> None:
    old = (accepted(0, prepared=True), LEFT, Round(reported=0))
    new = (SILENT, accepted(1, prepared=True, reported=NONE), Round(reported=1))
    state = Core(1, sorted_replicas((old, new, (SILENT,) * 3)))

    assert PBFT.permitted(state, 2) == (1,)


def test_a_byzantine_replica_may_report_a_certificate_that_the_others_do_not_know_of() -> None:
    two = (SILENT, LEFT, SILENT)
    forged = frozenset({Certificate(0, 1)})
    replicas = (two, two, (accepted(1), SILENT, SILENT))

    assert PBFT.permitted(Core(1, replicas, forged), 1) == (0, 1)
    assert PBFT.permitted(Core(1, replicas, frozenset({Certificate(1, 1)})), 1) == (0, 1)


def test_messages_are_read_where_they_stand() -> None:
    assert PBFT.step(START, Receive(Node("stranger"), None)) == Outcome(START)


# Short cuts, and the plain enumeration that each stands for.


def plainly_permitted(machine: PbftCore, state: Core, view: int) -> set[int]:
    """Choose the view changes of any replicas, and what each Byzantine one reports."""
    used = {sent.accepted for one in state.replicas for sent in one} - {NONE}
    free = set(range(min(machine.digests, len(used) + 1)))
    senders = [one for one in state.replicas if one[view].reported != -2]
    lies = [NO_CERTIFICATE, *(one for one in state.certified if one.view < view)]
    found: set[int] = set()
    for size in range(len(senders) + 1):
        for chosen in combinations(senders, size):
            for said in product(lies, repeat=machine.faulty):
                if machine.is_view_change_quorum(size + machine.faulty, machine.f):
                    found |= bound(machine, {*said, *map(reported_by(view), chosen)}) or free
    return found


def bound(machine: PbftCore, reported: set[Certificate]) -> set[int]:
    real = reported - {NO_CERTIFICATE}
    highest = max((one.view for one in real), default=NONE)
    return {one.digest for one in real if machine.must_repeat(one.view, highest)}


def reported_by(view: int) -> Any:
    def certificate(replica: Replica) -> Certificate:
        reported = replica[view].reported
        return Certificate(reported, replica[reported].accepted if reported >= 0 else NONE)

    return certificate


def visited(seed: int, machine_world: Any) -> Iterable[Core]:
    """Yield the states of one random run."""
    for at in walk(Steps(machine_world), Plan(seed=seed, steps=30), 0):
        values = at.values if isinstance(at, Step) else at
        yield values[0].state


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    f=st.sampled_from([1, 2]),
    rule=st.sampled_from([must_repeat, repeat_any]),
)
def test_one_byzantine_report_does_as_much_as_several(seed: int, f: int, rule: Any) -> None:
    made = world(f, 3, must_repeat=rule)
    (machine,) = made.machines.values()
    assert isinstance(machine, PbftCore)

    for state in visited(seed, made):
        for view in (1, 2):
            assert set(machine.permitted(state, view)) == plainly_permitted(machine, state, view)


@pytest.mark.parametrize(
    "fields",
    [
        {"excess": 1},
        pytest.param({}, marks=pytest.mark.slow),
        pytest.param({"is_committed": committed_by_2f}, marks=pytest.mark.slow),
        pytest.param({"is_prepared": prepared_by_f}, marks=pytest.mark.slow),
        pytest.param({"is_view_change_quorum": changed_by_2f}, marks=pytest.mark.slow),
    ],
    ids=[
        "one_more_faulty",
        "good",
        "small_commit_quorum",
        "small_certificate",
        "small_view_change_quorum",
    ],
)
def test_who_is_who_does_not_matter(fields: dict[str, Any]) -> None:
    ordered = explore(world(1, 2, **fields), SAFETY)
    named = explore(world(1, 2, in_order=tuple, **fields), SAFETY)

    assert named.states > ordered.states
    assert [each.verdict for each in named.findings] == [each.verdict for each in ordered.findings]
    assert [len(each.trace or ()) for each in named.findings] == [
        len(each.trace or ()) for each in ordered.findings
    ]


# Sizes.


def test_one_view_of_four_and_of_seven_replicas_is_small() -> None:
    assert explore(world(1, 1), SAFETY).states == 16
    assert explore(world(2, 1), SAFETY).states == 48


@pytest.mark.slow
def test_it_holds_with_three_views() -> None:
    found = explore(world(1, 3), SAFETY)

    assert {each.verdict for each in found.findings} == {Verdict.HOLDS}
    assert found.states == 59_631


def test_any_certificate_will_do_with_two_views() -> None:
    # in view 1 only certificates of view 0 can be reported, and there is one for one digest at most
    found = explore(world(1, 2, must_repeat=repeat_any), SAFETY)

    assert {each.verdict for each in found.findings} == {Verdict.HOLDS}


def test_a_small_certificate_is_safe_in_one_view() -> None:
    found = explore(world(1, 1, is_prepared=prepared_by_f), [one_digest_committed])

    assert found.findings[0].verdict is Verdict.HOLDS
