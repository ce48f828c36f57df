"""Multi-Paxos: the rules of its replicas, and random runs of bigger groups."""

from typing import Any

import pytest
from immutables import Map

from coterie.checks.catalogue.smr.naive import always_new
from coterie.checks.catalogue.smr.sequenced import on_receipt
from coterie.checks.catalogue.synchrony.paxos.multi import world
from coterie.checks.network import Bag
from coterie.checks.simulation.walk import Plan, Simulation, simulate
from coterie.model.machine import Effect, Invoke, Node, Outcome, Receive, Record, Return, Send
from coterie.model.smr.tickets import Book, Booked, Taken
from coterie.model.synchrony.paxos.entries import (
    NOOP,
    Accepted,
    Applied,
    Ask,
    Decided,
    Entries,
    Fetch,
    Kept,
    Member,
    Promise,
    Promised,
    Propose,
    Request,
    Vote,
)
from coterie.model.synchrony.paxos.multi import CatchUp, Lead, Remind, ReplicaNode
from coterie.spec.history.claims import linearizable
from coterie.spec.property import Kind, Property
from coterie.spec.synchrony.paxos import multi as spec

R0, R1, R2 = GROUP = tuple(Node("replica", index) for index in range(3))
JOINER = Node("replica", 3)
A, B, C = (Book(0, f"customer{index}") for index in range(3))
FIRST, SECOND = (ReplicaNode(name, GROUP, learners=(JOINER,)) for name in (R0, R1))
NEW = ReplicaNode(JOINER, GROUP, learners=(JOINER,), sources=(R1,))


def run(replica: ReplicaNode, *happened: Any, memory: Kept | None = None) -> Outcome[Member]:
    """Return what became of a replica, and what the last of these made it do."""
    outcome = replica.start(memory)
    for each in happened:
        stepped = replica.step(outcome.state, each)
        assert stepped is not None
        outcome = stepped
    return outcome


def sent(effects: tuple[Effect, ...]) -> list[tuple[Node, Any]]:
    return [(each.to, each.message) for each in effects if isinstance(each, Send)]


def test_the_stable_leader_votes_itself_and_asks_the_others_without_any_promise() -> None:
    outcome = run(FIRST, Invoke(A))

    assert outcome.effects == (
        Record(Accepted(0, 0, A)),
        Send(R1, Propose(0, 0, A)),
        Send(R2, Propose(0, 0, A)),
    )


def test_the_leader_can_propose_a_command_before_the_one_before_is_chosen() -> None:
    outcome = run(FIRST, Invoke(A), Receive(R1, Request(B)))

    assert (R1, Propose(0, 1, B)) in sent(outcome.effects)


def test_the_leader_proposes_a_command_once() -> None:
    assert run(FIRST, Invoke(A), Receive(R1, Request(A))).effects == ()


def test_a_replica_that_does_not_lead_hands_a_command_to_the_leader() -> None:
    assert run(SECOND, Invoke(A)).effects == (Send(R0, Request(A)),)
    assert run(SECOND, Receive(R2, Ask(2)), Invoke(A)).effects == (Send(R2, Request(A)),)


def test_a_replica_reminds_whoever_leads_by_now() -> None:
    outcome = run(SECOND, Invoke(A), Receive(R2, Ask(2)), Remind())

    assert outcome.effects == (Send(R2, Request(A)),)


def test_a_majority_chooses_a_command_and_the_customer_is_answered_and_all_are_told() -> None:
    outcome = run(FIRST, Invoke(A), Receive(R2, Vote(0, 0)))

    assert outcome.effects == (
        Record(Applied(A)),
        Return(Booked(0, "customer0")),
        *(Send(each, Decided(0, A)) for each in (R1, R2, JOINER)),
    )
    assert outcome.state.log == (A,)


def test_a_late_vote_changes_nothing_more() -> None:
    happened = Invoke(A), Receive(R2, Vote(0, 0)), Receive(R1, Vote(0, 0))

    assert run(FIRST, *happened).effects == ()


def test_commands_are_applied_in_the_order_of_their_slots() -> None:
    early = run(SECOND, Receive(R0, Decided(1, B)))
    both = run(SECOND, Receive(R0, Decided(1, B)), Receive(R0, Decided(0, A)))

    assert early.state.log == ()
    assert both.state.log == (A, B)
    assert both.effects == (Record(Applied(A)), Record(Applied(B)))


def test_a_command_that_is_chosen_twice_takes_effect_once() -> None:
    outcome = run(SECOND, Receive(R0, Decided(0, A)), Receive(R0, Decided(1, A)))

    assert outcome.state.kept.decisions == (A, A)
    assert outcome.state.log == (A,)


def test_a_customer_who_tries_again_is_answered_from_the_copy() -> None:
    outcome = run(SECOND, Receive(R0, Decided(0, A)), Receive(R0, Decided(1, B)), Invoke(B))

    assert outcome.effects == (Return(Taken(0, "customer1")),)


def test_a_new_leader_executes_phase_one_for_all_slots_at_once() -> None:
    outcome = run(SECOND, Receive(R0, Propose(0, 4, A)), Lead())

    assert outcome.effects == (Record(Promised(1)), Send(R0, Ask(1)), Send(R2, Ask(1)))


def test_who_hears_nothing_asks_for_a_higher_ballot_until_it_leads() -> None:
    asking = run(SECOND, Lead(), Lead())
    leading = run(SECOND, Lead(), Receive(R2, Promise(1, ())))

    assert (R0, Ask(4)) in sent(asking.effects)
    assert SECOND.step(leading.state, Lead()) is None


def test_a_promise_reports_the_votes_of_all_slots() -> None:
    happened = Receive(R0, Propose(0, 4, A)), Receive(R0, Propose(0, 1, B)), Receive(R2, Ask(2))

    votes = (Accepted(1, 0, B), Accepted(4, 0, A))
    assert run(SECOND, *happened).effects == (Record(Promised(2)), Send(R2, Promise(2, votes)))


def test_a_new_leader_proposes_what_was_reported_and_fills_the_gap() -> None:
    reports = (Accepted(0, 0, B), Accepted(2, 0, A))

    outcome = run(SECOND, Lead(), Receive(R2, Promise(1, reports)))

    assert [message for to, message in sent(outcome.effects) if to == R0] == [
        Propose(1, 0, B),
        Propose(1, 1, NOOP),
        Propose(1, 2, A),
    ]


def test_a_new_leader_goes_on_with_the_customers_of_its_own() -> None:
    outcome = run(SECOND, Invoke(C), Lead(), Receive(R2, Promise(1, (Accepted(0, 0, B),))))

    assert (R0, Propose(1, 1, C)) in sent(outcome.effects)


def test_of_two_reports_for_a_slot_the_one_of_the_higher_ballot_is_proposed() -> None:
    third = ReplicaNode(R2, GROUP)
    own = Receive(R0, Propose(0, 0, A))

    outcome = run(third, own, Lead(), Receive(R1, Promise(2, (Accepted(0, 1, B),))))

    assert (R0, Propose(2, 0, B)) in sent(outcome.effects)


def test_a_leader_that_hears_of_a_higher_ballot_leads_no_more() -> None:
    outcome = run(FIRST, Invoke(A), Receive(R1, Ask(1)), Receive(R2, Vote(0, 0)))

    assert outcome.state.leading is None
    assert outcome.effects == ()


@pytest.mark.parametrize("message", [Ask(0), Ask(2), Propose(1, 0, A)])
def test_a_replica_takes_no_part_in_a_ballot_below_its_promise(message: Any) -> None:
    assert run(SECOND, Receive(R2, Ask(2)), Receive(R0, message)).effects == ()


def test_a_replica_that_starts_again_replays_its_log_and_leads_nothing() -> None:
    kept = Kept(0, Map({0: Accepted(0, 0, A)}), (A, NOOP, A, B))

    state = run(FIRST, memory=kept).state

    assert state.kept == kept
    assert state.log == (A, B)
    assert state.tickets == Map({0: "customer0"})
    assert state.leading is None


def test_a_joiner_copies_the_log_from_where_its_own_ends_and_replays_it() -> None:
    asked = run(NEW, Receive(R0, Decided(0, A)), CatchUp(R1))
    told = run(NEW, Receive(R0, Decided(0, A)), Receive(R1, Entries(1, (NOOP, B))))

    assert asked.effects == (Send(R1, Fetch(1)),)
    assert told.state.kept.decisions == (A, NOOP, B)
    assert told.state.log == (A, B)


def test_a_member_sends_the_log_from_the_slot_that_is_asked_for() -> None:
    happened = Receive(R0, Decided(0, A)), Receive(R0, Decided(1, B)), Receive(JOINER, Fetch(1))

    assert run(SECOND, *happened).effects == (Send(JOINER, Entries(1, (B,))),)


SAFETY = (
    spec.one_log,
    spec.copy_is_replayed_log,
    spec.is_a_replicated_log,
    linearizable("history", spec.TICKETS),
)
FIVE: dict[str, Any] = {
    "members": 5,
    "calls": ((0,), (1,), (2,), (0,), (1,)),
    "ballots": 40,
    "joiners": 1,
    "crashes": 6,
    "network": Bag(),
    "observed": True,
    "losses": "any",
}


def violated(found: Simulation) -> set[str]:
    return {claim.name for claim in found.sightings if claim.kind is not Kind.REACHABLE}


def test_five_replicas_that_crash_on_a_lossy_network_agree() -> None:
    found = simulate(world(**FIVE), SAFETY, Plan(seed=0, runs=2, steps=250))

    assert not violated(found)


def test_five_replicas_get_on_with_a_new_leader() -> None:
    claims = (spec.a_new_leader_decides, spec.one_log)

    found = simulate(world(**FIVE), claims, Plan(seed=0, runs=2, steps=250))

    assert {each.name for each in found.sightings} == {"a_new_leader_decides"}


@pytest.mark.parametrize(
    ("wrong", "claim"),
    [
        ({"may_apply": on_receipt}, spec.one_log),
        ({"is_new": always_new}, spec.copy_is_replayed_log),
    ],
    ids=["hasty", "no_dedupe"],
)
def test_random_runs_find_what_is_wrong(wrong: dict[str, Any], claim: Property) -> None:
    made = world(**{**FIVE, "ballots": 10, "crashes": 3, "losses": 2, "joiners": 0, **wrong})

    found = simulate(made, [claim], Plan(seed=0, runs=10, steps=120), fatal=[claim.name])

    assert violated(found) == {claim.name}
