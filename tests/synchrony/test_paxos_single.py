"""Paxos, sentence by sentence: an acceptor and a proposer that decide on one value."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.checks.catalogue.synchrony.paxos.single import nobodys, world
from coterie.checks.engine.explore import explore
from coterie.checks.result import Verdict
from coterie.model.machine import Deliver, Node, Outcome, Receive, Record, Send
from coterie.model.oracles.paxos import NONE, Acceptor
from coterie.model.synchrony.paxos.acceptor import AcceptorNode
from coterie.model.synchrony.paxos.ballots import next_ballot
from coterie.model.synchrony.paxos.messages import (
    Ask,
    Decided,
    Message,
    Promise,
    Propose,
    Refused,
    Vote,
)
from coterie.model.synchrony.paxos.proposer import (
    Attempt,
    ProposerNode,
    Proposing,
    bound,
    first_only,
    once_refused,
)
from coterie.spec.synchrony.paxos import single as spec

A0, A1, A2 = VOTERS = tuple(Node("acceptor", index) for index in range(3))
P0, P1 = Node("proposer", 0), Node("proposer", 1)
ACCEPTOR = AcceptorNode(informs=True)
PROPOSER = ProposerNode(index=0, value=7, acceptors=VOTERS, others=(P1,))


def heard(state: Acceptor, message: Message) -> Outcome[Acceptor]:
    outcome = ACCEPTOR.step(state, Receive(P0, message))
    assert outcome is not None
    return outcome


def after(*happened: Attempt | tuple[Node, Message]) -> Outcome[Proposing]:
    """Return what became of the proposer, and what the last of these made it do."""
    outcome = PROPOSER.start(None)
    for each in happened:
        event: Any = each if isinstance(each, Attempt) else Receive(*each)
        stepped = PROPOSER.step(outcome.state, event)
        assert stepped is not None
        outcome = stepped
    return outcome


def promise(ballot: int, voted_ballot: int = NONE, voted_value: int = NONE) -> Promise:
    return Promise(ballot, voted_ballot, voted_value)


def test_an_acceptor_answers_a_higher_number_with_a_promise_and_its_highest_vote() -> None:
    outcome = heard(Acceptor(2, 1, 5), Ask(3))

    assert outcome.state == Acceptor(3, 1, 5)
    assert outcome.effects == (Record(Acceptor(3, 1, 5)), Send(P0, Promise(3, 1, 5)))


@pytest.mark.parametrize("ballot", [0, 2])
def test_an_acceptor_promises_no_number_below_its_promise_nor_twice_the_same(ballot: int) -> None:
    outcome = heard(Acceptor(2), Ask(ballot))

    assert outcome.state == Acceptor(2)
    assert not any(isinstance(each, Record) for each in outcome.effects)


@pytest.mark.parametrize("ballot", [2, 3])
def test_an_acceptor_accepts_unless_it_has_promised_a_greater_number(ballot: int) -> None:
    outcome = heard(Acceptor(2), Propose(ballot, 9))

    assert outcome.state == Acceptor(ballot, ballot, 9)
    assert outcome.effects == (Record(outcome.state), Send(P0, Vote(ballot, 9)))


@pytest.mark.parametrize("message", [Ask(1), Propose(1, 9)])
def test_an_acceptor_that_ignores_a_request_informs_the_proposer(message: Message) -> None:
    assert heard(Acceptor(2), message) == Outcome(Acceptor(2), (Send(P0, Refused(1, 2)),))


def test_an_acceptor_remembers_promise_and_vote_over_a_crash() -> None:
    state = Acceptor(4, 3, 9)

    assert ACCEPTOR.start(ACCEPTOR.memory(state)) == Outcome(state)


def test_a_proposer_asks_every_acceptor_once_the_number_is_on_disk() -> None:
    assert after(Attempt()).effects == (Record(0), *(Send(each, Ask(0)) for each in VOTERS))


def test_a_proposer_waits_for_a_majority_of_promises() -> None:
    one = (A0, promise(0))

    assert after(Attempt(), one).effects == ()
    assert after(Attempt(), one, one).effects == ()
    assert after(Attempt(), one, (A2, promise(0))).effects == tuple(
        Send(each, Propose(0, 7)) for each in VOTERS
    )


def test_a_proposer_takes_the_value_of_the_highest_numbered_vote_among_the_answers() -> None:
    reports = (A0, promise(4, 1, 5)), (A1, promise(4, 3, 6))

    outcome = after(Attempt(), Attempt(), Attempt(), *reports)

    assert outcome.state.proposed == 6


def test_old_answers_are_of_no_use() -> None:
    outcome = after(Attempt(), Attempt(), (A0, promise(0)), (A1, promise(0)), (A1, Vote(0, 7)))

    assert outcome == Outcome(Proposing(2))


def test_a_proposer_abandons_a_refused_proposal_and_takes_a_higher_number() -> None:
    refused = after(Attempt(), (A0, promise(0)), (A1, Refused(0, 5))).state
    again = PROPOSER.step(refused, Attempt())

    assert refused == Proposing(0, refused=5)
    assert again is not None
    assert again.state == Proposing(6)


def test_a_majority_of_votes_makes_a_proposer_learn_and_tell_the_others() -> None:
    asked = Attempt(), (A0, promise(0)), (A1, promise(0)), (A0, Vote(0, 7))

    assert after(*asked).state.learnt == NONE
    assert after(*asked, (A0, Vote(0, 7))).state.learnt == NONE
    assert after(*asked, (A2, Vote(0, 7))) == Outcome(
        Proposing(0, learnt=7), (Deliver(7), Send(P1, Decided(7)))
    )


def test_a_proposer_learns_from_another_and_stops() -> None:
    outcome = after(Attempt(), (P1, Decided(3)))

    assert outcome == Outcome(Proposing(0, learnt=3), (Deliver(3),))
    assert list(PROPOSER.options(outcome.state)) == []


def test_a_proposer_never_uses_a_number_twice_even_after_a_crash() -> None:
    state = PROPOSER.start(PROPOSER.memory(Proposing(4, proposed=7))).state
    again = PROPOSER.step(state, Attempt())

    assert again is not None
    assert again.state.ballot == 6


@pytest.mark.parametrize(
    ("guard", "ballot", "refused", "may"),
    [
        (once_refused, NONE, NONE, True),
        (once_refused, 0, NONE, False),
        (once_refused, 0, 1, True),
        (first_only, NONE, NONE, True),
        (first_only, 0, 1, False),
    ],
)
def test_when_another_ballot_may_begin(guard: Any, ballot: int, refused: int, *, may: bool) -> None:
    assert guard(ballot, refused) == may


@given(st.integers(-1, 99), st.integers(1, 9), st.data())
def test_the_next_ballot_is_the_least_higher_one_of_the_same_proposer(
    above: int, proposers: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, proposers - 1))
    own = range(index, above + 2 * proposers + 1, proposers)

    assert next_ballot(above, index, proposers) == min(each for each in own if each > above)


@given(st.lists(st.builds(Promise, st.just(9), st.integers(-1, 8), st.integers(0, 1)), max_size=5))
def test_who_is_free_proposes_its_own_value_and_who_is_bound_the_highest(
    reports: list[Promise],
) -> None:
    votes = sorted((r.voted_ballot, r.voted_value) for r in reports if r.voted_ballot != NONE)
    same = [value for ballot, value in votes if votes and ballot == votes[-1][0]]

    assert bound(reports, 7) == (same[0] if votes else 7)


def test_shared_numbers_alone_do_no_harm_where_nobody_promises_a_number_twice() -> None:
    made = world(3, (1, 1), 0, next_ballot=nobodys, limit=1)

    found = explore(made, [spec.one_value_chosen, spec.one_proposal_a_ballot])

    assert {each.verdict for each in found.findings} == {Verdict.HOLDS}
