"""Epidemics in fair runs: anti-entropy reaches everybody, rumour mongering dies out."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.gossip.epidemic import pull, push, push_pull
from coterie.checks.catalogue.gossip.links import Distinct
from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import Fairness, strong, weak
from coterie.checks.network import Bag, Network
from coterie.checks.world import World
from coterie.spec.gossip import epidemic as common
from coterie.spec.gossip import spreading as spec

FAIR_LOSS = (weak("timers"), strong("deliveries"))
UTMOST = (strong("timers"), strong("deliveries"))
ENGAGED = Bag(capacity=1, full="drop")


def fairly(
    style: Callable[..., World],
    network: Network,
    *,
    fairness: tuple[Fairness, ...] = FAIR_LOSS,
    lossy: bool = True,
    **fields: Any,
) -> World:
    """Return the peers of a `style` on such channels, whose schedules owe them `fairness`."""
    made = style(lossy=lossy, **fields)
    return evolve(made, network=network, fairness=fairness)


def reaching(
    name: str,
    about: str,
    style: Callable[..., World],
    network: Network,
    *,
    steps: Mapping[str, int],
    **others: Any,
) -> Check:
    """Return a check that anti-entropy in one style reaches everybody.

    `steps` are the lengths of the counterexamples that its mutants have.
    """
    made = partial(fairly, style, network)
    utmost = partial(fairly, style, network, fairness=UTMOST, lossy=False)
    engaged = partial(fairly, style, ENGAGED, fairness=UTMOST, lossy=False)
    makers = {
        "dead_rumour": (utmost, {"patience": 0}),
        "mongering": (utmost, {"peers": 3, "patience": 1}),
        "engaged_line": (engaged, {}),
    }
    return Check(
        name=f"gossip.epidemic.spreading.{name}",
        about=about,
        world=made,
        properties=(spec.everybody_hears, common.everyone_knows),
        mutants={
            mutant: Mutant(makers[mutant][0], {"everybody_hears": count}, makers[mutant][1])
            for mutant, count in steps.items()
        },
        **others,
    )


PUSH = reaching(
    "push",
    "Anti-entropy by push over a lossy network reaches everybody in every fair run.",
    push,
    ENGAGED,
    small={"peers": 4},
    states=5_833,
    steps={"dead_rumour": 1, "mongering": 10},
)
PULL = reaching(
    "pull",
    "Anti-entropy by pull over fair-loss links reaches everybody in every fair run.",
    pull,
    Distinct(),
    small={"peers": 3},
    states=6_464,
    steps={"dead_rumour": 13, "engaged_line": 17},
)
PUSH_PULL = reaching(
    "push_pull",
    "Anti-entropy by push and pull over a lossy network reaches everybody in every fair run.",
    push_pull,
    ENGAGED,
    small={"peers": 3},
    states=3_900,
    steps={"dead_rumour": 13},
)

RESIDUE = Check(
    name="gossip.epidemic.spreading.residue",
    about="Rumour mongering leaves somebody out for ever, however fair the run.",
    world=partial(fairly, push, ENGAGED, fairness=UTMOST, lossy=False),
    properties=(spec.everybody_hears, common.everyone_knows),
    small={"peers": 3, "patience": 1},
    full={"patience": 3},
    refuted={"everybody_hears": 10},
    states=8_068,
)


def dying(
    name: str,
    about: str,
    style: Callable[..., World],
    *,
    anti_entropy: int,
    engaged_line: int,
    **others: Any,
) -> Check:
    """Return a check that rumour mongering in one style comes to an end.

    `anti_entropy` and `engaged_line` are the lengths of the counterexamples of its mutants.
    """
    made = partial(fairly, style, Distinct())
    engaged = partial(fairly, style, ENGAGED, fairness=UTMOST, lossy=False)
    return Check(
        name=f"gossip.epidemic.spreading.{name}",
        about=about,
        world=made,
        properties=(spec.interest_is_lost, common.everyone_knows),
        mutants={
            "anti_entropy": Mutant(made, {"interest_is_lost": anti_entropy}, {"patience": None}),
            "engaged_line": Mutant(engaged, {"interest_is_lost": engaged_line}),
        },
        **others,
    )


DYING = dying(
    "dying",
    "A rumour that is pushed dies out in every fair run.",
    push,
    small={"peers": 2, "patience": 1},
    full={"peers": 3},
    states=101,
    anti_entropy=7,
    engaged_line=9,
)
DYING_PULL = dying(
    "dying_pull",
    "A rumour that is pulled, with misses counted by rounds, dies out in every fair run.",
    pull,
    small={"peers": 2, "patience": 1, "by_rounds": True},
    full={"patience": 2},
    states=1_356,
    anti_entropy=10,
    engaged_line=7,
)
