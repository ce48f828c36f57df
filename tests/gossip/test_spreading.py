"""Epidemics in fair runs: whom they reach, and when they end."""

import pytest
from attrs import evolve

from coterie.checks.catalogue.gossip import spreading
from coterie.checks.check import Check
from coterie.checks.component import Delivered
from coterie.checks.view import WorldView
from coterie.model.gossip.epidemic import Ask, Rumour, Stage
from coterie.spec.gossip.epidemic import stages
from tests.gossip.fairness import both, causes, needless, run

REACHING = [spreading.PUSH, spreading.PULL, spreading.PUSH_PULL]
DYING = [spreading.DYING, spreading.DYING_PULL]


def test_a_residue_is_left_when_everybody_who_knows_has_lost_interest() -> None:
    trace = run(spreading.RESIDUE, "everybody_hears")
    world = spreading.RESIDUE.world(**spreading.RESIDUE.parameters())

    assert trace.loop == len(trace.steps)
    assert sorted(each.name for each in stages(WorldView(world, trace.states[-1]))) == [
        "REMOVED",
        "REMOVED",
        "SUSCEPTIBLE",
    ]


def test_an_engaged_line_swallows_every_answer_to_a_question() -> None:
    mutant = spreading.PULL.mutants["engaged_line"]
    check = evolve(spreading.PULL, world=mutant.world)

    trace = run(check, "everybody_hears")
    _, loop = causes(trace)

    heard = {type(each.message) for each in loop if isinstance(each, Delivered)}
    assert heard == {Ask}
    assert Rumour not in heard
    world = check.world(**check.parameters())
    assert Stage.SUSCEPTIBLE in stages(WorldView(world, trace.states[-1]))


@pytest.mark.parametrize("check", [*REACHING, *DYING], ids=lambda check: check.name)
def test_what_spreading_rests_on_is_needed(check: Check) -> None:
    assert needless(check) == []


@pytest.mark.parametrize(
    ("check", "parameters"),
    [
        (spreading.PUSH, {"peers": 3}),
        (spreading.PULL, {"peers": 2}),
        (spreading.PUSH_PULL, {"peers": 2}),
        (spreading.DYING, {}),
    ],
    ids=lambda value: value.name if isinstance(value, Check) else None,
)
def test_the_plain_explorer_says_the_same(check: Check, parameters: dict[str, int]) -> None:
    engine, plain = both(check, **parameters)

    assert engine.summary() == plain.summary()
