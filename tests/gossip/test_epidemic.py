"""Epidemics: the rules of the paper, sentence by sentence."""

import random
from collections.abc import Mapping
from itertools import permutations
from math import exp
from statistics import mean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.checks.catalogue.gossip.epidemic import party
from coterie.model.gossip.epidemic import (
    Ask,
    Call,
    Feedback,
    Interest,
    Peer,
    Rest,
    Rumour,
    Stage,
    Tell,
)
from coterie.model.gossip.rounds import Party, Rounds, Standing, Turn, converse, rested
from coterie.model.machine import Invoke, Node, Receive, Return, Send

ME, OTHER = Node("peer", 0), Node("peer", 1)
IGNORANT = Interest()
HOT = Interest(Stage.INFECTIVE)
COLD = Interest(Stage.REMOVED)

PUSH = Peer((OTHER,))
PULL = Peer((OTHER,), pushes=False, pulls=True)
PUSH_PULL = Peer((OTHER,), pulls=True)
MONGER = Peer((OTHER,), patience=2)
PULL_MONGER = Peer((OTHER,), pushes=False, pulls=True, patience=2, by_rounds=True)


def test_a_user_makes_a_peer_infective() -> None:
    outcome = PUSH.step(IGNORANT, Invoke(Tell()))

    assert outcome is not None
    assert outcome.state == HOT
    assert outcome.effects == (Return(None),)


def test_to_push_is_to_tell_whom_one_calls() -> None:
    outcome = PUSH.step(HOT, Call(OTHER))

    assert outcome is not None
    assert outcome.effects == (Send(OTHER, Rumour()),)


def test_who_only_pushes_and_knows_nothing_calls_nobody() -> None:
    assert list(PUSH.options(IGNORANT)) == []
    assert PUSH.step(IGNORANT, Call(OTHER)) is None


@pytest.mark.parametrize("state", [IGNORANT, HOT])
def test_to_pull_is_to_ask_whatever_one_knows(state: Interest) -> None:
    outcome = PULL.step(state, Call(OTHER))

    assert list(PULL.options(state)) == [Call(OTHER)]
    assert outcome is not None
    assert outcome.effects == (Send(OTHER, Ask()),)


def test_who_is_asked_tells_the_rumour() -> None:
    outcome = PULL.step(HOT, Receive(OTHER, Ask()))

    assert outcome is not None
    assert outcome.effects == (Send(OTHER, Rumour()),)


@pytest.mark.parametrize("state", [IGNORANT, COLD])
def test_who_does_not_know_it_or_has_lost_interest_leaves_a_question_unanswered(
    state: Interest,
) -> None:
    outcome = PULL.step(state, Receive(OTHER, Ask()))

    assert outcome is not None
    assert outcome == type(outcome)(state)


def test_push_pull_asks_and_tells_in_one_call() -> None:
    outcome = PUSH_PULL.step(HOT, Call(OTHER))

    assert outcome is not None
    assert outcome.effects == (Send(OTHER, Rumour(asks=True)),)


def test_push_pull_answers_a_rumour_only_with_what_it_knew_before() -> None:
    ignorant = PUSH_PULL.step(IGNORANT, Receive(OTHER, Rumour(asks=True)))
    hot = PUSH_PULL.step(HOT, Receive(OTHER, Rumour(asks=True)))

    assert ignorant is not None
    assert hot is not None
    assert (ignorant.state, ignorant.effects) == (HOT, ())
    assert (hot.state, hot.effects) == (HOT, (Send(OTHER, Rumour()),))


def test_a_known_rumour_changes_nothing() -> None:
    outcome = PUSH.step(HOT, Receive(OTHER, Rumour()))

    assert outcome is not None
    assert outcome == type(outcome)(HOT)


@pytest.mark.parametrize(("state", "knew"), [(IGNORANT, False), (HOT, True), (COLD, True)])
def test_rumour_mongers_say_whether_they_knew(state: Interest, *, knew: bool) -> None:
    outcome = MONGER.step(state, Receive(OTHER, Rumour()))

    assert outcome is not None
    assert outcome.effects == (Send(OTHER, Feedback(knew)),)


def after(machine: Peer, state: Interest, *answers: bool | None) -> Interest:
    """Return `state` after these answers (whether each hearer knew); None ends a round."""
    for knew in answers:
        event = Rest() if knew is None else Receive(OTHER, Feedback(knew))
        outcome = machine.step(state, event)
        assert outcome is not None
        state = outcome.state
    return state


def test_push_loses_interest_after_k_hearers_who_knew() -> None:
    assert after(MONGER, HOT, True) == Interest(Stage.INFECTIVE, misses=1)
    assert after(MONGER, HOT, True, False) == Interest(Stage.INFECTIVE, misses=1)
    assert after(MONGER, HOT, True, False, True) == COLD


def test_pull_counts_a_round_in_which_every_hearer_knew_as_one_miss() -> None:
    assert after(PULL_MONGER, HOT, True, True, True, None) == Interest(Stage.INFECTIVE, misses=1)
    assert after(PULL_MONGER, HOT, True, True, None, True, None) == COLD


def test_pull_forgives_all_misses_when_some_hearer_did_not_know() -> None:
    assert after(PULL_MONGER, HOT, True, None, True, False, True, None) == HOT


def test_a_round_in_which_nobody_heard_is_no_miss() -> None:
    assert PULL_MONGER.step(HOT, Rest()) is None
    assert list(PULL_MONGER.options(HOT)) == [Call(OTHER)]


def test_who_has_lost_interest_does_not_push_again() -> None:
    told_again = MONGER.step(COLD, Receive(OTHER, Rumour()))

    assert told_again is not None
    assert told_again.state == COLD
    assert list(MONGER.options(COLD)) == []


def test_who_has_no_patience_drops_the_rumour_at_once() -> None:
    outcome = Peer((OTHER,), patience=0).step(IGNORANT, Receive(OTHER, Rumour()))

    assert outcome is not None
    assert outcome.state == COLD


def same(state: Interest) -> Standing:
    """Return the standing of a peer who has heard nothing in this round yet."""
    return Standing(state, state)


def test_who_is_told_within_a_round_passes_it_on_only_in_the_next() -> None:
    told = Standing(IGNORANT, HOT)

    met = converse(PULL, {ME: same(IGNORANT), OTHER: told}, ME, Call(OTHER))
    later = converse(PULL, {ME: same(IGNORANT), OTHER: rested(PULL, told)}, ME, Call(OTHER))

    assert met[ME].now == IGNORANT
    assert later[ME].now == HOT


def test_two_who_tell_the_same_peer_in_one_round_both_told_it_news() -> None:
    told = Standing(IGNORANT, HOT)

    met = converse(MONGER, {ME: same(HOT), OTHER: told}, ME, Call(OTHER))

    assert met[ME].now.misses == 0


def test_a_round_is_over_when_everybody_has_had_a_turn() -> None:
    rounds = Rounds(party(3))
    state = rounds.start(None).state
    turns = []
    for _ in range(3):
        assert list(rounds.options(state)) == [Turn(None)]
        turns.append(state.turn)
        outcome = rounds.step(state, Turn(None))
        assert outcome is not None
        state = outcome.state

    assert turns == [0, 1, 2]
    assert state == rounds.start(None).state


def test_a_user_waits_for_the_round_to_end() -> None:
    rounds = Rounds(party(2))
    start = rounds.start(None).state

    told = rounds.step(start, Invoke(Tell()))

    assert told is not None
    assert told.state.standings == (same(HOT), same(IGNORANT))
    assert rounds.step(Party(start.standings, turn=1), Invoke(Tell())) is None


STATES = st.sampled_from([IGNORANT, HOT, Interest(Stage.INFECTIVE, misses=1), COLD])


@given(
    states=st.tuples(STATES, STATES, STATES),
    callees=st.tuples(*(st.integers(0, 1) for _ in range(3))),
    machine=st.sampled_from([PUSH, PULL, PUSH_PULL, MONGER, PULL_MONGER]),
)
def test_the_order_of_the_calls_of_a_round_is_of_no_consequence(
    states: tuple[Interest, ...], callees: tuple[int, ...], machine: Peer
) -> None:
    nodes = [Node("peer", index) for index in range(3)]
    others = {node: [n for n in nodes if n != node] for node in nodes}
    ends = set()
    for order in permutations(range(3)):
        standings: Mapping[Node, Standing] = dict(zip(nodes, map(same, states), strict=True))
        for index in order:
            call = Call(others[nodes[index]][callees[index]])
            if machine.step(states[index], call) is not None:
                standings = converse(machine, standings, nodes[index], call)
        ends.add(tuple(standings[node].now for node in nodes))

    assert len(ends) == 1


def spread(peers: int, seed: int, **fields: Any) -> tuple[float, float]:
    """Return a simulated run's residue, and how many rumours were told for each peer."""
    chance = random.Random(seed)
    rounds = Rounds(party(peers, **fields))
    state, told = after_tell(rounds), 0
    while any(each.now.stage is Stage.INFECTIVE for each in state.standings):
        turn = chance.choice(list(rounds.options(state)))
        told += turn != Turn(None)
        outcome = rounds.step(state, turn)
        assert outcome is not None
        state = outcome.state
    left = sum(each.now.stage is Stage.SUSCEPTIBLE for each in state.standings)
    return left / peers, told / peers


def after_tell(rounds: Rounds) -> Party:
    outcome = rounds.step(rounds.start(None).state, Invoke(Tell()))
    assert outcome is not None
    return outcome.state


@pytest.mark.parametrize("patience", [1, 2])
def test_the_residue_of_push_is_e_to_the_minus_rumours_told_for_each_peer(patience: int) -> None:
    runs = [spread(120, seed, patience=patience) for seed in range(20)]
    residue, traffic = (mean(column) for column in zip(*runs, strict=True))

    assert residue == pytest.approx(exp(-traffic), rel=0.25)


@pytest.mark.slow
@pytest.mark.parametrize(("patience", "differential"), [(1, 0.2032), (2, 0.0595)])
def test_among_many_peers_the_residue_is_near_and_below_that_of_the_differential_equation(
    patience: int, differential: float
) -> None:
    runs = [spread(400, seed, patience=patience) for seed in range(6)]
    residue, traffic = (mean(column) for column in zip(*runs, strict=True))

    assert residue == pytest.approx(exp(-traffic), rel=0.15)
    assert differential * 0.7 < residue < differential
