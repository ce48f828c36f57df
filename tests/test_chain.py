"""The exact chain of an epidemic, held against counting, against chance, and against the laws."""

import random
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from math import sqrt
from statistics import mean, stdev
from typing import Any

import pytest

from coterie.checks.canonical import canonical
from coterie.checks.catalogue.gossip.epidemic import party
from coterie.checks.chain import (
    Chain,
    Population,
    everyone_knows,
    is_dead,
    susceptible,
)
from coterie.model.gossip.epidemic import Interest, Peer, Stage, Tell
from coterie.model.gossip.rounds import Party, Rounds, Standing
from coterie.model.machine import Invoke

Predicate = Callable[[Population], bool]

IGNORANT, HOT = Interest(), Interest(Stage.INFECTIVE)
PUSH = Peer(())
PULL = Peer((), pushes=False, pulls=True)
PUSH_PULL = Peer((), pulls=True)
MONGERS = {
    "push": Peer((), patience=2),
    "pull": Peer((), pushes=False, pulls=True, patience=1, by_rounds=True),
    "pull by contacts": Peer((), pushes=False, pulls=True, patience=2),
    "push-pull": Peer((), pulls=True, patience=2),
}
STYLES = {"push": PUSH, "pull": PULL, "push-pull": PUSH_PULL}


def fields(style: Peer) -> dict[str, Any]:
    return {
        "pushes": style.pushes,
        "pulls": style.pulls,
        "patience": style.patience,
        "by_rounds": style.by_rounds,
    }


def population(states: Party) -> Population:
    return tuple(sorted((each.now for each in states.standings), key=canonical))


def enumerated(start: Population, style: Peer) -> dict[Population, Fraction]:
    """Return what may come of a round, by going through every choice of every peer by name."""
    rounds = Rounds(party(len(start), **fields(style)))
    likely = {Party(tuple(Standing(each, each) for each in start)): Fraction(1)}
    for _ in start:
        following: dict[Party, Fraction] = defaultdict(Fraction)
        for state, p in likely.items():
            turns = list(rounds.options(state))
            for turn in turns:
                outcome = rounds.step(state, turn)
                assert outcome is not None
                following[outcome.state] += p / len(turns)
        likely = following
    lumped: dict[Population, Fraction] = defaultdict(Fraction)
    for state, p in likely.items():
        lumped[population(state)] += p
    return lumped


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("name", STYLES)
def test_anti_entropy_is_what_counting_every_call_gives(name: str, size: int) -> None:
    chain = Chain(size, STYLES[name])

    for start in chain.steps:
        assert chain.round(start) == enumerated(start, STYLES[name])


@pytest.mark.parametrize("name", MONGERS)
def test_rumour_mongering_is_what_counting_every_call_gives(name: str) -> None:
    chain = Chain(3, MONGERS[name], is_dead)

    for start in chain.steps:
        assert chain.round(start) == enumerated(start, MONGERS[name])


@pytest.mark.parametrize("name", MONGERS)
def test_a_rumour_among_four_is_what_counting_every_call_gives(name: str) -> None:
    start = (HOT, HOT, Interest(Stage.INFECTIVE, misses=1), IGNORANT)

    chain = Chain(4, MONGERS[name], is_dead)

    assert chain.round(start) == enumerated(start, MONGERS[name])


@pytest.mark.parametrize("name", STYLES)
@pytest.mark.parametrize("size", [3, 10])
def test_probabilities_sum_to_one(name: str, size: int) -> None:
    chain = Chain(size, STYLES[name])

    assert all(sum(likely.values()) == 1 for likely in chain.steps.values())
    assert sum(chain.after(5).values()) == 1
    assert sum(chain.ends().values()) == 1


def test_two_peers_need_one_round() -> None:
    assert [Chain(2, style).expected_rounds() for style in STYLES.values()] == [1, 1, 1]


def test_three_peers_are_reckoned_by_hand() -> None:
    assert Chain(3, PUSH).expected_rounds() == 1 + Fraction(4, 3)
    assert Chain(3, PULL).expected_rounds() == 2
    assert Chain(3, PUSH_PULL).expected_rounds() == 1 + Fraction(1, 2)


def mixed(size: int, hot: int) -> Population:
    return tuple(sorted([HOT] * hot + [IGNORANT] * (size - hot), key=canonical))


@pytest.mark.parametrize("hot", range(1, 10))
def test_push_leaves_whom_nobody_calls(hot: int) -> None:
    size = 10

    likely = Chain(size, PUSH).round(mixed(size, hot))
    share = sum(p * susceptible(end) for end, p in likely.items())

    assert share == Fraction(size - hot, size) * (1 - Fraction(1, size - 1)) ** hot


@pytest.mark.parametrize("hot", range(1, 10))
def test_pull_leaves_those_who_call_another_susceptible_peer(hot: int) -> None:
    size, left = 10, 10 - hot

    likely = Chain(size, PULL).round(mixed(size, hot))
    share = sum(p * susceptible(end) for end, p in likely.items())

    assert share == Fraction(left, size) * Fraction(left - 1, size - 1)


@pytest.mark.parametrize("hot", range(1, 10))
def test_push_pull_leaves_those_whom_neither_reaches(hot: int) -> None:
    size, left = 10, 10 - hot

    likely = Chain(size, PUSH_PULL).round(mixed(size, hot))
    share = sum(p * susceptible(end) for end, p in likely.items())

    uncalled = (1 - Fraction(1, size - 1)) ** hot
    assert share == Fraction(left, size) * Fraction(left - 1, size - 1) * uncalled


def test_pull_ends_faster_than_push_and_both_together_fastest() -> None:
    push, pull, both = (Chain(10, style).expected_rounds() for style in STYLES.values())

    assert both < pull < push


def test_more_patience_leaves_less_residue_and_takes_longer() -> None:
    chains = [Chain(6, Peer((), patience=k), is_dead) for k in (1, 2, 3)]

    residues = [chain.residue() for chain in chains]
    lengths = [chain.expected_rounds() for chain in chains]

    assert residues == sorted(residues, reverse=True)
    assert residues[-1] > 0
    assert lengths == sorted(lengths)


def test_the_rule_of_push_makes_pull_give_up_too_soon() -> None:
    pull = {"pushes": False, "pulls": True, "patience": 1}

    by_rounds = Chain(6, Peer((), by_rounds=True, **pull), is_dead).residue()
    by_contacts = Chain(6, Peer((), **pull), is_dead).residue()

    assert by_rounds < by_contacts


def test_a_dead_rumour_reaches_nobody_else() -> None:
    chain = Chain(5, Peer((), patience=0), is_dead)

    assert chain.residue() == Fraction(4, 5)
    assert chain.expected_rounds() == 0


def test_anti_entropy_leaves_no_residue() -> None:
    assert [Chain(5, style).residue() for style in STYLES.values()] == [0, 0, 0]


def test_a_rumour_that_may_die_need_not_ever_reach_everybody() -> None:
    with pytest.raises(ValueError, match="may never be over"):
        Chain(3, MONGERS["push"], everyone_knows).expected_rounds()


def test_populations_that_come_back_are_refused() -> None:
    forgetful = Peer((), patience=1, tired=Stage.SUSCEPTIBLE)

    with pytest.raises(ValueError, match="cycle"):
        Chain(3, forgetful, is_dead).expected_rounds()


def simulated(
    style: Peer, size: int, chance: random.Random, done: Predicate
) -> tuple[int, Population]:
    """Return how many rounds one random run took, and how it ended."""
    rounds = Rounds(party(size, **fields(style)))
    outcome = rounds.step(rounds.start(None).state, Invoke(Tell()))
    assert outcome is not None
    state, count = outcome.state, 0
    while not done(population(state)):
        for _ in range(size):
            turned = rounds.step(state, chance.choice(list(rounds.options(state))))
            assert turned is not None
            state = turned.state
        count += 1
    return count, population(state)


def within(figures: list[float], exact: Fraction) -> bool:
    """Return whether `exact` is within four standard errors of the mean of the `figures`."""
    return abs(mean(figures) - exact) <= 4 * stdev(figures) / sqrt(len(figures))


@pytest.mark.parametrize("name", STYLES)
def test_chance_agrees_on_the_rounds_of_anti_entropy_among_ten(name: str) -> None:
    chance = random.Random(name)

    figures = [simulated(STYLES[name], 10, chance, everyone_knows)[0] for _ in range(150)]

    assert within(figures, Chain(10, STYLES[name]).expected_rounds())


def test_chance_agrees_on_the_rounds_and_the_residue_of_a_rumour_among_ten() -> None:
    style, chance = Peer((), patience=1), random.Random(5)

    runs = [simulated(style, 10, chance, is_dead) for _ in range(200)]
    chain = Chain(10, style, is_dead)

    assert within([rounds for rounds, _ in runs], chain.expected_rounds())
    assert within([susceptible(end) for _, end in runs], chain.residue())
