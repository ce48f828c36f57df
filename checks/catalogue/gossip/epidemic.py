"""Epidemics: anti-entropy in its three styles, and rumour mongering with feedback and a counter.

First peers whose messages may be late and overtake each other: a channel holds one message, and one
more is dropped, as a caller gives up when the line is engaged. Then the same peers in rounds.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from coterie.checks.check import Check, Mutant
from coterie.checks.faults import Faults
from coterie.checks.mutation.named import changed
from coterie.checks.network import Bag
from coterie.checks.world import World
from coterie.model.gossip.epidemic import Peer, Stage, Tell, had_enough
from coterie.model.gossip.rounds import Rounds
from coterie.model.machine import Node
from coterie.spec.gossip import epidemic as spec
from coterie.spec.property import Property


def party(count: int, **fields: Any) -> tuple[Peer, ...]:
    """Return so many peers with these `fields`, who all know of each other."""
    nodes = [Node("peer", index) for index in range(count)]
    return tuple(Peer(tuple(n for n in nodes if n != node), **fields) for node in nodes)


def world(peers: int, *, lossy: bool = False, **fields: Any) -> World:
    """Return so many peers with these `fields`; a user starts the rumour at the first."""
    machines = {Node("peer", index): peer for index, peer in enumerate(party(peers, **fields))}
    style = {"pushes": True, "pulls": False, "patience": None, "by_rounds": False, **fields}
    return World(
        machines=machines,
        network=Bag(capacity=1, full="drop"),
        faults=Faults(losses="any" if lossy else 0),
        workload={Node("peer", 0): (Tell(),)},
        observers={"told": spec.TOLD}
        | {
            name: spec.as_made(style[name]) for name in ("pushes", "pulls", "patience", "by_rounds")
        },
    )


def rounds(peers: int, **fields: Any) -> World:
    """Return a party of so many peers with these `fields`, who call each other in rounds."""
    host = Node("party")
    return World(
        machines={host: Rounds(party(peers, **fields))},
        workload={host: (Tell(),)},
        observers={"told": spec.TOLD},
    )


def anybody(stage: Stage) -> bool:
    """Mutant: pass the rumour on, whether heard or not."""
    return stage is not Stage.REMOVED


Also = Mapping[Property, tuple[Callable[..., Any], str, int | None] | None]
NOTHING_ELSE: Also = MappingProxyType({})


def _changes(made: Callable[..., World], also: Also) -> dict[str, Mutant]:
    """Return the mutants that break properties of one style.

    Each is a change to a function, and breaks its property in so many steps; None says that the
    property is broken by the mutant of another style.
    """
    return {
        claim.broken_by[0]: Mutant(changed(made, function, change), {claim.name: steps})
        for claim, (function, change, steps) in (
            (claim, broken) for claim, broken in also.items() if broken is not None
        )
    }


def anti_entropy(
    name: str,
    about: str,
    made: Callable[..., World],
    *,
    forged: int,
    forgotten: int,
    also: Also = NOTHING_ELSE,
    **others: Any,
) -> Check:
    """Return a check of one style, whose `made` makes the world, with what it has `also`.

    `forged` and `forgotten` are the lengths of the counterexamples of two of the mutants. A dead
    rumour needs no step: it cannot even start.
    """
    kills = {"everyone_can_still_know": 0, "everyone_knows": None}
    dead = Mutant(made, kills, parameters={"patience": 0})
    return Check(
        name=f"gossip.epidemic.{name}",
        about=about,
        world=made,
        properties=(*KNOWING, *also),
        mutants={
            "dead_rumour": dead,
            **_mutants(made, forged, forgotten, patience=1),
            **_changes(made, also),
        },
        **others,
    )


def mongering(
    name: str,
    about: str,
    made: Callable[..., World],
    *,
    forged: int,
    forgotten: int,
    residue: int,
    also: Also = NOTHING_ELSE,
    **others: Any,
) -> Check:
    """Return a check of rumour mongering, which fails to reach somebody after `residue` steps."""
    kills = {"nobody_gives_up_alone": 1, "everyone_knows": None}
    dead = Mutant(made, kills, parameters={"patience": 0})
    return Check(
        name=f"gossip.epidemic.{name}",
        about=about,
        world=made,
        properties=(*KNOWING, spec.nobody_gives_up_alone, *also),
        refuted={"everyone_can_still_know": residue},
        mutants={
            "dead_rumour": dead,
            **_mutants(made, forged, forgotten),
            **_changes(made, also),
        },
        **others,
    )


def _mutants(
    made: Callable[..., World], forged: int, forgotten: int, **patience: int
) -> dict[str, Mutant]:
    forgetful = partial(made, tired=Stage.SUSCEPTIBLE, **patience)
    return {
        "forge": Mutant(partial(made, passes_on=anybody), {"no_rumour_from_nowhere": forged}),
        "forgets": Mutant(forgetful, {"knowledge_is_kept": forgotten}),
    }


KNOWING = (
    spec.everyone_can_still_know,
    spec.everyone_knows,
    spec.no_rumour_from_nowhere,
    spec.knowledge_is_kept,
)
push = partial(world, pushes=True, pulls=False)
pull = partial(world, pushes=False, pulls=True)
push_pull = partial(world, pushes=True, pulls=True)
push_rounds = partial(rounds, pushes=True, pulls=False)
pull_rounds = partial(rounds, pushes=False, pulls=True)
push_pull_rounds = partial(rounds, pushes=True, pulls=True)

PUSH = anti_entropy(
    "push",
    "Anti-entropy: whoever knows the rumour calls others and tells it.",
    push,
    forged=2,
    forgotten=7,
    also={
        spec.speaks_as_its_style_does: (Peer._greeting, "if self.pulls → if True", 1),  # noqa: SLF001
    },
    small={"peers": 4},
    full={"peers": 5},
    states=5_833,
)
LOSSY = anti_entropy(
    "push_lossy",
    "Anti-entropy by push over a network that may lose any message.",
    partial(push, lossy=True),
    forged=2,
    forgotten=7,
    small={"peers": 4},
    full={"peers": 5},
    states=5_833,
)
PULL = anti_entropy(
    "pull",
    "Anti-entropy: everybody asks others for what they know.",
    pull,
    forged=3,
    forgotten=8,
    also={spec.speaks_as_its_style_does: None},
    small={"peers": 3},
    full={"peers": 4},
    states=1_296,
)
PUSH_PULL = anti_entropy(
    "push_pull",
    "Anti-entropy: a caller both tells and asks.",
    push_pull,
    forged=2,
    forgotten=7,
    also={spec.speaks_as_its_style_does: None},
    small={"peers": 3},
    states=3_900,
)
RUMOUR = mongering(
    "rumour",
    "Rumour mongering by push, with feedback and a counter: it may die with some left susceptible.",
    push,
    forged=2,
    forgotten=7,
    residue=10,
    also={
        spec.loses_interest_in_time: (had_enough, "misses >= patience → misses > patience", 7),
        spec.counts_by_its_rule: (Peer._answered, "if self.by_rounds → if True", 4),  # noqa: SLF001
        spec.only_who_knew_discourages: (Peer._answered, "if knew → if True", 4),  # noqa: SLF001
    },
    small={"peers": 3, "patience": 1},
    full={"patience": 3},
    states=8_068,
)
RUMOUR_PULL = mongering(
    "rumour_pull",
    "Rumour mongering by pull: even a peer who asks for ever may ask too late.",
    pull,
    forged=3,
    forgotten=9,
    residue=14,
    also={
        spec.counts_while_infective: (
            Peer._answered,  # noqa: SLF001
            "if state.stage is not Stage.INFECTIVE or self.patience is None → if False",
            13,
        ),
        spec.counts_by_its_rule: None,
        spec.a_useful_round_forgives: (Peer._rested, "if state.useful → if False", 6),  # noqa: SLF001
        spec.a_round_can_be_useful: (
            Peer._answered,  # noqa: SLF001
            "bool(state.useful) or not knew → bool(state.useful)",
            None,
        ),
    },
    small={"peers": 3, "patience": 1, "by_rounds": True},
    states=162_352,
)
PUSH_ROUNDS = anti_entropy(
    "rounds.push",
    "Anti-entropy by push, in rounds of simultaneous calls.",
    push_rounds,
    forged=1,
    forgotten=8,
    small={"peers": 6},
    full={"peers": 8},
    states=788,
)
PULL_ROUNDS = anti_entropy(
    "rounds.pull",
    "Anti-entropy by pull, in rounds of simultaneous calls.",
    pull_rounds,
    forged=1,
    forgotten=8,
    small={"peers": 6},
    full={"peers": 8},
    states=450,
)
PUSH_PULL_ROUNDS = anti_entropy(
    "rounds.push_pull",
    "Anti-entropy by push and pull, in rounds of simultaneous calls.",
    push_pull_rounds,
    forged=1,
    forgotten=8,
    small={"peers": 6},
    full={"peers": 8},
    states=992,
)
RUMOUR_ROUNDS = mongering(
    "rounds.rumour",
    "Rumour mongering by push, with feedback and a counter, in rounds of simultaneous calls.",
    push_rounds,
    forged=1,
    forgotten=6,
    residue=7,
    also={
        spec.starts_between_rounds: (
            Rounds.step,
            "case Invoke() if state.turn == 0 → case Invoke()",
            2,
        ),
    },
    small={"peers": 4, "patience": 1},
    full={"peers": 5, "patience": 2},
    states=239,
)
RUMOUR_PULL_ROUNDS = mongering(
    "rounds.rumour_pull",
    "Rumour mongering by pull, with misses counted by rounds, in rounds of simultaneous calls.",
    pull_rounds,
    forged=1,
    forgotten=9,
    residue=9,
    small={"peers": 4, "patience": 1, "by_rounds": True},
    full={"peers": 5, "patience": 2},
    states=595,
)
