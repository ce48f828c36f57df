"""Counted replicas: one write on a tree, with replicas counted instead of named.

Each tree node has b Byzantine replicas of its own: more than the paper's b in all, and the protocol
stands it, since every guard asks about one node.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.diffusion.counted import Counted, Tree, acknowledgers
from coterie.model.diffusion.quorums import is_supported
from coterie.spec.diffusion import counted as spec
from coterie.spec.property import Property

PAIR = ((1,), (0,))
LINE = ((1, 2), (0,), (0,))
"""Node 0 between two leaves: a star of three when it is the origin, a path when a leaf is."""


def world(
    neighbours: tuple[tuple[int, ...], ...],
    origin: int,
    b: int,
    faulty: tuple[int, ...] | None = None,
    **fields: Any,
) -> World:
    """Return one write to `origin` on that tree; without `faulty`, b replicas a node are."""
    liars = (b,) * len(neighbours) if faulty is None else faulty
    tree = Tree(neighbours, origin, b, liars)
    return World(machines={spec.TREE: Counted(tree, **fields)})


def none_of_them(answered: int, asked: int) -> bool:
    """Mutant: acknowledge without waiting for the nodes behind."""
    return answered >= 0 * asked


def most_correct(acks: int, b: int) -> bool:
    """Mutant: be content with 2b + 1 acknowledgements."""
    return acks >= 2 * b + 1


def any_of_them(answered: int, asked: int) -> bool:
    """Mutant: be content with one neighbour, where there is any."""
    return (answered >= 1) | (asked <= 0)


def by_hearsay(copies: int, b: int) -> bool:
    """Mutant: believe b copies, all of which may be lies."""
    return copies >= b


def everybody(count: int, b: int) -> bool:
    """Mutant: wait for 4b + 1, the Byzantine replicas included."""
    return count >= 4 * b + 1


def one_more(copies: int, b: int) -> bool:
    """Mutant: wait for the copy of one replica more than is needed."""
    return copies >= b + 2


def one_less(b: int) -> int:
    """Mutant: nodes of 4b replicas."""
    return 4 * b


CLAIMS = (
    spec.a_completed_write_is_everywhere,
    spec.a_read_after_the_write_is_fresh,
    spec.an_acknowledgement_covers_what_is_behind,
    spec.nothing_is_stored_that_nobody_wrote,
    spec.updates_come_from_the_origin,
    spec.the_write_completes,
    spec.a_write_does_not_wait_for_the_last,
)

OF_TWO_NODES = (
    spec.only_who_stores_it_acknowledges,
    spec.acknowledgements_come_from_behind,
    spec.nothing_is_unheard,
    spec.the_silent_convince_nobody,
    spec.b_plus_1_copies_are_enough,
    spec.acks_of_a_bare_quorum_are_enough,
    spec.a_write_completes_without_the_byzantine,
    spec.a_read_may_find_no_consistent_value,
)
"""What two nodes show as well as any tree."""

FIELDS: Mapping[str, Mapping[str, Any]] = {
    "early_ack": {"everyone": none_of_them},
    "few_acks": {"acknowledged": is_supported},
    "any_neighbour": {"everyone": any_of_them},
    "hasty_client": {"completed": most_correct},
    "credulous": {"copied": by_hearsay},
    "demanding": {"copied": everybody},
    "wary": {"copied": one_more},
    "small_nodes": {"size": one_less},
    "unanimous": {"completed": everybody},
    "honest": {"faulty": (0, 0)},
}


CHANGES: Mapping[str, tuple[Callable[..., Any], str]] = {
    "eager": (Counted.settled, "if not replica.is_active → if False"),
    "broadcast": (acknowledgers, "each.acked and each.source == receiver → each.acked"),
    "forgetful": (Counted.heard, "if not replica.is_active → if True"),
    "never_silent": (Counted._liars, "if state.silent → if False"),  # noqa: SLF001
    "solemn": (
        Counted._around,  # noqa: SLF001
        "acknowledgers(members, node) + liars → acknowledgers(members, node)",
    ),
}


def counting(
    name: str,
    about: str,
    made: Callable[..., World],
    *,
    claims: tuple[Property, ...] = CLAIMS,
    states: int,
    kills: Mapping[str, Mapping[str, int | None]],
) -> Check:
    """Return a check of one write in the worlds that are `made`.

    `kills` are those of the mutants that are tried there.
    """
    changes = {
        mutant: Mutant(changed(made, *CHANGES[mutant]), killed)
        for mutant, killed in kills.items()
        if mutant in CHANGES
    }
    fields = {
        mutant: Mutant(partial(made, **FIELDS[mutant]), killed)
        for mutant, killed in kills.items()
        if mutant in FIELDS
    }
    return Check(
        name=f"diffusion.tree.counted.{name}",
        about=about,
        world=made,
        properties=claims,
        small={"b": 1},
        full={"b": 2},
        states=states,
        mutants={**fields, **changes},
    )


def too_soon(everywhere: int, covered: int) -> dict[str, int | None]:
    """Return what a mutant violates that acknowledges too soon, each with its steps."""
    return {
        "a_completed_write_is_everywhere": everywhere,
        "a_read_after_the_write_is_fresh": everywhere,
        "an_acknowledgement_covers_what_is_behind": covered,
    }


NO_WRITE: Mapping[str, int | None] = {
    "the_write_completes": 1,
    "a_write_does_not_wait_for_the_last": None,
}

PAIR_CHECK = counting(
    "pair",
    "One write on a tree of two nodes, by how many replicas know what.",
    partial(world, PAIR, 0),
    claims=(*CLAIMS, *OF_TWO_NODES),
    states=164,
    kills={
        "early_ack": too_soon(5, 2),
        "few_acks": too_soon(9, 4),
        "hasty_client": {
            "a_completed_write_is_everywhere": 9,
            "a_read_after_the_write_is_fresh": 9,
        },
        "credulous": {
            "nothing_is_stored_that_nobody_wrote": 1,
            "updates_come_from_the_origin": 1,
        },
        "demanding": NO_WRITE,
        "wary": {"b_plus_1_copies_are_enough": None},
        "small_nodes": NO_WRITE,
        "unanimous": NO_WRITE,
        "eager": {"only_who_stores_it_acknowledges": 6},
        "broadcast": {"acknowledgements_come_from_behind": 11},
        "forgetful": {"nothing_is_unheard": 7},
        "never_silent": {"the_silent_convince_nobody": 4},
        "solemn": {"acks_of_a_bare_quorum_are_enough": None},
        "honest": {
            "a_read_may_find_no_consistent_value": None,
            "a_write_completes_without_the_byzantine": None,
        },
    },
)

STAR_CHECK = counting(
    "star",
    "One write to the middle of a tree of three nodes, by how many replicas know what.",
    partial(world, LINE, 0),
    states=3_220,
    kills={"any_neighbour": too_soon(11, 6)},
)

PATH_CHECK = counting(
    "path",
    "One write to a leaf of a tree of three nodes, by how many replicas know what.",
    partial(world, LINE, 1),
    states=1_068,
    kills={"few_acks": too_soon(11, 5)},
)
