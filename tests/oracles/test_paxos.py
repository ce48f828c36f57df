"""Paxos against the published number of states, and rule by rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.checks.catalogue.oracles.paxos import world
from coterie.checks.engine.explore import explore
from coterie.checks.engine.reference import explore as explore_plainly
from coterie.model.machine import Node, Outcome, Receive, Timeout
from coterie.model.oracles.paxos import (
    NONE,
    Acceptor,
    Ask,
    Message,
    Paxos,
    Phase1a,
    Phase1b,
    Phase2a,
    Phase2b,
    Promise,
    Propose,
    Synod,
    Vote,
    is_majority,
    may_promise,
    may_vote,
)
from coterie.spec.oracles.paxos import chosen, is_settled, unsafe_votes, votes_are_safe

PAXOS = Paxos(acceptors=3, values=2, ballots=3)
FRESH = Acceptor()


def synod(*sent: Message, acceptors: tuple[Acceptor, ...] = (FRESH,) * 3) -> Synod:
    return Synod(acceptors, frozenset(sent))


def any_reported(voted_ballot: int, highest: int) -> bool:
    """A mutant that shows with three ballots only: any reported vote may be repeated."""
    return voted_ballot <= highest


def offered(state: Synod, kind: type[Timeout]) -> list[Timeout]:
    return [event for event in PAXOS.options(state) if isinstance(event, kind)]


def test_the_published_numbers_come_out() -> None:
    found = explore_plainly(world(acceptors=3, values=2, ballots=2))

    assert found.states == 3_921
    assert found.depth == 17 - 1  # the published number counts the start as the first level


@pytest.mark.slow
def test_a_third_ballot_gives_many_more() -> None:
    found = explore(world(acceptors=3, values=2, ballots=3), [votes_are_safe])

    assert found.states == 185_369


@pytest.mark.slow
def test_a_leader_that_repeats_any_report_is_unsafe_with_three_ballots() -> None:
    wrong = world(acceptors=3, values=2, ballots=3, must_repeat=any_reported)

    assert len(explore(wrong, [votes_are_safe])["votes_are_safe"].trace or ()) == 15


def test_a_leader_that_repeats_any_report_is_safe_with_two_ballots() -> None:
    # an acceptor has voted in one lower ballot at most, so that every report is the highest
    found = explore(world(acceptors=3, values=2, ballots=2, must_repeat=any_reported))

    assert found.states == 3_921


def test_a_leader_may_ask_at_any_time() -> None:
    assert offered(synod(Vote(0, 2, 0)), Phase1a) == [Phase1a(0), Phase1a(1), Phase1a(2)]
    assert PAXOS.step(synod(), Phase1a(1)) == Outcome(synod(Ask(1)))


def test_asking_again_changes_nothing_and_is_not_on_offer() -> None:
    assert offered(synod(Ask(1)), Phase1a) == [Phase1a(0), Phase1a(2)]
    assert PAXOS.step(synod(Ask(1)), Phase1a(1)) == Outcome(synod(Ask(1)))


def test_an_acceptor_promises_a_higher_ballot_and_reports_its_last_vote() -> None:
    before = synod(Ask(1), acceptors=(Acceptor(0, 0, 1), FRESH, FRESH))

    outcome = PAXOS.step(before, Phase1b(0, 1))

    assert outcome is not None
    assert outcome.state.acceptors[0] == Acceptor(1, 0, 1)
    assert outcome.state.sent == {Ask(1), Promise(0, 1, voted_ballot=0, voted_value=1)}


def test_an_acceptor_promises_nothing_that_it_was_not_asked() -> None:
    assert PAXOS.step(synod(Ask(1)), Phase1b(0, 2)) is None


def test_an_acceptor_does_not_promise_a_ballot_twice_or_a_lower_one() -> None:
    before = synod(Ask(0), Ask(1), acceptors=(Acceptor(1), FRESH, FRESH))

    assert PAXOS.step(before, Phase1b(0, 1)) is None
    assert PAXOS.step(before, Phase1b(0, 0)) is None


def test_a_leader_without_a_majority_of_promises_proposes_nothing() -> None:
    assert not offered(synod(Promise(0, 1, NONE, NONE)), Phase2a)


def test_promises_of_another_ballot_do_not_count() -> None:
    state = synod(Promise(0, 1, NONE, NONE), Promise(1, 2, NONE, NONE))

    assert not offered(state, Phase2a)


def test_a_leader_is_free_when_nobody_has_voted() -> None:
    state = synod(Promise(0, 1, NONE, NONE), Promise(1, 1, NONE, NONE))

    assert offered(state, Phase2a) == [Phase2a(1, 0), Phase2a(1, 1)]


def test_a_leader_repeats_the_vote_of_the_highest_ballot_reported() -> None:
    state = synod(Promise(0, 2, voted_ballot=0, voted_value=0), Promise(1, 2, 1, 1))

    assert offered(state, Phase2a) == [Phase2a(2, 1)]


def test_a_leader_may_choose_among_quorums() -> None:
    state = synod(Promise(0, 2, 0, 1), Promise(1, 2, NONE, NONE), Promise(2, 2, NONE, NONE))

    assert offered(state, Phase2a) == [Phase2a(2, 0), Phase2a(2, 1)]


def test_a_leader_proposes_once() -> None:
    state = synod(Promise(0, 1, NONE, NONE), Promise(1, 1, NONE, NONE), Propose(1, 0))

    assert not offered(state, Phase2a)
    assert PAXOS.step(state, Phase2a(1, 1)) is None


def test_an_acceptor_votes_for_what_is_proposed() -> None:
    outcome = PAXOS.step(synod(Propose(1, 0)), Phase2b(2, 1, 0))

    assert outcome is not None
    assert outcome.state.acceptors[2] == Acceptor(1, 1, 0)
    assert outcome.state.sent == {Propose(1, 0), Vote(2, 1, 0)}


def test_an_acceptor_keeps_its_promise() -> None:
    before = synod(Propose(0, 0), Propose(1, 0), acceptors=(Acceptor(1), FRESH, FRESH))

    assert PAXOS.step(before, Phase2b(0, 0, 0)) is None
    assert PAXOS.step(before, Phase2b(0, 1, 0)) is not None


def test_messages_are_read_where_they_stand() -> None:
    assert PAXOS.step(synod(), Receive(Node("stranger"), Ask(0))) == Outcome(synod())


def test_a_value_is_chosen_by_a_majority_of_one_ballot() -> None:
    assert not chosen(synod(Vote(0, 0, 1), Vote(1, 1, 1)))
    assert chosen(synod(Vote(0, 1, 1), Vote(1, 1, 1))) == {Propose(1, 1)}


def test_a_ballot_is_settled_by_votes_and_by_promises_of_higher_ones() -> None:
    promised = (Acceptor(1), Acceptor(1), FRESH)

    assert not is_settled(synod(), 0, 1)
    assert is_settled(synod(acceptors=promised), 0, 1)
    assert not is_settled(synod(Vote(0, 0, 0), acceptors=promised), 0, 1)
    assert is_settled(synod(Vote(0, 0, 1), acceptors=promised), 0, 1)


def test_a_vote_is_unsafe_while_a_lower_ballot_may_choose_another_value() -> None:
    vote = Vote(0, 1, 1)

    assert unsafe_votes(synod(vote)) == {vote}
    assert not unsafe_votes(synod(vote, acceptors=(Acceptor(1, 1, 1), Acceptor(1), FRESH)))


@given(acceptors=st.integers(1, 1_000), votes=st.integers(0, 1_000))
def test_two_majorities_meet(acceptors: int, votes: int) -> None:
    rest = acceptors - votes

    assert not (is_majority(votes, acceptors) and is_majority(rest, acceptors))


@given(st.integers(0, 9), st.integers(NONE, 9))
def test_whoever_may_promise_a_ballot_may_vote_in_it(ballot: int, promised: int) -> None:
    assert may_vote(ballot, promised) or not may_promise(ballot, promised)
